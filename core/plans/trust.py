"""Changes of who may take a role on. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
"""

from __future__ import annotations

import json
from typing import Any

from core.arn import Arn
from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans.iam import role_name
from core.plans.readback import document
from core.plans.setting import Setting, Where, setting
from core.policy import as_text, statements

__all__ = ["TRUST_LIMIT", "trust_principal"]

# Characters of a trust policy, white space not counted (IAM quotas page: 2,048 unless raised).
TRUST_LIMIT = 2048


def _put(name: str, document_: dict[str, Any]) -> Call:
    text = json.dumps(document_, separators=(",", ":"))
    return Call("iam", "UpdateAssumeRolePolicy", {"RoleName": name, "PolicyDocument": text})


def _trusting(before: dict[str, Any], principal: str) -> dict[str, Any]:
    kind = "AWS" if principal.startswith("arn:") else "Service"
    statement = {"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole"}
    return {
        **before,
        "Version": before.get("Version", "2012-10-17"),
        "Statement": [*map(dict, statements(before)), statement],
    }


def trust_principal(where: Where, *, role: Fact, principal: str, affects: tuple[str, ...] = ()) -> Plan | None:
    """Plan to let a service or another role take a role on.

    Args:
        where: for which pipeline, by whom.
        role: GetRole of the role.
        principal: a service (``codebuild.amazonaws.com``) or the ARN of a role or account.
        affects: who else uses the role.

    Returns:
        The plan; None where the role could not be read, is another account's or a service-linked one, or its trust
        policy would grow over IAM's limit.
    """
    arn = str(role.get("Role", "Arn", default=""))
    parsed, name = Arn.parse(arn), role_name(arn)
    before = document(role, "Role", "AssumeRolePolicyDocument")
    if parsed is None or not name or not before or parsed.account != where.account:
        return None
    after = _trusting(before, principal)
    if "/aws-service-role/" in arn or len(json.dumps(after, separators=(",", ":"))) > TRUST_LIMIT:
        return None
    return setting(
        where,
        Setting(
            id="iam.trust-principal",
            title=f"Let {principal} assume role {name}",
            resource=arn,
            call=_put(name, after),
            back=_put(name, before),
            back_words="Put the earlier trust policy back",
            before=as_text(before),
            after=as_text(after),
            risk=Risk.MEDIUM,
            risk_note=f"Whoever acts as {principal} gets all that the role may do; nothing is taken away.",
            permissions=("iam:UpdateAssumeRolePolicy",),
            affects=affects,
        ),
    )
