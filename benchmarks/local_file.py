"""A local log of a million lines: from the command to its first screen, its end, a rare word; peers where installed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.emulator import Emulator
from benchmarks.log_endpoint import line
from benchmarks.measure import Result, Spin, interleaved, percentile, ratios, row
from benchmarks.peers import peer
from benchmarks.session import surroundings
from benchmarks.terminal import Terminal, python

__all__ = ["run"]

_LINES = 1_000_000
_ROUNDS = 3
_PAGES = 20
_RARE = "needle-in-the-haystack"  # in one line
_FIRST, _LAST = "[        0]", f"[{_LINES - 1:>9}]"


@dataclass(frozen=True, slots=True)
class _Opened:
    """Times from the command or the key (s), and memory held at the end (bytes)."""

    first_s: float
    end_s: float = 0.0
    found_s: float = 0.0
    pages_s: tuple[float, ...] = ()
    held: float = 0.0


def run() -> Result:
    """Measure in a terminal, sides interleaved."""
    spin = Spin()
    with surroundings() as around, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "build.log"
        with path.open("w", encoding="ascii") as out:
            out.writelines(f"{line(number)}\n" for number in range(_LINES))
        size = path.stat().st_size
        sides = [lambda: _ours(path, around), lambda: _empty(around)]
        peers = {name: command for name in ("tl", "lnav") if (command := peer(name))}
        sides += [lambda command=command: _first_screen([command, str(path)], around) for command in peers.values()]  # type: ignore[misc]
        rounds = interleaved(sides, spin, _ROUNDS)
    ours = [each[0] for each in rounds]
    rows = [
        row("command to first screen", [each.first_s for each in ours], "s", 0.4),
        row(
            "the same over an empty Textual program",
            ratios([(each[0].first_s, each[1].first_s) for each in rounds]),
            "×",
        ),
        row("command to its end on the screen", [each.end_s for each in ours], "s", 1.5),
        row("key to all places of a rare word", [each.found_s for each in ours], "s", 0.15),
        row("page down, p95", [percentile(each.pages_s, 95) * 1000 for each in ours], "ms", 15.0),
        row("resident memory / bytes of the file", [each.held / size for each in ours], "×"),
    ]
    for number, name in enumerate(peers, 2):
        rows.append(row(f"{name}: command to first screen", [each[number].first_s for each in rounds], "s"))
    return Result("local_file", tuple(rows), tuple(spin.times))


def _ours(path: Path, around: Mapping[str, str]) -> _Opened:
    with Terminal(python("-m", "tui", "logs", "--file", str(path), "--open"), around) as terminal:
        first = terminal.until(lambda screen: _FIRST in screen.text) - terminal.began
        terminal.until(lambda screen: f"{_LINES:,} lines" in screen.line(0))
        terminal.press("G")
        end = terminal.until(lambda screen: _LAST in screen.text) - terminal.began
        terminal.press("g")
        terminal.until(lambda screen: _FIRST in screen.text)
        terminal.watch(1.0)
        terminal.press("/")
        terminal.watch(0.3)
        at = terminal.press(_RARE)
        found = terminal.until(lambda screen: "1 line matches" in screen.text) - at
        terminal.press("\r")
        terminal.watch(0.3)
        terminal.press("g")
        terminal.until(lambda screen: _FIRST in screen.text)
        pages = tuple(_page(terminal) for _ in range(_PAGES))
        held = terminal.resident()
        terminal.end("q")
    return _Opened(first, end, found, pages, held)


def _page(terminal: Terminal) -> float:
    before = _top(terminal.screen)
    at = terminal.press("\x1b[6~")
    took = terminal.until(lambda screen: _top(screen) != before) - at
    terminal.watch(0.05)
    return took


def _top(screen: Emulator) -> str:
    return screen.line(1)[:12]


def _empty(around: Mapping[str, str]) -> _Opened:
    with Terminal(python("-m", "benchmarks.programs.empty"), around) as terminal:
        return _Opened(terminal.until(lambda screen: screen.text.strip()) - terminal.began)


def _first_screen(command: list[str], around: Mapping[str, str]) -> _Opened:
    with Terminal(command, around) as terminal:
        first = terminal.until(lambda screen: "compiling module" in screen.text) - terminal.began
        terminal.end()
    return _Opened(first)
