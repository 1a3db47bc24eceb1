"""The buckets that carry artifacts: there, in their regions, for how long, and what their own policies demand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject
from core.policy import document_of, statements

from ._answers import failed, failing, finding, healthy, not_applicable, passed, plural, unknown, unseen
from ._denial import speaks_of_access
from ._fixes import command, elsewhere, manual, retry_hint
from ._needs import Store, store_of
from ._policy_words import in_words
from ._said import otherwise, said_of

__all__ = ["BUCKET", "LOST", "POLICY", "missing", "short_rules"]

_ID = "artifacts"
_Map = Mapping[str, Any]
_BUCKET_WORDS = re.compile(r"bucket|\bs3\b|artifact", re.IGNORECASE)
# S3 says "denied" of what is gone to whoever may not list it.
LOST = ("artifact.missing", "artifact.access-denied", "source.object-missing")
_WEEK_DAYS = 7.0
_APPROVAL_MIN = 7 * 24 * 60  # https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html


def missing(subject: Subject, cited: Sequence[Fact], title: str, why: str, *, told: bool) -> Finding:
    """The finding where an artifact, or what holds it, is not there; `told`: the failure speaks of it."""
    fix = manual(
        "artifacts.missing",
        "Let names and files of the artifacts agree",
        [
            f"{title}. {why}".strip(),
            (
                "Correct the input of the action or the output of its maker; then release the change anew, since a "
                "retry "
                "takes the artifacts of the same execution."
            ),
        ],
        commands=[command(subject, "codepipeline", "GetPipeline", name=subject.ref.name)],
    )
    return finding(
        subject,
        _ID,
        "artifact.missing",
        0.94 if told else 0.33,
        title,
        f"{title}. {why} Without its input the action cannot begin.".strip(),
        cited,
        fixes=[fix],
        disproved_by="the object in the artifact store, under the key that the execution names",
        proven=told,
    )


async def _gather_bucket(subject: Subject, evidence: Evidence) -> Facts:
    store = store_of(subject)
    if store is None:
        return {}
    params, region = {"Bucket": store.bucket}, elsewhere(subject)
    others = {at: each.location for at, each in subject.definition.stores.items() if each.location != store.bucket}
    location, lifecycle, *rest = await asyncio.gather(
        evidence.read("s3", "GetBucketLocation", params, region=region),
        evidence.read("s3", "GetBucketLifecycleConfiguration", params, region=region),
        *(evidence.read("s3", "GetBucketLocation", {"Bucket": name}, region=at) for at, name in others.items()),
    )
    beside = {f"store:{at}": fact for at, fact in zip(others, rest, strict=True)}
    return {"location": location, "lifecycle": lifecycle, **beside}


def _region_of(fact: Fact) -> str:
    """The region that GetBucketLocation names."""
    where = str(fact.get("LocationConstraint", default="") or "us-east-1")
    return "eu-west-1" if where == "EU" else where


def _stores(subject: Subject, facts: Facts) -> list[tuple[int, str]]:
    """The stores of the other regions, and what is odd about them."""
    lines = []
    for name, fact in facts.items():
        kind, _, region = name.partition(":")
        if kind == "store":
            bucket = fact.params.get("Bucket")
            odd = "does not exist" if fact.outcome is Outcome.NO_DATA else ""
            odd = odd or (f"lies in {_region_of(fact)}" if fact.ok and _region_of(fact) != region else "")
            lines.append((fact.n, f"store of {region}: {bucket}{f', which {odd}' if odd else ''}"))
    used = {action.region for stage in subject.definition.stages for action in stage.actions if action.region}
    have = set(subject.definition.stores)
    lacking = sorted(used - have - {subject.ref.place.region}) if "" not in have else []
    return [*lines, *((0, f"there is no store for {each}, where an action runs") for each in lacking)]


def _patience_days(subject: Subject) -> tuple[float, str]:
    """How long artifacts may be waited with, in days, and what waits that long: an approval, else a week's stop."""
    waits = [
        ((action.timeout_min or _APPROVAL_MIN) / 1440, f"approval {action.name} may wait")
        for stage in subject.definition.stages
        for action in stage.actions
        if action.category == "Approval"
    ]
    return max(waits, default=(1.0, "a retry may come"))


def short_rules(subject: Subject, fact: Fact) -> list[tuple[str, int]]:
    """(rule, days) of lifecycle rules that delete this pipeline's artifacts while they may still be needed."""
    most, found = max(_WEEK_DAYS, _patience_days(subject)[0]), []
    for rule in fact.get("Rules", default=()):
        days = (rule.get("Expiration") or {}).get("Days")
        prefix = str(rule.get("Prefix") or (rule.get("Filter") or {}).get("Prefix") or "")
        mine = f"{subject.definition.name[:20]}/".startswith(prefix) or prefix.startswith(subject.definition.name[:20])
        if rule.get("Status") == "Enabled" and isinstance(days, int) and days <= most and mine:
            found.append((str(rule.get("ID", "?")), days))
    return found


def _judge_bucket(subject: Subject, facts: Facts) -> Answer:
    store = store_of(subject)
    if store is None:
        return _no_store(subject)
    location, lifecycle = facts["location"], facts["lifecycle"]
    if cannot := unseen(location):
        return cannot
    if location.outcome is Outcome.NO_DATA:
        title = f"The artifact bucket {store.bucket} does not exist"
        if not failing(subject):
            return unknown(f"{title}, yet the action has not failed.", location)
        said = said_of(subject)
        about = f"{subject.definition.name[:20]}/" in said or _BUCKET_WORDS.search(said) is not None
        told = about and not otherwise(subject, *LOST) and not speaks_of_access(said)
        one = missing(subject, [location], title, "It was deleted, and every artifact with it.", told=told)
        return failed(f"{title}.", location, findings=[one])
    where = _region_of(location)
    if where != subject.region:
        return _wrong_region(subject, store, location, where)
    short = short_rules(subject, lifecycle) if lifecycle.ok else []
    lines, note = _stores(subject, facts), ""
    if short:
        days, who = _patience_days(subject)
        note = (
            f" Lifecycle rule {short[0][0]} deletes artifacts after {plural(short[0][1], 'day')}; {who} "
            f"{plural(round(days), 'day')}."
        )
    return passed(f"Bucket {store.bucket} lies in {where}.{note}", location, lifecycle, lines=lines)


def _no_store(subject: Subject) -> Answer:
    title = f"There is no artifact store for {subject.region}, where {subject.action.name} runs"
    if healthy(subject):
        return unknown(f"{title}.")
    fix = manual(
        "artifacts.store",
        "Add an artifact store for the region",
        [f"Add a bucket in {subject.region} to artifactStores of the pipeline.", "Release the change anew."],
        commands=[command(subject, "codepipeline", "GetPipeline", name=subject.ref.name)],
    )
    one = finding(subject, _ID, "flow.region", 0.85, title, f"{title}: its artifacts have no place there.", fixes=[fix])
    return failed(f"{title}.", findings=[one])


def _wrong_region(subject: Subject, store: Store, location: Fact, where: str) -> Answer:
    title = f"The artifact bucket {store.bucket} lies in {where}; the action runs in {subject.region}"
    if not failing(subject):
        return unknown(f"{title}.", location)
    told = "region" in subject.action_state.error_message.lower()
    fix = manual(
        "artifacts.region",
        "Use a bucket of the action's region",
        [title + ".", "Name a bucket of that region in artifactStores; then release the change anew."],
        commands=[command(subject, "codepipeline", "GetPipeline", name=subject.ref.name)],
    )
    one = finding(
        subject,
        _ID,
        "flow.region",
        0.92 if told else 0.3,
        title,
        f"{title}. An action reads its artifacts from a bucket of its own region only.",
        [location],
        fixes=[fix],
        disproved_by="the bucket's location",
        proven=told,
    )
    return failed(f"{title}.", location, findings=[one])


BUCKET = Step(
    id="bucket",
    question="Do the artifact buckets exist, each in its region, and do they keep artifacts long enough?",
    why="A lifecycle rule shorter than an approval's patience deletes what is still to be deployed.",
    reads=("s3:GetBucketLocation", "s3:GetLifecycleConfiguration"),
    gather=_gather_bucket,
    judge=_judge_bucket,
)


# --- the bucket's own policy

_KEY_CONDITION = "s3:x-amz-server-side-encryption-aws-kms-key-id"


async def _gather_policy(subject: Subject, evidence: Evidence) -> Facts:
    store = store_of(subject)
    if store is None:
        return {}
    region = elsewhere(subject)
    return {"bucket-policy": await evidence.read("s3", "GetBucketPolicy", {"Bucket": store.bucket}, region=region)}


def _statements(fact: Fact) -> list[_Map]:
    try:
        return list(statements(document_of(fact.get("Policy", default={}))))
    except ValueError:
        return []


def _other_key(store: Store, found: Sequence[_Map]) -> str:
    """The key that the policy demands of every upload, where the store uses another one; empty for none."""
    if store.key_id and not store.key:
        return ""  # an alias: which key it names is not known here
    for each in found:
        for operator, tests in (each.get("Condition") or {}).items():
            wanted = next((value for key, value in tests.items() if str(key).lower() == _KEY_CONDITION), None)
            keys = [wanted] if isinstance(wanted, str) else list(wanted or ())
            if each.get("Effect") == "Deny" and "NotEquals" in operator and keys and store.key not in keys:
                return str(keys[0])
    return ""


def _judge_policy(subject: Subject, facts: Facts) -> Answer:
    store, fact = store_of(subject), facts.get("bucket-policy")
    if store is None or fact is None:
        return not_applicable("The definition has no artifact store for the action's region.")
    if cannot := unseen(fact):
        return cannot
    found = _statements(fact) if fact.ok else []
    lines = [(fact.n, in_words(each)) for each in found]
    if not found:
        return passed(f"Bucket {store.bucket} has no policy of its own.", fact)
    other = _other_key(store, found)
    if not other:
        return passed(f"The policy of {store.bucket} has {plural(len(found), 'statement')}.", fact, lines=lines)
    title = f"The policy of bucket {store.bucket} takes only what is encrypted under {other}"
    said = said_of(subject)
    told = "artifact" in said.lower() or store.bucket in said
    if not failing(subject) or not speaks_of_access(said):
        return unknown(f"{title}; the store uses {store.key_id or 'the default key'}.", fact, lines=lines)
    fix = manual(
        "artifacts.policy-key",
        "Let the bucket's policy and the pipeline's artifact store name one key",
        [f"{title}; the pipeline's store names {store.key_id or 'none'}.", retry_hint(subject)],
        commands=[command(subject, "s3", "GetBucketPolicy", Bucket=store.bucket)],
    )
    one = finding(
        subject,
        _ID,
        "artifact.access-denied",
        0.93 if told else 0.7,
        title,
        f"{title}, and the pipeline uploads under {store.key_id or 'the default key'}: every upload is refused.",
        [fact],
        fixes=[fix],
        disproved_by="an upload of this pipeline to that bucket that succeeded",
        proven=told,
    )
    return failed(f"{title}.", fact, findings=[one], lines=lines)


POLICY = Step(
    id="policy",
    question="What does the artifact bucket's own policy demand or deny?",
    why="A policy that demands another key, or denies uploads, refuses every artifact, whatever the roles may do.",
    reads=("s3:GetBucketPolicy",),
    gather=_gather_policy,
    judge=_judge_policy,
)
