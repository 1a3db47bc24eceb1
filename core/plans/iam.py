"""Changes of roles: the least statement that was missing, in an inline policy of our own. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from core.arn import Arn
from core.fact import Fact, Outcome
from core.place import Place
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans.simulation import all_allowed, simulation_params
from core.policy import EMPTY, INLINE_LIMIT, allow, as_text, document_of, size

__all__ = ["POLICY_NAME", "add_action", "role_name", "statement_id"]

POLICY_NAME = "pipemedic-fixes"


def role_name(role_arn: str) -> str:
    """Return the role's name (its ARN without the path), as IAM's operations want it; empty for what is no role."""
    arn = Arn.parse(role_arn)
    return arn.name if arn and arn.service == "iam" and arn.resource.startswith("role/") else ""


def statement_id(actions: Sequence[str], resources: Sequence[str]) -> str:
    """Return a statement's id: the service, and a mark of the resources, so that the same resources meet again."""
    service = "".join(part.capitalize() for part in actions[0].partition(":")[0].split("-")) if actions else "All"
    mark = hashlib.sha256("\n".join(sorted(resources)).encode()).hexdigest()[:8]
    return f"{service}{mark}"


def add_action(
    *,
    place: Place,
    account: str,
    pipeline: str,
    role_arn: str,
    actions: Sequence[str],
    resources: Sequence[str],
    current: Fact,
    others: Sequence[Fact] = (),
    affects: Sequence[str] = (),
    context: Sequence[tuple[str, str]] = (),
) -> Plan | None:
    """Plan to allow the actions on the resources in the role's inline policy `pipemedic-fixes`.

    Args:
        place: through which profile and region the change is made.
        account: the account of the caller.
        pipeline: for the journal.
        role_arn: the role that lacks the actions.
        actions: IAM actions, all of one service.
        resources: ARNs, as narrow as the API allows.
        current: GetRolePolicy of `pipemedic-fixes` (absent: `no_data`).
        others: GetRolePolicy of the role's other inline policies; they count against the limit of their sum.
        affects: who else uses the role.
        context: condition keys and values that the verifying simulation needs.

    Returns:
        The plan; None where it cannot be made from here: the role is a service-linked one, or of another account; the
        present policies were not readable; the role's inline policies would grow over IAM's limit.
    """
    arn, name = Arn.parse(role_arn), role_name(role_arn)
    if arn is None or not name or arn.account != account or "/aws-service-role/" in arn.resource or not actions:
        return None
    before = _document(current)
    if before is None or any(not fact.ok for fact in others):
        return None
    after = allow(before or EMPTY, statement_id(actions, resources), actions, resources)
    if size(after) + sum(size(_document(fact) or {}) for fact in others) > INLINE_LIMIT:
        return None
    what = " and ".join([", ".join(actions[:-1]), actions[-1]] if len(actions) > 1 else actions)
    return Plan(
        id="iam.add-action",
        title=f"Allow {what} for role {name}",
        place=place,
        account=account,
        pipeline=pipeline,
        resource=role_arn,
        call=_put(name, after),
        risk=Risk.LOW,
        risk_note="Adds permissions to one role, on the named resources alone; nothing is taken away.",
        precondition=_unchanged(name, before),
        verification=Check(
            describe=f"IAM's simulation allows {what} for {name}",
            reads=(Call("iam", "SimulatePrincipalPolicy", simulation_params(role_arn, actions, resources, context)),),
            holds=lambda facts: all_allowed(facts[0], actions, resources),
        ),
        before=as_text(before) if before else "",
        after=as_text(after),
        permissions=("iam:PutRolePolicy",),
        affects=tuple(affects),
        undo=_undo(name, before),
        basis={"role": role_arn, "actions": tuple(actions), "resources": tuple(resources), "context": tuple(context)},
        present=lambda facts: as_text(_document(facts[0]) or {}),
    )


def _document(fact: Fact) -> dict[str, Any] | None:
    """The policy document within GetRolePolicy; empty where there is none yet, None where it could not be read."""
    if fact.outcome is Outcome.NO_DATA:
        return {}
    if not fact.ok:
        return None
    try:
        return document_of(fact.get("PolicyDocument", default={}))
    except ValueError:
        return None


def _put(name: str, document: dict[str, Any]) -> Call:
    text = json.dumps(document, separators=(",", ":"))
    return Call("iam", "PutRolePolicy", {"RoleName": name, "PolicyName": POLICY_NAME, "PolicyDocument": text})


def _unchanged(name: str, before: dict[str, Any]) -> Check:
    return Check(
        describe=f"The inline policy {POLICY_NAME} of {name} is still as it was read",
        reads=(Call("iam", "GetRolePolicy", {"RoleName": name, "PolicyName": POLICY_NAME}),),
        holds=lambda facts: _document(facts[0]) == before,
    )


def _undo(name: str, before: dict[str, Any]) -> Undo:
    if before:
        return Undo(f"Put the earlier version of {POLICY_NAME} back", _put(name, before))
    call = Call("iam", "DeleteRolePolicy", {"RoleName": name, "PolicyName": POLICY_NAME})
    return Undo(f"Delete the inline policy {POLICY_NAME} from {name}", call)
