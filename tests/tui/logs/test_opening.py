"""The log of an action, whatever writes it, through the real readers over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from aws.cloud import Cloud
from core.attention import FocusPoint
from core.build import Build, LogLocation
from core.errors import UsageError
from core.logs import TailState
from core.place import PipelineRef
from demo.process import DemoAccount
from tests.aws.conftest import HERE
from tui.logs.opening import build_batches, offers_of, open_source
from tui.logs.source import LogSource, SourceKind
from tui.triage import log_of, subject_of

REF = PipelineRef(HERE, "nightly-import")


@pytest.fixture
async def cloud(on_extra: DemoAccount) -> AsyncIterator[Cloud]:
    async with Cloud([HERE], read_only=True) as opened:
        yield opened


def of(stage: str, action: str) -> LogSource:
    return LogSource.of_action(REF, FocusPoint(stage, action))


async def lines_of(cloud: Cloud, source: LogSource) -> list[str]:
    opened = await open_source(lambda: cloud, source, follow=False)
    batches = [batch async for batch in opened.batches]
    assert batches[-1].state is TailState.ENDED
    return [event.text for batch in batches for event in batch.events]


async def test_a_log_in_s3_alone_is_read_there(cloud: Cloud) -> None:
    lines = await lines_of(cloud, of("Build", "Build"))
    assert "Running on CodeBuild" in lines[0]
    assert any("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED" in line for line in lines)


async def test_the_builds_of_a_batch_open_one_by_one_and_together_by_time(cloud: Cloud) -> None:
    subject = await subject_of(cloud, REF, stage="Test", action="Matrix")
    offers = await offers_of(cloud, subject)
    assert [offer.title for offer in offers] == ["build, linux", "build, arm"]
    sources = [offer.source for offer in offers if offer.source]
    apart = [await lines_of(cloud, source) for source in sources]
    together = await open_source(lambda: cloud, LogSource.merged(sources), follow=False)
    events = [event async for batch in together.batches for event in batch.events]
    assert len(events) == sum(map(len, apart)) > 20
    assert [event.at_ms for event in events] == sorted(event.at_ms for event in events)
    assert {event.stream.strip() for event in events} == {"build, linux", "build, arm"}


async def test_a_functions_log_holds_the_request_of_its_action(cloud: Cloud) -> None:
    subject = await subject_of(cloud, REF, stage="Smoke", action="Smoke")
    request = subject.action_state.external_id
    lines = await lines_of(cloud, of("Smoke", "Smoke"))
    assert lines[0].startswith(f"START RequestId: {request}")
    narrow = [offer.source for offer in await offers_of(cloud, subject) if "this request" in offer.title]
    assert narrow[0]
    assert await lines_of(cloud, narrow[0]) == lines


async def test_an_executions_history_its_machines_log_and_its_functions_are_there(cloud: Cloud) -> None:
    lines = await lines_of(cloud, of("Import", "Import"))
    assert lines[0].startswith("ExecutionStarted")
    assert lines[-1].endswith("FileNotFoundError: s3://example-imports/today.csv is not there")
    subject = await subject_of(cloud, REF, stage="Import", action="Import")
    told = {offer.title: offer.source for offer in await offers_of(cloud, subject)}
    run = subject.action_state.external_id
    machine, function = told["log of import-nightly"], told["function import-copy"]
    assert machine
    assert function
    assert all(run in line for line in await lines_of(cloud, machine))
    assert any("[ERROR] FileNotFoundError" in line for line in await lines_of(cloud, function))


async def test_one_part_that_cannot_be_opened_does_not_hide_the_others(cloud: Cloud) -> None:
    source = LogSource.merged((of("Source", "Source"), of("Import", "Import")))
    opened = await open_source(lambda: cloud, source, follow=False)
    batches = [batch async for batch in opened.batches]
    assert "which has no build log" in batches[-1].note
    assert any(event.text.startswith("ExecutionFailed") for batch in batches for event in batch.events)
    with pytest.raises(UsageError, match="has no build log"):
        await open_source(lambda: cloud, of("Source", "Source"))


async def test_events_and_objects_are_sources_of_their_own(cloud: Cloud) -> None:
    events = replace(of("Import", "Import"), kind=SourceKind.EVENTS)
    assert (await lines_of(cloud, events))[0].startswith("ExecutionStarted")
    subject = await subject_of(cloud, REF, stage="Build", action="Build")
    where, _ = await log_of(cloud, subject)
    source = LogSource.of_location(HERE, where)
    assert source.kind is SourceKind.OBJECT
    assert await lines_of(cloud, source) == await lines_of(cloud, of("Build", "Build"))


@pytest.mark.parametrize(("stage", "action"), [("Build", "Build"), ("Test", "Matrix")])
async def test_a_running_build_is_waited_for_until_its_stream_or_object_is_there(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, stage: str, action: str
) -> None:
    monkeypatch.setattr("tui.logs.opening._POLL_S", 0.0)
    subject = await subject_of(cloud, REF, stage=stage, action=action)
    where, build = await log_of(cloud, subject)
    nowhere = LogLocation(state="pending") if where.stream else where
    begun = replace(build, status="IN_PROGRESS", ended_at=None, log=nowhere)
    answers = iter([begun, begun])

    async def asked(_reader: object, _ids: list[str]) -> tuple[Build, ...]:
        return (next(answers, build),)

    monkeypatch.setattr("aws.read.codebuild.BuildReader.builds", asked)
    moved: list[Build] = []
    batches = [batch async for batch in build_batches(cloud, HERE, begun, told=moved.append)]
    assert batches[0].state is TailState.WAITING
    assert ("S3" in batches[0].note) == bool(where.s3_arn)
    assert batches[-1].state is TailState.ENDED
    assert sum(len(batch.events) for batch in batches) > 10
    assert moved == [build]
