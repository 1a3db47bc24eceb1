"""StartLiveTail: sessions that end and break, with their gaps filled: every event once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws.call import Caller
from aws.cloud import Cloud
from aws.log_live import Given, live_tail, told_minutes
from core.errors import AwsError, Denied, Invalid, Unreachable
from core.logs import EventPage, LogBatch, LogGroup, TailState
from demo.process import DemoAccount
from tests.aws.conftest import HERE
from tests.aws.model_group import ModelEvent, ModelGroup
from tests.aws.model_stream import ModelClock
from tests.conftest import lead_to
from tests.demo.clients import Clients

GROUP = LogGroup("/ecs/web", "eu-west-1")
ARN = "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/web"


@dataclass
class ModelLive(ModelGroup):
    """Answers StartLiveTail too.

    Attributes:
        sessions: how many updates each session gives, and how it ends; sessions beyond the list go on.
    """

    sessions: Sequence[tuple[int, str]] = ()
    opened: int = 0

    @asynccontextmanager
    async def stream(
        self, _place: Any, _service: str, operation: str, params: Mapping[str, Any], member: str, **_: Any
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        assert (operation, member, params["logGroupIdentifiers"]) == ("StartLiveTail", "responseStream", [ARN])
        updates, end = self.sessions[self.opened] if self.opened < len(self.sessions) else (1 << 30, "")
        self.opened += 1
        if end == "refused":
            raise Unreachable("no connection")
        yield self._updates(updates, end)

    async def _updates(self, updates: int, end: str) -> AsyncIterator[dict[str, Any]]:
        heard = self.clock.at
        yield {"sessionStart": {"sessionId": "s"}}
        for _ in range(updates):
            await self.clock.sleep(1.0)
            low, high = heard - self.began, self.clock.at - self.began
            heard = self.clock.at
            found = [
                {"logStreamName": e.stream, "timestamp": e.at_ms, "message": e.text + "\n"}
                for e in self.events
                if low < e.seen_s <= high
            ]
            yield {"sessionUpdate": {"sessionMetadata": {"sampled": False}, "sessionResults": found}}
        if end:
            raise _ENDS[end]


_ENDS: Mapping[str, AwsError] = {
    "timeout": Invalid("The session has expired.", code="SessionTimeoutException"),
    "streaming": Invalid("internal", code="SessionStreamingException"),
    "reset": Unreachable("reset"),
    "not for this class": Invalid("Live tail is for the standard class only.", code="InvalidOperationException"),
}


def watch(model: ModelLive, *, until_s: float) -> list[LogBatch]:
    """Watch a model group until a moment."""

    async def run() -> list[LogBatch]:
        batches = live_tail(
            cast("Caller", model), HERE, GROUP, (ARN,), clock=model.clock, since_ms=int(model.clock.at * 1000) - 1000
        )
        found = []
        async with aclosing(batches) as each:  # type: ignore[type-var]
            async for batch in each:
                found.append(batch)
                if model.clock.at - model.began >= until_s:
                    return found
        return found

    return asyncio.run(run())


@st.composite
def broken_sessions(draw: st.DrawFn) -> tuple[ModelLive, float]:
    """Events in bursts, some late or alike, over sessions that end in every way."""
    clock = ModelClock()
    at_s, events = 0.0, []
    for number in range(draw(st.integers(0, 30))):
        at_s += draw(st.sampled_from([0.0, 0.0, 0.3, 1.0, 3.0]))
        late_s = draw(st.sampled_from([0.0, 0.0, 0.5, 4.0]))
        text = draw(st.sampled_from(["tick", f"line {number}"]))
        at_ms = int((clock.at + at_s) * 1000)
        events.append(ModelEvent(at_s + late_s, at_ms, f"s{number % 2}", text, f"{number:04}"))
    ways = st.sampled_from(["timeout", "streaming", "reset", "", "refused"])
    sessions = draw(st.lists(st.tuples(st.integers(0, 6), ways), max_size=8))
    faults = draw(st.lists(st.sampled_from(["", "", "throttle", "reset", "empty"]), max_size=12))
    return ModelLive(clock, events, page=draw(st.integers(1, 7)), faults=faults, sessions=sessions), at_s


@given(broken_sessions())
@settings(max_examples=600, deadline=None)
def test_every_event_comes_once_over_sessions_that_break(case: tuple[ModelLive, float]) -> None:
    model, last_s = case
    batches = watch(model, until_s=last_s + 400)
    got = Counter((event.stream, event.at_ms, event.text) for batch in batches for event in batch.events)
    assert got == Counter((event.stream, event.at_ms, event.text) for event in model.events)


def test_an_end_after_three_hours_opens_another_at_once_and_a_break_is_told() -> None:
    model = ModelLive(ModelClock(), [], sessions=[(2, "timeout"), (1, "reset"), (1, "refused"), (3, "")])
    batches = [batch for batch in watch(model, until_s=30) if batch.state is TailState.RECONNECTING]
    assert [batch.error for batch in batches[:3]] == [
        "a session ends after 3 hours",
        "AWS could not be reached: reset",
        "AWS could not be reached: no connection",
    ]
    assert [batch.retry_in_s for batch in batches[:3]] == [0.0, 1.0, 2.0]


def test_what_is_refused_for_good_is_an_error() -> None:
    model = ModelLive(ModelClock(), [], sessions=[(2, "not for this class")])
    with pytest.raises(Invalid, match="standard class"):
        watch(model, until_s=5)


def test_a_meter_counts_minutes_begun_and_says_that_lines_are_missing() -> None:
    assert told_minutes(1, sampled=False) == "live tail 1 min, about $0.01 at list price"
    assert "4 min, about $0.04" in told_minutes(200, sampled=False)
    assert told_minutes(200, sampled=True).endswith("SAMPLED: AWS leaves lines out")


def test_of_events_alike_as_many_are_given_as_one_way_knows() -> None:
    tick = EventPage([1, 1], ["tick", "tick"], ["s", "s"])
    given_ = Given()
    assert len(given_.live(tick[:1])) == 1
    assert len(given_.read(tick)) == 1
    assert len(given_.live(tick[:1])) == 0
    given_.forget_before(2)
    assert len(given_.live(tick)) == 2


async def test_the_accounts_groups_are_watched_over_http(on_demo: DemoAccount, tmp_path: Path) -> None:
    group = LogGroup("/aws/codebuild/mobile-ios", pattern="simulator")
    async with Cloud([HERE], journal_dir=tmp_path, read_only=True) as cloud:
        lines: list[str] = []
        notes = set()
        async with aclosing(cloud.live_tail(HERE, group)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                notes.add(batch.note.partition(",")[0])
                lines += [event.text for event in batch.events]
                if len(lines) >= 2:
                    break
                if batch.state is TailState.LIVE:
                    await asyncio.to_thread(on_demo.advance, 10)
        assert all("simulator" in line for line in lines)
        assert notes == {"live tail 1 min"}


async def test_one_who_may_not_watch_is_told_so(on_demo: DemoAccount, tmp_path: Path) -> None:
    on_demo.add_fault(service="logs", operation="StartLiveTail", code="AccessDeniedException", count=1)
    async with Cloud([HERE], journal_dir=tmp_path) as cloud:
        with pytest.raises(Denied):
            await anext(aiter(cloud.live_tail(HERE, LogGroup("/example/ci"))))


async def test_a_sample_and_the_end_after_three_hours_are_told_over_http(
    own_account: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to(own_account, monkeypatch)
    logs = Clients(own_account)("logs")
    logs.create_log_group(logGroupName="/busy")
    logs.create_log_stream(logGroupName="/busy", logStreamName="s")

    def write(count: int, name: str) -> None:
        at_ms = int(own_account.now() * 1000)
        events = [{"timestamp": at_ms, "message": f"{name} {number}"} for number in range(count)]
        logs.put_log_events(logGroupName="/busy", logStreamName="s", logEvents=events)

    async with Cloud([HERE], journal_dir=tmp_path, read_only=True) as cloud:
        texts: list[str] = []
        said: list[str] = []
        async with aclosing(cloud.live_tail(HERE, LogGroup("/busy"))) as batches:  # type: ignore[type-var]
            async for batch in batches:
                texts += [event.text for event in batch.events]
                said.append(batch.error or batch.note)
                if len(said) == 1:
                    await asyncio.to_thread(write, 1_200, "many")
                elif "SAMPLED" in said[-1]:
                    await asyncio.to_thread(own_account.advance, 3 * 3600 + 5)
                elif batch.error:
                    await asyncio.to_thread(write, 3, "after")
                if sum(text.startswith("after") for text in texts) == 3:
                    break
    assert "a session ends after 3 hours" in said
    assert len({text for text in texts if text.startswith("many")}) >= 500
    assert len(texts) == len(set(texts)), "each once"


async def test_live_tail_asks_the_streaming_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """StartLiveTail has a host of its own in the service's model; an endpoint of the user's own keeps its name."""
    asked: list[str] = []

    async def refuse(_self: object, request: Any) -> Any:
        asked.append(request.url)
        raise OSError("no network here")

    monkeypatch.setattr("aiobotocore.httpsession.AIOHTTPSession.send", refuse)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    async with Cloud([HERE], journal_dir=tmp_path, read_only=True) as cloud:
        watched = live_tail(cloud._caller, HERE, GROUP, (ARN,), clock=ModelClock())
        async with aclosing(watched) as batches:  # type: ignore[type-var]
            batch = await anext(batches)
    assert batch.state is TailState.RECONNECTING
    assert asked[0].startswith("https://stream")
    assert asked[0].endswith("-logs.eu-west-1.amazonaws.com/")
