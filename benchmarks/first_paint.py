"""From exec to the first frame with content, beside an empty Textual application; then to the whole fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measure import Result, Spin, interleaved, ratios, row
from benchmarks.programs.empty import WORD
from benchmarks.session import PIPEMEDIC, account, bar_shown, fleet_complete
from benchmarks.terminal import Terminal, python

__all__ = ["run"]

_WORST_RATIO = 1.3
_FLEET_S = 2.0


@dataclass(frozen=True, slots=True)
class _Start:
    """One start: to the first paint, CPU time until then, from there to the whole fleet (all in s)."""

    painted_s: float
    cpu_s: float
    fleet_s: float = 0.0


def run() -> Result:
    """Measure, both in a terminal of 160×45; the demo account serves all rounds."""
    with account() as (demo, around):
        pipelines = len(demo.stories())
        spin = Spin()
        rounds = interleaved((lambda: _ours(around, pipelines), lambda: _empty(around)), spin)
    paints = [(mine.painted_s, other.painted_s) for mine, other in rounds]
    costs = [(mine.cpu_s, other.cpu_s) for mine, other in rounds]
    fleets = [mine.fleet_s for mine, _ in rounds]
    rows = (
        row("first paint: pipemedic / empty application", ratios(paints), "×", _WORST_RATIO),
        row("first paint: pipemedic", [mine for mine, _ in paints], "s"),
        row("first paint: empty application", [other for _, other in paints], "s"),
        row("CPU until then: pipemedic / empty application", ratios(costs), "×"),
        row("whole fleet, after the first paint", fleets, "s", _FLEET_S, note=f"{pipelines} pipelines, 2 regions"),
    )
    return Result("first_paint", rows, tuple(spin.times))


def _ours(around: Mapping[str, str], pipelines: int) -> _Start:
    with Terminal(PIPEMEDIC, around) as terminal:
        painted = terminal.until(bar_shown)
        cpu_s = terminal.cpu_s()
        complete = terminal.until(fleet_complete(pipelines))
        terminal.end("q")
        return _Start(painted - terminal.began, cpu_s, complete - painted)


def _empty(around: Mapping[str, str]) -> _Start:
    with Terminal(python("-m", "benchmarks.programs.empty"), around) as terminal:
        painted = terminal.until(lambda screen: WORD in screen.line(0))
        return _Start(painted - terminal.began, terminal.cpu_s())
