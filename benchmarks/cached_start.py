"""From exec to the last known fleet on the screen, beside an empty Textual application. AWS never answers meanwhile."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.emulator import Emulator
from benchmarks.fleet import shot
from benchmarks.measure import Result, Spin, interleaved, ratios, row
from benchmarks.programs.empty import WORD
from benchmarks.session import OPTIONS, PIPEMEDIC, surroundings
from benchmarks.terminal import Terminal, python
from core.pipeline import PipelineSnapshot
from tui.desk import Desk
from tui.first_sight import asked_key
from tui.fleet_cache import FleetCache
from tui.fleet_sight import sight_of
from tui.paths import cache_dir

__all__ = ["run"]

_MANY = 1000
_WORST_RATIO = 1.4


def run() -> Result:
    """Measure in a terminal of 160×45; a thousand pipelines lie in the cache."""
    spin = Spin()
    with _cached() as around:
        rounds = interleaved((lambda: _ours(around), lambda: _empty(around)), spin)
    rows = (
        row(
            "rows of the last known fleet / empty application",
            ratios([(mine, other) for mine, other in rounds]),
            "×",
            _WORST_RATIO,
        ),
        row("rows of the last known fleet", [mine for mine, _ in rounds], "s", note=f"{_MANY} pipelines cached"),
        row("empty application", [other for _, other in rounds], "s"),
    )
    return Result("cached_start", rows, tuple(spin.times))


@contextmanager
def _cached() -> Iterator[dict[str, str]]:
    """Yield an environment whose cache holds a fleet, and whose AWS takes connections and says nothing."""
    with surroundings() as around, socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        around |= {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PIPEMEDIC_CACHE": "1",
        }
        before = dict(os.environ)
        os.environ.update(around)
        try:
            known = [replace(shot(number), read_at=time.time() - 60) for number in range(_MANY)]
            _keep(known)
        finally:
            os.environ.clear()
            os.environ.update(before)
        assert any(Path(around["HOME"]).rglob("fleet.sqlite"))
        yield around


def _keep(known: Sequence[PipelineSnapshot]) -> None:
    """Leave a cache as a run with these pipelines would."""
    desk, now = Desk(OPTIONS), time.time()
    desk.book.list(known[0].ref.place, [each.ref for each in known])
    for each in known:
        desk.book.read(each, now)
    cache = FleetCache(cache_dir() / "fleet.sqlite")
    cache.write(known)
    cache.write_sight(asked_key(desk.options), sight_of(desk, now))


def _rows_shown(screen: Emulator) -> bool:
    return sum("pipe-" in line and " ok" in line for line in screen.lines) > 30


def _ours(around: Mapping[str, str]) -> float:
    with Terminal(PIPEMEDIC, around) as terminal:
        painted = terminal.until(_rows_shown)
        terminal.end("q")
        return painted - terminal.began


def _empty(around: Mapping[str, str]) -> float:
    with Terminal(python("-m", "benchmarks.programs.empty"), around) as terminal:
        painted = terminal.until(lambda screen: WORD in screen.line(0))
        return painted - terminal.began
