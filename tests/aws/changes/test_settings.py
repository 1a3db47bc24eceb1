"""Forms of the menu over HTTP: what is typed reaches the resource, is proven, and can be taken back."""

from __future__ import annotations

import asyncio
import json

import pytest

from aws.cloud import Cloud
from core.attention import FocusPoint
from core.errors import UsageError
from core.place import Place
from core.plans.codedeploy import set_group
from demo.process import DemoAccount
from tests.aws.acting import choose
from tests.aws.changing import EU, US, apply, read, ring, setup, suspend, there_and_back, where

BUILD = FocusPoint("Build", "Build")
SERVERS = FocusPoint("Deploy", "Servers")
STACK = FocusPoint("Deploy", "Stack")


async def test_all_settings_of_a_build_project_in_one_form(cloud: Cloud) -> None:
    typed = {
        "image": "aws/codebuild/standard:7.0-24.10.29",
        "computeType": "BUILD_GENERAL1_LARGE",
        "privilegedMode": "true",
        "timeoutInMinutes": "90",
        "queuedTimeoutInMinutes": "60",
        "concurrentBuildLimit": "3",
        "vpcConfig": "vpc-0a / subnet-0a, subnet-0b / sg-0a",
        "logsConfig": "/builds/mailer nightly",
        "cache": "LOCAL_SOURCE_CACHE LOCAL_DOCKER_LAYER_CACHE",
    }
    plan = await choose(cloud, "mailer", "project:mailer", BUILD, given=typed)
    await there_and_back(cloud, plan)
    project = (await read(cloud, "codebuild", "BatchGetProjects", names=["mailer"])).get("projects", 0)
    assert project["environment"]["image"] == typed["image"]
    assert project["environment"]["privilegedMode"] is True
    assert project["vpcConfig"] == {
        "vpcId": "vpc-0a",
        "subnets": ["subnet-0a", "subnet-0b"],
        "securityGroupIds": ["sg-0a"],
    }
    assert project["logsConfig"]["cloudWatchLogs"]["streamName"] == "nightly"
    assert (project["concurrentBuildLimit"], project["cache"]["type"]) == (3, "LOCAL")
    # Once more the form shows what is there now, and nothing is to be changed.
    with pytest.raises(UsageError, match="Nothing was changed"):
        await choose(cloud, "mailer", "project:mailer", BUILD)
    for bad in ({"vpcConfig": "vpc-0a"}, {"timeoutInMinutes": "3"}, {"cache": "MAGIC"}, {"logsConfig": "a b c"}):
        with pytest.raises(UsageError):
            await choose(cloud, "mailer", "project:mailer", BUILD, given=bad)
    empty = {"concurrentBuildLimit": "", "vpcConfig": "", "logsConfig": "off", "cache": "none"}
    await there_and_back(cloud, await choose(cloud, "mailer", "project:mailer", BUILD, given=empty))


async def test_a_variable_is_read_from_a_secret(cloud: Cloud) -> None:
    typed = {"variable": "FEED", "kind": "SECRETS_MANAGER", "value": "mailer/feed:url"}
    plan = await choose(cloud, "mailer", "variable:mailer", BUILD, given=typed)
    await there_and_back(cloud, plan)


async def test_alarms_rollback_tags_and_load_balancer_of_a_deployment_group(cloud: Cloud) -> None:
    typed = {
        "alarmConfiguration": "errors latency",
        "autoRollbackConfiguration": "DEPLOYMENT_FAILURE DEPLOYMENT_STOP_ON_ALARM",
        "ec2TagFilters": "service=inventory stage=prod",
        "targets": "inventory-blue",
    }
    await there_and_back(cloud, await choose(cloud, "inventory", "group:", SERVERS, US, typed))
    names = {"applicationName": "inventory", "deploymentGroupName": "inventory-prod"}
    info = (await read(cloud, "codedeploy", "GetDeploymentGroup", US, **names)).get("deploymentGroupInfo")
    assert [each["name"] for each in info["alarmConfiguration"]["alarms"]] == ["errors", "latency"]
    assert [each["Value"] for each in info["ec2TagFilters"]] == ["inventory", "prod"]
    assert info["loadBalancerInfo"] == {"targetGroupInfoList": [{"name": "inventory-blue"}]}
    empty = {"alarmConfiguration": "", "autoRollbackConfiguration": "off", "targets": ""}
    await there_and_back(cloud, await choose(cloud, "inventory", "group:", SERVERS, US, empty))


async def test_the_configuration_and_the_wait_of_a_deployment_group(cloud: Cloud) -> None:
    names = {"applicationName": "inventory", "deploymentGroupName": "inventory-prod"}
    group = await read(cloud, "codedeploy", "GetDeploymentGroup", US, **names)
    assert group.get("deploymentGroupInfo", "deploymentConfigName") == "CodeDeployDefault.OneAtATime"
    at, values = where("inventory", US), {"deploymentConfigName": "CodeDeployDefault.HalfAtATime"}
    await there_and_back(cloud, set_group(at, group, values, title="Half at a time"))


async def test_an_alarm_and_suspended_processes_that_hold_deployments_up(cloud: Cloud, account: DemoAccount) -> None:
    for begins, words in (("alarm:", "No alarm rings"), ("resume:", "No group of servers")):
        with pytest.raises(UsageError, match=words):
            await choose(cloud, "inventory", begins, SERVERS, US)

    def arrange() -> None:
        ring(setup(account, "cloudwatch", "us-east-1"), "errors")
        suspend(setup(account, "autoscaling", "us-east-1"), "servers", "us-east-1a", "Launch")

    await asyncio.to_thread(arrange)
    await there_and_back(cloud, await choose(cloud, "inventory", "alarm:", SERVERS, US))
    await there_and_back(cloud, await choose(cloud, "inventory", "resume:", SERVERS, US))


async def ship(cloud: Cloud) -> FocusPoint:
    definition = await cloud.pipelines(EU).definition("checkout-api")
    stage = next(each for each in definition.stages if each.name == "Deploy")
    return FocusPoint("Deploy", stage.actions[0].name)


async def test_grace_period_breaker_definition_and_health_check_of_a_service(cloud: Cloud) -> None:
    point = await ship(cloud)
    await there_and_back(cloud, await choose(cloud, "checkout-api", "service:", point, grace="240"))
    await there_and_back(cloud, await choose(cloud, "checkout-api", "service:", point, breaker="on, with rollback"))
    with pytest.raises(UsageError, match="One change at a time"):
        await choose(cloud, "checkout-api", "service:", point, grace="1", breaker="off")
    plan = await choose(cloud, "checkout-api", "task-definition:", point)
    assert plan.call.params["taskDefinition"] != plan.before
    await there_and_back(cloud, plan)
    checks = {"HealthCheckPath": "/alive", "HealthCheckIntervalSeconds": "20", "Matcher": "200-299"}
    await there_and_back(cloud, await choose(cloud, "checkout-api", "health-check:", point, given=checks))
    done = await apply(cloud, await choose(cloud, "checkout-api", "redeploy:", point))
    assert done.outcome
    assert done.outcome.value == "verified"


async def test_a_stack_that_stands_well_offers_no_way_out(cloud: Cloud) -> None:
    for begins, words in (
        ("continue-rollback:", "no rollback to go on with"),
        ("delete-stack:", "could not be created"),
    ):
        with pytest.raises(UsageError, match=words):
            await choose(cloud, "data-platform", begins, STACK)


async def test_artifacts_role_and_more_settings_of_an_action(cloud: Cloud) -> None:
    point = FocusPoint("Build", "Build")
    current = await read(cloud, "codepipeline", "GetPipeline", name="data-platform")
    role = current.get("pipeline", "roleArn")
    plan = await choose(
        cloud,
        "data-platform",
        "edit:Build/Build",
        point,
        outputArtifacts="Packaged",
        roleArn=role,
        more="CombineArtifacts=true",
    )
    after = json.loads(plan.after)
    build, deploy = after["stages"][1]["actions"][0], after["stages"][2]["actions"][0]
    assert build["outputArtifacts"] == deploy["inputArtifacts"] == [{"name": "Packaged"}]
    assert deploy["configuration"]["TemplatePath"] == "Packaged::packaged.yaml"
    assert (build["roleArn"], build["configuration"]["CombineArtifacts"]) == (role, "true")
    await there_and_back(cloud, plan, again=False)
    with pytest.raises(UsageError, match="name each of them"):
        await choose(cloud, "data-platform", "edit:Build/Build", point, outputArtifacts="A B")


async def test_mode_of_a_pipeline(cloud: Cloud) -> None:
    plan = await choose(cloud, "mailer", "edit-pipeline", executionMode="QUEUED", pipelineType="V2")
    await there_and_back(cloud, plan, again=False)
    with pytest.raises(UsageError, match="Only pipelines of type V2"):
        await choose(cloud, "reporting", "edit-pipeline", place=Place("", "eu-west-1"), executionMode="PARALLEL")
