"""The command line itself: help, usage errors, completion, crashes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import PROGRAM, Run
from tui.cli import _COMMANDS
from tui.version import __version__


def test_help_names_every_command_and_the_exit_codes(bare: Run) -> None:
    done = bare("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in _COMMANDS)
    assert "130 interrupted" in done.stdout


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_explains_itself(bare: Run, name: str) -> None:
    done = bare(name, "-h")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: pipemedic {name} ")


def test_version_is_the_one_of_the_package(bare: Run) -> None:
    assert bare("--version").stdout == f"pipemedic, version {__version__}\n"


@pytest.mark.parametrize(
    "words", [("nonsense",), ("ls", "--nonsense"), ("status",), ("ls", "--format", "xml"), ("demo", "--port", "70000")]
)
def test_wrong_usage_ends_with_2_on_stderr(bare: Run, words: tuple[str, ...]) -> None:
    done = bare(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Usage: pipemedic")


def test_program_opens_without_a_command(bare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def launch(options: object) -> int:
        opened.append(options)
        return 70

    monkeypatch.setattr("tui.launch.launch", launch)
    done = bare("--profile", "ada", "--region", "eu-west-1", "--region", "us-east-1", "--read-only")
    assert done.returncode == 70
    (options,) = opened
    assert getattr(options, "profiles", None) == ("ada",)
    assert getattr(options, "regions", None) == ("eu-west-1", "us-east-1")
    assert getattr(options, "read_only", None) is True


@pytest.mark.parametrize(("shell", "mark"), [("bash", "complete"), ("zsh", "#compdef pipemedic"), ("fish", "complete")])
def test_completion_prints_the_shells_script(bare: Run, shell: str, mark: str) -> None:
    done = bare("completion", shell)
    assert done.returncode == 0
    assert mark in done.stdout
    assert "_PIPEMEDIC_COMPLETE" in done.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_completion_offers_commands_and_options_in_bash(home: dict[str, str], tmp_path: Path) -> None:
    program = tmp_path / "pipemedic"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from tui.__main__ import main; main()" "$@"\n')
    program.chmod(0o755)
    script = (
        f'export PATH="{tmp_path}:$PATH"; eval "$(pipemedic completion bash)"\n'
        'ask() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pipemedic_completion pipemedic; '
        'echo "${COMPREPLY[*]}"; }\n'
        "ask pipemedic dia; ask pipemedic diagnose --; ask pipemedic ls --format ''\n"
    )
    done = subprocess.run(["bash", "-c", script], env=home, capture_output=True, text=True, check=True, timeout=60)
    commands, options, formats = done.stdout.splitlines()
    assert commands == "diagnose"
    assert {"--execution", "--format", "--region"} <= set(options.split())
    assert formats.split() == ["table", "json"]


def test_fault_of_its_own_ends_with_70_and_a_file(home: dict[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "site"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import tui.paths\ndef fail(): raise RuntimeError('password=hunter2')\ntui.paths.config_dir = fail\n"
    )
    environment = {**home, "PYTHONPATH": str(broken), "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run(
        [*PROGRAM, "info"], env=environment, capture_output=True, text=True, timeout=60, check=False, cwd=Path.cwd()
    )
    assert done.returncode == 70
    assert "Traceback (most" not in done.stderr
    assert "hunter2" not in done.stderr
    path = Path(done.stderr.rsplit("The traceback is in ", 1)[1].strip())
    assert path.is_relative_to(tmp_path / "state" / "pipemedic")
    assert "RuntimeError" in path.read_text()


def test_narrow_locale_gets_marks_instead_of_an_error(on_demo: dict[str, str]) -> None:
    environment = {**on_demo, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([*PROGRAM, "ls"], env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"? failed" in done.stdout


def test_closed_output_is_no_fault(on_demo: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(PROGRAM)} logs search-index >&-"],
        env=on_demo,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "fault of its own" not in done.stderr
