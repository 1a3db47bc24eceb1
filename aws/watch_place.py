"""Watching one place: list, read what is due, the most urgent first, and go on after trouble."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from aws.budget import Urgency
from aws.clock import Clock
from aws.mapping.codepipeline import usual_duration
from aws.read.codepipeline import PipelineReader
from aws.read.page import Page
from aws.watch_policy import FleetEvent, Listed, PlaceFailed, PollPolicy, Read, fingerprint, interval_s, is_moving
from core.errors import (
    AwsError,
    CredentialsExpired,
    CredentialsMissing,
    NotFound,
    PipemedicError,
    Unreachable,
)
from core.pipeline import Execution, PipelineSnapshot, PipelineState
from core.place import PipelineRef, Place

__all__ = ["PlaceWatch"]

_PLACE_TROUBLE = (CredentialsExpired, CredentialsMissing, Unreachable)


@dataclass(slots=True)
class _Row:
    """A pipeline and when it is to be read next (monotonic seconds)."""

    ref: PipelineRef
    due: float
    snapshot: PipelineSnapshot | None = None
    print: tuple[object, ...] = ()


class PlaceWatch:
    """One place of a fleet. `emit` takes the events; `visible` says which pipelines are on the screen."""

    def __init__(
        self,
        place: Place,
        reader: PipelineReader,
        clock: Clock,
        policy: PollPolicy,
        emit: Callable[[FleetEvent], None],
    ) -> None:
        self.place = place
        self._reader = reader
        self._clock = clock
        self._policy = policy
        self._emit = emit
        self._rows: dict[PipelineRef, _Row] = {}
        self._visible: frozenset[PipelineRef] = frozenset()
        self._stirred = asyncio.Event()
        self._list_at = 0.0
        self._failures = 0

    def focus(self, visible: frozenset[PipelineRef]) -> None:
        """Take what is on the screen; rows that came into view and are old are read soon."""
        latest = self._clock.elapsed() + self._policy.visible_s
        for ref in visible - self._visible:
            row = self._rows.get(ref)
            if row is not None:
                row.due = min(row.due, latest)
        self._visible = visible
        self._stirred.set()

    def poke(self, ref: PipelineRef | None) -> None:
        """Make one pipeline, or the list and all of them, due now."""
        if ref is None:
            self._list_at = 0.0
        for row in self._rows.values():
            if ref is None or row.ref == ref:
                row.due = 0.0
        self._stirred.set()

    def stir(self) -> None:
        """Make the watch look again at what it is to do."""
        self._stirred.set()

    async def run(self, going: asyncio.Event) -> None:
        """Watch until cancelled; rest while `going` is not set."""
        while True:
            await going.wait()
            try:
                if self._clock.elapsed() >= self._list_at:
                    await self._list()
                await self._read_due(going)
            except PipemedicError as error:
                await self._rest(error)

    async def _rest(self, error: PipemedicError) -> None:
        """Tell of a place's trouble, and wait before the next attempt (or until poked)."""
        wait_s = min(self._policy.retry_s * 2 ** min(self._failures, 10), self._policy.retry_most_s)
        self._failures += 1
        self._list_at = 0.0  # the list is the first thing that says that all is well again
        self._emit(PlaceFailed(self.place, error, self._clock.now() + wait_s))
        self._stirred.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._stirred.wait()
        except TimeoutError:
            pass

    async def _list(self) -> None:
        names = await self._reader.at(Urgency.VISIBLE).names()
        refs = tuple(PipelineRef(self.place, name) for name in names)
        self._list_at = self._clock.elapsed() + self._policy.listing_s
        self._rows = {ref: self._rows.get(ref) or _Row(ref, due=0.0) for ref in refs}
        self._emit(Listed(self.place, refs, self._clock.now()))

    async def _read_due(self, going: asyncio.Event) -> None:
        """Read rows as they fall due until the list is due again. Raises what stands for the whole place."""
        reading: dict[asyncio.Task[None], PipelineRef] = {}
        try:
            while going.is_set() and self._clock.elapsed() < self._list_at:
                self._stirred.clear()
                self._start(reading)
                stirred = asyncio.create_task(self._stirred.wait())
                try:
                    await asyncio.wait(
                        {stirred, *reading}, timeout=self._nap_s(reading), return_when=asyncio.FIRST_COMPLETED
                    )
                finally:
                    stirred.cancel()
                for done in [task for task in reading if task.done()]:
                    del reading[done]
                    done.result()
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)

    def _start(self, reading: dict[asyncio.Task[None], PipelineRef]) -> None:
        now = self._clock.elapsed()
        busy = set(reading.values())
        due = [row for row in self._rows.values() if row.due <= now and row.ref not in busy]
        due.sort(key=self._urgency)
        for row in due[: max(0, self._policy.in_flight - len(reading))]:
            reading[asyncio.create_task(self._read(row), name=f"read {row.ref}")] = row.ref

    def _nap_s(self, reading: dict[asyncio.Task[None], PipelineRef]) -> float:
        """Return how long nothing new falls due; what is being read, or has no free place, wakes by ending."""
        now = self._clock.elapsed()
        nap_s = self._list_at - now
        if len(reading) < self._policy.in_flight:
            busy = set(reading.values())
            nap_s = min([nap_s, *(row.due - now for row in self._rows.values() if row.ref not in busy)])
        return max(0.0, nap_s)

    def _urgency(self, row: _Row) -> Urgency:
        if row.ref in self._visible:
            return Urgency.VISIBLE
        known = row.snapshot.state if row.snapshot else None
        return Urgency.RUNNING if known and is_moving(known) else Urgency.ROUTINE

    async def _read(self, row: _Row) -> None:
        try:
            snapshot = await self._snapshot(row)
        except _PLACE_TROUBLE:
            raise
        except NotFound:
            self._list_at = 0.0  # it was deleted: the list is what is old
            row.due = self._clock.elapsed() + self._policy.idle_s
            return
        except AwsError as error:
            had = row.snapshot or PipelineSnapshot(row.ref, self._clock.now())
            snapshot = replace(had, error=str(error))
        self._failures = 0
        row.snapshot = snapshot
        state, execution = snapshot.state, snapshot.execution
        pause_s = interval_s(self._policy, state, execution, visible=row.ref in self._visible)
        row.due = self._clock.elapsed() + pause_s * random.uniform(0.85, 1.15)  # noqa: S311 (spreads the calls)
        self._emit(Read(snapshot))

    async def _snapshot(self, row: _Row) -> PipelineSnapshot:
        """Read the state, and the executions where the state shows that they have changed."""
        reader = self._reader.at(self._urgency(row))
        had = row.snapshot
        page: Page[Execution] | None
        if had is None or had.execution is None:
            state, page = await _both(reader, row.ref.name, self._policy.history)
        else:
            state, page = await reader.state(row.ref.name), None
            ended = had.execution.status in {"InProgress", "Stopping"} and not is_moving(state)
            if ended or fingerprint(state) != row.print:
                page = await reader.executions(row.ref.name, limit=self._policy.history)
        row.print = fingerprint(state)
        execution = had.execution if had else None
        usual_s = had.usual_s if had else None
        if page is not None:
            execution = page.items[0] if page.items else None
            usual_s = usual_duration(page.items)
        return PipelineSnapshot(row.ref, self._clock.now(), state, execution, usual_s)


async def _both(reader: PipelineReader, name: str, history: int) -> tuple[PipelineState, Page[Execution]]:
    """Read state and executions side by side."""
    state, page = await asyncio.gather(
        reader.state(name), reader.executions(name, limit=history), return_exceptions=True
    )
    if isinstance(state, BaseException):
        raise state
    if isinstance(page, BaseException):
        raise page
    return state, page
