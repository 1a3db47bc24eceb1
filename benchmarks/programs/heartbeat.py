"""pipemedic with a heartbeat on its event loop: every late beat goes into a file, with when and how late."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

BEAT_S = 0.002
OUTPUT = "BENCHMARK_BEATS"
_LATE_S = 0.005


async def beat(late: list[tuple[float, float]]) -> None:
    """Sleep in short steps for ever; keep (monotonic time, seconds too late) of each step that took too long."""
    before = time.monotonic()
    while True:
        await asyncio.sleep(BEAT_S)
        now = time.monotonic()
        if now - before - BEAT_S > _LATE_S:
            late.append((now, now - before - BEAT_S))
        before = now


def main() -> None:
    """Start the program, or with ``idle`` a process that only beats, and write the late beats when it ends."""
    late: list[tuple[float, float]] = []
    try:
        if sys.argv[1:] == ["idle"]:
            asyncio.run(beat(late))
        else:
            _program(late)
    finally:
        Path(os.environ[OUTPUT]).write_text(json.dumps(late))


def _program(late: list[tuple[float, float]]) -> None:
    from textual.app import App  # noqa: PLC0415

    from tui.__main__ import main as program  # noqa: PLC0415

    process = App._process_messages  # noqa: SLF001 (where the loop has begun)

    async def with_beat(self: App[object], *args: object, **kwargs: object) -> None:
        beating = asyncio.create_task(beat(late))
        try:
            await process(self, *args, **kwargs)  # type: ignore[arg-type]
        finally:
            beating.cancel()

    App._process_messages = with_beat  # type: ignore[assignment,method-assign]  # noqa: SLF001
    sys.argv[0] = "pipemedic"
    program()


if __name__ == "__main__":
    main()
