"""The artifact store's own KMS key: usable, and rotated."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity


def _judge(case: Case) -> Iterator[Issue]:
    for key in dict.fromkeys(store.key for store in case.definition.stores.values() if store.key):
        described = case.ok(Kind.KEY, key)
        if described is None or described.get("KeyMetadata", "KeyManager") == "AWS":
            continue
        arn = str(described.get("KeyMetadata", "Arn", default=key))
        state = str(described.get("KeyMetadata", "KeyState", default="Enabled"))
        if state != "Enabled":
            yield Issue(
                Severity.HIGH,
                f"The artifact key {arn.rpartition('/')[2]} is {state}",
                "No stage can read or write an artifact with it; once it is deleted, no artifact can be read again.",
                arn,
                "state",
                facts=(described,),
                lines=((described.n, f"KeyState {state}"),),
                fixes=(
                    fix(
                        f"audit.key-state:{key}",
                        "Bring the key back, or name another one",
                        ("Cancel its deletion and enable it, or have the artifact store use another key.",),
                        commands=(
                            command(case, "kms", "CancelKeyDeletion", KeyId=arn),
                            command(case, "kms", "EnableKey", KeyId=arn),
                        ),
                    ),
                ),
            )
            continue
        rotation = case.ok(Kind.KEY_ROTATION, key)
        if rotation and rotation.get("KeyRotationEnabled") is False:
            yield Issue(
                Severity.LOW,
                f"The artifact key {arn.rpartition('/')[2]} is not rotated",
                "Its material stays the same for ever.",
                arn,
                "rotation",
                facts=(rotation,),
                fixes=(
                    fix(
                        f"audit.key-rotation:{key}",
                        "Turn automatic rotation on",
                        ("What was encrypted before stays readable: KMS keeps the older material.",),
                        commands=(command(case, "kms", "EnableKeyRotation", KeyId=arn),),
                    ),
                ),
            )


RULE = Rule(
    "store-key",
    "audit.artifact-store",
    "The artifact key is unusable or not rotated",
    "Every stage reads and writes its artifacts with this key.",
    Severity.HIGH,
    (Kind.KEY, Kind.KEY_ROTATION),
    _judge,
    "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
)
