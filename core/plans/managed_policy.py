"""Changes of customer-managed policies: a statement that was missing, as a new version that counts. Pure.

IAM keeps five versions of a policy; the oldest that does not count is deleted first where they are all taken. Sources:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.arn import Arn
from core.fact import Fact, Outcome
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans.iam import statement_id
from core.plans.readback import document
from core.plans.setting import Where, check_of
from core.plans.simulation import all_allowed, simulation_params
from core.policy import MANAGED_LIMIT, allow, as_text, size

__all__ = ["MOST_VERSIONS", "add_action_to_policy", "why_not_policy"]

MOST_VERSIONS = 5


def _versions(fact: Fact) -> tuple[Mapping[str, Any], ...]:
    return tuple(fact.get("Versions", default=()))


def _number(version: str) -> int:
    digits = version.lstrip("v")
    return int(digits) if digits.isdigit() else 0


def _after(current: Fact, actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any] | None:
    before = document(current, "PolicyVersion", "Document")
    return allow(before, statement_id(actions, resources), actions, resources) if before else None


def why_not_policy(
    policy_arn: str, account: str, *, current: Fact, actions: Sequence[str], resources: Sequence[str]
) -> str:
    """Return why a policy cannot take a statement in; empty where it can."""
    arn = Arn.parse(policy_arn)
    if arn is None or arn.account == "aws":
        return "AWS owns it and lets no one change it"
    if arn.account != account:
        return f"it belongs to account {arn.account}"
    after = _after(current, actions, resources)
    if after is None:
        return "its text could not be read"
    if size(after) > MANAGED_LIMIT:
        return f"it would be {size(after):,} characters long, of {MANAGED_LIMIT:,} that IAM allows"
    return ""


def add_action_to_policy(
    where: Where,
    *,
    policy_arn: str,
    current: Fact,
    versions: Fact,
    role_arn: str,
    actions: Sequence[str],
    resources: Sequence[str],
    context: Sequence[tuple[str, str]] = (),
    affects: Sequence[str] = (),
) -> Plan | None:
    """Plan to allow actions in a customer-managed policy that a role holds.

    Args:
        where: for which pipeline, by whom.
        policy_arn: the policy.
        current: GetPolicyVersion of the version that counts.
        versions: ListPolicyVersions.
        role_arn: the role that lacks the actions; the proof is a simulation for it.
        actions: IAM actions, all of one service.
        resources: ARNs, as narrow as the API allows.
        context: condition keys and values that the simulation needs.
        affects: who else holds the policy.

    Returns:
        The plan; where five versions are there, first the plan to delete the oldest that does not count, with this one
        in `then`. None where it cannot be made (`why_not_policy`), or the versions could not be read.
    """
    before, after = document(current, "PolicyVersion", "Document"), _after(current, actions, resources)
    refused = why_not_policy(policy_arn, where.account, current=current, actions=actions, resources=resources)
    if refused or before is None or after is None or not versions.ok:
        return None
    default = str(current.get("PolicyVersion", "VersionId", default=""))
    name = policy_arn.rpartition("/")[2]
    what = ", ".join(actions)
    text = json.dumps(after, separators=(",", ":"))
    params = {"PolicyArn": policy_arn, "PolicyDocument": text, "SetAsDefault": True}
    plan = Plan(
        id="iam.add-action-to-policy",
        title=f"Allow {what} in the policy {name}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=policy_arn,
        call=Call("iam", "CreatePolicyVersion", params),
        risk=Risk.MEDIUM,
        risk_note="All that hold the policy get the permission, on the named resources alone; nothing is taken away.",
        precondition=_counts(policy_arn, default),
        verification=Check(
            f"IAM's simulation allows {what} for {role_arn.rpartition('/')[2]}",
            (Call("iam", "SimulatePrincipalPolicy", simulation_params(role_arn, actions, resources, context)),),
            lambda facts: all_allowed(facts[0], actions, resources),
        ),
        before=as_text(before),
        after=as_text(after),
        permissions=("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:GetPolicy"),
        affects=tuple(affects),
        undo=Undo(
            f"Let version {default} count again",
            Call("iam", "SetDefaultPolicyVersion", {"PolicyArn": policy_arn, "VersionId": default}),
        ),
        made={"VersionId": ("PolicyVersion", "VersionId")},
        present=lambda facts: f"Version {facts[0].get('Policy', 'DefaultVersionId')} counts now, not {default}.",
    )
    held = _versions(versions)
    return plan if len(held) < MOST_VERSIONS else _make_room(where, policy_arn, held, plan)


def _counts(policy_arn: str, version: str) -> Check:
    # A version's text never changes, so that the version that counts stands for the text.
    read = Call("iam", "GetPolicy", {"PolicyArn": policy_arn})
    return Check(
        f"Version {version} of {policy_arn.rpartition('/')[2]} is still the one that counts",
        (read,),
        lambda facts: bool(facts[0].get("Policy", "DefaultVersionId") == version),
    )


def _make_room(where: Where, policy_arn: str, held: Sequence[Mapping[str, Any]], then: Plan) -> Plan | None:
    """Plan to delete the oldest version that does not count, so that there is room for a new one."""
    spare = [str(each.get("VersionId", "")) for each in held if not each.get("IsDefaultVersion")]
    if not spare:
        return None
    oldest, name = min(spare, key=_number), policy_arn.rpartition("/")[2]
    call = Call("iam", "DeletePolicyVersion", {"PolicyArn": policy_arn, "VersionId": oldest})
    listed = Call("iam", "ListPolicyVersions", {"PolicyArn": policy_arn})

    def there(facts: tuple[Fact, ...]) -> bool:
        known = {str(each.get("VersionId")): bool(each.get("IsDefaultVersion")) for each in _versions(facts[0])}
        return facts[0].outcome is Outcome.OK and known.get(oldest) is False

    return Plan(
        id="iam.delete-policy-version",
        title=f"Delete version {oldest} of the policy {name}, to make room for a new one",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=policy_arn,
        call=call,
        risk=Risk.LOW,
        risk_note=f"IAM keeps {MOST_VERSIONS} versions, and all are taken. {oldest} counts for nobody. Step 1 of 2.",
        precondition=Check(f"Version {oldest} is there and does not count", (listed,), there),
        verification=check_of(call),
        before="\n".join(f"{name}: version {each.get('VersionId')}" for each in held),
        after="\n".join(f"{name}: version {each.get('VersionId')}" for each in held if each.get("VersionId") != oldest),
        syntax="text",
        permissions=("iam:DeletePolicyVersion", "iam:ListPolicyVersions"),
        undo=Undo("Its text is in the journal's preview only; a deleted version cannot be brought back"),
        then=replace(then, risk_note=f"{then.risk_note} Step 2 of 2."),
    )
