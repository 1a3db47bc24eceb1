"""The fleet: all states of a thousand pipelines beside a bare aiobotocore loop, under a limit, and 5,000 rows."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from aws.cloud import Cloud
from aws.watch import PlaceFailed, PollPolicy, Read
from benchmarks.fleet_day import live
from benchmarks.measure import Result, Spin, interleaved, ratios, row
from core.attention import Condition
from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState, StageState
from core.place import PipelineRef, Place
from tui.fleet_book import FleetBook
from tui.fleet_view import FleetView, Look

__all__ = ["run", "shot"]

_HERE = Place("", "eu-west-1")
_MANY, _DELAY_S = 1000, 0.05
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
        times = interleaved((lambda: asyncio.run(_ours()), lambda: asyncio.run(_bare(names))), spin, 3)
    with _server(_MANY, _LIMIT):
        limited = asyncio.run(_limited())
    with _server(25, 0):
        first, failing = asyncio.run(_many_places())
    polled, told = live(hours=2.0, events=False), live(hours=8.0, events=True)
    rows = _rows()
    return Result(
        "fleet",
        (
            row("1,000 states: pipemedic", [mine[0] for mine, _ in times], "s", 2.5, note="50 ms a call"),
            row("1,000 states: bare aiobotocore, 50 in flight", [bare[0] for _, bare in times], "s"),
            row("CPU: pipemedic / bare aiobotocore", ratios([(mine[1], bare[1]) for mine, bare in times]), "×"),
            row("at 20 calls a second / ideal", [limited[0]], "×", 1.05),
            row("throttled after ten seconds", [limited[1]], "%", 3.0),
            row("10 accounts × 4 regions: first rows", [first], "s", 1.0, note="two accounts fail, in two ways"),
            row("10 accounts × 4 regions: failures said", [failing], "s"),
            row("steady, 1,000 of which 10 run", [polled.per_second("codepipeline")], "/s", 2.0),
            row("the same with events", [told.per_second("codepipeline")], "/s", 0.1, note="CodePipeline's calls"),
            row("the same with events: the queue's own calls", [told.per_second("sqs")], "/s"),
            row("memory after eight hours", [100 * (told.memory[1] / told.memory[0] - 1)], "%", 5.0),
            row("tasks left over after eight hours", [float(told.tasks[1] - told.tasks[0])], "", 0.0),
            row("5,000 rows: filter, arranged", [one * 1000 for one in rows[0]], "ms", 50.0),
            row("5,000 rows: 50 changed, arranged", [one * 1000 for one in rows[1]], "ms", 20.0),
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


async def _states(count: int) -> tuple[float, float, float, float]:
    """Seconds and CPU seconds until all states are there; calls and throttles after the first ten seconds."""
    late_calls = late_throttles = 0
    async with Cloud([_HERE]) as cloud:
        await cloud.warm_up()
        began, cpu = time.perf_counter(), time.process_time()
        seen: set[PipelineRef] = set()
        at_ten: tuple[int, int] | None = None
        async for event in cloud.fleet(poll=PollPolicy(state_first=True)).events():
            if at_ten is None and time.perf_counter() - began > 10:
                at_ten = cloud.stats.calls, cloud.stats.throttles
            if isinstance(event, Read):
                seen.add(event.snapshot.ref)
                if len(seen) == count:
                    break
        if at_ten:
            late_calls, late_throttles = cloud.stats.calls - at_ten[0], cloud.stats.throttles - at_ten[1]
        return time.perf_counter() - began, time.process_time() - cpu, late_calls, late_throttles


async def _ours() -> tuple[float, float]:
    seconds, cpu, _, _ = await _states(_MANY)
    return seconds, cpu


async def _limited() -> tuple[float, float]:
    seconds, _, calls, throttles = await _states(_MANY)
    return seconds / (_MANY / _LIMIT), 100 * throttles / max(calls, 1)


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


async def _bare(names: list[str]) -> tuple[float, float]:
    config = AioConfig(max_pool_connections=50)
    async with AioSession().create_client("codepipeline", region_name=_HERE.region, config=config) as client:
        gate = asyncio.Semaphore(50)
        began, cpu = time.perf_counter(), time.process_time()

        async def one(name: str) -> None:
            async with gate:
                await client.get_pipeline_state(name=name)

        await asyncio.gather(*map(one, names))
        return time.perf_counter() - began, time.process_time() - cpu


def _rows() -> tuple[list[float], list[float]]:
    book, shots = FleetBook(), [shot(number) for number in range(5000)]
    book.list(_HERE, [each.ref for each in shots])
    for each in shots:
        book.read(each, _NOW)
    view = FleetView()
    for _ in range(25):
        view.arrange(book.entries(_NOW, resort=True), resort=True)
    filters, changes = [], []
    for turn in range(7):
        view.look = Look(filter=f"pipe-00 !x{turn}")
        filters.append(_timed(book, view, _NOW))
        view.look = Look()
        for number in range(50):
            changed = shots[(turn * 50 + number) * 7 % 5000]
            book.read(replace(changed, read_at=_NOW + turn), _NOW)
        changes.append(_timed(book, view, _NOW + turn))
    assert book.counts(_NOW)[Condition.OK] == 5000
    return filters, changes


def _timed(book: FleetBook, view: FleetView, now: float) -> float:
    began = time.perf_counter()
    view.arrange(book.entries(now, resort=True), resort=True)
    return time.perf_counter() - began


def shot(number: int) -> PipelineSnapshot:
    action = ActionState("Build", "Succeeded", changed_at=_NOW - number)
    state = PipelineState("p", 1, (StageState("Build", "Succeeded", "e1", actions=(action,)),))
    latest = Execution("e1", "Succeeded", _NOW - number - 60, _NOW - number)
    return PipelineSnapshot(PipelineRef(_HERE, f"pipe-{number:04d}"), _NOW, state, latest, 60.0)
