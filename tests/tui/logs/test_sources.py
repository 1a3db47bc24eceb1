from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from aws.cloud import Cloud
from core.errors import UsageError
from core.fact import Evidence
from core.logs import LogBatch, LogEvent, TailState
from core.place import PipelineRef
from demo.process import DemoAccount
from tui.desk import Desk
from tui.logs.sources import event_reader, follow_events, read_file
from tui.options import Options
from tui.triage import subject_of


async def never() -> bool:
    return False


async def no_sleep(_: float) -> None:
    return


async def test_events_come_once_and_in_the_order_of_their_time() -> None:
    answers: list[list[tuple[str, int]] | UsageError] = [
        [("b", 2), ("a", 1)],
        UsageError("throttled"),
        [("a", 1), ("c", 3), ("b", 2)],
        [("d", 4), ("c", 3)],
    ]
    polls = iter(answers)
    left = 4

    async def read(_: Evidence) -> Sequence[tuple[str, LogEvent]]:
        nonlocal left
        left -= 1
        found = next(polls)
        if isinstance(found, Exception):
            raise found
        return [(key, LogEvent(at, key)) for key, at in found]

    async def finished() -> bool:
        return left == 1

    batches = [batch async for batch in follow_events(read, lambda: cast("Evidence", None), finished, no_sleep)]
    assert [event.text for batch in batches for event in batch.events] == ["a", "b", "c", "d"]
    states = [batch.state for batch in batches]
    assert states == [TailState.LIVE, TailState.RECONNECTING, TailState.LIVE, TailState.ENDED]


async def test_events_that_cannot_be_read_at_all_are_an_error() -> None:
    async def read(_: Evidence) -> Sequence[tuple[str, LogEvent]]:
        raise UsageError("denied")

    with pytest.raises(UsageError, match="denied"):
        async for _ in follow_events(read, lambda: cast("Evidence", None), never, no_sleep):
            pass


async def test_a_file_is_given_whole_with_the_times_its_lines_begin_with(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("".join(f"2026-11-23T07:00:{n % 60:02}Z line {n}\n" for n in range(45_000)))
    batches: list[LogBatch] = [batch async for batch in read_file(path)]
    events = [event for batch in batches for event in batch.events]
    assert [event.text.split()[-1] for event in events] == [str(n) for n in range(45_000)]
    assert events[59].at_ms == 1_795_417_259_000
    assert batches[-1].state is TailState.ENDED


async def told(cloud: Cloud, provider: str) -> AsyncIterator[Sequence[tuple[str, LogEvent]]]:
    """What the demo account's actions of a provider tell, wherever they are."""
    for place in cloud.places:
        reader = cloud.pipelines(place)
        for name in await reader.names():
            definition = await reader.definition(name)
            for stage, action in [(s.name, a.name) for s in definition.stages for a in s.actions]:
                declared = definition.action(stage, action)
                if declared is None or declared.provider != provider:
                    continue
                subject = await subject_of(cloud, PipelineRef(place, name), stage=stage, action=action)
                found = event_reader(subject)
                if found and subject.action_state.external_id:
                    yield await found[1](cloud.evidence(place))


@pytest.mark.parametrize(
    ("provider", "word"), [("CloudFormation", "_IN_PROGRESS"), ("ECS", "service"), ("CodeDeploy", "Failed")]
)
async def test_services_tell_their_events_as_lines(on_demo: DemoAccount, provider: str, word: str) -> None:
    desk = Desk(Options(regions=("eu-west-1", "us-east-1")))
    await desk.open()
    try:
        every = [events async for events in told(desk.cloud, provider)]
    finally:
        await desk.close()
    assert any(word in event.text for events in every for _, event in events)
    for events in every:
        assert all(event.at_ms > 1_000_000_000_000 for _, event in events)
        assert len({key for key, _ in events}) == len(events)
