"""A whole group: every event once, whatever fails, however late, whichever stream it comes from."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws.call import Caller
from aws.cloud import Cloud
from aws.log_group import follow_group
from core.errors import Denied
from core.logs import LogBatch, LogGroup, TailState
from tests.aws.conftest import HERE
from tests.aws.model_group import ModelEvent, ModelGroup
from tests.aws.model_stream import ModelClock
from tests.aws.stub import Asked, Broken, Refused, StubAws

GROUP = LogGroup("/ecs/web", "eu-west-1")
FAULTS = st.lists(
    st.sampled_from(["", "", "", "throttle", "fault", "reset", "hang", "expired", "empty", "dead token", "same token"]),
    max_size=60,
)


def follow(model: ModelGroup, *, ended_s: float, window: tuple[int, int | None] = (0, None)) -> list[LogBatch]:
    """Follow a model group to its end and return the batches."""

    async def finished() -> bool:
        return model.clock.at - model.began >= ended_s

    async def run() -> list[LogBatch]:
        batches = follow_group(
            cast("Caller", model),
            HERE,
            GROUP,
            clock=model.clock,
            since_ms=window[0],
            until_ms=window[1],
            finished=finished if window[1] is None else None,
        )
        return [batch async for batch in batches]

    return asyncio.run(run())


def given_texts(batches: list[LogBatch]) -> list[str]:
    return [event.text for batch in batches for event in batch.events]


@st.composite
def groups(draw: st.DrawFn) -> tuple[ModelGroup, float]:
    """Streams that write in bursts and pauses, hand over to new ones, and deliver some events up to a minute late."""
    clock = ModelClock()
    at_s, events = 0.0, []
    for number in range(draw(st.integers(0, 40))):
        at_s += draw(st.sampled_from([0.0, 0.0, 0.0, 0.1, 1.0, 6.0, 31.0]))
        late_s = draw(st.sampled_from([0.0, 0.0, 0.0, 0.4, 3.0, 20.0, 60.0]))
        stream = f"task/{draw(st.integers(0, 2)) + number // 10}"
        at_ms = int((clock.at + at_s) * 1000)
        events.append(ModelEvent(at_s + late_s, at_ms, stream, f"line {number}", f"{number:04}"))
    model = ModelGroup(
        clock,
        events,
        page=draw(st.integers(1, 7)),
        faults=draw(FAULTS),
        appears_s=draw(st.sampled_from([0.0, 0.0, 5.0])),
    )
    return model, max((event.seen_s for event in events), default=0.0)


@given(groups())
@settings(max_examples=800, deadline=None)
def test_every_event_comes_once(case: tuple[ModelGroup, float]) -> None:
    model, ended_s = case
    batches = follow(model, ended_s=max(ended_s, model.appears_s))
    assert sorted(given_texts(batches)) == sorted(event.text for event in model.events)
    assert batches[-1].state is TailState.ENDED
    for batch in batches:
        times = [event.at_ms for event in batch.events]
        assert times == sorted(times)


@given(groups(), st.integers(0, 40), st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_a_window_gives_its_events_once_and_no_others(
    case: tuple[ModelGroup, float], since_s: int, length_s: int
) -> None:
    model, _ = case
    model.events = [replace(event, seen_s=0.0) for event in model.events]
    since_ms = int(model.began + since_s) * 1000
    until_ms = since_ms + length_s * 1000
    batches = follow(model, ended_s=0, window=(since_ms, until_ms))
    wanted = [event.text for event in model.events if since_ms <= event.at_ms < until_ms]
    assert sorted(given_texts(batches)) == sorted(wanted)


def test_events_of_the_same_moment_and_text_are_told_apart_by_their_ids() -> None:
    clock = ModelClock()
    now_ms = int(clock.at * 1000)
    events = [ModelEvent(0.0, now_ms, "a", "tick", f"{n}") for n in range(5)]
    batches = follow(ModelGroup(clock, events, page=2), ended_s=3)
    assert given_texts(batches) == ["tick"] * 5


def test_an_event_with_a_time_yet_to_come_does_not_hide_those_of_now() -> None:
    clock = ModelClock()
    now_ms = int(clock.at * 1000)
    ahead = ModelEvent(0.0, now_ms + 3_600_000, "skewed", "ahead", "0")
    later = [ModelEvent(10.0 + n, now_ms + 10_000 + n * 1000, "a", f"line {n}", f"1{n}") for n in range(5)]
    batches = follow(ModelGroup(clock, [ahead, *later]), ended_s=20)
    assert Counter(given_texts(batches)) == Counter(["ahead", *(event.text for event in later)])


def test_an_idle_group_is_asked_every_two_seconds_and_a_busy_one_twice_a_second() -> None:
    clock = ModelClock()
    model = ModelGroup(clock, [ModelEvent(0.0, int(clock.at * 1000), "a", "only", "1")])
    follow(model, ended_s=120)
    assert model.calls <= 120 / 2 + 15
    clock = ModelClock()
    written = [ModelEvent(n * 0.2, int((clock.at + n * 0.2) * 1000), "a", f"{n}", f"{n:05}") for n in range(300)]
    model = ModelGroup(clock, written, page=10_000)
    follow(model, ended_s=60)
    assert model.calls <= 2 * (clock.at - model.began) + 5


def test_states_say_what_happens_and_a_break_its_reason() -> None:
    clock = ModelClock()
    events = [ModelEvent(6.0, int((clock.at + 6) * 1000), "a", "line", "1")]
    model = ModelGroup(clock, events, appears_s=5, faults=["", "", "", "", "fault", "fault"])
    batches = follow(model, ended_s=15)
    states = [batch.state for batch in batches]
    assert states[0] is TailState.WAITING
    assert states.count(TailState.RECONNECTING) == 2
    assert states[-2:] == [TailState.LIVE, TailState.ENDED]
    assert all("fault" in batch.error for batch in batches if batch.state is TailState.RECONNECTING)


async def test_a_group_over_http_is_read_page_by_page_with_its_streams(stub: StubAws, cloud: Cloud) -> None:
    breaks = iter([Broken("reset")])

    def answer(asked: Asked) -> Any:
        token = asked.params.get("nextToken", "0")
        if token == "2" and (broken := next(breaks, None)):
            return broken
        start = int(token)
        events = [
            {"timestamp": 1000 + n, "message": f"line {n}\n", "logStreamName": f"s{n % 2}", "eventId": str(n)}
            for n in range(start, start + 2)
        ]
        return {"events": events} | ({"nextToken": str(start + 2)} if start < 4 else {})

    stub.on("FilterLogEvents", answer)

    async def finished() -> bool:
        return True

    only = LogGroup("/ecs/web", streams=("s0", "s1"), pattern="ERROR")
    batches = [batch async for batch in cloud.follow_group(HERE, only, since_ms=7, until_ms=9000, finished=finished)]
    assert [(event.text, event.stream) for batch in batches for event in batch.events] == [
        (f"line {n}", f"s{n % 2}") for n in range(6)
    ]
    assert stub.asked[0].params == {
        "logGroupName": "/ecs/web",
        "startTime": 7,
        "endTime": 8999,
        "logStreamNames": ["s0", "s1"],
        "filterPattern": "ERROR",
    }


async def test_a_group_that_may_not_be_read_is_denied(stub: StubAws, cloud: Cloud) -> None:
    stub.on(
        "FilterLogEvents",
        Refused("AccessDeniedException", "User: u is not authorized to perform: logs:FilterLogEvents"),
    )
    with pytest.raises(Denied):
        await anext(cloud.follow_group(HERE, GROUP, since_ms=0))
