"""A grant of a key: a role may use it, and the key's policy stays as it is. Pure.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html (a grant counts within a few minutes).
"""

from __future__ import annotations

from collections.abc import Sequence

from core.arn import Arn
from core.fact import Fact
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans.setting import Where, check_of

__all__ = ["GRANT_OPERATIONS", "grant_key"]

# What CodePipeline, CodeBuild and deployment roles do with the key of an artifact store, as grants name it.
GRANT_OPERATIONS = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")


def grant_key(
    where: Where,
    *,
    key: str,
    principal: str,
    current: Fact,
    operations: Sequence[str] = GRANT_OPERATIONS,
    affects: tuple[str, ...] = (),
) -> Plan | None:
    """Plan to let a role use a key by a grant.

    Args:
        where: for which pipeline, by whom.
        key: the key's ARN or id.
        principal: the role's ARN.
        current: ListGrants of the key for that principal.
        operations: what it may do with the key, as grants name it.
        affects: what else the key protects.

    Returns:
        The plan; None where the grants could not be read, or one of them allows all of it already.
    """
    held = tuple(current.get("Grants", default=()))
    has = [each for each in held if set(operations) <= set(each.get("Operations") or ())]
    if not current.ok or has or Arn.parse(principal) is None:
        return None
    short, name = key.rpartition("/")[2], principal.rpartition("/")[2]
    params = {
        "KeyId": key,
        "GranteePrincipal": principal,
        "Operations": list(operations),
        "Name": f"pipemedic-{name}"[:256],
    }
    call = Call("kms", "CreateGrant", params)
    known = frozenset(str(each.get("GrantId")) for each in held)
    return Plan(
        id="kms.grant-key",
        title=f"Grant {name} the use of the key {short}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=key,
        call=call,
        risk=Risk.MEDIUM,
        risk_note="One more role reads what the key protects; its policy stays. A grant takes minutes to count.",
        precondition=Check(
            f"The grants of {name} are as they were read",
            (Call("kms", "ListGrants", {"KeyId": key, "GranteePrincipal": principal}),),
            lambda facts: (
                facts[0].ok
                and frozenset(str(each.get("GrantId")) for each in facts[0].get("Grants", default=())) == known
            ),
        ),
        verification=check_of(call, deadline_s=180.0),
        before="\n".join(f"{name}: {', '.join(each.get('Operations') or ())}" for each in held),
        after="\n".join(
            (
                *(f"{name}: {', '.join(each.get('Operations') or ())}" for each in held),
                f"{name}: {', '.join(operations)}",
            )
        ),
        syntax="text",
        permissions=("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
        affects=affects,
        made={"GrantId": ("GrantId",)},
        undo=Undo(
            "Revoke the grant",
            follow=lambda made: Call("kms", "RevokeGrant", {"KeyId": key, "GrantId": made["GrantId"]}),
        ),
    )
