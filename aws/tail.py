"""Following one log stream: every line once, in order, whatever fails on the way.

GetLogEvents hands out a forward token with each page. A token is advanced only with the page it came with, so a call
that breaks is asked again and nothing is lost or doubled. The same token again means caught up; an empty page with a
new token does not. Tokens die after 24 hours: the tail then starts again at its last timestamp and skips what it had.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from aws.call import Caller
from aws.clock import Clock
from aws.log_windows import PageReader, Window, cut, read_windows, windows_for
from aws.read.logs import StreamPage, stream_page
from core.build import LogLocation
from core.errors import AwsError, Denied, Invalid, NotFound
from core.logs import EventPage, LogBatch, TailState
from core.place import Place

__all__ = ["tail"]

_IDLE_POLL_S = 2.0
_SMALL_PAGE = 500
_QUIET_POLLS = 12  # lines that come every other second are still followed closely
_ABSENT_POLL_S = 1.0
_ASK_FINISHED_EVERY_S = 2.0
_SETTLE_S = 2.0  # an agent's last lines may arrive shortly after the build has ended
_QUIET_S = 10.0
_PAGES_ALONE = 2  # a log that goes on after so many pages is a long one
_RETRY_S, _RETRY_MOST_S = 0.5, 15.0


async def tail(
    caller: Caller,
    place: Place,
    where: LogLocation,
    *,
    clock: Clock,
    finished: Callable[[], Awaitable[bool]] | None = None,
    from_start: bool = True,
    since_ms: int | None = None,
    until_ms: int | None = None,
    ended_ms: int | None = None,
    poll_s: float = 0.25,
) -> AsyncIterator[LogBatch]:
    """Yield batches of a stream until what writes it has finished (never, where `finished` is None).

    Events before `since_ms` and from `until_ms` on (epoch milliseconds) are left out by the service. Where what wrote
    the log ended at `ended_ms`, long ago enough, all but the first pages of a long log are read side by side.

    Raises:
        Denied: the caller may not read the stream.
        Invalid: group or stream have a form that AWS refuses.
    """
    reader = _Reader(caller, place, where, from_start=from_start, window=(since_ms, until_ms))
    end = _End(finished, clock, ended_ms)
    async for batch in _one_by_one(reader, end, _Progress(poll_s), clock):
        yield batch
    if end.is_long and ended_ms is not None:
        async for batch in _side_by_side(reader, min(ended_ms, until_ms or ended_ms), clock):
            yield batch
        yield LogBatch(TailState.ENDED)


async def _one_by_one(reader: _Reader, end: _End, progress: _Progress, clock: Clock) -> AsyncIterator[LogBatch]:
    """Follow the chain of pages to its end, or until it is known that a finished log is a long one."""
    while not end.is_long:
        final = end.settles_in_s(reader.last_ms) <= 0
        try:
            events = await reader.next_events()
        except NotFound as error:
            if final:
                yield LogBatch(TailState.ENDED, error=error.detail)
                return
            batch = progress.absent()
        except (Denied, Invalid):
            raise
        except AwsError as error:
            yield (failed := progress.failed(error))
            await clock.sleep(failed.retry_in_s or 0.0)
            continue
        else:
            if final and reader.caught_up and not events:
                yield LogBatch(TailState.ENDED)
                return
            batch = progress.came(events, caught_up=reader.caught_up)
        if batch is not None:
            yield batch
        await end.ask()
        end.count(batch, more=not reader.caught_up)
        wait_s = min(progress.wait_s, end.settles_in_s(reader.last_ms))
        if wait_s > 0:
            await clock.sleep(wait_s)


async def _side_by_side(reader: _Reader, ended_ms: int, clock: Clock) -> AsyncIterator[LogBatch]:
    """Give what follows a reader's position in a log that has ended."""
    since_ms, first_ms = reader.last_ms or 0, reader.first_ms or 0
    a_page_ms = max((since_ms - first_ms) / _PAGES_ALONE, 1)
    windows = cut(since_ms, ended_ms + 1, windows_for((ended_ms - since_ms) / a_page_ms))
    rest = read_windows(windows, lambda window: reader.within(window, first=window is windows[0]), clock)
    whole_ms = max(ended_ms - first_ms, 1)
    try:
        async for batch in rest:
            done = (batch.events[-1].at_ms - first_ms) / whole_ms if batch.events else 0.0
            note = f"{min(max(done, 0.0), 1.0):.0%} of its time" if batch.events else batch.note
            yield replace(batch, note=note)
    finally:
        await rest.aclose()  # type: ignore[attr-defined]


class _Progress:
    """What to say after each poll, and how long to wait before the next."""

    def __init__(self, poll_s: float) -> None:
        self.wait_s = 0.0
        self._poll_s = poll_s
        self._pause_s = poll_s
        self._quiet = 0  # polls without a line, in a row
        self._failures = 0
        self._once_live = False
        self._state: TailState | None = None

    def absent(self) -> LogBatch | None:
        """The stream is not there yet."""
        self.wait_s = max(_ABSENT_POLL_S, self._poll_s)
        return self._said(TailState.WAITING, EventPage())

    def failed(self, error: AwsError) -> LogBatch:
        """A poll failed; wait longer each time."""
        retry_s = min(_RETRY_S * 2**self._failures, _RETRY_MOST_S)
        self._failures = min(self._failures + 1, 10)
        self._state = TailState.RECONNECTING
        return LogBatch(self._state, error=str(error), retry_in_s=retry_s)

    def came(self, events: EventPage, *, caught_up: bool) -> LogBatch | None:
        """A page came; idle streams are asked more and more rarely, pages that follow at once."""
        self._failures = 0
        self._once_live = self._once_live or caught_up
        self._quiet = 0 if events else self._quiet + 1
        idle = self._quiet > _QUIET_POLLS
        self._pause_s = min(self._pause_s * 1.5, max(_IDLE_POLL_S, self._poll_s)) if idle else self._poll_s
        # A live stream's small page is all there is, as a rule; to ask at once would double the calls.
        at_end = caught_up or (self._once_live and 0 < len(events) < _SMALL_PAGE)
        self.wait_s = self._pause_s if at_end else 0.0
        return self._said(TailState.LIVE if self._once_live else TailState.LOADING, events)

    def _said(self, state: TailState, events: EventPage) -> LogBatch | None:
        """Return a batch where it says anything new."""
        same = state is self._state
        self._state = state
        return None if same and not events else LogBatch(state, events)


class _End:
    """Whether the writer has finished, asked now and then; settled once its last lines have had time to arrive."""

    def __init__(
        self, finished: Callable[[], Awaitable[bool]] | None, clock: Clock, ended_ms: int | None = None
    ) -> None:
        self.is_long = False  # a finished log that goes on after its first pages
        self._ended_ms = ended_ms
        self._pages = 0
        self._finished = finished
        self._clock = clock
        self._asked_at: float | None = None
        self._over_at: float | None = None
        self._was_over = False  # when first asked

    def count(self, batch: LogBatch | None, *, more: bool) -> None:
        """Count a page after which there is more."""
        self._pages += bool(batch and batch.events and more)
        if self._pages >= _PAGES_ALONE and self._ended_ms is not None:
            self.is_long = self.settles_in_s(self._ended_ms) <= 0

    async def ask(self) -> None:
        """Ask, unless it is known or was asked a moment ago. A question that fails is asked again later."""
        if self._finished is None or self._over_at is not None:
            return
        first = self._asked_at is None
        if self._asked_at is not None and self._clock.elapsed() < self._asked_at + _ASK_FINISHED_EVERY_S:
            return
        self._asked_at = self._clock.elapsed()
        try:
            over = await self._finished()
        except AwsError:
            return
        if over:
            self._over_at = self._clock.elapsed()
            self._was_over = first

    def settles_in_s(self, last_ms: int | None) -> float:
        """Return how long until a poll sees all there will ever be; infinite while the writer goes on.

        A stream that has been quiet since its last event (`last_ms`, epoch milliseconds) is settled at once where the
        writer had ended when first asked for.
        """
        if self._over_at is None:
            return math.inf
        if self._was_over and last_ms is not None and self._clock.now() - last_ms / 1000 > _QUIET_S:
            return 0.0
        return max(0.0, self._over_at + _SETTLE_S - self._clock.elapsed())


class _Reader(PageReader):
    """The position in the stream."""

    def __init__(
        self,
        caller: Caller,
        place: Place,
        where: LogLocation,
        *,
        from_start: bool,
        window: tuple[int | None, int | None] = (None, None),
    ) -> None:
        self.caught_up = False
        self.first_ms: int | None = None
        self.last_ms: int | None = None
        self._caller = caller
        self._place = place
        self._where = where
        self._from_start = from_start
        self._token = ""
        self._had_at_token = 0  # events already given of the page that follows the token
        self._had_at_last = 0  # events already given with that timestamp
        self._skip = 0  # of those, still to be skipped after a new start
        self._since_ms, self._until_ms = window  # the first moves where a new start begins

    def within(self, window: Window, *, first: bool) -> _Reader:
        """Return a reader of a window of the same stream; the first one leaves out what this one has given."""
        until_ms = self._until_ms if window.until_ms is None else window.until_ms
        reader = _Reader(self._caller, self._place, self._where, from_start=True, window=(window.since_ms, until_ms))
        if first:
            reader.last_ms, reader._had_at_last, reader._skip = self.last_ms, self._had_at_last, self._had_at_last
        return reader

    async def next_events(self) -> EventPage:
        """Return what follows the position, and move it. Raises AwsError; the position then stays."""
        if not (self._where.group and self._where.stream):
            raise NotFound("the log stream is not known yet", service="logs", region=self._where.region)
        try:
            page = await self._page()
        except Invalid:
            if not self._token:
                raise
            self._start_again()
            page = await self._page()
        events = page.events[self._had_at_token :]
        self.caught_up = page.forward_token in ("", self._token)
        if self.caught_up:
            self._had_at_token = len(page.events)
        else:
            self._token = page.forward_token
            self._had_at_token = 0
        return self._unseen(events)

    async def _page(self) -> StreamPage:
        return await stream_page(
            self._caller,
            self._place,
            self._where,
            token=self._token,
            from_start=self._from_start or self._since_ms is not None,
            since_ms=self._since_ms,
            until_ms=self._until_ms,
        )

    def _start_again(self) -> None:
        """Forget a token that AWS no longer takes."""
        self._token = ""
        self._had_at_token = 0
        self._skip = self._had_at_last
        self._since_ms = self._since_ms if self.last_ms is None else self.last_ms

    def _unseen(self, events: EventPage) -> EventPage:
        """Leave out what was given before a new start, and note the last timestamp and how many events bear it."""
        while self._skip and events:
            if events.times[0] != self.last_ms:
                self._skip = 0
                break
            again = min(self._skip, sum(1 for at_ms in events.times[: self._skip] if at_ms == self.last_ms))
            events = events[again:]
            self._skip -= again
        if events:
            last_ms = events.times[-1]
            self.first_ms = events.times[0] if self.first_ms is None else self.first_ms
            same = 0
            for at_ms in reversed(events.times):
                if at_ms != last_ms:
                    break
                same += 1
            self._had_at_last = same + (self._had_at_last if last_ms == self.last_ms and same == len(events) else 0)
            self.last_ms = last_ms
        return events
