"""The program on the demo account, in a terminal."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.emulator import Emulator
from benchmarks.terminal import Terminal
from demo.process import DemoAccount, start

__all__ = ["PIPEMEDIC", "account", "bar_shown", "environment", "fleet_complete", "opened", "surroundings"]

_REGIONS = ("--region", "eu-west-1", "--region", "us-east-1")
PIPEMEDIC = (str(Path(sys.executable).with_name("pipemedic")), *_REGIONS)
_LEFT_OUT = ("AWS_", "PIPEMEDIC_", "TEXTUAL", "XDG_", "NO_COLOR", "COLORTERM", "FORCE_COLOR", "LINES", "COLUMNS")
_COUNTED = re.compile(r"(\d+) (?:failed|stuck|waiting|running|off|ok)\b")


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """Yield an environment with a home of its own and nothing of the machine's AWS configuration."""
    with tempfile.TemporaryDirectory() as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
        yield kept | {"HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_PROXY": "127.0.0.1"}


@contextmanager
def account() -> Iterator[tuple[DemoAccount, dict[str, str]]]:
    """Yield a demo account and an environment that leads to it."""
    with surroundings() as around, start() as demo:
        yield demo, environment(around, demo)


def environment(around: Mapping[str, str], demo: DemoAccount) -> dict[str, str]:
    """The environment of a program that asks the demo account."""
    return {**around, **demo.environment}


def bar_shown(screen: Emulator) -> bool:
    """Whether the top bar stands."""
    return "pipemedic" in screen.line(0)


def fleet_complete(pipelines: int) -> Callable[[Emulator], bool]:
    """Whether so many pipelines are counted with a status, and no row waits for its own."""

    def complete(screen: Emulator) -> bool:
        counted = sum(int(number) for number in _COUNTED.findall(screen.line(0)))
        return counted == pipelines and not any(" reading " in line for line in screen.lines)

    return complete


@contextmanager
def opened(demo: DemoAccount, around: Mapping[str, str], *command: str) -> Iterator[Terminal]:
    """Yield the program (another command in its place, if given) with the whole fleet on the screen."""
    with Terminal(command or PIPEMEDIC, around) as terminal:
        terminal.until(fleet_complete(len(demo.stories())))
        yield terminal
