"""The wizard offers other ways: a customer-managed policy that the role holds, instead of our own."""

from __future__ import annotations

import asyncio
import json

from demo.process import DemoAccount
from tests.aws.changing import setup
from tests.tui.actions.person import apply, go_to, outcome
from tests.tui.walk import walking
from tui.screens.fix import FixScreen

ROLE = "AWSCodePipelineServiceRole-eu-west-1-fraud-scoring"


def attach(account: DemoAccount) -> None:
    client = setup(account, "iam")
    logs = {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [logs]})
    arn = client.create_policy(PolicyName="build-basics", PolicyDocument=text)["Policy"]["Arn"]
    client.attach_role_policy(RoleName=ROLE, PolicyArn=arn)


async def test_the_statement_goes_into_a_chosen_policy(on_own: DemoAccount) -> None:
    await asyncio.to_thread(attach, on_own)
    async with walking() as walk:
        await walk.read()
        await go_to(walk, "fraud-scoring")
        await walk.until(lambda: "f" in walk.keys)
        await walk.press("f")
        await walk.on("FixScreen")
        await walk.until(lambda: "w" in walk.keys)
        await walk.press("w")
        await walk.on("AskScreen")
        await walk.shows("Which other way?", "build-basics")
        await walk.press("enter")
        await walk.until(
            lambda: isinstance(walk.app.screen, FixScreen) and walk.app.screen.plan.id == "iam.add-action-to-policy"
        )
        await walk.on("FixScreen")
        await walk.shows("Allow codebuild:StartBuild in the policy build-basics")
        await apply(walk)
        assert outcome(walk) == "verified"
    told = await asyncio.to_thread(on_own.calls)
    assert told["by_operation"]["iam:CreatePolicyVersion"] == 1
    assert "iam:PutRolePolicy" not in told["by_operation"]
