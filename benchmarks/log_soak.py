"""An hour of live tail, told quickly: a stream into a pane, a group and three merged streams; what memory they take."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from textual.app import App, ComposeResult

from aws.call import Caller
from aws.cloud import Cloud
from aws.log_group import follow_group
from aws.tail import tail
from benchmarks.log_endpoint import START_MS, line, live_endpoint
from benchmarks.measure import Result, Spin, row
from benchmarks.session import leading_to, surroundings
from core.build import LogLocation
from core.log_mask import mask_line
from core.logs import LogBatch, LogGroup
from core.place import Place
from core.text import sanitize_ansi
from tui.logs.events import lines_and_times
from tui.logs.merge import merged
from widgets.log_pane import LogPane, SourceState

__all__ = ["run"]

_HOUR_S, _TOLD_S = 3600.0, 600.0  # the first ten minutes do not count: caches fill, the interpreter settles
_A_SECOND = 20  # lines
_HERE = Place("", "eu-west-1")
_REPOSITORY = Path(__file__).resolve().parent.parent
Found = dict[str, float]


def run() -> Result:
    """Measure each in a process of its own; time passes as fast as calls are answered."""
    spin = Spin()
    found: dict[str, Found] = {}
    with surroundings() as around:
        for kind in ("stream", "group", "merge"):
            spin.turn()
            with live_endpoint(10.0, 0.0) as address:
                found[kind] = _measured(kind, leading_to(address, around))
    stream = found["stream"]
    rows = (
        row("stream into a pane: memory grown / bytes of its lines", [stream["grown"] / stream["bytes"]], "×", 1.5,
            f"{stream['lines']:,.0f} lines, {stream['calls']:,.0f} calls"),
        row("group followed, nothing kept: memory grown", [found["group"]["grown"] / 1e6], "MB", 5.0,
            f"{found['group']['lines']:,.0f} lines"),
        row("three merged, nothing kept: memory grown", [found["merge"]["grown"] / 1e6], "MB", 5.0,
            f"{found['merge']['lines']:,.0f} lines"),
    )  # fmt: skip
    return Result("log_soak", rows, tuple(spin.times))


def _measured(kind: str, around: Mapping[str, str]) -> Found:
    command = [sys.executable, "-m", "benchmarks.log_soak", kind]
    done = subprocess.run(command, env=dict(around), cwd=_REPOSITORY, capture_output=True, text=True, check=True)
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


class _Clock:
    """Time that passes by sleeping; the loop gets its turn."""

    def __init__(self) -> None:
        self.at = START_MS / 1000

    def now(self) -> float:
        return self.at

    def elapsed(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


class _Account:
    """Answers FilterLogEvents and GetLogEvents for an hour in which lines come at a steady rate."""

    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self.calls = 0

    async def read(self, _place: Place, _service: str, operation: str, params: Mapping[str, Any], **_: Any) -> Any:
        self.calls += 1
        await asyncio.sleep(0)
        written = int((self._clock.at - START_MS / 1000) * _A_SECOND)
        if operation == "FilterLogEvents":
            first = max(int((params["startTime"] - START_MS) * _A_SECOND / 1000), 0)
            return {"events": [_event(number) | {"eventId": str(number)} for number in range(first, written)]}
        first = int(str(params.get("nextToken") or "f/0").partition("/")[2])
        return {"events": [_event(number) for number in range(first, written)], "nextForwardToken": f"f/{written}"}


def _event(number: int) -> dict[str, Any]:
    at_ms = START_MS + number * 1000 // _A_SECOND
    return {"timestamp": at_ms, "message": line(number) + "\n", "logStreamName": f"web/app/{number % 3}"}


class _PaneApp(App[None]):
    """A pane, cleaned and masked as in the program."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = LogPane("build", cleaner=sanitize_ansi, mask=mask_line, state=SourceState.LIVE)

    def compose(self) -> ComposeResult:
        yield self.pane


async def _stream() -> Found:
    """A stream over HTTP into a pane that is drawn."""
    clock = _Clock()
    where = LogLocation("/g", "1", "eu-west-1")
    app = _PaneApp()
    async with Cloud([_HERE], read_only=True) as cloud, app.run_test(size=(160, 45)):
        store, before, kept, calls = app.pane.store, 0, 0, 0
        batches = tail(cloud._caller, _HERE, where, clock=clock)  # noqa: SLF001 (the clock is ours to choose)
        async for batch in batches:
            calls += 1
            app.pane.append(*lines_and_times(batch.events))
            if not before and clock.at - START_MS / 1000 > _TOLD_S:
                before, kept = _resident(), store.size_bytes
            if clock.at - START_MS / 1000 > _HOUR_S:
                break
        grown = _resident() - before
        return {"grown": grown, "bytes": store.size_bytes - kept, "lines": len(store), "calls": calls}


async def _counted(batches: AsyncIterator[LogBatch], clock: _Clock) -> Found:
    before, lines = 0, 0
    async for batch in batches:
        lines += len(batch.events)
        if not before and clock.at - START_MS / 1000 > _TOLD_S:
            before = _resident()
        if clock.at - START_MS / 1000 > _HOUR_S:
            break
    return {"grown": _resident() - before, "lines": lines}


async def _group() -> Found:
    clock = _Clock()
    caller = cast("Caller", _Account(clock))
    return await _counted(follow_group(caller, _HERE, LogGroup("/g"), clock=clock, since_ms=START_MS), clock)


async def _merge() -> Found:
    clock = _Clock()
    caller = cast("Caller", _Account(clock))
    streams = [tail(caller, _HERE, LogLocation("/g", name), clock=clock) for name in "ab"]
    group = follow_group(caller, _HERE, LogGroup("/g"), clock=clock, since_ms=START_MS)
    return await _counted(merged(("a", "b", "group"), [*streams, group], clock.now), clock)


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


_KINDS: dict[str, Callable[[], Any]] = {"stream": _stream, "group": _group, "merge": _merge}


if __name__ == "__main__":
    began = time.perf_counter()
    print(json.dumps({**asyncio.run(_KINDS[sys.argv[1]]()), "took": time.perf_counter() - began}))
