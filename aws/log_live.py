"""StartLiveTail: a group watched as AWS hears of its events, at a price by the minute, with its gaps filled.

A session gives the events of up to ten groups about once a second, 500 of them at most: above that AWS sends a sample
and says so. It ends after three hours. Whenever a session has ended or broken, what was written meanwhile is read with
FilterLogEvents, twice: at once, and when late events have had time to arrive. The two ways of reading do not share
ids, so that events are told apart by stream, time and text, and counted: of each kind as many are given as the way that
knows more of them has.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

from aws.call import Caller
from aws.clock import Clock
from aws.log_group import unseen
from aws.mapping.logs import live_events
from aws.read.logs import group_page
from core.errors import AwsError, Denied, Invalid, NotFound, Unreachable
from core.logs import EventPage, LogBatch, LogGroup, TailState
from core.place import Place

__all__ = ["Given", "live_tail", "told_minutes"]

_SILENCE_S = 15.0  # a session says something every second
_OVERLAP_S = 15.0  # a gap is read from so long before it
_AGAIN_AFTER_S = 10.0  # a gap is read once more when late events have come
_KEEP_S = 180.0  # for so long events are remembered
_RETRY_S, _RETRY_MOST_S = 1.0, 30.0
_A_MINUTE = 0.01  # US dollars, list price (CloudWatch pricing page)
_TIMED_OUT = "SessionTimeoutException"  # after three hours
_ENDS = frozenset({_TIMED_OUT, "SessionStreamingException"})


def told_minutes(seconds: float, *, sampled: bool) -> str:
    """A meter in words: ``live tail 4 min, about $0.04``; and that lines are missing, where they are."""
    minutes = max(1, math.ceil(seconds / 60))
    meter = f"live tail {minutes:,} min, about ${minutes * _A_MINUTE:,.2f} at list price"
    return f"{meter} · SAMPLED: AWS leaves lines out" if sampled else meter


class Given:
    """How many events of each kind (stream, time, text) were given, by the two ways in which they are read."""

    def __init__(self) -> None:
        self._live: Counter[tuple[str, int, str]] = Counter()
        self._read: Counter[tuple[str, int, str]] = Counter()

    def live(self, events: EventPage) -> EventPage:
        """Return those of a session's events that are new."""
        return self._new(events, self._live, self._read)

    def read(self, events: EventPage) -> EventPage:
        """Return those of the events that were read of a gap that are new; each is to be handed in once."""
        return self._new(events, self._read, self._live)

    def forget_before(self, at_ms: int) -> None:
        """Forget events that are older: no gap is read as far back."""
        for counter in (self._live, self._read):
            for kind in [kind for kind in counter if kind[1] < at_ms]:
                del counter[kind]

    @staticmethod
    def _new(events: EventPage, one: Counter[tuple[str, int, str]], other: Counter[tuple[str, int, str]]) -> EventPage:
        fresh = []
        for number, kind in enumerate(zip(events.streams, events.times, events.texts, strict=True)):
            one[kind] += 1
            if one[kind] > other[kind]:
                fresh.append(number)
        if len(fresh) == len(events):
            return events
        return EventPage(
            [events.times[n] for n in fresh], [events.texts[n] for n in fresh], [events.streams[n] for n in fresh]
        )


async def live_tail(
    caller: Caller, place: Place, group: LogGroup, arns: Sequence[str], *, clock: Clock, since_ms: int | None = None
) -> AsyncIterator[LogBatch]:
    """Watch log groups by their ARNs (without ``:*``), each event once, until the caller leaves.

    `group` says which streams and which pattern, and is what gaps are read from; so is what was written from `since_ms`
    (epoch milliseconds) on. Each batch's note has the meter.

    Raises:
        Denied: the caller may not watch or read.
        NotFound: there is no such group.
        Invalid: AWS refuses the groups, e.g. of the infrequent-access class.
    """
    watch = _Watch(caller, place, group, arns, clock, since_ms)
    failures = 0
    while True:
        try:
            async for batch in watch.session():
                failures = 0
                yield batch
            said = "the session was closed"
        except AwsError as error:
            if watch.refused(error):
                raise
            said = "a session ends after 3 hours" if error.code == _TIMED_OUT else str(error)
            failures -= error.code == _TIMED_OUT
        failures += 1
        retry_s = min(_RETRY_S * 2 ** (failures - 1), _RETRY_MOST_S) if failures else 0.0
        yield LogBatch(TailState.RECONNECTING, error=said, retry_in_s=retry_s, note=watch.note)
        await clock.sleep(retry_s)


class _Watch:
    """The sessions one after another, what they gave, and what they cost."""

    def __init__(
        self,
        caller: Caller,
        place: Place,
        group: LogGroup,
        arns: Sequence[str],
        clock: Clock,
        since_ms: int | None,
    ) -> None:
        self._began_once = False
        self._caller, self._place, self._group, self._clock = caller, place, group, clock
        self._params: dict[str, Any] = {"logGroupIdentifiers": list(arns)}
        if group.streams:
            self._params["logStreamNames"] = list(group.streams)
        elif group.prefix:
            self._params["logStreamNamePrefixes"] = [group.prefix]
        if group.pattern:
            self._params["logEventFilterPattern"] = group.pattern
        self._given = Given()
        self._seen: dict[str, int] = {}  # ids of events read of gaps
        self._heard_ms: int | None = None  # when a session last said anything
        self._gap_ms = since_ms  # from when on a gap is still to be read
        self._gap_due = 0.0
        self._filled_once = False
        self._paid_s = 0.0
        self._since: float | None = None
        self._sampled = False

    @property
    def note(self) -> str:
        """The meter in words."""
        running_s = 0.0 if self._since is None else self._clock.elapsed() - self._since
        return told_minutes(self._paid_s + running_s, sampled=self._sampled)

    def refused(self, error: AwsError) -> bool:
        """Whether an error will come again however often a session is opened."""
        if isinstance(error, Denied | NotFound):
            return True
        busy = self._began_once and error.code == "LimitExceededException"
        return isinstance(error, Invalid) and error.code not in _ENDS and not busy

    async def session(self) -> AsyncIterator[LogBatch]:
        """Run one session to its end; first give what was written since the one before."""
        stream = self._caller.stream(
            self._place, "logs", "StartLiveTail", self._params, "responseStream", region=self._group.region
        )
        async with stream as events:
            try:
                async for batch in self._hear(events):
                    yield batch
            finally:
                if self._since is not None:
                    self._paid_s += self._clock.elapsed() - self._since
                    self._since = None

    async def _hear(self, events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[LogBatch]:
        while True:
            try:
                async with asyncio.timeout(_SILENCE_S):
                    event = await anext(events)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise Unreachable(
                    f"nothing was heard for {_SILENCE_S:.0f} s", service="logs", operation="StartLiveTail"
                ) from None
            now_ms = int(self._clock.now() * 1000)
            if "sessionStart" in event:
                self._start(now_ms)
                yield LogBatch(TailState.LIVE, note=self.note)
            elif update := event.get("sessionUpdate"):
                self._sampled = bool((update.get("sessionMetadata") or {}).get("sampled"))
                yield LogBatch(TailState.LIVE, self._given.live(live_events(update)), note=self.note)
            self._heard_ms = now_ms
            if self._gap_ms is not None and self._clock.elapsed() >= self._gap_due:
                async for batch in self._fill():
                    yield batch
            elif self._gap_ms is None:
                self._given.forget_before(now_ms - int(_KEEP_S * 1000))

    def _start(self, now_ms: int) -> None:
        self._began_once = True
        self._since = self._clock.elapsed()
        if self._heard_ms is not None:
            since_ms = self._heard_ms - int(_OVERLAP_S * 1000)
            self._gap_ms = since_ms if self._gap_ms is None else min(self._gap_ms, since_ms)
            self._gap_due = self._clock.elapsed()
            self._filled_once = False
        self._heard_ms = now_ms

    async def _fill(self) -> AsyncIterator[LogBatch]:
        """Read the gap; done with it after the second time. One that cannot be read now is read again later."""
        since_ms, token = self._gap_ms or 0, ""
        try:
            while True:
                page = await group_page(self._caller, self._place, self._group, since_ms=since_ms, token=token)
                fresh = self._given.read(unseen(page, self._seen))
                if fresh:
                    yield LogBatch(TailState.LIVE, fresh, note=self.note)
                if not page.next_token or page.next_token == token:
                    break
                token = page.next_token
        except (Denied, Invalid):
            raise
        except AwsError:
            self._gap_due = self._clock.elapsed() + _AGAIN_AFTER_S
            return
        if self._filled_once:
            self._gap_ms = None
            self._seen = {}
        self._filled_once = True
        self._gap_due = self._clock.elapsed() + _AGAIN_AFTER_S
