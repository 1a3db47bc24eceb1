"""A command imports what it needs and no more: start-up is what the user waits for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tui.cli import _COMMANDS

HEAVY = ("textual", "rich", "aiobotocore", "botocore", "boto3", "moto", "flask", "asyncio", "pygments")


def imported(*words: str, environment: dict[str, str]) -> set[str]:
    """The packages that a run of the program has imported when it ends."""
    code = (
        "import json, sys\n"
        "from tui.cli import main\n"
        f"try: main({list(words)!r}, prog_name='pipemedic')\n"
        "except SystemExit: pass\n"
        "finally: sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def commands(modules: set[str]) -> set[str]:
    return {name.removeprefix("tui.cli.") for name in modules if name.startswith("tui.cli.")} & set(_COMMANDS)


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_version_and_help_import_no_command_and_nothing_heavy(word: str, home: dict[str, str]) -> None:
    modules = imported(word, environment=home)
    assert modules.isdisjoint(HEAVY)
    assert not commands(modules)


def test_explain_imports_neither_aws_nor_textual(home: dict[str, str]) -> None:
    modules = imported("explain", "--message", "exit status 137", environment=home)
    assert modules.isdisjoint(("textual", "aiobotocore", "botocore", "boto3", "moto"))
    assert commands(modules) == {"explain"}


@pytest.mark.parametrize(
    "name", ["ls", "status", "logs", "diagnose", "demo", "info", "completion", "journal", "policy", "report", "web"]
)
def test_help_of_a_command_imports_neither_aws_nor_textual(name: str, home: dict[str, str]) -> None:
    modules = imported(name, "--help", environment=home)
    assert modules.isdisjoint(("textual", "aiobotocore", "botocore", "boto3", "moto", "flask"))
    assert commands(modules) == {name}


@pytest.mark.parametrize("words", [("ls",), ("diagnose", "billing")])
def test_commands_that_ask_aws_import_no_screens(words: tuple[str, ...], on_demo: dict[str, str]) -> None:
    modules = imported(*words, environment=on_demo)
    assert modules.isdisjoint(("textual", "rich", "moto", "flask"))
    assert "aiobotocore" in modules
    assert commands(modules) == {words[0]}
