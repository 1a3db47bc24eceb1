"""Changes of key policies. Pure. Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans.readback import document
from core.plans.setting import Setting, Where, setting
from core.policy import as_text, statements

__all__ = ["ARTIFACT_ACTIONS", "KEY_POLICY_LIMIT", "allow_key"]

KEY_POLICY_LIMIT = 32_768  # bytes (KMS quotas page)
# What CodePipeline, CodeBuild and deployment roles do with the key of an artifact store.
ARTIFACT_ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def _put(key: str, document_: dict[str, Any]) -> Call:
    text = json.dumps(document_, separators=(",", ":"))
    return Call("kms", "PutKeyPolicy", {"KeyId": key, "PolicyName": "default", "Policy": text})


def allow_key(
    where: Where,
    *,
    key: str,
    policy: Fact,
    principal: str,
    actions: Sequence[str] = ARTIFACT_ACTIONS,
    affects: tuple[str, ...] = (),
) -> Plan | None:
    """Plan to let a role use a key, by a statement of the key's own policy.

    Args:
        where: for which pipeline, by whom.
        key: the key's ARN or id.
        policy: GetKeyPolicy of it.
        principal: the role's ARN.
        actions: what it may do with the key.
        affects: what else the key protects.

    Returns:
        The plan; None where the policy could not be read or would grow over KMS's limit.
    """
    before = document(policy, "Policy")
    if not before:
        return None
    sid = f"AllowUseOf{principal.rpartition('/')[2]}".replace("-", "").replace("_", "")[:64]
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions),
        "Resource": "*",  # in a key policy: this key
    }
    kept = [dict(each) for each in statements(before) if each.get("Sid") != sid]
    after = {**before, "Statement": [*kept, statement]}
    if len(json.dumps(after, separators=(",", ":")).encode()) > KEY_POLICY_LIMIT:
        return None
    return setting(
        where,
        Setting(
            id="kms.allow-key",
            title=f"Let {principal.rpartition('/')[2]} use the key {key.rpartition('/')[2]}",
            resource=key,
            call=_put(key, after),
            back=_put(key, before),
            back_words="Put the earlier key policy back",
            before=as_text(before),
            after=as_text(after),
            risk=Risk.MEDIUM,
            risk_note="Adds one statement to the key's policy; what the key protects can be read by one more role.",
            permissions=("kms:PutKeyPolicy", "kms:GetKeyPolicy"),
            affects=affects,
            basis={"key": key, "principal": principal},
        ),
    )
