"""Edits of a pipeline's structure from the menu's form, over HTTP; green where that was the cause."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from aws.cloud import Cloud
from core.attention import FocusPoint
from core.plan import Plan
from core.plans.trigger import codecommit_pattern, create_trigger, ecr_pattern, s3_pattern
from demo.process import DemoAccount
from tests.aws.acting import choose
from tests.aws.changing import ACCOUNT, EU, goes_green, read, setup, statuses, there_and_back, verified, where

_USE = ("codestar-connections:UseConnection", "codeconnections:UseConnection")


async def source_of(cloud: Cloud, name: str) -> FocusPoint:
    stage = (await cloud.pipelines(EU).definition(name)).stages[0]
    return FocusPoint(stage.name, stage.actions[0].name)


async def edit(cloud: Cloud, name: str, point: FocusPoint, given: Mapping[str, str]) -> Plan:
    return await choose(cloud, name, f"edit:{point.stage}/{point.action}", point, given=given)


async def test_another_connection_for_one_that_was_never_completed(cloud: Cloud, account: DemoAccount) -> None:
    good = await cloud.pipelines(EU).definition("billing")
    arn = good.stages[0].actions[0].configuration["ConnectionArn"]
    point = await source_of(cloud, "orders")
    plan = await edit(cloud, "orders", point, {"set:ConnectionArn": arn})
    await verified(cloud, plan)
    # The role may use the old connection alone.
    role = (await cloud.pipelines(EU).definition("orders")).role_arn.rpartition("/")[2]
    await asyncio.to_thread(
        _allow, account, role, "codestar-connections:UseConnection", "codeconnections:UseConnection"
    )
    await goes_green(cloud, account, "orders")


def _allow(account: DemoAccount, role: str, *actions: str) -> None:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    setup(account, "iam").put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=document)


async def test_a_branch_that_is_there(cloud: Cloud, account: DemoAccount) -> None:
    plan = await edit(cloud, "catalog", await source_of(cloud, "catalog"), {"set:BranchName": "main"})
    await there_and_back(cloud, plan, again=False)
    await verified(cloud, await edit(cloud, "catalog", await source_of(cloud, "catalog"), {"set:BranchName": "main"}))
    await goes_green(cloud, account, "catalog")


@pytest.mark.parametrize(
    ("name", "stage", "given"),
    [
        ("mailer", "", {"set:FullRepositoryId": "example-shop/billing"}),
        ("checkout-api", "Deploy", {"set:FileName": "images.json"}),
        (
            "data-platform",
            "Deploy",
            {"set:Capabilities": "CAPABILITY_IAM"},
        ),
        ("mailer", "Build", {"runOrder": "3"}),
        ("mailer", "Build", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/builds"}),
        ("mailer", "Build", {"outputArtifacts": "Packaged"}),
    ],
    ids=["repository", "image definitions", "capabilities", "runOrder", "role", "artifact"],
)
async def test_each_member_there_and_back(cloud: Cloud, name: str, stage: str, given: Mapping[str, str]) -> None:
    definition = await cloud.pipelines(EU).definition(name)
    found = next((each for each in definition.stages if each.name == stage), definition.stages[0])
    plan = await edit(cloud, name, FocusPoint(found.name, found.actions[0].name), given)
    assert plan.before != plan.after
    await there_and_back(cloud, plan, again=False)


async def test_the_role_of_a_pipeline(cloud: Cloud) -> None:
    role = (await cloud.pipelines(EU).definition("billing")).role_arn
    await there_and_back(cloud, await choose(cloud, "mailer", "edit-pipeline", roleArn=role), again=False)


@pytest.mark.parametrize(
    "pattern",
    [
        codecommit_pattern(f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:reporting", "main"),
        s3_pattern("drop", "source.zip"),
        ecr_pattern("mailer", "latest"),
    ],
    ids=lambda pattern: pattern["source"][0],
)
async def test_a_trigger_with_its_role_for_each_kind_of_source(cloud: Cloud, pattern: Mapping[str, object]) -> None:
    name = f"pipemedic-{str(pattern['detail-type']).split()[0].strip('[').strip(chr(39)).lower()}"
    pipeline = f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:mailer"
    plan: Plan | None = create_trigger(where("mailer"), rule=name, pattern=pattern, pipeline_arn=pipeline, role=name)
    while plan:
        await verified(cloud, plan)
        plan = plan.then
    rule = await read(cloud, "events", "DescribeRule", Name=name)
    assert json.loads(rule.get("EventPattern")) == pattern
    targets = await read(cloud, "events", "ListTargetsByRule", Rule=name)
    assert targets.get("Targets", 0, "Arn") == pipeline


async def test_a_disabled_rule_is_found_enabled_and_a_push_starts_the_pipeline(
    cloud: Cloud, account: DemoAccount
) -> None:
    from core.place import PipelineRef  # noqa: PLC0415
    from tui.triage import triage  # noqa: PLC0415

    diagnosis = await triage(cloud, PipelineRef(EU, "reporting"))
    plan = next(fix.plan for finding in diagnosis.findings for fix in finding.fixes if fix.plan)
    await there_and_back(cloud, plan)
    before = (await cloud.pipelines(EU).executions("reporting", limit=1)).items[0].id
    await asyncio.to_thread(account.push, "reporting", "Count again")
    await asyncio.to_thread(account.advance, 3 * 3600)
    newest = (await cloud.pipelines(EU).executions("reporting", limit=1)).items[0]
    assert newest.id != before
    assert await statuses(cloud, "reporting") == {"Succeeded"}
