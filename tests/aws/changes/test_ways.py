"""Other ways to the same end over HTTP: a customer-managed policy with its five versions, a grant of a key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from aws.cloud import Cloud
from core.plan import ApplyOutcome, Plan
from core.plans.iam import add_action
from core.plans.kms import allow_key
from core.policy import MANAGED_LIMIT
from core.ways import has_ways, other_ways
from demo.process import DemoAccount
from tests.aws.changing import ACCOUNT, EU, apply, door, goes_green, read, setup, there_and_back, where
from tests.conftest import lead_to

ROLE_NAME = "AWSCodePipelineServiceRole-eu-west-1-fraud-scoring"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/{ROLE_NAME}"
PROJECT = f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/fraud-scoring"
START: dict[str, Any] = {"actions": ["codebuild:StartBuild"], "resources": [PROJECT, f"{PROJECT}-train"]}


@pytest.fixture
async def cloud(
    aws_home: Path, own_account: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cloud]:
    lead_to(own_account, monkeypatch)
    async with door(tmp_path / "state") as opened:
        yield opened


def policy(account: DemoAccount, name: str, document: dict[str, Any], versions: int = 1) -> str:
    """A customer-managed policy that the role holds, with so many versions."""
    client = setup(account, "iam")
    text = json.dumps(document)
    arn = str(client.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"])
    for _ in range(versions - 1):
        client.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
    client.attach_role_policy(RoleName=ROLE_NAME, PolicyArn=arn)
    return arn


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


LOGS = {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"}


async def ours(cloud: Cloud) -> Plan:
    """The plan that would put the statement into our own inline policy."""
    role = await read(cloud, "iam", "GetRole", RoleName=ROLE_NAME)
    current = await read(cloud, "iam", "GetRolePolicy", RoleName=ROLE_NAME, PolicyName="pipemedic-fixes")
    plan = add_action(
        place=EU,
        account=ACCOUNT,
        pipeline="fraud-scoring",
        role_arn=role.get("Role", "Arn"),
        current=current,
        **START,
    )
    assert plan
    assert has_ways(plan)
    return plan


async def test_a_statement_goes_into_a_policy_that_the_role_holds_and_the_pipeline_is_green(
    cloud: Cloud, own_account: DemoAccount
) -> None:
    arn = await asyncio.to_thread(policy, own_account, "build-basics", document(LOGS))
    ways = await other_ways(await ours(cloud), cloud.evidence(EU))
    way = next(each for each in ways if "build-basics" in each.title)
    assert way.plan
    assert way.plan.then is None
    assert any(ROLE_NAME in each for each in way.plan.affects)
    await there_and_back(cloud, way.plan)
    held = await read(cloud, "iam", "GetPolicy", PolicyArn=arn)
    assert held.get("Policy", "DefaultVersionId") == "v3"
    await goes_green(cloud, own_account, "fraud-scoring")


async def test_the_oldest_of_five_versions_makes_room_and_a_full_policy_is_not_offered(
    cloud: Cloud, own_account: DemoAccount
) -> None:
    arn = await asyncio.to_thread(policy, own_account, "crowded", document(LOGS), 5)
    long = [{**LOGS, "Sid": f"S{number}", "Resource": f"arn:aws:logs:*:*:{'x' * 200}{number}"} for number in range(20)]
    await asyncio.to_thread(policy, own_account, "long", document(*long))
    ways = {
        way.title.split("policy ")[1].split()[0]: way for way in await other_ways(await ours(cloud), cloud.evidence(EU))
    }
    assert ways["long"].plan is None
    assert f"{MANAGED_LIMIT:,}" in ways["long"].why_not
    first = ways["crowded"].plan
    assert first
    assert (first.call.operation, first.call.params["VersionId"]) == ("DeletePolicyVersion", "v1")
    assert first.then
    assert (await apply(cloud, first)).outcome is ApplyOutcome.VERIFIED
    assert (await apply(cloud, first)).outcome is ApplyOutcome.CONFLICT
    assert (await apply(cloud, first.then)).outcome is ApplyOutcome.VERIFIED
    versions = await read(cloud, "iam", "ListPolicyVersions", PolicyArn=arn)
    counts = {each["VersionId"]: each["IsDefaultVersion"] for each in versions.get("Versions")}
    assert counts == {"v2": False, "v3": False, "v4": False, "v5": False, "v6": True}


async def test_a_grant_leaves_the_key_policy_as_it_is_and_is_revoked_from_the_journal(
    cloud: Cloud, own_account: DemoAccount
) -> None:
    made = await asyncio.to_thread(setup(own_account, "kms").create_key, Description="artifacts")
    key = made["KeyMetadata"]["Arn"]
    before = await read(cloud, "kms", "GetKeyPolicy", KeyId=key, PolicyName="default")
    plan = allow_key(where("mailer"), key=key, policy=before, principal=ROLE)
    assert plan
    (way,) = await other_ways(plan, cloud.evidence(EU))
    await there_and_back(cloud, way.plan)
    after = await read(cloud, "kms", "GetKeyPolicy", KeyId=key, PolicyName="default")
    assert after.value == before.value
    grants = await read(cloud, "kms", "ListGrants", KeyId=key)
    assert [each["GranteePrincipal"] for each in grants.get("Grants")] == [ROLE]
    (none,) = await other_ways(plan, cloud.evidence(EU))
    assert none.plan is None
