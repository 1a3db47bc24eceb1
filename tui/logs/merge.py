"""Several logs in one pane: every event once, in the order of the times that they bear.

What is shown stays where it is, so an event is given only when no other source can bring an older one: each source has
one waiting, or has ended, or has had its time. A source that is live has `_LIVE_S` from an event's arrival on, which is
longer than its poll; one that is still loading is waited for as long as it moves; one that broke is waited for a while,
and what it brings then comes late. Within a source the order is the one in which it came.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from core.errors import PipemedicError
from core.logs import EventPage, LogBatch, TailState
from tui.logs.events import short_stream
from tui.streams import closed_after

__all__ = ["Merge", "labels", "merged"]

_LIVE_S = 2.5  # an idle stream is asked every 2 s
_STILL_S = 15.0  # from a source's last word on
_A_BATCH = 5_000
_FULL = 50_000  # events of a source that wait for others; it is read no further meanwhile
_WIDEST = 18
_GENERIC = re.compile(r"(?:container|function|events of|log of|agent on) ")  # before what tells logs apart


def labels(names: Sequence[str]) -> tuple[str, ...]:
    """Short names that differ."""
    short = [_cut(_GENERIC.sub("", " ".join(name.split()), count=1)) or "log" for name in names]
    told: list[str] = []
    for number, name in enumerate(short):
        again = short[:number].count(name)
        told.append(f"{name[: _WIDEST - 3]} {again + 1}" if short.count(name) > 1 else name)
    return tuple(told)


def _cut(name: str) -> str:
    return name if len(name) <= _WIDEST else f"{name[: _WIDEST - 1]}…"


@dataclass(slots=True)
class _Lane:
    """One source: what it has brought and was not given yet, as (key, time, text, name, arrival)."""

    label: str
    heard_s: float
    waiting: deque[tuple[int, int, str, str, float]] = field(default_factory=deque)
    state: TailState = TailState.LOADING
    note: str = ""
    retry_in_s: float | None = None
    key_ms: int = -(1 << 62)  # the latest time it has brought
    over: bool = False

    def lets_pass(self, key_ms: int, arrived_s: float, now_s: float) -> bool:
        """Whether an event of another source needs no longer wait for this one, which has none waiting."""
        return self.over or key_ms <= self.key_ms or now_s >= self.passes_at(arrived_s)

    def passes_at(self, arrived_s: float) -> float:
        """From when on it does not."""
        if self.state in {TailState.LIVE, TailState.WAITING}:
            return arrived_s + _LIVE_S
        return self.heard_s + _STILL_S


class Merge:
    """Which events can be given by now. Pure but for what it holds; `now_s` is any clock that does not go back."""

    def __init__(self, names: Sequence[str], now_s: float) -> None:
        self.lanes = [_Lane(label, now_s) for label in labels(names)]
        self._width = max((len(lane.label) for lane in self.lanes), default=0)

    def take(self, number: int, batch: LogBatch, now_s: float) -> None:
        """Take what a source brought."""
        lane = self.lanes[number]
        broke_again = batch.state is TailState.RECONNECTING and lane.state is TailState.RECONNECTING
        if not broke_again:
            lane.heard_s = now_s
        lane.state, lane.retry_in_s = batch.state, batch.retry_in_s
        lane.note = " · ".join(filter(None, (batch.error, batch.note)))
        key_ms = lane.key_ms
        for event in batch.events:
            key_ms = max(key_ms, event.at_ms)
            name = f"{lane.label} {short_stream(event.stream).rpartition('/')[2]}" if event.stream else lane.label
            self._width = max(self._width, len(name))
            lane.waiting.append((key_ms, event.at_ms, event.text, name, now_s))
        lane.key_ms = key_ms

    def end(self, number: int, error: str = "") -> None:
        """A source has ended, or cannot be read."""
        lane = self.lanes[number]
        lane.over, lane.retry_in_s, lane.state = True, None, TailState.ENDED
        lane.note = error or lane.note

    def full(self, number: int) -> bool:
        """Whether so much of a source waits that it should not be read on."""
        return len(self.lanes[number].waiting) >= _FULL

    def due(self, now_s: float) -> EventPage:
        """Take out what can be given now, in order."""
        times: list[int] = []
        texts: list[str] = []
        names: list[str] = []
        while len(texts) < _A_BATCH and (lane := self._next(now_s)) is not None:
            _, at_ms, text, name, _ = lane.waiting.popleft()
            times.append(at_ms)
            texts.append(text)
            names.append(name.ljust(self._width))
        return EventPage(times, texts, names)

    def _next(self, now_s: float) -> _Lane | None:
        lane = self._head()
        if lane is None:
            return None
        key_ms, _, _, _, arrived_s = lane.waiting[0]
        for each in self.lanes:
            if not each.waiting and not each.lets_pass(key_ms, arrived_s, now_s):
                return None
        return lane

    def _head(self) -> _Lane | None:
        best: _Lane | None = None
        for lane in self.lanes:
            if lane.waiting and (best is None or lane.waiting[0][0] < best.waiting[0][0]):
                best = lane
        return best

    def due_at(self) -> float | None:
        """When the next event can be given though nothing comes; None where none waits."""
        lane = self._head()
        if lane is None:
            return None
        arrived_s = lane.waiting[0][4]
        return max((each.passes_at(arrived_s) for each in self.lanes if not (each.waiting or each.over)), default=0.0)

    @property
    def over(self) -> bool:
        """Whether all have ended and all was given."""
        return all(lane.over and not lane.waiting for lane in self.lanes)

    @property
    def state(self) -> TailState:
        """How they stand together."""
        states = {lane.state for lane in self.lanes}
        for state in (TailState.RECONNECTING, TailState.LOADING, TailState.LIVE, TailState.WAITING):
            if state in states:
                return state
        return TailState.ENDED if self.over else TailState.LOADING

    @property
    def note(self) -> str:
        """What there is to say of each."""
        return " · ".join(f"{lane.label}: {lane.note}" for lane in self.lanes if lane.note)

    @property
    def retry_in_s(self) -> float | None:
        """When the first that broke is tried again."""
        return min((lane.retry_in_s for lane in self.lanes if lane.retry_in_s is not None), default=None)


async def merged(
    names: Sequence[str], sources: Sequence[AsyncIterator[LogBatch]], clock: Callable[[], float] = monotonic
) -> AsyncIterator[LogBatch]:
    """Give the events of several sources, each with its source's label in place of a stream's name.

    Raises:
        PipemedicError: none of them could be read; the first one's reason. One of several is told in the note.
    """
    merge = Merge(names, clock())
    readers = _Readers(merge, names, sources, clock)
    said: tuple[TailState, str] | None = None
    try:
        while True:
            page = readers.turn()
            now = (merge.state, merge.note)
            if page or now != said:
                said = now
                yield LogBatch(merge.state, page, note=merge.note, retry_in_s=merge.retry_in_s)
            if merge.over:
                break
            if not page:
                await readers.news()
        readers.demand()
        yield LogBatch(TailState.ENDED, note=merge.note)
    finally:
        await readers.stop()


class _Readers:
    """A task for each source, which puts what comes into the merge."""

    def __init__(
        self,
        merge: Merge,
        names: Sequence[str],
        sources: Sequence[AsyncIterator[LogBatch]],
        clock: Callable[[], float],
    ) -> None:
        self._merge, self._clock = merge, clock
        self._wake, self._room = asyncio.Event(), asyncio.Event()
        self._errors: list[PipemedicError] = []
        self._given = 0
        self._tasks = [
            asyncio.create_task(self._read(number, source), name=f"merge {names[number]}")
            for number, source in enumerate(sources)
        ]

    async def _read(self, number: int, source: AsyncIterator[LogBatch]) -> None:
        error = ""
        try:
            async with closed_after(source) as batches:
                async for batch in batches:
                    self._merge.take(number, batch, self._clock())
                    self._wake.set()
                    while self._merge.full(number):
                        self._room.clear()
                        await self._room.wait()
        except PipemedicError as trouble:
            self._errors.append(trouble)
            error = str(trouble)
        except OSError as trouble:
            error = trouble.strerror or str(trouble)
        self._merge.end(number, error)
        self._wake.set()

    def turn(self) -> EventPage:
        """Take out what can be given by now; a fault of our own in a task ends this here."""
        self._wake.clear()
        page = self._merge.due(self._clock())
        self._room.set()
        self._given += len(page)
        for task in self._tasks:
            if task.done():
                task.result()
        return page

    async def news(self) -> None:
        """Wait until something comes, or can be given though nothing comes."""
        at_s = self._merge.due_at()
        timeout = None if at_s is None else max(at_s - self._clock(), 0.01)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout)

    def demand(self) -> None:
        """Raise the first error where there was nothing else."""
        if self._errors and not self._given and len(self._errors) == len(self._tasks):
            raise self._errors[0]

    async def stop(self) -> None:
        """End the tasks and close the sources."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
