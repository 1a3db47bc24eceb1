"""Fixes of stacks, services, fleets and handed-on roles over HTTP, with the pipeline green afterwards."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aws.cloud import Cloud
from core.finding import Fix
from core.place import PipelineRef
from core.plan import ApplyOutcome, Plan
from core.plans.definition import set_configuration
from core.plans.ecs import use_task_definition
from core.plans.scaling import resume_processes
from core.plans.stacks import continue_rollback, delete_stack
from demo.process import DemoAccount
from tests.aws.acting import choose
from tests.aws.changing import EU, apply, goes_green, read, setup, statuses, suspend, there_and_back, verified, where
from tui.triage import triage

NAME = "data-platform"
CFN_ROLE = "cfn-data-platform"
QUEUE = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}


async def stack(cloud: Cloud, name: str = NAME) -> dict[str, Any]:
    found = await read(cloud, "cloudformation", "DescribeStacks", StackName=name)
    return dict(found.get("Stacks", 0, default={}))


async def deploy(cloud: Cloud, account: DemoAccount) -> None:
    """Retry the failed deployment and let it end."""
    await verified(cloud, await choose(cloud, NAME, "retry-failed:Deploy"))
    await asyncio.to_thread(account.advance, 1800)


async def test_a_rollback_that_failed_goes_on_with_chosen_skips(cloud: Cloud, account: DemoAccount) -> None:
    cannot = {"Alerts": 'Resource handler returned message: "Topic is managed elsewhere"', "RawBucket": "Access Denied"}
    await asyncio.to_thread(
        account.push, "example-shop/data-platform", "Alerts change too", facts={"cannot_roll_back": cannot}
    )
    await asyncio.to_thread(account.advance, 3600)
    assert (await stack(cloud))["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    # One of two skipped is not enough: the check that the stack has come out of it does not hold.
    first = continue_rollback(where(NAME), NAME, skip=["Alerts"])
    assert first.typed == NAME
    step = await apply(cloud, Plan(**{**_fields(first), "verification": _short(first)}))
    assert step.outcome is ApplyOutcome.NOT_VERIFIED, step
    await asyncio.to_thread(account.advance, 60)
    second = continue_rollback(where(NAME), NAME, skip=["RawBucket"])
    task = asyncio.create_task(apply(cloud, second))
    await asyncio.to_thread(account.advance, 60)
    assert (await task).outcome is ApplyOutcome.VERIFIED
    assert (await apply(cloud, second)).outcome is ApplyOutcome.CONFLICT
    client = setup(account, "iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [QUEUE]})
    await asyncio.to_thread(client.put_role_policy, RoleName=CFN_ROLE, PolicyName="queues", PolicyDocument=document)
    await goes_green(cloud, account, NAME)


def _fields(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def _short(plan: Plan) -> Any:
    check = plan.verification
    return type(check)(check.describe, check.reads, check.holds, deadline_s=0.2, interval_s=0.1)


async def test_a_stack_that_could_not_be_created_is_deleted_by_its_name_and_created_again(
    cloud: Cloud, account: DemoAccount
) -> None:
    client = setup(account, "iam")
    await asyncio.to_thread(client.put_role_policy, RoleName=CFN_ROLE, PolicyName="queues", PolicyDocument=_DENY)
    current = await read(cloud, "codepipeline", "GetPipeline", name=NAME)
    await verified(cloud, set_configuration(where(NAME), current, "Deploy", "Stack", {"StackName": "data-platform-2"}))
    await verified(cloud, await choose(cloud, NAME, "start"))
    await asyncio.to_thread(account.advance, 3 * 3600)
    made = await stack(cloud, "data-platform-2")
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    await deploy(cloud, account)
    assert "Failed" in await statuses(cloud, NAME)
    plan = delete_stack(where(NAME), "data-platform-2", stack_id=made["StackId"])
    assert plan.typed == "data-platform-2"
    other = delete_stack(where(NAME), "data-platform-2", stack_id=made["StackId"].replace("1", "2"))
    assert (await apply(cloud, other)).outcome is ApplyOutcome.CONFLICT
    await verified(cloud, plan)
    await asyncio.to_thread(client.delete_role_policy, RoleName=CFN_ROLE, PolicyName="queues")
    document = json.dumps({"Version": "2012-10-17", "Statement": [QUEUE]})
    await asyncio.to_thread(client.put_role_policy, RoleName=CFN_ROLE, PolicyName="queues-2", PolicyDocument=document)
    await goes_green(cloud, account, NAME)
    assert (await stack(cloud, "data-platform-2"))["StackStatus"] == "CREATE_COMPLETE"


_DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}]})


async def test_a_service_goes_back_to_the_task_definition_that_ran_well(cloud: Cloud) -> None:
    cluster = (await read(cloud, "ecs", "ListClusters")).get("clusterArns", 0)
    service = (await read(cloud, "ecs", "ListServices", cluster=cluster)).get("serviceArns", 0)
    found = await read(cloud, "ecs", "DescribeServices", cluster=cluster, services=[service])
    name, _, revision = found.get("services", 0, "taskDefinition").rpartition(":")
    plan = use_task_definition(where("checkout-api"), found, f"{name}:{int(revision) - 1}")
    await there_and_back(cloud, plan)


async def test_suspended_processes_of_a_scaling_group_run_again(cloud: Cloud, account: DemoAccount) -> None:
    client = setup(account, "autoscaling")
    await asyncio.to_thread(suspend, client, "web", "eu-west-1a", "Launch", "Terminate")
    group = await read(cloud, "autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=["web"])
    await there_and_back(cloud, resume_processes(where("mailer"), group))
    group = await read(cloud, "autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=["web"])
    assert resume_processes(where("mailer"), group) is None


async def test_a_role_that_may_not_be_handed_on_is_allowed_by_the_fix_of_the_playbook(
    cloud: Cloud, account: DemoAccount
) -> None:
    definition = (await read(cloud, "codepipeline", "GetPipeline", name=NAME)).get("pipeline")
    role = definition["roleArn"].rpartition("/")[2]
    client = setup(account, "iam")

    def take_away() -> None:
        for name in client.list_role_policies(RoleName=role)["PolicyNames"]:
            document = client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                statement["Action"] = [each for each in actions if not each.startswith("iam:")]
            document["Statement"] = [each for each in document["Statement"] if each["Action"]]
            client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    await asyncio.to_thread(take_away)
    await verified(cloud, await choose(cloud, NAME, "start"))
    await asyncio.to_thread(account.advance, 3 * 3600)
    diagnosis = await triage(cloud, PipelineRef(EU, NAME))
    fixes: list[Fix] = [fix for finding in diagnosis.findings for fix in finding.fixes]
    plan = next((fix.plan for fix in fixes if fix.plan and "iam:PassRole" in fix.title), None)
    assert plan, [fix.title for fix in fixes]
    added = json.loads(plan.after)["Statement"][-1]
    assert added["Action"] == ["iam:PassRole"]
    assert added["Resource"] == [f"arn:aws:iam::111122223333:role/service-role/{CFN_ROLE}"]
    await there_and_back(cloud, plan)
    await goes_green(cloud, account, NAME)
