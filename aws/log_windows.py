"""A finished log read side by side: windows of time, each a chain of pages of its own, given in order.

A chain of forward tokens is sequential: a page a round trip. `startTime` and `endTime` cut a stream into windows that
do not share an event, because an event bears one timestamp; a window's own pages follow its own tokens. The first pages
are read alone, so that a short log costs no more calls than before and lines show after one call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aws.clock import Clock
from core.errors import AwsError, Denied, Invalid
from core.logs import EventPage, LogBatch, TailState

__all__ = ["PageReader", "Window", "cut", "read_windows", "windows_for"]

_AT_ONCE = 8
_MOST_WINDOWS = 40
_PAGES_EACH = 3  # a window costs a call more than it has pages, to see its end
_RETRY_S, _RETRY_MOST_S = 0.5, 15.0


@dataclass(frozen=True, slots=True)
class Window:
    """Events from `since_ms` up to and without `until_ms` (epoch milliseconds); None is open."""

    since_ms: int
    until_ms: int | None


class PageReader:
    """What reads one window, page after page. The tail's own reader is one."""

    caught_up: bool

    async def next_events(self) -> EventPage:
        """Return what follows the position, and move it. Raises AwsError; the position then stays."""
        raise NotImplementedError


def windows_for(pages: float) -> int:
    """How many windows a rest of so many pages is worth; one is the chain itself."""
    return max(1, min(_MOST_WINDOWS, int(pages / _PAGES_EACH)))


def cut(since_ms: int, until_ms: int, windows: int) -> tuple[Window, ...]:
    """Cut a span into windows that leave nothing out; the last one is open."""
    span = max(until_ms - since_ms, 0)
    starts = sorted({since_ms + span * number // windows for number in range(windows)})
    return tuple(
        Window(start, starts[number + 1] if number + 1 < len(starts) else None) for number, start in enumerate(starts)
    )


async def read_windows(
    windows: tuple[Window, ...], open_reader: Callable[[Window], PageReader], clock: Clock
) -> AsyncIterator[LogBatch]:
    """Give the windows' events in order, as soon as those before them have been given; eight are read at once.

    A window is begun when one has been given away, so that little waits in memory.

    A window that breaks is told, and goes on from where it stood.

    Raises:
        Denied: the caller may not read the stream.
        Invalid: AWS refuses what was asked.
    """
    queues: list[asyncio.Queue[LogBatch | AwsError | None]] = [asyncio.Queue() for _ in windows]
    tasks: list[asyncio.Task[None]] = []
    try:
        for number, queue in enumerate(queues):
            while len(tasks) < min(number + _AT_ONCE, len(windows)):
                reading = _read(open_reader(windows[len(tasks)]), queues[len(tasks)], clock)
                tasks.append(asyncio.create_task(reading, name=f"log window {len(tasks)}"))
            while (batch := await queue.get()) is not None:
                if isinstance(batch, AwsError):
                    raise batch
                yield batch
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(reader: PageReader, queue: asyncio.Queue[LogBatch | AwsError | None], clock: Clock) -> None:
    """Read one window to its end into its queue; None says that it has ended."""
    failures = 0
    while True:
        try:
            events = await reader.next_events()
        except (Denied, Invalid) as error:
            queue.put_nowait(error)
            return
        except AwsError as error:
            retry_s = min(_RETRY_S * 2**failures, _RETRY_MOST_S)
            failures = min(failures + 1, 10)
            queue.put_nowait(LogBatch(TailState.RECONNECTING, error=str(error), retry_in_s=retry_s))
            await clock.sleep(retry_s)
            continue
        failures = 0
        if events:
            queue.put_nowait(LogBatch(TailState.LOADING, events))
        if reader.caught_up:
            queue.put_nowait(None)
            return
