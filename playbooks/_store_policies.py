"""The artifact bucket's and key's own policies: the permissions playbook's last question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Fix
from core.plans.kms import allow_key
from core.plans.s3 import allow_bucket
from core.playbook import Facts, Step, Subject
from core.policy import document_of, statements

from ._answers import failed, finding, healthy, passed, unknown, unseen
from ._denial import speaks_of_access
from ._fixes import command, planned, retry_hint, where_of
from ._needs import Store, acting_account, store_of
from ._policy_words import denies, grants_to
from ._roles import CAVEAT, label
from ._said import said_of

__all__ = ["STORE"]

_ID = "permissions"
_Map = Mapping[str, Any]


async def _gather_store(subject: Subject, evidence: Evidence) -> Facts:
    store = store_of(subject)
    if store is None:
        return {}

    async def bucket() -> Fact:
        params = {"Bucket": store.bucket}
        return await evidence.read("s3", "GetBucketPolicy", params, region=_elsewhere(subject))

    async def key() -> dict[str, Fact]:
        if not store.key_id:
            return {}
        known = await evidence.read("kms", "DescribeKey", {"KeyId": store.key_id}, region=_elsewhere(subject))
        arn = known.get("KeyMetadata", "Arn", default=store.key_id)
        if known.get("KeyMetadata", "KeyManager") == "AWS":
            return {"key": known}
        params = {"KeyId": arn, "PolicyName": "default"}
        return {
            "key": known,
            "key-policy": await evidence.read("kms", "GetKeyPolicy", params, region=_elsewhere(subject)),
        }

    found, keys = await asyncio.gather(bucket(), key())
    return {"bucket-policy": found, **keys}


def _elsewhere(subject: Subject) -> str:
    return "" if subject.region == subject.ref.place.region else subject.region


def _document(fact: Fact | None) -> _Map | None:
    """The policy document of GetBucketPolicy or GetKeyPolicy; empty where there is none, None where it is not known."""
    if fact is None or fact.outcome is Outcome.NO_DATA:
        return {}
    try:
        return document_of(fact.get("Policy", default={})) if fact.ok else None
    except ValueError:
        return None


def _acting_roles(subject: Subject) -> list[str]:
    return [each for each in dict.fromkeys((subject.role_arn, subject.definition.role_arn)) if each]


def _bucket_trouble(subject: Subject, document: _Map, bucket: str) -> tuple[str, str]:
    """(cause, sentence) of what the bucket policy does to the roles; empty for nothing."""
    for role in _acting_roles(subject):
        if sid := denies(statements(document), role, "s3:GetObject"):
            return "permission.explicit-deny", f"The policy of bucket {bucket} denies {label(role)} (statement {sid})."
    if acting_account(subject) != subject.identity.account and not grants_to(
        statements(document), subject.role_arn, "s3:GetObject"
    ):
        return (
            "permission.cross-account",
            f"The policy of bucket {bucket} does not let {subject.role_arn} of account {acting_account(subject)} read.",
        )
    return "", ""


def _key_trouble(subject: Subject, facts: Facts) -> tuple[str, str]:  # noqa: PLR0911 (one return a trouble)
    """(cause, sentence) of what is wrong with the artifact key; empty for nothing."""
    key = facts.get("key")
    if key is None:
        return "", ""
    if key.outcome is Outcome.NO_DATA:
        return "artifact.kms-denied", f"KMS knows no such key: {key.params.get('KeyId')}."
    state = key.get("KeyMetadata", "KeyState", default="Enabled")
    name = key.get("KeyMetadata", "Arn", default=str(key.params.get("KeyId")))
    if state != "Enabled":
        return "artifact.kms-denied", f"The artifact key {name} is {state}."
    document = _document(facts.get("key-policy"))
    if not document:
        return "", ""
    for role in _acting_roles(subject):
        if sid := denies(statements(document), role, "kms:Decrypt"):
            return "permission.explicit-deny", f"The policy of key {name} denies {label(role)} (statement {sid})."
    across = acting_account(subject) != subject.identity.account
    if across and not grants_to(statements(document), subject.role_arn, "kms:Decrypt"):
        return "artifact.kms-denied", f"The policy of key {name} does not let {subject.role_arn} decrypt."
    return "", ""


def _judge_store(subject: Subject, facts: Facts) -> Answer:
    store = store_of(subject)
    if store is None:
        return unknown("The definition has no artifact store for the action's region.")
    cited = list(facts.values())
    document = _document(facts.get("bucket-policy"))
    troubles = [] if document is None else [_bucket_trouble(subject, document, store.bucket)]
    troubles.append(_key_trouble(subject, facts))
    troubles = [each for each in troubles if each[0]]
    if not troubles:
        if cannot := unseen(*cited):
            return cannot
        key = f" and key {store.key_id}" if store.key_id else ""
        return passed(f"Nothing in the policies of bucket {store.bucket}{key} keeps the roles out.", *cited)
    said = said_of(subject)
    if healthy(subject):
        return unknown(f"{' '.join(text for _, text in troubles)} The last run passed all the same.", *cited)
    proven = speaks_of_access(said) and any(word in said.lower() for word in ("s3", "kms", "artifact", "bucket"))
    findings = [
        finding(
            subject,
            _ID,
            cause,
            0.93 if proven else 0.5,
            text.rstrip("."),
            f"{text} Artifacts lie in that bucket under that key; without both the action gets nothing. {CAVEAT}",
            cited,
            fixes=[_store_fix(subject, facts, store, cause, text)],
            disproved_by="a read of an artifact of this pipeline with that role that succeeds",
            proven=proven,
        )
        for cause, text in troubles
    ]
    return failed(" ".join(text for _, text in troubles), *cited, findings=findings)


def _store_fix(subject: Subject, facts: Facts, store: Store, cause: str, text: str) -> Fix:
    """Let the role in where that is all that lacks; a deny, or a key's state, is for a person."""
    key, plan = store.key or store.key_id, None
    role = subject.role_arn
    if cause == "permission.cross-account" and "bucket-policy" in facts:
        plan = allow_bucket(
            where_of(subject),
            bucket=store.bucket,
            policy=facts["bucket-policy"],
            principal=role,
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            resources=[store.objects],
        )
    elif cause == "artifact.kms-denied" and "does not let" in text and "key-policy" in facts:
        arn = str(facts["key"].get("KeyMetadata", "Arn", default=key))
        plan = allow_key(where_of(subject), key=arn, policy=facts["key-policy"], principal=role)
    commands = [command(subject, "s3", "GetBucketPolicy", Bucket=store.bucket)]
    if key:
        commands.append(command(subject, "kms", "GetKeyPolicy", KeyId=key, PolicyName="default"))
    whole = "Bucket and key policies are replaced whole, so change the present text and put all of it back."
    steps = [text, f"Correct the statement (or the key's state) where the policy is made. {whole}", retry_hint(subject)]
    return planned(
        "permissions.store-policy", "Correct the bucket's or the key's policy", plan, steps, commands=commands
    )


STORE = Step(
    id="store",
    question="Do the artifact bucket's and key's own policies let the roles in?",
    why="Across accounts both sides must allow, and an explicit deny on either side outweighs every allow.",
    reads=("s3:GetBucketPolicy", "kms:DescribeKey", "kms:GetKeyPolicy"),
    gather=_gather_store,
    judge=_judge_store,
)
