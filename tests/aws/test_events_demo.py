"""Events for real: CodePipeline's changes in the demo account, through EventBridge and SQS, into the fleet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws.cloud import Cloud
from aws.watch import PollPolicy, QueueSaid
from aws.watch_policy import statuses
from core.pipeline import Execution
from core.place import PipelineRef, Place
from demo.process import DemoAccount, start
from tests.aws.test_watch import Seen, watching
from tests.conftest import lead_to
from tests.fleet_stack import Stack, deploy

HERE = Place("", "eu-west-1")
RARE = PollPolicy(moving_s=600, waiting_s=600, visible_s=600, idle_s=600, listing_s=600, state_first=True)


@pytest.fixture(scope="module")
def account() -> Iterator[DemoAccount]:
    with start() as made:
        yield made


@pytest.fixture
def stack(account: DemoAccount, bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    lead_to(account, monkeypatch)
    return deploy(account)


def stage_of(seen: Seen, name: str) -> list[str]:
    found = next((one.snapshot.state for one in reversed(seen.reads) if one.snapshot.ref.name == name), None)
    return [stage.status for stage in found.stages] if found else []


def execution_of(seen: Seen, ref: PipelineRef) -> Execution:
    found = next(one.snapshot.execution for one in reversed(seen.reads) if one.snapshot.ref == ref)
    assert found is not None
    return found


async def test_an_execution_is_followed_from_start_to_end_without_a_read(
    account: DemoAccount, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aws.events._REMOVE_S", 0.1)
    web = PipelineRef(HERE, "mailer")
    cloud = Cloud([HERE], queues={HERE: stack.url}, read_only=True, journal_dir=tmp_path)
    async with cloud, watching(cloud.fleet(poll=RARE)) as seen:
        await seen.until(lambda: sum(bool(one.snapshot.execution) for one in seen.reads) >= 15)
        await seen.until(lambda: any(isinstance(one, QueueSaid) and one.error is None for one in seen.events))
        account.clear_calls()
        began = asyncio.get_running_loop().time()
        started = await asyncio.to_thread(stack.pipelines.start_pipeline_execution, name="mailer")
        await seen.until(lambda: "InProgress" in stage_of(seen, "mailer"))
        assert asyncio.get_running_loop().time() - began < 2.0
        for _ in range(40):
            await asyncio.to_thread(account.advance, 60)
            if stage_of(seen, "mailer")[-1:] == ["Succeeded"] and "InProgress" not in stage_of(seen, "mailer"):
                break
        await seen.until(lambda: execution_of(seen, web).status == "Succeeded")
        told = next(one.snapshot for one in reversed(seen.reads) if one.snapshot.ref == web)
        assert told.execution is not None
        assert told.execution.id == started["pipelineExecutionId"]
        assert told.execution.revisions[0].summary
        asked = account.calls()["by_operation"]
        assert "codepipeline:ListPipelineExecutions" not in asked
        # Others that failed or began to wait meanwhile were read once each, for what events leave out.
        assert asked.get("codepipeline:GetPipelineState", 0) <= 4
        swept = await cloud.pipelines(HERE).state("mailer")
        assert told.state is not None
        assert statuses(told.state) == statuses(swept)
    assert set(cloud.queue_calls) == {"ReceiveMessage", "DeleteMessageBatch"}


async def test_a_queue_that_goes_away_is_told_and_what_happens_is_polled(
    account: DemoAccount, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aws.events._RETRY_S", 0.2)
    cloud = Cloud([HERE], queues={HERE: stack.url}, journal_dir=tmp_path)
    async with cloud, watching(cloud.fleet(poll=PollPolicy(idle_s=1, visible_s=1, moving_s=1))) as seen:
        await seen.until(lambda: any(isinstance(one, QueueSaid) and one.error is None for one in seen.events))
        await asyncio.to_thread(stack.sqs.delete_queue, QueueUrl=stack.url)
        await asyncio.to_thread(stack.pipelines.start_pipeline_execution, name="orders")
        await seen.until(lambda: any(isinstance(one, QueueSaid) and one.error is not None for one in seen.events))
        await seen.until(lambda: "InProgress" in stage_of(seen, "orders"))
