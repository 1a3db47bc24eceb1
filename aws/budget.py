"""The call budget: how fast one operation may be asked in one account and region, learnt from AWS's own throttles.

AWS publishes no rate for most of these operations. A pace starts at a modest rate with a burst for the first screen,
doubles while nothing is refused, and after a throttle goes on just below what AWS let through.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum

from aws.clock import Clock

__all__ = ["Budget", "CallStats", "Pace", "PlaceCalls", "Urgency"]

_START_RATE, _START_BURST = 100.0, 60.0  # calls a second; calls at once
_MAX_RATE, _MIN_RATE = 1000.0, 0.5
_WINDOW_S = 2.0  # over which the rate that AWS lets through is measured
_CUT_EVERY_S = 1.0  # throttles within this time of a cut belong to it
_GROWTH_A_S = 0.01  # of the rate, each second, once the limit was met
_IN_FLIGHT = 50


class Urgency(IntEnum):
    """Who goes first when calls have to wait."""

    ACTION = 0  # the user waits for it
    VISIBLE = 1  # on the screen
    RUNNING = 2  # moves now
    ROUTINE = 3


@dataclass(slots=True)
class CallStats:
    """What was asked of AWS so far. Cheap to read at any time."""

    calls: int = 0
    throttles: int = 0
    errors: int = 0
    in_flight: int = 0
    waiting: int = 0
    _times: deque[float] = field(default_factory=deque, repr=False)
    _elapsed: float = field(default=0.0, repr=False)

    def began(self, elapsed: float) -> None:
        """Count a call that is being sent; `elapsed` is the clock's monotonic time."""
        self.calls += 1
        self.in_flight += 1
        self._times.append(elapsed)
        self._forget(elapsed)

    def per_second(self, elapsed: float) -> float:
        """Return calls a second over the last ten seconds."""
        self._forget(elapsed)
        return len(self._times) / 10.0

    def _forget(self, elapsed: float) -> None:
        while self._times and self._times[0] < elapsed - 10.0:
            self._times.popleft()


@dataclass(frozen=True, slots=True)
class PlaceCalls:
    """How the calls of one place stand.

    Attributes:
        rate: calls a second of the operation asked most at present, as far as it was learnt or tried.
        learnt: a throttle has shown where the limit lies.
        waiting: calls that wait for their turn.
        throttled_s: how long ago AWS last refused a call as too fast; None where it never did.
    """

    rate: float = 0.0
    learnt: bool = False
    waiting: int = 0
    throttled_s: float | None = None


class Pace:
    """The arithmetic of one token bucket whose rate learns. Times are seconds on any one clock; it never waits."""

    def __init__(self, now: float = 0.0) -> None:
        self.rate = _START_RATE
        self.burst = _START_BURST
        self.learnt = False  # a throttle has shown where the limit lies
        self.throttled_at: float | None = None
        self._tokens = self.burst
        self._filled_at = now
        self._cut_at = float("-inf")
        self._passed: deque[float] = deque()

    def begin_at(self, rate: float) -> None:
        """Begin with a rate that was learnt before."""
        self.rate = min(_MAX_RATE, max(_MIN_RATE, rate))
        self.burst = max(1.0, self.rate / 10)
        self._tokens = min(self._tokens, self.burst)
        self.learnt = True

    def wait_s(self, now: float) -> float:
        """Return how long until the next call may go; 0 for at once."""
        self._fill(now)
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self.rate

    def take(self, now: float) -> None:
        """Spend one call."""
        self._fill(now)
        self._tokens -= 1

    def passed(self, now: float) -> None:
        """Learn that AWS answered a call."""
        self._passed.append(now)
        self._forget(now)
        if not self.learnt:
            self.rate = min(
                _MAX_RATE, self.rate + 2
            )  # two calls more for each that passed: a hundred at first, a thousand a second later
        else:
            self.rate = min(_MAX_RATE, self.rate + _GROWTH_A_S)

    def throttled(self, now: float, sent_at: float) -> None:
        """Learn that AWS refused a call sent at `sent_at` as too fast; one cut for all that were sent before it."""
        self.throttled_at = now
        if sent_at < self._cut_at + _CUT_EVERY_S:
            return
        self._forget(now)
        span = min(_WINDOW_S, now - self._cut_at) if self.learnt else _WINDOW_S
        let_through = len(self._passed) / span if self._passed else 0.0
        halved = self.rate / 2
        self.rate = max(_MIN_RATE, min(self.rate * 0.95, max(halved, let_through * 0.95)))
        self.burst = max(1.0, self.rate / 10)
        self.learnt = True
        self._cut_at = now
        self._tokens = min(self._tokens, 0.0)

    def _fill(self, now: float) -> None:
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._filled_at) * self.rate)
        self._filled_at = now

    def _forget(self, now: float) -> None:
        while self._passed and self._passed[0] < now - _WINDOW_S:
            self._passed.popleft()


class _Lane:
    """Calls of one operation in one account and region: their pace, and who waits, the most urgent first."""

    def __init__(self, clock: Clock) -> None:
        self.pace = Pace(clock.elapsed())
        self.in_flight = 0
        self.asked = 0
        self._clock = clock
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = 0
        self._pump: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return sum(not turn.done() for _, _, turn in self._waiters)

    async def enter(self, urgency: Urgency) -> None:
        """Wait for a turn."""
        self.asked += 1
        if not self._waiters and self._free():
            self.pace.take(self._clock.elapsed())
            self.in_flight += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._waiters, (urgency, self._order, turn))
        self._wake()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn came in the same moment; pass it on
            raise

    def leave(self) -> None:
        """Give the place in flight back."""
        self.in_flight -= 1
        self._wake()

    def _free(self) -> bool:
        return self.in_flight < _IN_FLIGHT and self.pace.wait_s(self._clock.elapsed()) <= 0

    def _wake(self) -> None:
        if self._waiters and (self._pump is None or self._pump.done()):
            self._pump = asyncio.get_running_loop().create_task(self._run(), name="call budget")

    async def _run(self) -> None:
        while self._waiters and self.in_flight < _IN_FLIGHT:
            wait_s = self.pace.wait_s(self._clock.elapsed())
            if wait_s > 0:
                await self._clock.sleep(wait_s)
                continue
            _, _, turn = heapq.heappop(self._waiters)
            if not turn.done():
                self.pace.take(self._clock.elapsed())
                self.in_flight += 1
                turn.set_result(None)


class Budget:
    """All lanes, keyed by whatever shares a limit (profile, region, service, operation)."""

    def __init__(self, clock: Clock) -> None:
        self.stats = CallStats()
        self._clock = clock
        self._lanes: dict[tuple[str, ...], _Lane] = {}
        self._known: dict[tuple[str, ...], float] = {}

    def begin_with(self, rates: Mapping[tuple[str, ...], float]) -> None:
        """Take rates (calls a second, by lane) that an earlier run has learnt."""
        self._known.update(rates)

    def learnt(self) -> dict[tuple[str, ...], float]:
        """Return the rates that throttles have taught, of this run and of those before it."""
        return self._known | {key: lane.pace.rate for key, lane in self._lanes.items() if lane.pace.learnt}

    def of_place(self, profile: str, region: str) -> PlaceCalls:
        """Return how the calls of a place stand, over all its operations."""
        lanes = [lane for key, lane in self._lanes.items() if key[:2] == (profile, region)]
        if not lanes:
            return PlaceCalls()
        busiest = max(lanes, key=lambda lane: lane.asked)
        refused = [lane.pace.throttled_at for lane in lanes if lane.pace.throttled_at is not None]
        return PlaceCalls(
            busiest.pace.rate,
            busiest.pace.learnt,
            sum(lane.waiting for lane in lanes),
            self._clock.elapsed() - max(refused) if refused else None,
        )

    @asynccontextmanager
    async def turn(self, lane_key: tuple[str, ...], urgency: Urgency) -> AsyncIterator[_Turn]:
        """Wait for a turn in a lane, and hold a place in flight while the block runs."""
        lane = self._lanes.get(lane_key)
        if lane is None:
            lane = self._lanes[lane_key] = _Lane(self._clock)
            if lane_key in self._known:
                lane.pace.begin_at(self._known[lane_key])
        self.stats.waiting += 1
        try:
            await lane.enter(urgency)
        finally:
            self.stats.waiting -= 1
        self.stats.began(self._clock.elapsed())
        try:
            yield _Turn(lane.pace, self.stats, self._clock)
        finally:
            self.stats.in_flight -= 1
            lane.leave()


class _Turn:
    """What a caller tells the budget about its call."""

    def __init__(self, pace: Pace, stats: CallStats, clock: Clock) -> None:
        self._pace = pace
        self._stats = stats
        self._clock = clock
        self._sent_at = clock.elapsed()

    def passed(self) -> None:
        """AWS answered."""
        self._pace.passed(self._clock.elapsed())

    def throttled(self) -> None:
        """AWS said that this was too fast."""
        self._stats.throttles += 1
        self._pace.throttled(self._clock.elapsed(), self._sent_at)

    def failed(self) -> None:
        """The call failed for another reason."""
        self._stats.errors += 1
