"""Several logs by time: every event once, each source in its own order, all by time where none is late."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws.call import Caller
from aws.log_group import follow_group
from aws.tail import tail
from core.build import LogLocation
from core.errors import Denied
from core.logs import EventPage, LogBatch, LogEvent, LogGroup, TailState
from tests.aws.conftest import HERE
from tests.aws.model_group import ModelEvent, ModelGroup
from tests.aws.model_stream import ModelClock, ModelStream
from tui.logs.merge import Merge, labels, merged

NAMES = ("api", "worker", "events")
_STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([0.0, 0.1, 0.5, 2.0]), st.sampled_from([0, 0, 0, 40, 900, 3000])),
    max_size=40,
)
BREAKS = st.lists(
    st.sampled_from(["", "", "throttle", "fault", "reset", "hang", "expired", "empty", "dead token"]), max_size=20
)


def page(at_ms: int, *texts: str) -> EventPage:
    return EventPage.of(LogEvent(at_ms, text) for text in texts)


@given(_STEPS)
@settings(max_examples=600, deadline=None)
def test_what_comes_within_its_time_is_given_by_time_and_once(steps: list[tuple[int, float, int]]) -> None:
    """Each source reads its events at most 2 s after they were written; whatever the order in which they answer."""
    merge, now = Merge(NAMES, 0.0), 0.0
    given_: list[LogEvent] = []
    written: list[str] = []
    coming: list[tuple[float, int, LogEvent]] = []  # what a source will bring, and when
    for number, (source, pause_s, delay_ms) in enumerate(steps):
        now += pause_s
        arrives = now + min(delay_ms / 1000, 2.0)
        arrives = max([arrives, *(at for at, other, _ in coming if other == source)])
        coming.append((arrives, source, LogEvent(int(now * 1000), f"{source}:{number}")))
        written.append(f"{source}:{number}")
    for number in range(3):
        merge.take(number, LogBatch(TailState.LIVE), 0.0)
    for at, source, event in sorted(coming, key=lambda each: (each[0], each[2].at_ms)):
        given_ += merge.due(at)
        merge.take(source, LogBatch(TailState.LIVE, (event,)), at)
        given_ += merge.due(at)
    for number in range(3):
        merge.end(number)
    while found := merge.due(now + 100):
        given_ += found
    assert merge.over
    assert sorted(event.text for event in given_) == sorted(written)
    times = [event.at_ms for event in given_]
    assert times == sorted(times)
    of_source: dict[str, list[int]] = defaultdict(list)
    for event in given_:
        of_source[event.text.partition(":")[0]].append(int(event.text.partition(":")[2]))
    assert all(numbers == sorted(numbers) for numbers in of_source.values())


def test_a_source_that_still_loads_is_waited_for_and_one_that_says_nothing_is_not_for_ever() -> None:
    merge = Merge(("a", "b"), 0.0)
    merge.take(0, LogBatch(TailState.LIVE, page(1_000, "early", "later")), 0.0)
    assert not merge.due(9.0)
    merge.take(1, LogBatch(TailState.LOADING, page(500, "first")), 9.0)
    assert [event.text for event in merge.due(9.0)] == ["first"]
    assert not merge.due(20.0)
    assert merge.due_at() == 24.0
    assert [event.text for event in merge.due(24.0)] == ["early", "later"]


def test_a_source_that_breaks_is_told_by_its_name_and_does_not_hold_the_others_for_ever() -> None:
    merge = Merge(("a", "b"), 0.0)
    merge.take(1, LogBatch(TailState.LIVE), 0.0)
    for at in (1.0, 5.0, 9.0, 14.0):
        merge.take(1, LogBatch(TailState.RECONNECTING, error="reset", retry_in_s=4.0), at)
    merge.take(0, LogBatch(TailState.LIVE, page(1_000, "here")), 2.0)
    assert not merge.due(15.9)
    assert [event.text for event in merge.due(16.0)] == ["here"]
    assert (merge.state, merge.note, merge.retry_in_s) == (TailState.RECONNECTING, "b: reset", 4.0)
    merge.take(1, LogBatch(TailState.LIVE, page(900, "what was missed")), 17.0)
    assert [event.text for event in merge.due(17.0)] == ["what was missed"]


def test_names_differ_and_are_shown_in_one_width() -> None:
    assert labels(["api", "container worker", "api"]) == ("api 1", "worker", "api 2")
    merge = Merge(["web", "container worker"], 0.0)
    merge.take(0, LogBatch(TailState.ENDED, page(1, "one")), 0.0)
    merge.take(1, LogBatch(TailState.ENDED, (LogEvent(2, "two", "web/worker/4f1c2d3e99"),)), 0.0)
    merge.end(0)
    merge.end(1)
    assert [event.stream for event in merge.due(0.0)] == ["web            ", "worker 4f1c2d3e"]


def stream_of(clock: ModelClock, number: int, faults: list[str], count: int) -> ModelStream:
    lines = [(n * 0.7, int((clock.at + n * 0.7) * 1000), f"{number}:{n}") for n in range(count)]
    return ModelStream(clock, lines, page=3, faults=faults)


def tailed(stream: ModelStream, ended_s: float) -> AsyncIterator[LogBatch]:
    async def finished() -> bool:
        return stream.clock.at - stream.began >= ended_s

    where = LogLocation("/g", "s")
    return tail(cast("Caller", stream), HERE, where, clock=stream.clock, finished=finished)


async def texts_of(names: tuple[str, ...], sources: list[AsyncIterator[LogBatch]], clock: ModelClock) -> list[str]:
    return [event.text async for batch in merged(names, sources, clock.now) for event in batch.events]


@given(st.tuples(BREAKS, BREAKS), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=300, deadline=None)
def test_live_streams_that_break_give_every_line_once_each_in_its_order(
    faults: tuple[list[str], list[str]], first: int, second: int
) -> None:
    clock = ModelClock()
    streams = [stream_of(clock, n, faults[n], count) for n, count in enumerate((first, second))]
    group = ModelGroup(clock, [ModelEvent(n, int((clock.at + n) * 1000), "s", f"2:{n}", f"{n}") for n in range(5)])

    async def over() -> bool:
        return clock.at - group.began >= 20

    watched = follow_group(
        cast("Caller", group), HERE, LogGroup("/g"), clock=clock, since_ms=int(clock.at * 1000), finished=over
    )
    given_ = asyncio.run(texts_of(NAMES, [*(tailed(each, 12.0) for each in streams), watched], clock))
    for number, count in enumerate((first, second, 5)):
        own = [text for text in given_ if text.startswith(f"{number}:")]
        assert own == [f"{number}:{n}" for n in range(count)]


async def refused() -> AsyncIterator[LogBatch]:
    yield LogBatch(TailState.LOADING)
    raise Denied("may not", service="logs", operation="GetLogEvents")


async def some() -> AsyncIterator[LogBatch]:
    yield LogBatch(TailState.LOADING, page(1, "there"))
    yield LogBatch(TailState.ENDED)


async def test_one_that_may_not_be_read_is_told_beside_the_others_and_all_of_them_are_an_error() -> None:
    batches = [batch async for batch in merged(("a", "b"), [refused(), some()])]
    assert [event.text for batch in batches for event in batch.events] == ["there"]
    assert batches[-1].state is TailState.ENDED
    assert batches[-1].note.startswith("a: ")
    with pytest.raises(Denied):
        [batch async for batch in merged(("a", "b"), [refused(), refused()])]
