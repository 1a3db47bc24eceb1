"""From a key to the repaint it asks for: in the list while it is polled, in a log while it streams."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeAlias

from benchmarks.emulator import Emulator
from benchmarks.measure import Result, Row, Spin, percentile
from benchmarks.session import account, line_count, opened, select, top_line
from benchmarks.terminal import Terminal, python
from demo.process import DemoAccount

__all__ = ["run"]

Shown: TypeAlias = Callable[[Emulator], bool]

_RUNNING = ("web", "ledger")
_TRIES = 6
_ENOUGH_LINES = 60
_PRESSES = 240
_WORST_S = 0.050
_FIREHOSE = (*python("-m", "benchmarks.programs.firehose"), "--region", "eu-west-1", "--region", "us-east-1")
_DOWN, _UP = "j", "k"


def run() -> Result:
    """Measure in a terminal; between two keys passes as much time as between a quick person's."""
    spin = Spin()
    with account() as (demo, around):
        listed = _in_the_list(demo, around, spin)
        live = _in_the_log(demo, around, spin)
        flood = _in_the_log(demo, around, spin, *_FIREHOSE)
    rows = (
        *_rows("list of pipelines, polled", listed),
        *_rows("log of a running build", live),
        *_rows("log at 5,000 lines/s", flood),
    )
    return Result("keys", rows, tuple(spin.times))


def _rows(what: str, times: list[float]) -> tuple[Row, ...]:
    low, high = min(times) * 1000, max(times) * 1000
    middle, worst = median(times) * 1000, percentile(times, 95) * 1000
    note = f"{len(times)} keys"
    return (
        Row(f"{what}: p50", middle, low, high, "ms", note=note),
        Row(f"{what}: p95", worst, low, high, "ms", _WORST_S * 1000),
    )


def _in_the_list(demo: DemoAccount, around: Mapping[str, str], spin: Spin) -> list[float]:
    """Move the cursor up and down the list."""
    with opened(demo, around) as terminal:
        terminal.watch(3.0)
        rng = random.Random(7)  # noqa: S311 - pauses between keys
        times: list[float] = []
        while len(times) < _PRESSES:
            for key, step in (("\x1b[B", 1), ("\x1b[A", -1)):
                for _ in range(8):
                    wanted = _cursor_row(terminal.screen) + step
                    times.append(_pressed(terminal, key, _at_row(wanted), rng))
            spin.turn()
        terminal.end("q")
        return times


def _in_the_log(demo: DemoAccount, around: Mapping[str, str], spin: Spin, *command: str) -> list[float]:
    """Scroll by lines through a log that grows."""
    rng = random.Random(7)  # noqa: S311 - pauses between keys
    times: list[float] = []
    with opened(demo, around, *command) as terminal:
        _open_growing(terminal)
        while len(times) < _PRESSES:
            before = line_count(terminal.screen)
            found = _block(terminal, rng)
            if line_count(terminal.screen) > before:
                times += found
                spin.turn()
            else:  # that build has ended
                _leave(terminal)
                _open_growing(terminal)
        terminal.end("q")
    return times


def _block(terminal: Terminal, rng: random.Random) -> list[float]:
    """Go down some lines from the top and up again."""
    terminal.press("g")
    terminal.until(lambda screen: top_line(screen) == 1)
    times = []
    for key, step in ((_DOWN, 1), (_UP, -1)):
        for _ in range(12):
            wanted = top_line(terminal.screen) + step
            times.append(_pressed(terminal, key, _at_line(wanted), rng))
    return times


def _leave(terminal: Terminal) -> None:
    """Go back to the list and drop its filter."""
    terminal.press("\x1b")
    terminal.until(lambda screen: "STAGES" in screen.text)
    terminal.press("\x1b")
    terminal.watch(1.0)


def _open_growing(terminal: Terminal) -> None:
    """Open the log of a build that writes just now; there may be none for some seconds."""
    for pipeline in _RUNNING * _TRIES:
        select(terminal, pipeline)
        terminal.press("l")
        terminal.until(lambda screen: "filter" not in screen.text and "STAGES" not in screen.text)
        terminal.watch(2.0)
        before = line_count(terminal.screen)
        terminal.watch(2.0)
        if line_count(terminal.screen) > max(before, _ENOUGH_LINES):
            return
        _leave(terminal)
    raise AssertionError("no build writes")


def _pressed(terminal: Terminal, key: str, shown: Shown, rng: random.Random) -> float:
    """Press a key after a pause; return the time until the screen is as wanted (s)."""
    terminal.watch(rng.uniform(0.02, 0.12))
    at = terminal.press(key)
    return terminal.until(shown) - at


def _at_line(number: int) -> Shown:
    return lambda screen: top_line(screen) == number


def _at_row(number: int) -> Shown:
    return lambda screen: _cursor_row(screen) == number


def _cursor_row(screen: Emulator) -> int:
    """The line of the screen that bears the list's cursor; -1 where there is none."""
    return next((at for at, line in enumerate(screen.lines) if line.startswith("▌")), -1)
