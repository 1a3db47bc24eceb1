"""Every line once, in order, whatever fails on the way."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws.call import Caller
from aws.cloud import Cloud
from aws.tail import tail
from core.build import LogLocation
from core.errors import Denied
from core.logs import LogBatch, TailState
from tests.aws.conftest import HERE
from tests.aws.model_stream import ModelClock, ModelStream
from tests.aws.stub import Asked, Broken, Refused, StubAws

STREAM = LogLocation("/aws/codebuild/web", "1")
BREAKS = ["", "", "throttle", "fault", "reset", "hang", "expired"]
# An empty page moves the token and no position; a page that comes with its own token again moves neither.
ODD_PAGES = st.sampled_from([[*BREAKS, "empty"], [*BREAKS, "stuck"]])
FAULTS = ODD_PAGES.flatmap(lambda kinds: st.lists(st.sampled_from(kinds), max_size=40))
WITH_DEAD_TOKENS = ODD_PAGES.flatmap(lambda kinds: st.lists(st.sampled_from([*kinds, "dead token"]), max_size=40))


def follow(
    stream: ModelStream,
    *,
    ended_s: float,
    from_start: bool = True,
    window: tuple[int | None, int | None] = (None, None),
    ended_ms: int | None = None,
) -> list[LogBatch]:
    """Tail a model stream to its end and return the batches."""

    async def finished() -> bool:
        return stream.clock.at - stream.began >= ended_s

    async def run() -> list[LogBatch]:
        return [
            batch
            async for batch in tail(
                cast("Caller", stream),
                HERE,
                STREAM,
                clock=stream.clock,
                finished=finished,
                from_start=from_start,
                since_ms=window[0],
                until_ms=window[1],
                ended_ms=ended_ms,
            )
        ]

    return asyncio.run(run())


def texts(batches: list[LogBatch]) -> list[str]:
    return [event.text for batch in batches for event in batch.events]


@st.composite
def schedules(draw: st.DrawFn) -> tuple[ModelStream, float]:
    """Lines that come over time (bursts, pauses, equal times), faults at each call, and when the build ends."""
    clock = ModelClock()
    at_s, lines = 0.0, []
    for number in range(draw(st.integers(0, 30))):
        at_s += draw(st.sampled_from([0.0, 0.0, 0.0, 0.1, 1.0, 4.0]))
        lines.append((at_s, int((clock.at + int(at_s)) * 1000), f"line {number}"))
    faults = draw(WITH_DEAD_TOKENS)
    appears_s = draw(st.sampled_from([0.0, 0.0, 3.0]))
    stream = ModelStream(clock, lines, page=draw(st.integers(1, 7)), faults=faults, appears_s=appears_s)
    return stream, max(appears_s, at_s - draw(st.sampled_from([0.0, 1.0])))


@given(schedules())
@settings(max_examples=600, deadline=None)
def test_every_line_comes_once_and_in_order(case: tuple[ModelStream, float]) -> None:
    stream, ended_s = case
    batches = follow(stream, ended_s=ended_s)
    assert texts(batches) == [text for _, _, text in stream.lines]
    assert batches[-1].state is TailState.ENDED


@given(st.lists(st.integers(0, 5), max_size=20), FAULTS)
@settings(max_examples=200, deadline=None)
def test_late_events_keep_the_order_in_which_they_arrived(times: list[int], faults: list[str]) -> None:
    clock = ModelClock()
    lines = [(float(n), int(clock.at * 1000) + time, f"line {n}") for n, time in enumerate(times)]
    batches = follow(ModelStream(clock, lines, faults=faults), ended_s=len(times))
    assert texts(batches) == [text for _, _, text in lines]


@given(schedules(), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=200, deadline=None)
def test_a_window_of_time_gives_its_lines_once_and_no_others(
    case: tuple[ModelStream, float], since_s: int, length_s: int
) -> None:
    stream, ended_s = case
    since_ms = int(stream.began + since_s) * 1000
    until_ms = since_ms + length_s * 1000
    batches = follow(stream, ended_s=ended_s, window=(since_ms, until_ms))
    assert texts(batches) == [text for _, at_ms, text in stream.lines if since_ms <= at_ms < until_ms]


@st.composite
def finished_logs(draw: st.DrawFn) -> ModelStream:
    """Long logs that ended an hour ago: bursts, pauses, equal times; faults at each call."""
    clock = ModelClock()
    at_ms, lines = int((clock.at - 7200) * 1000), []
    for number in range(draw(st.integers(0, 120))):
        at_ms += draw(st.sampled_from([0, 0, 0, 1, 40, 9_000]))
        lines.append((0.0, at_ms, f"line {number}"))
    return ModelStream(clock, lines, page=draw(st.integers(1, 9)), faults=draw(WITH_DEAD_TOKENS))


@given(finished_logs(), st.integers(-20_000, 20_000))
@settings(max_examples=400, deadline=None)
def test_a_long_finished_log_read_side_by_side_comes_once_and_in_order(stream: ModelStream, off_ms: int) -> None:
    last_ms = stream.lines[-1][1] if stream.lines else 0
    batches = follow(stream, ended_s=0, ended_ms=last_ms + off_ms)
    assert texts(batches) == [text for _, _, text in stream.lines]
    assert batches[-1].state is TailState.ENDED


def test_windows_of_a_long_finished_log_are_asked_for_at_the_same_time() -> None:
    clock = ModelClock()
    start_ms = int((clock.at - 3600) * 1000)
    stream = ModelStream(clock, [(0.0, start_ms + n, f"line {n}") for n in range(4_000)], page=100)
    most = in_flight = 0
    read = stream.read

    async def counted(*args: Any, **params: Any) -> Any:
        nonlocal most, in_flight
        in_flight += 1
        most = max(most, in_flight)
        try:
            await asyncio.sleep(0)
            return await read(*args, **params)
        finally:
            in_flight -= 1

    stream.read = counted  # type: ignore[method-assign]
    assert texts(follow(stream, ended_s=0, ended_ms=start_ms + 4_000)) == [f"line {n}" for n in range(4_000)]
    assert most == 8


def test_a_long_log_that_is_loaded_says_how_far_it_is() -> None:
    clock = ModelClock()
    start_ms = int((clock.at - 3600) * 1000)
    stream = ModelStream(clock, [(0.0, start_ms + n * 100, f"line {n}") for n in range(4_000)], page=100)
    notes = [batch.note for batch in follow(stream, ended_s=0, ended_ms=start_ms + 400_000) if batch.note]
    shares = [int(note.partition("%")[0]) for note in notes]
    assert shares == sorted(shares)
    assert shares[0] < 20
    assert shares[-1] == 100
    assert follow(stream, ended_s=0, ended_ms=start_ms + 400_000)[-1].note == "", "nothing is said once it is whole"


def test_states_follow_each_other_and_repeat_nothing() -> None:
    clock = ModelClock()
    lines = [(5.0 + n, int((clock.at + n) * 1000), f"line {n}") for n in range(4)]
    stream = ModelStream(clock, lines, page=2, faults=["", "", "", "", "", "", "fault", "fault"], appears_s=3)
    states = [batch.state for batch in follow(stream, ended_s=12)]
    assert states[0] is TailState.WAITING
    assert states.count(TailState.WAITING) == 1
    assert states.count(TailState.RECONNECTING) == 2
    assert states[states.index(TailState.RECONNECTING) + 2] is TailState.LIVE
    assert states[-1] is TailState.ENDED


def test_a_finished_log_ends_without_a_wait() -> None:
    clock = ModelClock()
    lines = [(0.0, int((clock.at - 3600) * 1000), f"line {n}") for n in range(10)]
    stream = ModelStream(clock, lines, page=4)
    batches = follow(stream, ended_s=0)
    assert [batch.state for batch in batches[:3]] == [TailState.LOADING] * 3
    assert (clock.at - stream.began, stream.calls) == (0.0, 4)


def test_a_break_is_told_with_its_reason_and_the_wait_grows() -> None:
    stream = ModelStream(ModelClock(), [], faults=["fault"] * 4)
    batches = [batch for batch in follow(stream, ended_s=0) if batch.state is TailState.RECONNECTING]
    waits = [batch.retry_in_s or 0 for batch in batches]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= 15
    assert all("fault" in batch.error for batch in batches)


def test_a_stream_that_never_came_ends_with_its_reason() -> None:
    batches = follow(ModelStream(ModelClock(), [], appears_s=1e9), ended_s=5)
    assert [batch.state for batch in batches] == [TailState.WAITING, TailState.ENDED]
    assert "does not exist" in batches[-1].error


def test_an_idle_stream_is_asked_every_two_seconds() -> None:
    clock = ModelClock()
    stream = ModelStream(clock, [(0.0, int(clock.at * 1000), "only")])
    follow(stream, ended_s=60)
    assert stream.calls <= 60 / 2 + 20


async def test_a_stream_over_http_is_followed_through_a_reset(stub: StubAws, cloud: Cloud) -> None:
    written = [{"timestamp": n, "message": f"line {n}\n"} for n in range(5)]
    breaks = iter([Broken("reset"), Refused("ThrottlingException", "Rate exceeded")])

    def answer(asked: Asked) -> Any:
        token = asked.params.get("nextToken", "f/0")
        start = int(token.removeprefix("f/"))
        if start == 2 and (broken := next(breaks, None)):
            return broken
        events = written[start : start + 2]
        return {"events": events, "nextForwardToken": f"f/{start + len(events)}"}

    stub.on("GetLogEvents", answer)

    async def finished() -> bool:
        return True

    batches = [batch async for batch in cloud.tail(HERE, STREAM, finished=finished)]
    assert texts(batches) == [f"line {n}" for n in range(5)]
    assert [batch.state for batch in batches].count(TailState.RECONNECTING) == 1
    assert stub.asked[0].params["limit"] == 10_000


async def test_a_stream_that_may_not_be_read_is_denied(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetLogEvents", Refused("AccessDeniedException", "User: u is not authorized to perform: logs:GetLogEvents"))
    with pytest.raises(Denied) as raised:
        async for _ in cloud.tail(HERE, STREAM):
            pass
    assert raised.value.action == "logs:GetLogEvents"


@pytest.mark.parametrize("every_s", [0.05, 0.5, 1.3, 2.9])
def test_lines_are_there_within_a_moment_of_being_written_at_four_calls_a_second(every_s: float) -> None:
    clock = ModelClock()
    written = [(1.0 + n * every_s, int((clock.at + 1 + n * every_s) * 1000), f"line {n}") for n in range(60)]
    stream = ModelStream(clock, written, page=1_000)
    late: list[float] = []
    ended_s = written[-1][0]

    async def finished() -> bool:
        return clock.at - stream.began >= ended_s

    async def run() -> None:
        async for batch in tail(cast("Caller", stream), HERE, STREAM, clock=clock, finished=finished):
            late.extend(clock.at - stream.began - written[int(event.text[5:])][0] for event in batch.events)

    asyncio.run(run())
    late.sort()
    assert late[len(late) // 2] <= 0.3
    assert late[int(len(late) * 0.95)] <= 0.6
    assert stream.calls <= 4 * (clock.at - stream.began) + 4
