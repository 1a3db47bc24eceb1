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
from tui.options import Options

__all__ = [
    "OPTIONS",
    "PIPEMEDIC",
    "account",
    "bar_shown",
    "fleet_complete",
    "leading_to",
    "line_count",
    "log_shown",
    "opened",
    "select",
    "select_build",
    "surroundings",
    "top_line",
]

OPTIONS = Options(regions=("eu-west-1", "us-east-1"))
_REGIONS = tuple(word for region in OPTIONS.regions for word in ("--region", region))
PIPEMEDIC = (str(Path(sys.executable).with_name("pipemedic")), *_REGIONS)
_LEFT_OUT = ("AWS_", "PIPEMEDIC_", "TEXTUAL", "XDG_", "NO_COLOR", "COLORTERM", "FORCE_COLOR", "LINES", "COLUMNS")
# The filter's box takes the keys a moment after it shows, and the list a moment after it is left.
_SETTLE_S = 0.3
_COUNTED = re.compile(r"(\d+) (?:failed|stuck|waiting|running|off|ok)\b")
_LINES = re.compile(r"([\d,]+) lines")
_NUMBER = re.compile(r"(?:^|\s)(\d+)\s")


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """Yield an environment with a home of its own and nothing of the machine's AWS configuration."""
    with tempfile.TemporaryDirectory() as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
        yield kept | {"HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_PROXY": "127.0.0.1"}


def leading_to(address: str, around: Mapping[str, str]) -> dict[str, str]:
    """An environment that leads to an endpoint."""
    keys = {"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example", "AWS_DEFAULT_REGION": "eu-west-1"}
    return {**around, **keys, "AWS_ENDPOINT_URL": address}


@contextmanager
def account() -> Iterator[tuple[DemoAccount, dict[str, str]]]:
    """Yield a demo account and an environment that leads to it."""
    with surroundings() as around, start() as demo:
        yield demo, {**around, **demo.environment}


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


def select(terminal: Terminal, pipeline: str) -> None:
    """Filter the list down to one pipeline."""
    terminal.press("/")
    terminal.until(lambda screen: " filter: " in screen.line(1))
    terminal.watch(_SETTLE_S)
    terminal.press(f"{pipeline}\r")
    terminal.until(lambda screen: f" {pipeline} " in screen.line(3)[:90] and f" {pipeline} " in screen.line(1)[90:])
    terminal.watch(_SETTLE_S)


def select_build(terminal: Terminal, pipeline: str, stage: str) -> None:
    """Open a pipeline from the list and put the cursor on the first action of its second stage."""
    select(terminal, pipeline)
    terminal.press("\r")
    terminal.until(lambda screen: "Definition" in screen.text and f"✓ {stage}" in screen.text)
    terminal.press("\x1b[C")
    terminal.until(lambda screen: f"way into {stage} is" in screen.text)


def log_shown(screen: Emulator, state: str, *, at_least: int) -> bool:
    """Whether a log's header names that state and so many lines, and its first lines stand below it."""
    return state in screen.line(1) and line_count(screen) >= at_least and top_line(screen) > 0


def line_count(screen: Emulator) -> int:
    """How many lines a log's header tells."""
    found = _LINES.search(screen.line(1))
    return int(found[1].replace(",", "")) if found else 0


def top_line(screen: Emulator) -> int:
    """The number of the first line of the log on the screen; 0 where there is none."""
    found = _NUMBER.search(screen.line(2))
    return int(found[1]) if found else 0
