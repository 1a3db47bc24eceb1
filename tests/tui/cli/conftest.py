"""The program run as the user runs it: a process of its own, on the demo account over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from demo.process import DemoAccount, start

Run = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = [sys.executable, "-m", "tui"]
# A terminal or a colour switch of the machine that runs the tests must not decide what they see.
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


@pytest.fixture(scope="session")
def demo_account() -> Iterator[DemoAccount]:
    """One demo account for all tests that only read."""
    with start() as account:
        yield account


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
def bare(home: dict[str, str]) -> Run:
    """Run the program without any AWS configuration."""
    return _runner(home)


@pytest.fixture
def pipemedic(on_demo: dict[str, str]) -> Run:
    """Run the program on the demo account."""
    return _runner(on_demo)


def _runner(environment: Mapping[str, str]) -> Run:
    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *words],
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run
