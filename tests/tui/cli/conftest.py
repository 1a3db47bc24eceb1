"""The command line on the demo account over HTTP: in this process where that will do, else as the user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from demo.process import DemoAccount
from tui.cli import main

Run = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = [sys.executable, "-m", "tui"]
# A terminal or a colour switch of the machine that runs the tests must not decide what they see.
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment without AWS, with a home of its own."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def on_demo(home: dict[str, str], demo_account: DemoAccount) -> dict[str, str]:
    """An environment that leads to the demo account."""
    return {**home, **demo_account.environment}


@pytest.fixture
def bare(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, without any AWS configuration."""
    return _in_process(home, monkeypatch)


@pytest.fixture
def pipemedic(on_demo: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, on the demo account."""
    return _in_process(on_demo, monkeypatch)


@pytest.fixture
def program(on_demo: dict[str, str]) -> Run:
    """Run the program as a process of its own, on the demo account."""

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**on_demo, **more}
        return subprocess.run(
            [*PROGRAM, *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


def _in_process(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in set(os.environ) - set(environment):
        if name.startswith(("AWS_", "XDG_")) or name in {"COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM"}:
            monkeypatch.delenv(name)

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(main, list(words), prog_name="pipemedic", env={**environment, **more})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    return run
