"""Artifacts: made by whom and taken by whom, in the store or not, how large, under which key, and for how long."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import failed, finding, healthy, not_applicable, passed, unknown, unseen
from ._artifact_bucket import BUCKET, LOST, POLICY, missing, short_rules
from ._denial import speaks_of_access
from ._fixes import command, elsewhere, manual, retry_hint
from ._inside import input_places, read_runs
from ._needs import Store, store_of
from ._said import otherwise

__all__ = ["PLAYBOOK"]

_ID = "artifacts"
_Map = Mapping[str, Any]
_MIB = 1024 * 1024
_ABSENT = re.compile(r"NoSuchKey|not exist|not found|no such|missing|artifact", re.IGNORECASE)
# https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html (bytes, by provider of a deploy action)
_LIMITS: Mapping[str, int] = {
    "CloudFormation": 256 * _MIB,
    "CodeDeployToECS": 3 * _MIB,
    "ElasticBeanstalk": 512 * _MIB,
}


# --- declarations


async def _gather_declared(subject: Subject, evidence: Evidence) -> Facts:
    return {"pipeline": await evidence.read("codepipeline", "GetPipeline", {"name": subject.ref.name})}


def _makers(subject: Subject) -> dict[str, str]:
    """Who makes each artifact."""
    return {
        name: f"{stage.name}/{action.name}"
        for stage in subject.definition.stages
        for action in stage.actions
        for name in action.outputs
    }


def _judge_declared(subject: Subject, facts: Facts) -> Answer:
    fact = facts["pipeline"]
    if cannot := unseen(fact):
        return cannot
    makers = _makers(subject)
    lines = []
    for name, maker in makers.items():
        takers = [
            f"{stage.name}/{action.name}"
            for stage in subject.definition.stages
            for action in stage.actions
            if name in action.inputs
        ]
        lines.append((fact.n, f"{name}: made by {maker}, taken by {', '.join(takers) or 'nobody'}"))
    unmade = [name for name in subject.action.inputs if name not in makers]
    said = subject.action_state.error_message
    if not unmade:
        return passed(
            f"{subject.action.name} takes {', '.join(subject.action.inputs) or 'nothing'}, made before it.",
            fact,
            lines=lines,
        )
    if healthy(subject):
        return unknown(f"Nobody makes {', '.join(unmade)}, yet the action works.", fact, lines=lines)
    told = any(name in said for name in unmade)
    one = missing(
        subject, [fact], f"No action makes the artifact {unmade[0]} that {subject.action.name} takes", "", told=told
    )
    return failed(f"Nobody makes {', '.join(unmade)}.", fact, findings=[one], lines=lines)


_DECLARED = Step(
    id="declared",
    question="Who makes each artifact, and who takes it?",
    why="An artifact's name is the only thread between two actions; a renamed one breaks it.",
    reads=("codepipeline:GetPipeline",),
    gather=_gather_declared,
    judge=_judge_declared,
)


# --- objects


async def _gather_objects(subject: Subject, evidence: Evidence) -> Facts:
    runs = await read_runs(subject, evidence)
    if runs is None:
        return {}
    places = input_places(subject, runs)[:5]

    async def head(place: tuple[str, str, str]) -> Fact:
        _, bucket, key = place
        return await evidence.read("s3", "HeadObject", {"Bucket": bucket, "Key": key}, region=elsewhere(subject))

    read = await asyncio.gather(*(head(place) for place in places))
    facts = {"actions": runs, **{f"object:{place[0]}": fact for place, fact in zip(places, read, strict=True)}}
    gone = next((fact for fact in read if fact.outcome is Outcome.NO_DATA), None)
    if gone is not None:
        bucket = {"Bucket": gone.params["Bucket"]}
        region = elsewhere(subject)
        facts["lifecycle"] = await evidence.read("s3", "GetBucketLifecycleConfiguration", bucket, region=region)
    return facts


def _others(subject: Subject, listed: Fact) -> list[tuple[int, str]]:
    """The artifacts that the execution made and this action does not take, each in a line."""
    lines = []
    for run in listed.get("actionExecutionDetails", default=()):
        for each in (run.get("output") or {}).get("outputArtifacts") or ():
            place = each.get("s3location") or {}
            if each.get("name") not in subject.action.inputs and place.get("key"):
                where = f"s3://{place.get('bucket')}/{place.get('key')}"
                lines.append(
                    (listed.n, f"{each.get('name')}: made by {run.get('stageName')}/{run.get('actionName')}, {where}")
                )
    return lines[:8]


def _objects(facts: Facts) -> dict[str, Fact]:
    return {name.partition(":")[2]: fact for name, fact in facts.items() if name.startswith("object:")}


def _size(count: float) -> str:
    return f"{count / _MIB:.1f} MiB" if count >= _MIB else f"{count / 1024:.0f} KiB"


def _judge_objects(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    listed = facts.get("actions")
    if listed is None:
        return not_applicable("There is no execution whose artifacts could be looked for.")
    if cannot := unseen(listed):
        return cannot
    objects = _objects(facts)
    if not objects:
        return not_applicable("The action took no artifact in this execution.", listed)
    mine = [(fact.n, _object_line(subject, name, fact)) for name, fact in objects.items()]
    lines = [*mine, *_others(subject, listed)]
    gone = [name for name, fact in objects.items() if fact.outcome is Outcome.NO_DATA]
    if gone and not healthy(subject):
        fact = objects[gone[0]]
        where = f"s3://{fact.params.get('Bucket')}/{fact.params.get('Key')}"
        rules = short_rules(subject, facts["lifecycle"]) if facts["lifecycle"].ok else []
        rule = f"lifecycle rule {rules[0][0]}, which deletes after {rules[0][1]} days," if rules else "a lifecycle rule"
        why = f"It was deleted, or {rule} took it."
        said = subject.action_state.error_message
        told = _ABSENT.search(said) is not None and not speaks_of_access(said)
        if not (told or speaks_of_access(said)) or otherwise(subject, *LOST):
            return unknown(
                f"{gone[0]} is not at {where} any more; the failure is not about it.", fact, listed, lines=lines
            )
        title = f"Artifact {gone[0]} is no longer in the store"
        one = missing(subject, [fact, listed], title, f"{where}. {why}", told=told)
        return failed(f"{gone[0]} is not at {where}.", fact, listed, findings=[one], lines=lines)
    if cannot := unseen(*objects.values()):
        return cannot
    limit = _LIMITS.get(subject.action.provider) if subject.action.category == "Deploy" else None
    large = [(name, int(fact.get("ContentLength", default=0)), fact) for name, fact in objects.items()]
    if limit and not healthy(subject) and (over := [each for each in large if each[1] > limit]):
        return _too_large(subject, over[0], limit, lines)
    return passed("; ".join(text for _, text in mine) + ".", *objects.values(), lines=lines)


def _object_line(subject: Subject, name: str, fact: Fact) -> str:
    if not fact.ok:
        return f"{name}: {fact.error or fact.code}"
    changed = fact.get("LastModified")
    old = f", {age(changed, subject.now)} old" if isinstance(changed, (int, float)) else ""
    return (
        f"{name}: {_size(float(fact.get('ContentLength', default=0)))}{old}, version "
        f"{fact.get('VersionId', default='none')}, {fact.get('ServerSideEncryption', default='not encrypted')}"
        f"{' under ' + str(fact.get('SSEKMSKeyId')) if fact.get('SSEKMSKeyId') else ''}"
    )


def _too_large(subject: Subject, over: tuple[str, int, Fact], limit: int, lines: Sequence[tuple[int, str]]) -> Answer:
    name, size, fact = over
    title = f"Artifact {name} has {_size(size)}; {subject.action.provider} takes {_size(limit)} at most"
    fix = manual(
        "artifacts.too-large",
        "Make the artifact smaller",
        [
            "Let the maker hand on only what this action needs (artifacts.files, secondary artifacts).",
            "Large files go to S3 by themselves, and the template or manifest names them.",
            retry_hint(subject),
        ],
    )
    one = finding(
        subject,
        _ID,
        "artifact.too-large",
        0.96,
        title,
        f"{title}. The limit is CodePipeline's and cannot be raised.",
        [fact],
        fixes=[fix],
        disproved_by="an artifact below the limit that fails in the same way",
        proven=True,
    )
    return failed(f"{title}.", fact, findings=[one], lines=lines)


_OBJECTS = Step(
    id="objects",
    question="Are the action's input artifacts in the store, and how large are they?",
    why="An artifact that a lifecycle rule took, or that is over a provider's limit, fails the action at once.",
    reads=("codepipeline:ListActionExecutions", "s3:GetObject", "s3:GetLifecycleConfiguration"),
    gather=_gather_objects,
    judge=_judge_objects,
)


# --- encryption


async def _gather_key(subject: Subject, evidence: Evidence) -> Facts:
    store = store_of(subject)
    facts = dict(await _gather_objects(subject, evidence))
    if store is not None and store.key_id:
        facts["key"] = await evidence.read("kms", "DescribeKey", {"KeyId": store.key_id}, region=elsewhere(subject))
    return facts


def _judge_key(subject: Subject, facts: Facts) -> Answer:
    store, key = store_of(subject), facts.get("key")
    used = sorted({str(fact.get("SSEKMSKeyId")) for fact in _objects(facts).values() if fact.get("SSEKMSKeyId")})
    if store is None:
        return unknown("The definition has no artifact store for the action's region.")
    if key is None:
        if used and store.key_id == "":
            return passed(
                f"The store names no key; the artifacts lie under {', '.join(used)}.", *_objects(facts).values()
            )
        return not_applicable("The store uses the AWS managed key or none.", *_objects(facts).values())
    if cannot := unseen(key):
        return cannot
    state = str(key.get("KeyMetadata", "KeyState", default="absent"))
    name = str(key.get("KeyMetadata", "Arn", default=store.key_id))
    odd = [each for each in used if each not in (name, store.key_id)]
    if state == "Enabled":
        note = f" But artifacts of this execution lie under {', '.join(odd)}." if odd else ""
        return passed(f"Key {name} is enabled.{note}", key)
    return _key_trouble(subject, store, key, state, name)


def _key_trouble(subject: Subject, store: Store, key: Fact, state: str, name: str) -> Answer:
    title = f"The artifact key {name} is {state}"
    if healthy(subject):
        return unknown(f"{title}, though the last run passed.", key)
    said = subject.action_state.error_message.lower()
    told = "kms" in said or "crypt" in said or (state != "absent" and speaks_of_access(said))
    told = told and not otherwise(subject, "artifact.kms-denied", "artifact.access-denied")
    steps = {
        "Disabled": ["Enable the key again."],
        "PendingDeletion": ["Cancel the key's deletion and enable it."],
    }.get(state, ["Name a key that exists in the pipeline's artifact store."])
    operation = "EnableKey" if state == "Disabled" else "CancelKeyDeletion"
    fix = manual(
        "artifacts.key",
        "Make the artifact key usable",
        [*steps, retry_hint(subject)],
        commands=[command(subject, "kms", operation, KeyId=store.key_id)],
    )
    one = finding(
        subject,
        _ID,
        "artifact.kms-denied",
        0.96 if told else 0.45 if state == "absent" else 0.7,
        title,
        f"{title}: no artifact of this pipeline can be read or written.",
        [key],
        fixes=[fix],
        disproved_by="the key's state Enabled",
        proven=told,
    )
    return failed(f"{title}.", key, findings=[one])


_KEY = Step(
    id="key",
    question="Under which key do the artifacts lie, and can it be used?",
    why="A disabled key locks every artifact, whatever the roles may do.",
    reads=("codepipeline:ListActionExecutions", "s3:GetObject", "s3:GetLifecycleConfiguration", "kms:DescribeKey"),
    gather=_gather_key,
    judge=_judge_key,
)


def _applies(subject: Subject) -> float:
    if any(each.cause.startswith("artifact.") for each in subject.hypotheses):
        return 0.85
    return 0.25 if subject.action.inputs else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Artifacts",
    summary="Follows the action's artifacts: names, objects, sizes, key, buckets of the regions, policy and lifecycle.",
    steps=(_DECLARED, _OBJECTS, _KEY, BUCKET, POLICY),
    applies=_applies,
    causes=("artifact.access-denied", "artifact.kms-denied", "artifact.missing", "artifact.too-large", "flow.region"),
)
