"""What moves a pipeline, from the menu's own forms over HTTP: approvals, retries, starts, stops, transitions."""

from __future__ import annotations

import asyncio
import time

import pytest

from aws.cloud import Cloud
from core.journal import entries, undo_plan
from core.plan import ApplyOutcome
from demo.process import DemoAccount
from tests.aws.acting import choose, come_to, menu
from tests.aws.changing import EU, US, apply, goes_green, read, statuses, verified


async def test_an_approval_sends_the_revision_out_and_a_rejection_holds_it(cloud: Cloud, account: DemoAccount) -> None:
    for begins, ends in (("reject:", "Failed"), ("approve:", "Succeeded")):
        plan = await choose(cloud, "payments", begins, comment="seen by two")
        await verified(cloud, plan)
        assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT
        await asyncio.to_thread(account.advance, 3600)
        state = await cloud.pipelines(EU).state("payments")
        held = next(stage for stage in state.stages if stage.name == "Approve")
        assert held.status == ends
        if ends == "Failed":  # asked for again by a retry of its stage
            await verified(cloud, await choose(cloud, "payments", "retry-failed:Approve"))
            await asyncio.to_thread(account.advance, 60)
    assert await statuses(cloud, "payments") == {"Succeeded"}


async def test_all_actions_of_a_stage_run_again(cloud: Cloud, account: DemoAccount) -> None:
    role = "codebuild-billing-service-role"
    await asyncio.to_thread(_may_read, account, role)
    await verified(cloud, await choose(cloud, "billing", "retry-all:"))
    await asyncio.to_thread(account.advance, 3 * 3600)
    assert await statuses(cloud, "billing") == {"Succeeded"}


def _may_read(account: DemoAccount, role: str) -> None:
    from tests.aws.changing import setup  # noqa: PLC0415

    statement = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    setup(account, "iam").put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=statement)


async def test_a_start_with_variables(cloud: Cloud, account: DemoAccount) -> None:
    await verified(cloud, await choose(cloud, "web", "stop:", reason="room for the next"))
    await asyncio.to_thread(account.advance, 3600)
    plan = await choose(cloud, "web", "start", given={"variable:LOCALES": "de"})
    assert "LOCALES = de" in plan.after
    await verified(cloud, plan)
    made = entries(cloud.journal.records(), time.time())[0].made["pipelineExecutionId"]
    execution = await read(cloud, "codepipeline", "GetPipelineExecution", pipelineName="web", pipelineExecutionId=made)
    assert {"name": "LOCALES", "resolvedValue": "de"} in execution.get("pipelineExecution", "variables")


async def test_a_start_with_a_pinned_source_revision(cloud: Cloud, account: DemoAccount) -> None:
    name = "mailer"
    page = await cloud.pipelines(EU).executions(name, limit=5)
    source = (await cloud.pipelines(EU).definition(name)).stages[0].actions[0].name
    older = page.items[3].revisions[0].id
    plan = await choose(cloud, name, "start", given={f"revision:{source}": older})
    assert plan.call.params["sourceRevisions"][0]["revisionValue"] == older
    await verified(cloud, plan)
    await asyncio.to_thread(account.advance, 3 * 3600)
    newest = (await cloud.pipelines(EU).executions(name, limit=1)).items[0]
    assert newest.revisions[0].id == older
    assert await statuses(cloud, name) == {"Succeeded"}


@pytest.mark.parametrize(("begins", "words"), [("stop:", "finish first"), ("abandon:", "unwatched")])
async def test_an_execution_is_stopped_in_both_ways(
    cloud: Cloud, account: DemoAccount, begins: str, words: str
) -> None:
    await verified(cloud, await choose(cloud, "storefront", "start"))
    await come_to(cloud, account, "storefront", "Build", "InProgress")
    action = next(each for key, each in (await menu(cloud, "storefront")).items() if key.startswith(begins))
    assert words in action.consequence
    plan = await choose(cloud, "storefront", begins, reason="wrong one")
    assert words in plan.risk_note
    await verified(cloud, plan)
    await asyncio.to_thread(account.advance, 3 * 3600)
    newest = (await cloud.pipelines(EU).executions("storefront", limit=1)).items[0]
    assert newest.status == "Stopped"
    assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT


async def test_a_transition_is_closed_with_a_reason_undone_from_the_journal_and_opened(
    cloud: Cloud, account: DemoAccount
) -> None:
    plan = await choose(cloud, "search-prod", "enable:Prod")
    assert "Index freeze" in plan.before
    await verified(cloud, plan)
    await asyncio.to_thread(account.advance, 3 * 3600)
    assert await statuses(cloud, "search-prod") == {"Succeeded"}
    await verified(cloud, await choose(cloud, "search-prod", "disable:Prod", reason="sale goes on"))
    stage = (await cloud.pipelines(EU).state("search-prod")).stage("Prod")
    assert stage
    assert (stage.transition.enabled, stage.transition.reason) == (False, "sale goes on")
    await verified(cloud, undo_plan(entries(cloud.journal.records(), time.time())[0]))


async def test_what_cannot_be_done_says_why(cloud: Cloud) -> None:
    found = await menu(cloud, "docs-site", place=US)
    assert found["stop"].why_not == "no execution runs"
    assert found["retry"].why_not == "no stage has failed"
    assert found["approve"].why_not == "the pipeline has no approval"


async def test_a_stage_that_failed_goes_green(cloud: Cloud, account: DemoAccount) -> None:
    await asyncio.to_thread(account.push, "example-shop/search-index", "Right again", facts={"failing_tests": None})
    await asyncio.to_thread(account.advance, 3 * 3600)
    if "Failed" in await statuses(cloud, "search-index"):
        await goes_green(cloud, account, "search-index")
    assert await statuses(cloud, "search-index") == {"Succeeded"}
