"""Following a whole log group, or several of its streams: every event once, by its id, whatever fails on the way.

FilterLogEvents gives all events of a window of time, of all streams, with an id each. Streams deliver at their own
pace, so an event may appear that is older than those already given. Each round therefore looks back a little behind the
latest event, and now and then further back; what was given is known by its id. A round that breaks goes on at its
token; nothing is forgotten until a round is whole.

Events that come later than `LATE_S` after others of the group are missed; AWS takes events up to 14 days old.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise

from aws.call import Caller
from aws.clock import Clock
from aws.read.logs import GroupPage, group_page
from core.errors import AwsError, Denied, Invalid, NotFound, Unreachable
from core.logs import EventPage, LogBatch, LogGroup, TailState
from core.place import Place

__all__ = ["LATE_S", "follow_group", "unseen"]

LATE_S = 120.0  # an event this much older than the latest is still found
_LOOK_BACK_S = 5.0  # what each round reads again
_FAR_EVERY_S = 10.0  # between looks as far back as LATE_S
_IDLE_POLL_S, _ABSENT_POLL_S = 2.0, 2.0
_QUIET_ROUNDS = 6
_MANY = 5_000  # events of a round, from which on the next one waits longer
_SETTLE_S = 5.0  # for the last events to arrive once what writes them has ended
_RETRY_S, _RETRY_MOST_S = 0.5, 15.0


async def follow_group(
    caller: Caller,
    place: Place,
    group: LogGroup,
    *,
    clock: Clock,
    since_ms: int,
    until_ms: int | None = None,
    finished: Callable[[], Awaitable[bool]] | None = None,
    poll_s: float = 0.5,
) -> AsyncIterator[LogBatch]:
    """Yield events of a group from `since_ms` on (epoch milliseconds), each once, until what writes them has finished.

    Where `finished` is None and there is no `until_ms`, this has no end. Within a batch events stand in the order of
    their times; late ones come in a later batch.

    Raises:
        Denied: the caller may not read the group.
        Invalid: AWS refuses the group's name, a stream's or the pattern.
    """
    rounds = _Rounds(caller, place, group, (since_ms, until_ms), clock)
    end = _Ending(finished, until_ms, clock)
    state = TailState.LOADING
    failures = quiet = 0
    while True:
        final = await end.reached()
        came = 0
        try:
            async for events in rounds.one(far=final):
                came += len(events)
                yield LogBatch(state, events)
        except NotFound as error:
            if final:
                yield LogBatch(TailState.ENDED, error=error.detail)
                return
            if state is not TailState.WAITING:
                yield LogBatch(state := TailState.WAITING)
            await clock.sleep(_ABSENT_POLL_S)
            continue
        except (Denied, Invalid):
            raise
        except AwsError as error:
            retry_s = min(_RETRY_S * 2**failures, _RETRY_MOST_S)
            failures += failures < 10
            yield LogBatch(TailState.RECONNECTING, error=str(error), retry_in_s=retry_s)
            await clock.sleep(retry_s)
            continue
        if final:
            yield LogBatch(TailState.ENDED)
            return
        if state is not TailState.LIVE or failures:
            yield LogBatch(state := TailState.LIVE)
        failures = 0
        quiet = 0 if came else quiet + 1
        await clock.sleep(_pause_s(poll_s, came, quiet))


def _pause_s(poll_s: float, came: int, quiet: int) -> float:
    """How long until the next round: longer where a round is dear, and where nothing comes."""
    if came > _MANY:
        return poll_s * 2
    return min(poll_s * 1.5 ** max(0, quiet - _QUIET_ROUNDS), max(_IDLE_POLL_S, poll_s))


class _Rounds:
    """Where a group stands: what was given, and from when on the next round reads."""

    def __init__(
        self, caller: Caller, place: Place, group: LogGroup, window: tuple[int, int | None], clock: Clock
    ) -> None:
        self._ask = (caller, place, group)
        self._first_ms, self._until_ms = window
        self._clock = clock
        self._seen: dict[str, int] = {}
        self._latest_ms: int | None = None
        self._far_at = clock.elapsed()
        self._token = ""  # of a round that was broken off
        self._from_ms = self._first_ms
        self._reaches_ms = self._first_ms  # the latest event of the round under way

    async def one(self, *, far: bool) -> AsyncIterator[EventPage]:
        """Read a round, or the rest of one that broke; yield what is new. Raises AwsError; the token then stays."""
        if not self._token:
            self._begin(far=far)
        while True:
            try:
                page = await self._page()
            except Invalid:
                if not self._token:
                    raise
                self._token = ""  # it has run out: read the round again, what was given is known
                continue
            events = unseen(page, self._seen)
            if page.events:
                self._reaches_ms = max(self._reaches_ms, *page.events.times)
            stuck = bool(page.next_token) and page.next_token == self._token
            self._token = "" if stuck else page.next_token
            if not page.next_token:
                self._whole()
            if events:
                yield events
            if stuck:  # it leads nowhere: the round is read again, what was given is known
                raise Unreachable(
                    "the page's token came again",
                    service="logs",
                    operation="FilterLogEvents",
                    region=self._ask[2].region,
                )
            if not self._token:
                return

    def _begin(self, *, far: bool) -> None:
        if self._latest_ms is None:
            self._from_ms = self._first_ms
            return
        far = far or self._clock.elapsed() - self._far_at >= _FAR_EVERY_S
        if far:
            self._far_at = self._clock.elapsed()
        back_s = LATE_S if far else _LOOK_BACK_S
        self._from_ms = max(self._first_ms, self._latest_ms - int(back_s * 1000))

    def _whole(self) -> None:
        """A round is whole: the next one begins behind its latest event, unless that bears a time yet to come."""
        self._latest_ms = min(self._reaches_ms, int(self._clock.now() * 1000))
        oldest_ms = self._latest_ms - int(LATE_S * 1000)
        if len(self._seen) > 1000:
            self._seen = {key: at_ms for key, at_ms in self._seen.items() if at_ms >= oldest_ms}

    async def _page(self) -> GroupPage:
        caller, place, group = self._ask
        return await group_page(
            caller, place, group, since_ms=self._from_ms, until_ms=self._until_ms, token=self._token
        )


def unseen(page: GroupPage, seen: dict[str, int]) -> EventPage:
    """Return the events of a page whose ids are not among those seen, by time, and add them there."""
    events = page.events
    fresh = []
    for number, key in enumerate(page.ids):
        if key not in seen:
            seen[key] = events.times[number]
            fresh.append(number)
    if any(events.times[a] > events.times[b] for a, b in pairwise(fresh)):
        fresh.sort(key=events.times.__getitem__)
    if len(fresh) == len(events) and fresh == list(range(len(fresh))):
        return events
    return EventPage(
        [events.times[n] for n in fresh], [events.texts[n] for n in fresh], [events.streams[n] for n in fresh]
    )


class _Ending:
    """Whether the last round has come."""

    def __init__(self, finished: Callable[[], Awaitable[bool]] | None, until_ms: int | None, clock: Clock) -> None:
        self._finished = finished
        self._until_ms = until_ms
        self._clock = clock
        self._over_at: float | None = None
        self._first = True

    async def reached(self) -> bool:
        """Whether all there will ever be can be read now. A question that fails is asked again."""
        now_ms = self._clock.now() * 1000
        past = self._until_ms is not None and now_ms >= self._until_ms
        if past and now_ms >= (self._until_ms or 0) + _SETTLE_S * 1000:
            return True
        if self._over_at is None:
            over = past
            if self._finished is not None and not over:
                try:
                    over = await self._finished()
                except AwsError:
                    return False
            if not over:
                self._first = False
                return False
            self._over_at = self._clock.elapsed()
        return self._first or self._clock.elapsed() >= self._over_at + _SETTLE_S
