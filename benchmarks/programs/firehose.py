"""pipemedic with a made-up log in place of every build's: so many lines a second, without an end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

from core.logs import LogBatch, LogEvent, TailState

LINES_PER_SECOND = 5_000
_BATCHES_PER_SECOND = 20


async def firehose(*_: Any, **__: Any) -> AsyncIterator[LogBatch]:
    """Yield batches at that rate; lines that ought to have come meanwhile come with the next batch."""
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    for number in count():
        due = int((loop.time() - began) * LINES_PER_SECOND)
        now_ms = 1_700_000_000_000 + number
        yield LogBatch(TailState.LIVE, tuple(LogEvent(now_ms, _line(at)) for at in range(sent, due)))
        sent = due
        await asyncio.sleep(1 / _BATCHES_PER_SECOND)


def _line(number: int) -> str:
    return (
        f"[INFO] \x1b[32mok\x1b[0m  step {number} compiled src/main/java/shop/checkout/Part{number % 997}.java in 12 ms"
    )


def main() -> None:
    """Start the program with that in place of the cloud's tail."""
    from aws.cloud import Cloud  # noqa: PLC0415
    from tui.__main__ import main as program  # noqa: PLC0415

    Cloud.tail = firehose  # type: ignore[method-assign]
    sys.argv[0] = "pipemedic"
    program()


if __name__ == "__main__":
    main()
