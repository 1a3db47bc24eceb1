"""The longest time for which the event loop stood still: at the start, and while a long log is opened.

Beside it the longest of a process that does nothing, at the same moment: that much is the machine's.
"""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROUNDS, Result, Spin, row
from benchmarks.programs.heartbeat import OUTPUT
from benchmarks.session import account, bar_shown, fleet_complete, log_shown, select_build
from benchmarks.terminal import Terminal, python
from demo.process import DemoAccount

__all__ = ["run"]

_PIPELINE, _STAGE = "warehouse-etl", "Transform"
_WORST_MS = 50.0
_BEATS = python("-m", "benchmarks.programs.heartbeat")


@dataclass(frozen=True, slots=True)
class _Longest:
    """Longest stalls (ms): start, log, and of the idle process meanwhile."""

    start_ms: float
    log_ms: float
    idle_start_ms: float
    idle_log_ms: float


def run() -> Result:
    """Measure; one round is one start and one log."""
    spin = Spin()
    found = []
    with account() as (demo, around):
        for _ in range(ROUNDS):
            spin.turn()
            found.append(_round(demo, around))
    rows = (
        row("longest stall from first paint to whole fleet", [each.start_ms for each in found], "ms", _WORST_MS),
        row("  an idle process meanwhile", [each.idle_start_ms for each in found], "ms"),
        row("longest stall while 20,000 lines are opened", [each.log_ms for each in found], "ms", _WORST_MS),
        row("  an idle process meanwhile", [each.idle_log_ms for each in found], "ms"),
    )
    return Result("stalls", rows, tuple(spin.times))


def _round(demo: DemoAccount, around: Mapping[str, str]) -> _Longest:
    with tempfile.TemporaryDirectory() as folder:
        ours, idle = Path(folder, "ours"), Path(folder, "idle")
        beating = subprocess.Popen([*_BEATS, "idle"], env={**around, OUTPUT: str(idle)}, stderr=subprocess.DEVNULL)
        command = (*_BEATS, "--region", "eu-west-1", "--region", "us-east-1")
        try:
            with Terminal(command, {**around, OUTPUT: str(ours)}) as terminal:
                painted = terminal.until(bar_shown)
                complete = terminal.until(fleet_complete(len(demo.stories())))
                select_build(terminal, _PIPELINE, _STAGE)
                terminal.watch(0.5)
                at = terminal.press("l")
                opened = terminal.until(lambda screen: log_shown(screen, "ended", at_least=20_000))
                terminal.end("q")
        finally:
            beating.send_signal(signal.SIGINT)
            beating.wait()
        return _Longest(
            _longest(ours, painted, complete),
            _longest(ours, at, opened),
            _longest(idle, painted, complete),
            _longest(idle, at, opened),
        )


def _longest(beats: Path, start: float, stop: float) -> float:
    """The longest stall that overlaps a span of time (ms)."""
    late = json.loads(beats.read_text())
    return max((took for ended, took in late if ended > start and ended - took < stop), default=0.0) * 1000
