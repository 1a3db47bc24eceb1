"""The fleet: all states of a thousand pipelines beside a bare aiobotocore loop, under a limit, and 5,000 rows."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from aws.cloud import Cloud
from aws.watch import FleetEvent, Listed, PlaceFailed, PollPolicy, Read
from benchmarks.fleet_day import live
from benchmarks.fleet_screen import filter_and_change
from benchmarks.measure import Result, Spin, interleaved, ratios, row
from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState, StageState
from core.place import PipelineRef, Place
from tui.fleet_book import FleetBook
from tui.fleet_view import FleetView
from tui.rows import FleetRow, Moment, fleet_shape

__all__ = ["run", "shot"]

_HERE = Place("", "eu-west-1")
_MANY, _DELAY_S = 1000, 0.05
_SEEN = 40  # rows on a screen
_GATHER_S = 0.1  # answers that come within this time are shown together
_LATE_S = 10.0
_LIMIT = 20.0
_REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2")
_NOW = 1_768_446_720.0
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}


def run() -> Result:
    """Measure: unthrottled and the rows in rounds; under the limit once, because it takes most of a minute."""
    os.environ.update(_ENVIRONMENT)
    spin = Spin()
    with _server(_MANY, 0) as names:
        times = interleaved((lambda: asyncio.run(_states()), lambda: asyncio.run(_bare(names))), spin, 3)
    free = [mine for mine, _ in times]
    with _server(_MANY, _LIMIT):
        limited = asyncio.run(_states())
    with _server(25, 0):
        first, failing = asyncio.run(_many_places())
    polled, told = live(hours=2.0, events=False), live(hours=8.0, events=True)
    keys, changes = filter_and_change([shot(number) for number in range(5000)], _NOW)
    return Result(
        "fleet",
        (
            row("1,000 states in the list", [mine.whole_s for mine in free], "s", 2.5, note="50 ms a call"),
            row(
                "those on the screen",
                [mine.seen_s for mine in free],
                "s",
                0.5,
                note=f"{_SEEN}, the last of all by name",
            ),
            row("1,000 states: bare aiobotocore, 50 in flight", [bare.whole_s for _, bare in times], "s"),
            row("CPU a call: mapping and list included / bare aiobotocore", _cpu(times), "×", 1.0),
            row("at 20 calls a second / ideal", [limited.whole_s / (_MANY / _LIMIT)], "×", 1.05),
            row("those on the screen", [limited.seen_s], "s", note="of the ideal 50 s for all"),
            row("throttled after ten seconds", [100 * limited.late_throttles / limited.late_calls], "%", 3.0),
            row("failed", [float(limited.failed)], "", 0.0),
            row("10 accounts × 4 regions: first rows", [first], "s", 1.0, note="two accounts fail, in two ways"),
            row("10 accounts × 4 regions: failures said", [failing], "s"),
            row("steady, 1,000 of which 10 run", [polled.per_second("codepipeline")], "/s", 2.0),
            row("the same with events", [told.per_second("codepipeline")], "/s", 0.1, note="CodePipeline's calls"),
            row("the same with events: the queue's own calls", [told.per_second("sqs")], "/s"),
            row("memory after eight hours", [100 * (told.memory[1] / told.memory[0] - 1)], "%", 5.0),
            row("tasks left over after eight hours", [float(told.tasks[1] - told.tasks[0])], "", 0.0),
            row("5,000 rows: a key in the filter, drawn", [one * 1000 for one in keys], "ms", 50.0),
            row("5,000 rows: 50 changed, drawn: event loop", [one * 1000 for one in changes], "ms", 20.0),
        ),
        tuple(spin.times),
    )


@contextmanager
def _server(count: int, limit: float) -> Iterator[list[str]]:
    command = [sys.executable, "-m", "benchmarks.programs.fleet_server", str(count), str(_DELAY_S), str(limit)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        try:
            yield [f"pipe-{number:04d}" for number in range(count)]
        finally:
            process.terminate()


class _List:
    """What the list does with answers: the book, the order, the table's rows, ten times a second."""

    def __init__(self) -> None:
        self._book, self._view, self._moment = FleetBook(), FleetView(), Moment(0.0)
        self._shape = fleet_shape(regions=False, profiles=False)
        self._screen: list[FleetRow] = []
        self._rows: dict[int, FleetRow] = {}
        self._shown_at = 0.0

    def take(self, event: FleetEvent) -> None:
        now = time.time()
        if isinstance(event, Listed):
            self._book.list(event.place, event.refs)
        elif isinstance(event, Read):
            self._book.read(event.snapshot, now)
        if now - self._shown_at > _GATHER_S:
            self.show(now)

    def show(self, now: float) -> None:
        self._shown_at = self._moment.now = now
        rows = []
        for entry in self._view.arrange(self._book.entries(now, resort=True), resort=True):
            if id(entry) not in self._rows:
                self._rows[id(entry)] = FleetRow(entry, self._moment, self._shape)
            rows.append(self._rows[id(entry)])
        index = {row.key: at for at, row in enumerate(rows)}  # a table compares by key those on the screen
        before, self._screen = self._screen, rows[:_SEEN]
        changed = sum(was != row for was, row in zip(before, self._screen, strict=False))
        assert len(index) == len(rows) >= changed


@dataclass(frozen=True, slots=True)
class _Reading:
    """Seconds until all states are there, and those on the screen; CPU seconds; and what was told of calls."""

    whole_s: float
    seen_s: float
    cpu_s: float
    failed: int
    late_calls: int = 0
    late_throttles: int = 0


async def _states() -> _Reading:
    """Read all states into the list; what counts as late comes after the first ten seconds."""
    shown, failed, seen_s = _List(), 0, 0.0
    async with Cloud([_HERE]) as cloud:
        await cloud.warm_up()
        began, cpu = time.perf_counter(), time.process_time()
        seen: set[PipelineRef] = set()
        visible: frozenset[PipelineRef] = frozenset()
        at_ten = (0, 0)
        fleet = cloud.fleet(poll=PollPolicy(state_first=True))
        async for event in fleet.events():
            shown.take(event)
            if isinstance(event, Listed):
                visible = frozenset(event.refs[-_SEEN:])
                fleet.focus(visible)
            if not isinstance(event, Read):
                continue
            failed += bool(event.snapshot.error)
            seen.add(event.snapshot.ref)
            passed = time.perf_counter() - began
            at_ten = at_ten if passed > _LATE_S else (cloud.stats.calls, cloud.stats.throttles)
            seen_s = seen_s or (passed if visible <= seen else 0.0)
            if len(seen) == _MANY:
                break
        shown.show(time.time())
        spent = time.process_time() - cpu
        late = (cloud.stats.calls - at_ten[0], cloud.stats.throttles - at_ten[1])
        return _Reading(time.perf_counter() - began, seen_s, spent, failed, *late)


async def _many_places() -> tuple[float, float]:
    """Seconds until the first pipeline is there, and until both failing accounts have said so for all regions."""
    names = [f"p{number}" for number in range(10)]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.write_text("".join(_profile(name) for name in names))
        os.environ["AWS_CONFIG_FILE"] = str(config)
        del os.environ["AWS_ENDPOINT_URL"]  # it would go before the profiles' own
        places = [Place(name, region) for name in names for region in _REGIONS]
        try:
            async with Cloud(places) as cloud:
                await cloud.warm_up()
                return await _first_rows(cloud)
        finally:
            del os.environ["AWS_CONFIG_FILE"]


def _profile(name: str) -> str:
    """Of the last two one is denied, and one leads nowhere."""
    key = "AKIADENIED" if name == "p8" else "AKIAIOSFODNN7EXAMPLE"
    where = "http://127.0.0.1:9" if name == "p9" else os.environ["AWS_ENDPOINT_URL"]
    return (
        f"[profile {name}]\naws_access_key_id = {key}\naws_secret_access_key = example\n"
        f"services = {name}\n[services {name}]\ncodepipeline =\n  endpoint_url = {where}\n"
    )


async def _first_rows(cloud: Cloud) -> tuple[float, float]:
    began, first = time.perf_counter(), 0.0
    failing: set[Place] = set()
    async for event in cloud.fleet(poll=PollPolicy(state_first=True)).events():
        if isinstance(event, Read) and not first:
            first = time.perf_counter() - began
        elif isinstance(event, PlaceFailed):
            failing.add(event.place)
        if first and len(failing) == 2 * len(_REGIONS):
            break
    return first, time.perf_counter() - began


def _cpu(times: Sequence[tuple[_Reading, ...]]) -> list[float]:
    return ratios([(mine.cpu_s, bare.cpu_s) for mine, bare in times])


async def _bare(names: list[str]) -> _Reading:
    config = AioConfig(max_pool_connections=50)
    async with AioSession().create_client("codepipeline", region_name=_HERE.region, config=config) as client:
        gate = asyncio.Semaphore(50)
        began, cpu = time.perf_counter(), time.process_time()

        async def one(name: str) -> None:
            async with gate:
                await client.get_pipeline_state(name=name)

        await asyncio.gather(*map(one, names))
        return _Reading(time.perf_counter() - began, 0.0, time.process_time() - cpu, 0)


def shot(number: int) -> PipelineSnapshot:
    action = ActionState("Build", "Succeeded", changed_at=_NOW - number)
    state = PipelineState("p", 1, (StageState("Build", "Succeeded", "e1", actions=(action,)),))
    latest = Execution("e1", "Succeeded", _NOW - number - 60, _NOW - number)
    return PipelineSnapshot(PipelineRef(_HERE, f"pipe-{number:04d}"), _NOW, state, latest, 60.0)
