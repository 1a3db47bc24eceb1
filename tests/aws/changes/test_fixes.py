"""Every kind of fix on the demo account over HTTP: applied, proven, taken back from the journal, applied again."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from aws.cloud import Cloud
from core.fact import Fact
from core.journal import entries, undo_plan
from core.place import PipelineRef
from core.plan import ApplyOutcome, Plan
from core.plans.alarms import set_alarm_ok
from core.plans.balancer import set_deregistration_delay, set_health_check
from core.plans.codebuild import set_environment, set_project, set_variable_source
from core.plans.codedeploy import set_group
from core.plans.definition import set_configuration, set_run_order
from core.plans.ecs import force_deployment, set_circuit_breaker, set_grace_period, set_rollout, use_task_definition
from core.plans.events import enable_rule
from core.plans.kms import allow_key
from core.plans.pipeline import start_execution
from core.plans.s3 import allow_bucket, enable_versioning, send_to_eventbridge
from core.plans.trigger import create_trigger, ecr_pattern
from core.plans.trust import trust_principal
from demo.process import DemoAccount
from tests.aws.changing import ACCOUNT, EU, US, apply, goes_green, read, ring, setup, there_and_back, where

ROLE = f"arn:aws:iam::{ACCOUNT}:role/codebuild-mailer-service-role"


async def test_a_bigger_machine_for_a_build_that_ran_out_of_memory(cloud: Cloud, account: DemoAccount) -> None:
    project = await read(cloud, "codebuild", "BatchGetProjects", names=["recommendations"])
    plan = set_environment(where("recommendations"), project, {"computeType": "BUILD_GENERAL1_MEDIUM"})
    await there_and_back(cloud, plan)
    await goes_green(cloud, account, "recommendations")


@pytest.mark.parametrize(
    "values",
    [
        {"timeoutInMinutes": 90, "queuedTimeoutInMinutes": 60},
        {"concurrentBuildLimit": 3},
        {"cache": {"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE"]}},
        {"vpcConfig": {"vpcId": "vpc-0a", "subnets": ["subnet-0a"], "securityGroupIds": ["sg-0a"]}},
        {"logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": "/builds/mailer"}}},
    ],
    ids=lambda values: next(iter(values)),
)
async def test_settings_of_a_project(cloud: Cloud, values: Mapping[str, Any]) -> None:
    project = await read(cloud, "codebuild", "BatchGetProjects", names=["mailer"])
    await there_and_back(cloud, set_project(where("mailer"), project, values, title="Set it"))


async def test_privileged_mode_image_and_the_source_of_a_variable(cloud: Cloud) -> None:
    project = await read(cloud, "codebuild", "BatchGetProjects", names=["mailer"])
    image = {"privilegedMode": True, "image": "aws/codebuild/standard:7.0"}
    await there_and_back(cloud, set_environment(where("mailer"), project, image))
    project = await read(cloud, "codebuild", "BatchGetProjects", names=["mailer"])
    plan = set_variable_source(where("mailer"), project, "FEED", kind="PARAMETER_STORE", value="/mailer/feed")
    await there_and_back(cloud, plan)
    assert set_environment(where("mailer"), project, image) is None


async def test_another_branch_for_a_source(cloud: Cloud, account: DemoAccount) -> None:
    reader = cloud.pipelines(EU)
    current = await read(cloud, "codepipeline", "GetPipeline", name="catalog")
    source = current.get("pipeline", "stages", 0)
    plan = set_configuration(
        where("catalog"), current, source["name"], source["actions"][0]["name"], {"BranchName": "main"}
    )
    assert plan
    assert json.loads(plan.before)["stages"][1:] == json.loads(plan.after)["stages"][1:]
    assert (await apply(cloud, plan)).outcome is ApplyOutcome.VERIFIED
    newest = (await reader.executions("catalog", limit=1)).items[0].id
    begun = await apply(cloud, start_execution(PipelineRef(EU, "catalog"), ACCOUNT, newest=newest))
    assert begun.outcome is ApplyOutcome.VERIFIED
    await asyncio.to_thread(account.advance, 3 * 3600)
    assert {stage.status for stage in (await reader.state("catalog")).stages} == {"Succeeded"}


async def test_an_edit_of_a_structure_that_someone_else_has_edited_is_a_conflict(cloud: Cloud) -> None:
    current = await read(cloud, "codepipeline", "GetPipeline", name="mailer")
    build = current.get("pipeline", "stages", 1)
    names = (build["name"], build["actions"][0]["name"])
    mine = set_run_order(where("mailer"), current, *names, 2)
    theirs = set_run_order(where("mailer"), current, *names, 3)
    assert (await apply(cloud, theirs)).outcome is ApplyOutcome.VERIFIED
    assert (await apply(cloud, mine)).outcome is ApplyOutcome.CONFLICT
    now = await read(cloud, "codepipeline", "GetPipeline", name="mailer")
    assert now.get("pipeline", "stages", 1, "actions", 0, "runOrder") == 3
    back = undo_plan(entries(cloud.journal.records(), time.time())[0])
    assert (await apply(cloud, back)).outcome is ApplyOutcome.VERIFIED


async def test_the_health_check_of_a_target_group(cloud: Cloud, account: DemoAccount) -> None:
    groups = await read(cloud, "elbv2", "DescribeTargetGroups")
    found = next(each for each in groups.get("TargetGroups") if each["HealthCheckPath"] == "/healthz")
    group = await read(cloud, "elbv2", "DescribeTargetGroups", TargetGroupArns=[found["TargetGroupArn"]])
    plan = set_health_check(where("checkout-api"), group, {"HealthCheckPath": "/health"}, title="Check /health")
    await there_and_back(cloud, plan)
    await goes_green(cloud, account, "checkout-api")


async def test_the_deregistration_delay_of_a_target_group(cloud: Cloud) -> None:
    groups = await read(cloud, "elbv2", "DescribeTargetGroups")
    arn = groups.get("TargetGroups", 0, "TargetGroupArn")
    held = await read(cloud, "elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=arn)
    plan = set_deregistration_delay(where("checkout-api"), held, 30)
    assert plan
    assert "300" in plan.before
    await there_and_back(cloud, plan)


async def service(cloud: Cloud) -> Fact:
    clusters = await read(cloud, "ecs", "ListClusters")
    cluster = clusters.get("clusterArns", 0)
    services = await read(cloud, "ecs", "ListServices", cluster=cluster)
    return await read(cloud, "ecs", "DescribeServices", cluster=cluster, services=[services.get("serviceArns", 0)])


async def test_a_services_grace_period_breaker_definition_and_a_new_deployment(cloud: Cloud) -> None:
    at = where("checkout-api")
    now = int((await service(cloud)).get("services", 0, "healthCheckGracePeriodSeconds", default=0))
    await there_and_back(cloud, set_grace_period(at, await service(cloud), now + 60))
    found = (await service(cloud)).get("services", 0, "deploymentConfiguration", "deploymentCircuitBreaker")
    plan = set_circuit_breaker(at, await service(cloud), enable=not found["enable"], rollback=not found["rollback"])
    await there_and_back(cloud, plan)
    rolled = set_rollout(at, await service(cloud), {"maximumPercent": 150}, title="Fewer at once", note="Slower.")
    await there_and_back(cloud, rolled)
    assert (await apply(cloud, force_deployment(at, await service(cloud)))).outcome is ApplyOutcome.VERIFIED
    present = (await service(cloud)).get("services", 0, "taskDefinition")
    name, _, revision = present.rpartition(":")
    earlier = use_task_definition(at, await service(cloud), f"{name}:{int(revision) - 1}")
    assert earlier
    assert earlier.before.endswith(f":{revision}")


async def test_alarms_and_rollback_of_a_deployment_group(cloud: Cloud) -> None:
    place = US
    applications = await read(cloud, "codedeploy", "ListApplications", place)
    name = applications.get("applications", 0)
    groups = await read(cloud, "codedeploy", "ListDeploymentGroups", place, applicationName=name)
    params = {"applicationName": name, "deploymentGroupName": groups.get("deploymentGroups", 0)}
    group = await read(cloud, "codedeploy", "GetDeploymentGroup", place, **params)
    values = {"autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}}
    await there_and_back(cloud, set_group(where("inventory", place), group, values, title="Roll back failures"))


async def test_versioning_events_and_policy_of_a_bucket(cloud: Cloud, account: DemoAccount) -> None:
    client = setup(account, "s3")
    await asyncio.to_thread(
        client.create_bucket, Bucket="drop-zone", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    at = where("mailer")
    await there_and_back(cloud, enable_versioning(at, bucket="drop-zone"))
    current = await read(cloud, "s3", "GetBucketNotificationConfiguration", Bucket="drop-zone")
    await there_and_back(cloud, send_to_eventbridge(at, bucket="drop-zone", current=current))
    policy = await read(cloud, "s3", "GetBucketPolicy", Bucket="drop-zone")
    plan = allow_bucket(
        at,
        bucket="drop-zone",
        policy=policy,
        principal="arn:aws:iam::444455556666:role/deploy",
        actions=["s3:GetObject"],
        resources=["arn:aws:s3:::drop-zone/*"],
    )
    await there_and_back(cloud, plan)
    second = allow_bucket(
        at,
        bucket="drop-zone",
        policy=await read(cloud, "s3", "GetBucketPolicy", Bucket="drop-zone"),
        principal="arn:aws:iam::444455556666:role/other",
        actions=["s3:GetObject"],
        resources=["arn:aws:s3:::drop-zone/*"],
    )
    assert second
    assert len(json.loads(second.after)["Statement"]) == 2
    await there_and_back(cloud, second)


async def test_a_key_policy(cloud: Cloud, account: DemoAccount) -> None:
    made = await asyncio.to_thread(setup(account, "kms").create_key, Description="artifacts")
    key = made["KeyMetadata"]["Arn"]
    policy = await read(cloud, "kms", "GetKeyPolicy", KeyId=key, PolicyName="default")
    await there_and_back(cloud, allow_key(where("mailer"), key=key, policy=policy, principal=ROLE))


async def test_a_trust_policy(cloud: Cloud) -> None:
    role = await read(cloud, "iam", "GetRole", RoleName=ROLE.rpartition("/")[2])
    await there_and_back(cloud, trust_principal(where("mailer"), role=role, principal="events.amazonaws.com"))


async def test_a_rule_that_was_disabled(cloud: Cloud) -> None:
    name = "codepipeline-reporting-main"
    rule = await read(cloud, "events", "DescribeRule", Name=name)
    plan = enable_rule(place=EU, account=ACCOUNT, pipeline="reporting", rule=name, arn=rule.get("Arn"))
    await there_and_back(cloud, plan)


async def test_a_trigger_made_from_nothing_step_by_step(cloud: Cloud) -> None:
    plan: Plan | None = create_trigger(
        where("mailer"),
        rule="pipemedic-mailer",
        pattern=ecr_pattern("mailer", "latest"),
        pipeline_arn=f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:mailer",
        role="pipemedic-mailer-start",
    )
    seen = []
    while plan:
        seen.append(plan.call.operation)
        await there_and_back(cloud, plan)
        plan = plan.then
    assert seen == ["CreateRole", "PutRolePolicy", "PutRule", "PutTargets"]
    targets = await read(cloud, "events", "ListTargetsByRule", Rule="pipemedic-mailer")
    assert targets.get("Targets", 0, "RoleArn").endswith("role/pipemedic-mailer-start")


async def test_an_alarm_that_stops_deployments(cloud: Cloud, account: DemoAccount) -> None:
    await asyncio.to_thread(ring, setup(account, "cloudwatch"), "errors")
    alarm = await read(cloud, "cloudwatch", "DescribeAlarms", AlarmNames=["errors"])
    await there_and_back(cloud, set_alarm_ok(where("mailer"), alarm))
