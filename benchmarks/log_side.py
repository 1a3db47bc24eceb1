"""One side of the log benchmark, a process of its own: reads the endpoint's stream, prints what it cost as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiobotocore.session import get_session

from aws.cloud import Cloud
from benchmarks.log_endpoint import START_MS
from core.build import LogLocation
from core.place import Place
from tui.logs.events import lines_and_times
from tui.logs.printer import LinePrinter, Shape
from widgets.log_store import LogStore

Cost = dict[str, float]


async def _store(address: str, lines: int) -> Cost:
    """From the endpoint into the pane's store, through the call budget and the tail."""

    del address
    store = LogStore()
    place = Place("", "eu-west-1")

    async def finished() -> bool:
        return True

    async with Cloud([place], read_only=True) as cloud:
        await cloud.warm_up()
        before, began, first = time.process_time(), time.perf_counter(), 0.0
        kept = _resident()
        where = LogLocation("/g", "1", "eu-west-1")
        async for batch in cloud.tail(place, where, finished=finished, ended_ms=START_MS + lines):
            if batch.events:
                first = first or time.perf_counter() - began
                store.append(*lines_and_times(batch.events))
        took = time.perf_counter() - began
        cpu = time.process_time() - before
    assert len(store) == lines
    assert store[lines - 1].startswith(f"[{lines - 1:>9}]")
    return {
        "cpu": cpu,
        "wall": took,
        "first": first,
        "bytes": float(store.size_bytes),
        "grown": float(_resident() - kept),
    }


async def _file(address: str, lines: int) -> Cost:
    """From the endpoint to a file, as `pipemedic logs > file` writes it."""

    del address
    place = Place("", "eu-west-1")

    async def finished() -> bool:
        return True

    async with Cloud([place], read_only=True) as cloud:
        await cloud.warm_up()
        with Path(os.devnull).open("w", encoding="utf-8") as out:  # noqa: ASYNC230 (nothing else runs)
            printer = LinePrinter(Shape(), out.write)
            before, began = time.process_time(), time.perf_counter()
            where = LogLocation("/g", "1", "eu-west-1")
            async for batch in cloud.tail(place, where, finished=finished, ended_ms=START_MS + lines):
                printer.write(batch.events)
            return {"cpu": time.process_time() - before, "wall": time.perf_counter() - began}


async def _bare(address: str, lines: int) -> Cost:
    """A bare loop of aiobotocore over the same pages, each event looked at."""

    async with get_session().create_client("logs", region_name="eu-west-1", endpoint_url=address) as client:
        before, began, seen = time.process_time(), time.perf_counter(), 0
        token: dict[str, str] = {}
        while True:
            page = await client.get_log_events(logGroupName="/g", logStreamName="1", startFromHead=True, **token)
            for event in page["events"]:
                seen += 1 if event["message"] else 0
            if page["nextForwardToken"] == token.get("nextToken"):
                break
            token = {"nextToken": page["nextForwardToken"]}
        assert seen == lines
        return {"cpu": time.process_time() - before, "wall": time.perf_counter() - began}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


_SIDES: dict[str, Callable[[str, int], Awaitable[Cost]]] = {"store": _store, "file": _file, "bare": _bare}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_SIDES[sys.argv[1]](sys.argv[2], int(sys.argv[3])))))  # type: ignore[arg-type]
