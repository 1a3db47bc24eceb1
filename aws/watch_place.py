"""Watching one place: list, read what is due, the most urgent first, and go on after trouble."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

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
    """A pipeline and when it is to be read next (monotonic seconds).

    Attributes:
        lacks: its executions have to be read, because the state says that they have changed.
        acted: the user asked for it.
    """

    ref: PipelineRef
    due: float
    lacks: bool = True
    acted: bool = False
    reading: bool = False
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
        self._paced = policy
        self._rows: dict[PipelineRef, _Row] = {}
        self._moving: set[PipelineRef] = set()
        self._later: list[
            tuple[float, int, _Row]
        ] = []  # a heap by due time; entries that are out of date are passed over
        self._ready: list[tuple[int, int, _Row]] = []  # a heap by rank: what is due
        self._order = count()
        self._visible: frozenset[PipelineRef] = frozenset()
        self._stirred = asyncio.Event()
        self._list_at = 0.0
        self._failures = 0

    @property
    def sweep_s(self) -> float:
        """How long a pipeline at rest may go unread at present."""
        return self._paced.idle_s

    def focus(self, visible: frozenset[PipelineRef]) -> None:
        """Take what is on the screen; rows that came into view and are old are read soon."""
        if visible == self._visible:
            return
        latest = self._clock.elapsed() + self._paced.visible_s
        came, self._visible = visible - self._visible, visible
        self._pace()
        for ref in came:
            row = self._rows.get(ref)
            if row is None:
                continue
            unread = row.snapshot is None or row.lacks
            self._at(row, self._clock.elapsed() if unread else min(row.due, latest))
        self._stirred.set()

    def poke(self, ref: PipelineRef | None) -> None:
        """Make one pipeline, or the list and all of them, due now."""
        if ref is None:
            self._list_at = 0.0
        for row in self._rows.values() if ref is None else filter(None, (self._rows.get(ref),)):
            row.acted = ref is not None
            self._at(row, 0.0)
        self._stirred.set()

    def _at(self, row: _Row, due: float) -> None:
        """Have a row read at a time."""
        row.due = due
        heapq.heappush(self._later, (due, next(self._order), row))

    def _pace(self) -> None:
        """Stretch the pauses to what there is to watch."""
        moving, visible = len(self._moving), len(self._visible)
        self._paced = self._policy.paced(moving=moving, visible=visible, idle=len(self._rows) - moving)

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
        known, self._rows = self._rows, {}
        for ref in refs:
            row = known.get(ref)
            self._rows[ref] = row or _Row(ref, due=0.0)
            if row is None:
                self._at(self._rows[ref], 0.0)
        self._moving &= self._rows.keys()
        self._pace()
        self._emit(Listed(self.place, refs, self._clock.now()))

    async def _read_due(self, going: asyncio.Event) -> None:
        """Read rows as they fall due until the list is due again. Raises what stands for the whole place."""
        reading: dict[asyncio.Task[None], _Row] = {}
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
                    reading.pop(done).reading = False
                    done.result()
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
            for row in reading.values():
                row.reading = False
                self._at(row, row.due)

    def _start(self, reading: dict[asyncio.Task[None], _Row]) -> None:
        now = self._clock.elapsed()
        while self._later and self._later[0][0] <= now:
            due, _, row = heapq.heappop(self._later)
            if due == row.due and not row.reading and self._rows.get(row.ref) is row:
                heapq.heappush(self._ready, (self._rank(row), next(self._order), row))
        while self._ready and len(reading) < self._policy.in_flight:
            rank, _, row = heapq.heappop(self._ready)
            if row.reading or row.due > now or self._rows.get(row.ref) is not row:
                continue  # it was read meanwhile, or is gone
            if (present := self._rank(row)) > rank:  # it went out of sight meanwhile
                heapq.heappush(self._ready, (present, next(self._order), row))
                continue
            row.reading = True
            reading[asyncio.create_task(self._read(row), name=f"read {row.ref}")] = row

    def _nap_s(self, reading: dict[asyncio.Task[None], _Row]) -> float:
        """Return how long nothing new falls due; what is being read, or has no free place, wakes by ending."""
        now = self._clock.elapsed()
        nap_s = self._list_at - now
        if len(reading) < self._policy.in_flight and self._later:
            nap_s = min(nap_s, self._later[0][0] - now)
        return max(0.0, nap_s)

    def _rank(self, row: _Row) -> int:
        """Order what is due: asked for, on the screen, running, never read, the rest, executions of what rests."""
        urgency = self._urgency(row)
        if urgency is not Urgency.ROUTINE:
            return int(urgency)
        if row.snapshot is None or row.snapshot.state is None:
            return int(Urgency.ROUTINE)
        return int(Urgency.ROUTINE) + (2 if row.lacks else 1)

    def _urgency(self, row: _Row) -> Urgency:
        if row.acted:
            return Urgency.ACTION
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
            self._at(row, self._clock.elapsed() + self._paced.idle_s)
            return
        except AwsError as error:
            had = row.snapshot or PipelineSnapshot(row.ref, self._clock.now())
            snapshot = replace(had, error=str(error))
        self._failures = 0
        row.snapshot, row.acted = snapshot, False
        self._note_motion(row)
        self._at(row, self._clock.elapsed() + self._pause_s(row))
        self._emit(Read(snapshot))

    def _note_motion(self, row: _Row) -> None:
        state = row.snapshot.state if row.snapshot else None
        if (state is not None and is_moving(state)) is not (row.ref in self._moving):
            self._moving ^= {row.ref}
            self._pace()

    def _pause_s(self, row: _Row) -> float:
        if row.lacks and row.snapshot and row.snapshot.state and not row.snapshot.error:
            return 0.0  # its state is there; its executions come when nothing more urgent waits
        state = row.snapshot.state if row.snapshot else None
        execution = row.snapshot.execution if row.snapshot else None
        pause_s = interval_s(self._paced, state, execution, visible=row.ref in self._visible)
        return pause_s * random.uniform(0.85, 1.15)  # noqa: S311 (spreads the calls)

    async def _snapshot(self, row: _Row) -> PipelineSnapshot:
        """Read the state, and the executions where the state shows that they have changed.

        Where states go first, the first read of a pipeline that is not on the screen is of its state alone, and the
        next one of its executions alone.
        """
        reader, had = self._reader.at(self._urgency(row)), row.snapshot
        first = had is None or had.state is None
        eager = not self._policy.state_first or self._urgency(row) is not Urgency.ROUTINE
        page: Page[Execution] | None = None
        if first and eager:
            state, page = await _both(reader, row.ref.name, self._policy.history)
        elif row.lacks and had is not None and had.state is not None and not had.error:
            state, read_at = had.state, had.read_at
            page = await reader.executions(row.ref.name, limit=self._policy.history)
            return self._with(row, state, page, read_at)
        else:
            state = await reader.state(row.ref.name)
            if had is not None and (_ended(had, state) or fingerprint(state) != row.print):
                row.lacks = True
            if row.lacks and not first:
                page = await reader.executions(row.ref.name, limit=self._policy.history)
        return self._with(row, state, page, self._clock.now())

    @staticmethod
    def _with(row: _Row, state: PipelineState, page: Page[Execution] | None, read_at: float) -> PipelineSnapshot:
        had = row.snapshot
        row.print = fingerprint(state)
        execution = had.execution if had else None
        usual_s = had.usual_s if had else None
        if page is not None:
            row.lacks = False
            execution = page.items[0] if page.items else None
            usual_s = usual_duration(page.items)
        return PipelineSnapshot(row.ref, read_at, state, execution, usual_s)


def _ended(had: PipelineSnapshot, state: PipelineState) -> bool:
    """Whether an execution that was seen running runs no more."""
    return had.execution is not None and had.execution.status in {"InProgress", "Stopping"} and not is_moving(state)


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
