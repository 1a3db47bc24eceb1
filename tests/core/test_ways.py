"""Other ways to what a plan is for, on recorded answers."""

from __future__ import annotations

from core.fact import Fact, Outcome
from core.place import Place
from core.plan import Plan
from core.plans.iam import add_action
from core.ways import has_ways, other_ways
from tests.playbooks.recorded import Recorded, denied, reply

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
AWS_OWN = "arn:aws:iam::aws:policy/AWSCodeBuildDeveloperAccess"
FOREIGN = "arn:aws:iam::444455556666:policy/shared"
VERSION = {"PolicyVersion": {"Document": {"Statement": []}, "VersionId": "v1"}}


def ours() -> Plan:
    plan = add_action(
        place=Place("", "eu-west-1"),
        account=ACCOUNT,
        pipeline="web",
        role_arn=ROLE,
        actions=["s3:GetObject"],
        resources=["arn:aws:s3:::store/*"],
        current=Fact(1, "iam", "GetRolePolicy", {}, Outcome.NO_DATA),
    )
    assert plan
    assert has_ways(plan)
    return plan


async def test_policies_that_cannot_be_changed_are_named_with_why() -> None:
    held = [{"PolicyArn": AWS_OWN}, {"PolicyArn": FOREIGN}]
    evidence = Recorded(
        reply("iam", "ListAttachedRolePolicies", {"AttachedPolicies": held}),
        reply("iam", "GetPolicy", {"Policy": {"DefaultVersionId": "v1"}}),
        reply("iam", "GetPolicyVersion", VERSION),
        reply("iam", "ListPolicyVersions", {"Versions": [{"VersionId": "v1", "IsDefaultVersion": True}]}),
        denied("iam", "ListEntitiesForPolicy"),
    )
    ways = await other_ways(ours(), evidence)
    assert [way.plan for way in ways] == [None, None]
    assert {way.why_not for way in ways} == {
        "AWS owns it and lets no one change it",
        "it belongs to account 444455556666",
    }


async def test_nothing_is_offered_where_the_policies_may_not_be_listed() -> None:
    assert await other_ways(ours(), Recorded(denied("iam", "ListAttachedRolePolicies"))) == ()
