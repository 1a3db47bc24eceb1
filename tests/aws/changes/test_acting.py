"""Every action on builds, deployments, stages and stacks, over HTTP against the demo account."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from aws.cloud import Cloud
from core.attention import FocusPoint
from core.errors import UsageError
from core.journal import entries, undo_plan
from core.place import Place
from core.plan import ApplyOutcome
from core.plans.batches import retry_batch, stop_batch
from core.plans.codebuild import retry_build
from core.plans.codedeploy import set_group
from core.plans.definition import edit_pipeline
from demo.process import DemoAccount
from tests.aws.acting import choose, come_to, menu
from tests.aws.changing import EU, US, apply, goes_green, read, ring, setup, statuses, verified, where

BUILD = FocusPoint("Build", "Build")
SOURCE = {"type": "GITHUB", "location": "example-shop/mailer", "buildspec": "buildspec.yml"}


async def begin(cloud: Cloud, name: str, place: Place = EU) -> None:
    await verified(cloud, await choose(cloud, name, "start", place=place))


async def test_a_build_that_runs_is_stopped_and_its_stage_retried(cloud: Cloud, account: DemoAccount) -> None:
    await begin(cloud, "mailer")
    await come_to(cloud, account, "mailer", "Build", "InProgress")
    plan = await choose(cloud, "mailer", "stop-build:")
    await verified(cloud, plan)
    assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT
    await come_to(cloud, account, "mailer", "Build", "Failed")
    await goes_green(cloud, account, "mailer")


async def test_a_build_by_itself_with_other_settings_then_again(cloud: Cloud, account: DemoAccount) -> None:
    with pytest.raises(UsageError, match="takes its source from its pipeline"):
        await choose(cloud, "mailer", "start-build:", BUILD)
    client = setup(account, "codebuild")
    source = (await read(cloud, "codebuild", "BatchGetProjects", names=["mailer"])).get("projects", 0, "source")
    await asyncio.to_thread(client.update_project, name="mailer", source=SOURCE)
    try:
        plan = await choose(
            cloud,
            "mailer",
            "start-build:",
            BUILD,
            compute="BUILD_GENERAL1_LARGE",
            image="aws/codebuild/standard:7.0",
            variables="LEVEL=debug FAST=1",
        )
        await verified(cloud, plan)
        entry = entries(cloud.journal.records(), time.time())[0]
        begun = entry.made["id"]
        build = (await read(cloud, "codebuild", "BatchGetBuilds", ids=[begun])).get("builds", 0)
        assert build["environment"]["computeType"] == "BUILD_GENERAL1_LARGE"
        assert build["environment"]["image"] == "aws/codebuild/standard:7.0"
        given = {each["name"]: each["value"] for each in build["environment"]["environmentVariables"]}
        assert (given["LEVEL"], given["FAST"]) == ("debug", "1")
        # The journal knows the build that was made, and stops it.
        await verified(cloud, undo_plan(entry))
        assert (await read(cloud, "codebuild", "BatchGetBuilds", ids=[begun])).get(
            "builds", 0, "buildStatus"
        ) == "STOPPED"
        again = retry_build(where("mailer"), begun, newest=begun)
        await verified(cloud, again)
        assert (await apply(cloud, again)).outcome is ApplyOutcome.CONFLICT
        await asyncio.to_thread(account.advance, 3600)
        newest = entries(cloud.journal.records(), time.time())[0].made["id"]
        assert (await read(cloud, "codebuild", "BatchGetBuilds", ids=[newest])).get(
            "builds", 0, "buildStatus"
        ) == "SUCCEEDED"
    finally:
        await asyncio.to_thread(client.update_project, name="mailer", source=source)


async def test_a_batch_is_retried_and_stopped(cloud: Cloud, account: DemoAccount) -> None:
    client = setup(account, "codebuild")
    bad = {**SOURCE, "buildspec": "version: 0.2\nphases: [\n"}
    await asyncio.to_thread(client.update_project, name="catalog", source=bad)
    made = await asyncio.to_thread(client.start_build_batch, projectName="catalog")
    batch = made["buildBatch"]["id"]
    await asyncio.to_thread(account.advance, 1800)
    assert (await read(cloud, "codebuild", "BatchGetBuildBatches", ids=[batch])).get(
        "buildBatches", 0, "buildBatchStatus"
    ) == "FAILED"
    await asyncio.to_thread(client.update_project, name="catalog", source=SOURCE)
    plan = retry_batch(where("catalog"), batch)
    await verified(cloud, plan)
    assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT
    await verified(cloud, stop_batch(where("catalog"), batch))
    await verified(cloud, retry_batch(where("catalog"), batch, all_builds=True))
    await asyncio.to_thread(account.advance, 1800)
    assert (await read(cloud, "codebuild", "BatchGetBuildBatches", ids=[batch])).get(
        "buildBatches", 0, "buildBatchStatus"
    ) == "SUCCEEDED"


async def test_deployments_are_stopped_rolled_back_and_continued(cloud: Cloud, account: DemoAccount) -> None:
    await asyncio.to_thread(
        account.push, "example-shop/inventory", "Put the unit file right", facts={"hook_fails": None}
    )
    await come_to(cloud, account, "inventory", "Deploy", "InProgress", US)
    plan = await choose(cloud, "inventory", "stop-deployment:", place=US)
    await verified(cloud, plan)
    assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT
    await come_to(cloud, account, "inventory", "Deploy", "Failed", US)

    await verified(cloud, await choose(cloud, "inventory", "retry-failed:", place=US))
    await come_to(cloud, account, "inventory", "Deploy", "InProgress", US)
    plan = await choose(cloud, "inventory", "roll-back-deployment:", place=US)
    await verified(cloud, plan)
    info = await read(cloud, "codedeploy", "GetDeployment", US, deploymentId=plan.resource)
    back = info.get("deploymentInfo", "rollbackInfo", "rollbackDeploymentId")
    await asyncio.to_thread(account.advance, 1800)
    again = await read(cloud, "codedeploy", "GetDeployment", US, deploymentId=back)
    assert again.get("deploymentInfo", "status") == "Succeeded"

    names = {"applicationName": "inventory", "deploymentGroupName": "inventory-prod"}
    group = await read(cloud, "codedeploy", "GetDeploymentGroup", US, **names)
    waits = {
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}
        },
    }
    await verified(cloud, set_group(where("inventory", US), group, waits, title="Wait before traffic is sent on"))
    await verified(cloud, await choose(cloud, "inventory", "retry-failed:", place=US))
    await come_to(cloud, account, "inventory", "Deploy", "InProgress", US)
    with pytest.raises(UsageError, match="does not wait"):
        await choose(cloud, "inventory", "continue-deployment:", place=US)
    await asyncio.to_thread(account.advance, 1200)
    await verified(cloud, await choose(cloud, "inventory", "continue-deployment:", place=US))
    await asyncio.to_thread(account.advance, 1800)
    assert await statuses(cloud, "inventory", US) == {"Succeeded"}


async def test_a_condition_that_says_no_is_overridden(cloud: Cloud, account: DemoAccount) -> None:
    await asyncio.to_thread(ring, setup(account, "cloudwatch", "us-east-1"), "checkout-errors")
    rule = {
        "name": "NoAlarm",
        "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm", "version": "1"},
        "configuration": {"AlarmName": "checkout-errors"},
    }
    condition = {"conditions": [{"result": "FAIL", "rules": [rule]}]}
    current = await read(cloud, "codepipeline", "GetPipeline", US, name="docs-site")
    last = current.get("pipeline", "stages")[-1]["name"]

    def guard(structure: dict[str, Any]) -> None:
        structure["stages"][-1] |= {"beforeEntry": condition, "onSuccess": condition}

    await verified(cloud, edit_pipeline(where("docs-site", US), current, title="Ask the alarm first", edit=guard))
    await begin(cloud, "docs-site", US)
    for kind in ("beforeEntry", "onSuccess"):
        await asyncio.to_thread(account.advance, 3 * 3600)
        plan = await choose(cloud, "docs-site", f"override:{last}/{kind}", place=US)
        assert plan.typed == "docs-site"
        await verified(cloud, plan)
        assert (await apply(cloud, plan)).outcome is ApplyOutcome.CONFLICT
    await asyncio.to_thread(account.advance, 3 * 3600)
    assert await statuses(cloud, "docs-site", US) == {"Succeeded"}


async def test_a_stage_goes_back_to_a_chosen_execution(cloud: Cloud, account: DemoAccount) -> None:
    name = "warehouse-etl"
    found = await menu(cloud, name)
    action = found["rollback:Check"]
    assert action.possible, action.why_not
    listed = action.reads[0]
    facts = (await cloud.evidence(EU).read(listed.service, listed.operation, listed.params, pages=1),)
    target = action.asks(facts)[0].choices[1].value
    plan = await choose(cloud, name, "rollback:Check", target=target)
    assert plan.typed == name
    await verified(cloud, plan)
    await asyncio.to_thread(account.advance, 3 * 3600)
    after = await read(cloud, "codepipeline", "GetPipelineState", name=name)
    latest = after.get("stageStates")[-1]["latestExecution"]
    assert (latest["type"], latest["status"]) == ("ROLLBACK", "Succeeded")
    names = {"pipelineName": name, "pipelineExecutionId": latest["pipelineExecutionId"]}
    execution = await read(cloud, "codepipeline", "GetPipelineExecution", **names)
    assert execution.get("pipelineExecution", "rollbackMetadata", "rollbackTargetPipelineExecutionId") == target
