"""Watching one place: list, read what is due, the most urgent first, and go on after trouble."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count

from aws.budget import Urgency
from aws.clock import Clock
from aws.events_ledger import Ledger
from aws.events_message import StateChange
from aws.events_trust import Trust
from aws.mapping.codepipeline import usual_duration
from aws.read.codepipeline import PipelineReader
from aws.read.page import Page
from aws.watch_policy import (
    FleetEvent,
    Listed,
    PlaceFailed,
    PollPolicy,
    QueueSaid,
    Read,
    fingerprint,
    interval_s,
    is_moving,
    statuses,
)
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
# An event that tells too little is followed by a read when nothing more was told for so long (s).
_AFTER_EVENT_S = 1.5
# Changes that came longer ago than this stand in the state for good; each time the list comes they are put there (s).
_LATE_S = 600.0
# Reads side by side before the first answer; one more with each.
_AT_FIRST = 8
# A pipeline that only events know of makes the list due, at most every so often (s).
_LIST_AGAIN_S = 30.0


@dataclass(slots=True, eq=False)
class _Row:
    """A pipeline and when it is to be read next (monotonic seconds).

    Attributes:
        lacks: its executions have to be read, because the state says that they have changed.
        acted: the user asked for it.
        base: as it was read last; `snapshot` has the changes in it that were told since.
    """

    ref: PipelineRef
    due: float
    lacks: bool = True
    acted: bool = False
    reading: bool = False
    base: PipelineSnapshot | None = None
    snapshot: PipelineSnapshot | None = None
    history: tuple[Execution, ...] = ()
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
        self._listed_at = float("-inf")
        self._failures = 0
        self._answers = 0
        self._ledger = Ledger()
        self._trust = Trust()
        self._noted = False  # a missed change was told to the user

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

    # What events tell

    def listen(self, answers: bool) -> None:
        """Take whether a queue of events answers; without it the place is polled as ever."""
        if answers:
            self._trust.begin(self._clock.elapsed())
        else:
            self._trust.end()
            self._repace()

    def tell(self, changes: Iterable[StateChange]) -> None:
        """Take changes that the queue brought; what differs is told on at once, without a call."""
        now, level = self._clock.elapsed(), self._trust.level
        fresh: dict[_Row, set[str]] = {}
        for change in changes:
            row = self._rows.get(PipelineRef(self.place, change.pipeline))
            if not self._ledger.add(change, now):
                continue
            if row is None:
                self._list_at = min(self._list_at, self._listed_at + _LIST_AGAIN_S)
                self._stirred.set()
                continue
            self._trust.told(change.pipeline, now)
            fresh.setdefault(row, set()).add(change.id)
        for row, ids in fresh.items():
            self._fold(row, ids)
        if self._trust.level != level:
            self._repace()

    def _fold(self, row: _Row, ids: set[str]) -> None:
        if row.base is None or row.snapshot is None:
            return
        folded = self._ledger.fold(row.base, self._clock.now())
        if (folded.snapshot.state, folded.snapshot.execution) != (row.snapshot.state, row.snapshot.execution):
            row.snapshot = folded.snapshot
            self._note_motion(row)
            self._emit(Read(folded.snapshot))
        if folded.wants_read & ids:
            self._at(row, min(row.due, self._clock.elapsed() + _AFTER_EVENT_S))
            self._stirred.set()

    def _settle(self) -> None:
        """Judge whether events still tell all there is; the pauses follow."""
        level = self._trust.level
        missed = self._trust.settle(self._clock.elapsed())
        if self._trust.level != level:
            self._repace()
        if self._noted and self._trust.level > level:
            self._noted = False
            self._emit(QueueSaid((self.place,)))
        if missed:
            self._noted = True
            note = f"no event told of a change of {missed[-1]}; pipelines are read as often as without events"
            self._emit(QueueSaid((self.place,), note=note))

    def _repace(self) -> None:
        """Take up other pauses; a row that would now be read sooner is."""
        before = self._paced
        self._pace()
        if self._paced.idle_s >= before.idle_s and self._paced.moving_s >= before.moving_s:
            return
        now = self._clock.elapsed()
        for row in self._rows.values():
            self._at(row, min(row.due, now + self._pause_s(row) * random.random()))  # noqa: S311 (spreads the calls)
        self._list_at = min(self._list_at, self._listed_at + self._paced.listing_s)
        self._stirred.set()

    def _at(self, row: _Row, due: float) -> None:
        """Have a row read at a time."""
        row.due = due
        heapq.heappush(self._later, (due, next(self._order), row))

    def _pace(self) -> None:
        """Stretch the pauses to what there is to watch."""
        moving, visible = len(self._moving), len(self._visible)
        eased = self._policy.eased(self._trust.level)
        self._paced = eased.paced(moving=moving, visible=visible, idle=len(self._rows) - moving)

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
        self._listed_at = self._clock.elapsed()
        self._list_at = self._listed_at + self._paced.listing_s
        known, self._rows = self._rows, {}
        for ref in refs:
            row = known.get(ref)
            self._rows[ref] = row or _Row(ref, due=0.0)
            if row is None:
                self._at(self._rows[ref], 0.0)
        self._moving &= self._rows.keys()
        self._ledger.keep(names)
        for row in self._rows.values():
            if row.base is not None and self._ledger.count(row.ref.name):
                row.base = self._ledger.fold(row.base, self._clock.now()).snapshot
                self._ledger.was_read(row.ref.name, self._clock.elapsed() - _LATE_S)
        self._pace()
        self._emit(Listed(self.place, refs, self._clock.now()))

    async def _read_due(self, going: asyncio.Event) -> None:
        """Read rows as they fall due until the list is due again. Raises what stands for the whole place."""
        reading: dict[asyncio.Task[None], _Row] = {}
        try:
            while going.is_set() and self._clock.elapsed() < self._list_at:
                self._stirred.clear()
                self._start(reading)
                try:
                    async with asyncio.timeout(self._nap_s(reading)):
                        await self._stirred.wait()
                except TimeoutError:
                    pass
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
        while self._ready and len(reading) < self._room:
            rank, _, row = heapq.heappop(self._ready)
            if row.reading or row.due > now or self._rows.get(row.ref) is not row:
                continue  # it was read meanwhile, or is gone
            if (present := self._rank(row)) > rank:  # it went out of sight meanwhile
                heapq.heappush(self._ready, (present, next(self._order), row))
                continue
            row.reading = True
            task = asyncio.create_task(self._read(row), name=f"read {row.ref}")
            task.add_done_callback(lambda _: self._stirred.set())
            reading[task] = row

    @property
    def _room(self) -> int:
        """How many may be read side by side: few until answers come, so that of many places first rows come soon."""
        return min(self._policy.in_flight, _AT_FIRST + self._answers)

    def _nap_s(self, reading: dict[asyncio.Task[None], _Row]) -> float:
        """Return how long nothing new falls due; what is being read, or has no free place, wakes by ending."""
        now = self._clock.elapsed()
        nap_s = self._list_at - now
        if len(reading) < self._room and self._later:
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
        began = self._clock.elapsed()
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
            self._take(row, replace(had, error=str(error)))
        else:
            self._compare(row, snapshot)
            row.base = snapshot
            self._ledger.was_read(row.ref.name, began)
            self._take(row, self._ledger.fold(snapshot, self._clock.now()).snapshot)

    def _take(self, row: _Row, snapshot: PipelineSnapshot) -> None:
        self._failures = 0
        self._answers += 1
        row.snapshot, row.acted = snapshot, False
        self._note_motion(row)
        self._at(row, self._clock.elapsed() + self._pause_s(row))
        history, row.history = row.history, ()
        self._emit(Read(snapshot, history))
        self._settle()

    def _compare(self, row: _Row, snapshot: PipelineSnapshot) -> None:
        """Note a change that was found by reading: an event is to tell of it, or events cannot be relied upon."""
        if row.snapshot is None or row.snapshot.state is None or snapshot.state is None:
            return
        if statuses(row.snapshot.state) != statuses(snapshot.state):
            self._trust.found(row.ref.name, self._clock.elapsed())

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
        reader, had = self._reader.at(self._urgency(row)), row.base
        first = had is None or had.state is None
        eager = not self._policy.state_first or self._urgency(row) is not Urgency.ROUTINE
        page: Page[Execution] | None = None
        if first and eager:
            state, page = await _both(reader, row.ref.name, self._policy.history)
        elif row.lacks and had is not None and had.state is not None and not (row.snapshot and row.snapshot.error):
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
        had = row.base
        row.print = fingerprint(state)
        execution = had.execution if had else None
        usual_s = had.usual_s if had else None
        if page is not None:
            row.lacks = False
            row.history = page.items
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
