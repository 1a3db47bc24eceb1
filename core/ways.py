"""Other ways to reach what a plan is for: a customer-managed policy instead of ours, a grant instead of a key policy.

Reads what it must know; what is then planned is pure, as every plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from core.fact import Evidence, Fact
from core.plan import Plan
from core.plans.grants import grant_key
from core.plans.iam import role_name
from core.plans.managed_policy import add_action_to_policy, why_not_policy
from core.plans.setting import Where

__all__ = ["Way", "has_ways", "other_ways"]

_MOST_USERS = 8


@dataclass(frozen=True, slots=True)
class Way:
    """One other way.

    Attributes:
        title: what it does, in the imperative.
        plan: how; None where it cannot be done.
        why_not: why; empty where it can.
    """

    title: str
    plan: Plan | None = None
    why_not: str = ""


def has_ways(plan: Plan) -> bool:
    """Whether other ways to the same end are known."""
    return plan.id in _WAYS


async def other_ways(plan: Plan, evidence: Evidence) -> tuple[Way, ...]:
    """Return the other ways, those that can be gone first; empty where none is known or nothing could be read."""
    find = _WAYS.get(plan.id)
    found = await find(plan, evidence) if find else ()
    return tuple(sorted(found, key=lambda way: way.plan is None))


def _where(plan: Plan) -> Where:
    return Where(plan.place, plan.account, plan.pipeline)


async def _policies(plan: Plan, evidence: Evidence) -> tuple[Way, ...]:
    """Each managed policy that the role holds."""
    listed = await evidence.read("iam", "ListAttachedRolePolicies", {"RoleName": role_name(plan.basis["role"])})
    arns = [str(each.get("PolicyArn", "")) for each in listed.get("AttachedPolicies", default=())]
    return tuple(await asyncio.gather(*(_policy(plan, evidence, arn) for arn in arns)))


async def _policy(plan: Plan, evidence: Evidence, policy_arn: str) -> Way:
    basis, name = plan.basis, policy_arn.rpartition("/")[2]
    title = f"Add the statement to the policy {name} that the role holds"
    if ":iam::aws:" in policy_arn:
        return Way(title, why_not="AWS owns it and lets no one change it")
    policy = await evidence.read("iam", "GetPolicy", {"PolicyArn": policy_arn})
    version = str(policy.get("Policy", "DefaultVersionId", default=""))
    current, versions, users = await asyncio.gather(
        evidence.read("iam", "GetPolicyVersion", {"PolicyArn": policy_arn, "VersionId": version}),
        evidence.read("iam", "ListPolicyVersions", {"PolicyArn": policy_arn}),
        evidence.read("iam", "ListEntitiesForPolicy", {"PolicyArn": policy_arn}),
    )
    actions, resources = basis["actions"], basis["resources"]
    why = why_not_policy(policy_arn, plan.account, current=current, actions=actions, resources=resources)
    made = add_action_to_policy(
        _where(plan),
        policy_arn=policy_arn,
        current=current,
        versions=versions,
        role_arn=basis["role"],
        actions=actions,
        resources=resources,
        context=basis["context"],
        affects=_holders(users),
    )
    return Way(title, made, "" if made else why or "its versions could not be read")


def _holders(users: Fact) -> tuple[str, ...]:
    """Who else holds a policy, one a line."""
    kinds = (
        ("PolicyRoles", "RoleName", "role"),
        ("PolicyUsers", "UserName", "user"),
        ("PolicyGroups", "GroupName", "group"),
    )
    found = [
        f"{word} {each.get(name, '')} holds the policy"
        for member, name, word in kinds
        for each in users.get(member, default=())
    ]
    more = len(found) - _MOST_USERS
    return (*found[:_MOST_USERS], *((f"and {more} more",) if more > 0 else ()))


async def _grant(plan: Plan, evidence: Evidence) -> tuple[Way, ...]:
    key, principal = plan.basis["key"], plan.basis["principal"]
    current = await evidence.read("kms", "ListGrants", {"KeyId": key, "GranteePrincipal": principal})
    made = grant_key(_where(plan), key=key, principal=principal, current=current, affects=plan.affects)
    title = "Make a grant, and leave the key's policy as it is"
    return (Way(title, made, "" if made else "the grants could not be read, or one allows it already"),)


_WAYS: Mapping[str, Callable[[Plan, Evidence], Awaitable[tuple[Way, ...]]]] = {
    "iam.add-action": _policies,
    "kms.allow-key": _grant,
}
