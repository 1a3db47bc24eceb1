"""Watching a fleet: which pipelines there are and how each stands, read again at a rate that fits what it does.

One task a place, so that one place's trouble hides no other's data. Errors are events, not exceptions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

from aws.call import Caller
from aws.clock import Clock
from aws.events import EventQueue
from aws.read.codepipeline import PipelineReader
from aws.watch_place import PlaceWatch
from aws.watch_policy import FleetEvent, Listed, PlaceFailed, PollPolicy, QueueSaid, Read
from core.place import PipelineRef, Place

__all__ = ["Fleet", "FleetEvent", "Listed", "PlaceFailed", "PollPolicy", "QueueSaid", "Read"]


async def _unknown(_: Place) -> str:
    return ""


class Fleet:
    """A long-lived watch; take its events in one loop: ``async for event in fleet.events()``.

    Args:
        caller: makes the calls.
        places: what to watch.
        clock: the time.
        policy: how often to ask.
        queues: URL of the queue that carries a place's state changes, where there is one.
        account_of: the account behind a place; raises PipemedicError.
    """

    def __init__(
        self,
        caller: Caller,
        places: Sequence[Place],
        clock: Clock,
        policy: PollPolicy,
        *,
        queues: Mapping[Place, str] | None = None,
        account_of: Callable[[Place], Awaitable[str]] = _unknown,
    ) -> None:
        self._going = asyncio.Event()
        self._going.set()
        self._queue: asyncio.Queue[FleetEvent] = asyncio.Queue()
        self._watches = [
            PlaceWatch(place, PipelineReader(caller, place), clock, policy, self._queue.put_nowait) for place in places
        ]
        served: dict[tuple[str, str], list[PlaceWatch]] = {}
        for watch in self._watches:
            if url := (queues or {}).get(watch.place):
                served.setdefault((watch.place.profile, url), []).append(watch)
        self._queues = [
            EventQueue(caller, clock, url, watches, account_of, self._queue.put_nowait)
            for (_, url), watches in served.items()
        ]

    async def events(self) -> AsyncIterator[FleetEvent]:
        """Yield what is seen, until the loop that takes it ends. One loop at a time."""
        tasks = [asyncio.create_task(watch.run(self._going), name=f"watch {watch.place}") for watch in self._watches]
        tasks += [asyncio.create_task(each.run(self._going), name=f"watch {each.queue.url}") for each in self._queues]
        try:
            while True:
                event = asyncio.create_task(self._queue.get())
                try:
                    await asyncio.wait({event, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not event.done():
                        event.cancel()
                for task in tasks:
                    if task.done():
                        task.result()  # a watch ends by a bug alone; it may not end unseen
                yield event.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def sweep_s(self) -> float:
        """How long a pipeline at rest may go unread at present, in the place where it is longest."""
        return max((watch.sweep_s for watch in self._watches), default=0.0)

    def focus(self, keys: Iterable[PipelineRef]) -> None:
        """Name what is on the screen: it is read first and more often."""
        visible = frozenset(keys)
        for watch in self._watches:
            watch.focus(frozenset(ref for ref in visible if ref.place == watch.place))

    def poke(self, ref: PipelineRef | None = None) -> None:
        """Read one pipeline now, or the lists and everything."""
        for watch in self._watches:
            if ref is None or ref.place == watch.place:
                watch.poke(ref)

    def pause(self) -> None:
        """Rest: no calls until `resume`."""
        self._going.clear()
        for watch in self._watches:
            watch.stir()

    def resume(self) -> None:
        """Go on; what has become old meanwhile is due at once."""
        self._going.set()
