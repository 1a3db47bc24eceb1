"""The room against a whole account over HTTP: the fleet, real logs, a real fix and its retry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aws.cloud import Cloud
from aws.profiles import resolve_places
from aws.watch import Listed, PlaceFailed, Read
from core.errors import CredentialsExpired, Denied
from core.fact import Outcome
from core.logs import TailState
from core.pipeline import PipelineSnapshot
from core.place import PipelineRef, Place
from core.plan import ApplyOutcome
from core.plans.iam import add_action
from core.plans.pipeline import retry_stage
from demo import process
from demo.process import DemoAccount


@pytest.fixture
async def cloud(demo_account: DemoAccount, aws_home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    for name, value in demo_account.environment.items():
        monkeypatch.setenv(name, value)
    async with Cloud(resolve_places((), ()), journal_dir=aws_home) as opened:
        yield opened


async def fleet_of(cloud: Cloud) -> dict[str, PipelineSnapshot]:
    """Read the fleet once, whole."""
    wanted: set[PipelineRef] | None = None
    seen: dict[str, PipelineSnapshot] = {}
    async with asyncio.timeout(20):
        async for event in cloud.fleet().events():
            match event:
                case Listed(refs=refs):
                    wanted = set(refs)
                case Read(snapshot=snapshot):
                    seen[snapshot.ref.name] = snapshot
                case PlaceFailed(error=error):
                    raise error
            if wanted is not None and len(seen) >= len(wanted):
                return seen
    raise AssertionError("the watch ended")


async def test_the_whole_fleet_is_read(cloud: Cloud) -> None:
    seen = await fleet_of(cloud)
    assert len(seen) >= 14
    assert all(snapshot.state and snapshot.state.stages and not snapshot.error for snapshot in seen.values())
    assert all(snapshot.execution for snapshot in seen.values())
    billing = seen["billing"]
    assert billing.execution is not None
    assert billing.execution.status == "Failed"
    assert billing.execution.revisions[0].summary.startswith("Validate IBANs")


async def test_definitions_and_histories_of_all_pipelines_are_read(cloud: Cloud) -> None:
    reader = cloud.pipelines(cloud.places[0])
    for name in await reader.names():
        definition = await reader.definition(name)
        state = await reader.state(name)
        assert [stage.name for stage in definition.stages] == [stage.name for stage in state.stages]
        assert definition.role_arn.startswith("arn:aws:iam::")
        page = await reader.executions(name, limit=3)
        actions = await reader.action_executions(name, page.items[0].id)
        assert {one.execution_id for one in actions} <= {page.items[0].id}


async def test_the_log_of_every_failed_build_is_read_to_its_end(cloud: Cloud) -> None:
    place = cloud.places[0]
    read = 0

    async def over() -> bool:
        return True

    for snapshot in (await fleet_of(cloud)).values():
        assert snapshot.state is not None
        for action in (action for stage in snapshot.state.stages for action in stage.actions):
            if action.status != "Failed" or not action.external_id.startswith(f"{snapshot.ref.name}:"):
                continue
            (build,) = await cloud.builds(place).builds((action.external_id,))
            batches = [batch async for batch in cloud.tail(place, build.log, finished=over)]
            lines = [line for batch in batches for event in batch.events for line in event.text.split("\n")]
            fact = await cloud.evidence(place).log(build.log)
            assert batches[-1].state is TailState.ENDED
            assert lines
            assert fact.value == {"lines": lines, "truncated": False}
            read += 1
    assert read >= 5


async def test_a_running_build_is_followed_without_loss(cloud: Cloud) -> None:
    place = cloud.places[0]
    states = [await cloud.pipelines(place).state("ledger")]
    action = next(action for stage in states[0].stages for action in stage.actions if action.status == "InProgress")
    where = await cloud.builds(place).log_of(action.external_id)
    lines: list[str] = []
    batches = 0
    async with asyncio.timeout(20):
        async for batch in cloud.tail(place, where, poll_s=0.1):
            lines.extend(event.text for event in batch.events)
            batches += bool(batch.events)
            if batches >= 4:
                break
    fact = await cloud.evidence(place).log(where)
    whole = "\n".join(fact.get("lines"))
    assert whole.startswith("\n".join(lines))


async def test_denials_and_expiry_come_as_themselves(cloud: Cloud, demo_account: DemoAccount) -> None:
    reader = cloud.pipelines(cloud.places[0])
    for code, kind in (("AccessDeniedException", Denied), ("ExpiredTokenException", CredentialsExpired)):
        fault = await asyncio.to_thread(
            demo_account.add_fault, service="codepipeline", operation="ListPipelines", code=code, status=400, count=1
        )
        with pytest.raises(kind):
            await reader.names()
        await asyncio.to_thread(demo_account.clear_faults, fault)
    assert await reader.names()


async def test_a_missing_permission_is_put_right_and_the_pipeline_goes_green(
    aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process.start() as account:
        for name, value in account.environment.items():
            monkeypatch.setenv(name, value)
        place = Place("", "eu-west-1")
        async with Cloud([place], journal_dir=aws_home) as cloud:
            await _put_fraud_scoring_right(cloud, place, account)
            kinds = [record["kind"] for record in cloud.journal.records()]
            assert kinds == ["intent", "result", "outcome"] * 2


async def _put_fraud_scoring_right(cloud: Cloud, place: Place, account: DemoAccount) -> None:
    reader = cloud.pipelines(place)
    definition, state = await reader.definition("fraud-scoring"), await reader.state("fraud-scoring")
    stage = next(stage for stage in state.stages if stage.status == "Failed")
    caller = await cloud.identity(place)
    current = await cloud.evidence(place).read(
        "iam",
        "GetRolePolicy",
        {"RoleName": definition.role_arn.rpartition("/")[2], "PolicyName": "pipemedic-fixes"},
    )
    assert current.outcome is Outcome.NO_DATA
    project = f"arn:aws:codebuild:eu-west-1:{caller.account}:project/fraud-scoring"
    allow = add_action(
        place=place,
        account=caller.account,
        pipeline="fraud-scoring",
        role_arn=definition.role_arn,
        actions=["codebuild:StartBuild", "codebuild:BatchGetBuilds"],
        resources=[project, f"{project}-train"],
        current=current,
    )
    assert allow is not None
    allowed = [step async for step in cloud.apply(allow)]
    assert allowed[-1].outcome is ApplyOutcome.VERIFIED
    retry = retry_stage(PipelineRef(place, "fraud-scoring"), caller.account, stage.name, stage.execution_id)
    retried = [step async for step in cloud.apply(retry)]
    assert retried[-1].outcome is ApplyOutcome.VERIFIED
    again = [step async for step in cloud.apply(retry)]
    assert again[-1].outcome is ApplyOutcome.CONFLICT
    await asyncio.to_thread(account.advance, 3600)
    page = await reader.executions("fraud-scoring", limit=10)
    assert next(one for one in page.items if one.id == stage.execution_id).status == "Succeeded"


async def test_read_only_sends_the_account_no_change(
    demo_account: DemoAccount, aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in demo_account.environment.items():
        monkeypatch.setenv(name, value)
    await asyncio.to_thread(demo_account.clear_calls)
    async with Cloud(resolve_places((), ()), read_only=True, journal_dir=aws_home) as cloud:
        await fleet_of(cloud)
        evidence = cloud.evidence(cloud.places[0])
        for service, operation in (("iam", "ListRoles"), ("s3", "ListBuckets"), ("events", "ListRules")):
            assert (await evidence.read(service, operation)).ok
    told = await asyncio.to_thread(demo_account.calls)
    assert told["total"] > 20
    assert told["mutating"] == 0
