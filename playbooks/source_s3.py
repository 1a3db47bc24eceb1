"""Sources in S3: bucket, versioning, key, and what starts the pipeline when the object changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Fix
from core.plan import Risk
from core.plans.s3 import enable_versioning, send_to_eventbridge
from core.plans.setting import Where
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import blank, failed, failing, finding, healthy, not_applicable, passed, unknown, unseen
from ._ask import ask
from ._denial import speaks_of_access
from ._events import read_rules, rules_of
from ._fixes import command, manual, retry_hint
from ._gone import gone, judge_source_key
from ._needs import store_of
from ._roles import label
from ._said import said_of
from ._simulated import POLICY_READS
from ._source_events import Newest, SourceEvents, start_step
from ._text import message_step

__all__ = ["PLAYBOOK"]

_ID = "source-s3"
_Map = Mapping[str, Any]
_LIMIT = 7 * 1024**3  # https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html


def _bucket(subject: Subject) -> str:
    return subject.action.configuration.get("S3Bucket", "")


def _key(subject: Subject) -> str:
    return subject.action.configuration.get("S3ObjectKey", "")


async def _read(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    bucket = {"Bucket": _bucket(subject)}
    versioning, found = await asyncio.gather(
        ask(subject, evidence, "s3", "GetBucketVersioning", bucket),
        ask(subject, evidence, "s3", "HeadObject", {**bucket, "Key": _key(subject)}),
    )
    return {"versioning": versioning, "object": found}


_READS = ("s3:GetBucketVersioning", "s3:GetObject")


def _judge_bucket(subject: Subject, facts: Facts) -> Answer:
    fact = facts["versioning"]
    if cannot := unseen(fact):
        return cannot
    name, where = _bucket(subject), Where.of(subject.ref, subject.identity.account)
    if fact.outcome is Outcome.NO_DATA:
        title = f"The source bucket {name} does not exist"
        steps = [
            f"Correct S3Bucket of action {subject.action.name}, or make the bucket (with versioning).",
            retry_hint(subject),
        ]
        fix = manual("s3-source.bucket", "Name a bucket that exists", steps)
    elif fact.get("Status") != "Enabled":
        title = f"The source bucket {name} keeps no versions"
        plan = enable_versioning(where, bucket=name)
        words = (
            "CodePipeline takes a version of the object; upload it again once versioning is on.",
            retry_hint(subject),
        )
        fix = Fix("s3.enable-versioning", f"Enable versioning on {name}", Risk.LOW, plan, words)
    else:
        return passed(f"Bucket {name} exists and keeps versions.", fact)
    said = title, ". An S3 source needs a versioned bucket.", "the bucket's versioning Enabled"
    return gone(subject, _ID, "source.object-missing", said, fact, fix)


_BUCKET = Step(
    id="bucket",
    question="Does the source bucket exist, and does it keep versions?",
    why="An S3 source takes a version of the object; a bucket without versions fails every run.",
    reads=_READS,
    gather=_read,
    judge=_judge_bucket,
)


def _judge_object(subject: Subject, facts: Facts) -> Answer:
    fact = facts["object"]
    if cannot := unseen(fact):
        return cannot
    where = f"s3://{_bucket(subject)}/{_key(subject)}"
    if facts["versioning"].outcome is Outcome.NO_DATA:
        return not_applicable("Without the bucket there is no object to look for.", facts["versioning"])
    if fact.outcome is Outcome.NO_DATA:
        title = f"There is no object {where}"
        fix = manual(
            "s3-source.object",
            "Upload the object, or correct its key",
            [
                f"Keys are case-sensitive and have no leading slash: {_key(subject)!r}.",
                "See what is there under that prefix, upload the object or correct S3ObjectKey.",
                retry_hint(subject),
            ],
            commands=[
                command(
                    subject, "s3", "ListObjectsV2", Bucket=_bucket(subject), Prefix=_key(subject).rpartition("/")[0]
                )
            ],
        )
        more, wrong = ": it was deleted, or was never uploaded under that key.", "the object in a listing of the bucket"
        said = title, more, wrong
        return gone(subject, _ID, "source.object-missing", said, fact, fix, allied=["permission.action-denied"])
    size = int(fact.get("ContentLength", default=0))
    if size > _LIMIT and not healthy(subject):
        title = f"{where} has {size / 1024**3:.1f} GiB; a source takes 7 GiB at most"
        fix = manual("s3-source.size", "Make the source smaller", ["Hand large files on outside the artifact."])
        one = finding(
            subject, _ID, "source.artifact-too-large", 0.95, title, f"{title}.", [fact], fixes=[fix], proven=True
        )
        return failed(f"{title}.", fact, findings=[one])
    return passed(f"{where} is there ({size / 1024:.0f} KiB, version {fact.get('VersionId', default='none')}).", fact)


_OBJECT = Step(
    id="object",
    question="Is the source object there, under exactly that key, and not too large?",
    why="A wrong key looks like a missing object, and a missing object like a denied one.",
    reads=_READS,
    gather=_read,
    judge=_judge_object,
)


# --- encryption


async def _gather_encryption(subject: Subject, evidence: Evidence) -> Facts:
    facts = await _read(subject, evidence)
    key = str(facts["object"].get("SSEKMSKeyId", default=""))
    return {**facts, "key": await ask(subject, evidence, "kms", "DescribeKey", {"KeyId": key})} if key else facts


def _judge_encryption(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["object"], facts.get("key")):
        return cannot
    key, held = facts.get("key"), facts["object"]
    if not held.ok:
        return not_applicable("Without the object there is nothing encrypted.", held)
    if key is None:
        how = held.get("ServerSideEncryption", default="not at all")
        return passed(f"The object is encrypted by S3 itself ({how}); no key of yours is needed.", held)
    return judge_source_key(subject, _ID, key, held, "the source object (the role needs kms:Decrypt on it)")


_ENCRYPTION = Step(
    id="key",
    question="Under which key does the source object lie, and can it be used?",
    why="A disabled key makes the object unreadable, whatever the bucket allows.",
    reads=(*_READS, "kms:DescribeKey"),
    gather=_gather_encryption,
    judge=_judge_encryption,
)


# --- refused


def _judge_access(subject: Subject, facts: Facts) -> Answer:
    said, store = said_of(subject), store_of(subject)
    name = _bucket(subject)
    if not failing(subject) or not speaks_of_access(said) or name not in said:
        return not_applicable("The message does not speak of a refusal by the source bucket.", facts["object"])
    if store is not None and store.bucket == name:
        return not_applicable("Source and artifacts share one bucket.", facts["object"])
    who = label(subject.role_arn)
    fix = manual(
        "s3-source.access",
        f"Let {who} read the source object",
        [
            (
                f"Allow s3:GetObject, s3:GetObjectVersion on arn:aws:s3:::{name}/{_key(subject)} and "
                f"s3:GetBucketVersioning, s3:GetBucketAcl, s3:ListBucket on the bucket for {who}."
            ),
            "A bucket of another account must let that role in by its own policy, and its key by the key's.",
            retry_hint(subject),
        ],
    )
    one = finding(
        subject,
        _ID,
        "permission.action-denied",
        0.9,
        f"{who[:1].upper()}{who[1:]} may not read the source bucket {name}",
        f"{said.strip()} The bucket that is refused is the source, not the artifact store.",
        [facts["object"]],
        fixes=[fix],
        disproved_by="a read of the object with that role",
    )
    return failed(f"{who} was refused by the source bucket {name}.", facts["object"], findings=[one])


_ACCESS = Step(
    id="access",
    question="If access was refused: by the source bucket or by the artifact store?",
    why="Both are buckets, and the message names only one of them; each is granted elsewhere.",
    reads=_READS,
    gather=_read,
    judge=_judge_access,
)


# --- what starts it


def _newest(subject: Subject, facts: Facts) -> Newest:
    del subject
    changed = facts["object"].get("LastModified")
    return str(facts["object"].get("VersionId", default="")), changed if isinstance(changed, (int, float)) else None


def _events(subject: Subject) -> Sequence[_Map]:
    bucket, key = _bucket(subject), _key(subject)
    direct = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "account": subject.identity.account,
        "region": subject.region,
        "resources": [f"arn:{subject.identity.partition}:s3:::{bucket}"],
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}, "reason": "PutObject"},
    }
    trails = [
        {
            "source": "aws.s3",
            "detail-type": "AWS API Call via CloudTrail",
            "detail": {
                "eventSource": "s3.amazonaws.com",
                "eventName": name,
                "requestParameters": {"bucketName": bucket, "key": key},
                "resources": {"ARN": [f"arn:{subject.identity.partition}:s3:::{bucket}/{key}"]},
            },
        }
        for name in ("PutObject", "CopyObject", "CompleteMultipartUpload")
    ]
    return [direct, *trails]


def _pattern(subject: Subject) -> _Map:
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [_bucket(subject)]}, "object": {"key": [_key(subject)]}},
    }


_START = start_step(
    SourceEvents(_ID, _newest, _events, _pattern, polls=True),
    question="Does a new object start the pipeline, and did the newest one?",
    why="Without polling, a rule and the bucket's own events have to tell CodePipeline of a change.",
    reads=_READS,
    read_source=_read,
)


_BY_TRAIL = "AWS API Call via CloudTrail"


def _records(fact: Fact, status: Fact | None, wanted: str) -> bool:
    """Whether a trail records writes of an object (its ARN); taken to do so where its settings are not known."""
    if status is not None and status.get("IsLogging") is False:
        return False
    if not fact.ok:
        return True
    simple = [
        each
        for one in fact.get("EventSelectors", default=())
        for each in one.get("DataResources") or ()
        if one.get("ReadWriteType") != "ReadOnly" and _covers(each.get("Values") or (), wanted)
    ]
    fields = [
        each for one in fact.get("AdvancedEventSelectors", default=()) for each in one.get("FieldSelectors") or ()
    ]
    kinds = [str(each.get("Type")) for each in simple]
    kinds += [kind for each in fields if each.get("Field") == "resources.type" for kind in each.get("Equals") or ()]
    return "AWS::S3::Object" in kinds


def _covers(values: Sequence[str], wanted: str) -> bool:
    """Whether a selector's prefixes of ARNs (``arn:aws:s3`` is all there is) hold an object; no prefix says nothing."""
    return not values or any(wanted.startswith(str(each)) for each in values)


def _deaf(subject: Subject, facts: Facts) -> str:
    """Why no trail tells of new objects; empty where one does or may."""
    trails: Sequence[_Map] | None = facts["trails"].get("trailList")
    if trails is None:
        return ""
    if not trails:
        return "there is no trail in this region"
    chosen = {name.partition(":")[2]: fact for name, fact in facts.items() if name.startswith("selectors:")}
    wanted = f"arn:{subject.identity.partition}:s3:::{_bucket(subject)}/{_key(subject)}"
    if not chosen or any(_records(fact, facts.get(f"logging:{arn}"), wanted) for arn, fact in chosen.items()):
        return ""
    return f"no trail ({', '.join(str(each.get('Name')) for each in trails[:3])}) records writes of that object now"


async def _gather_notification(subject: Subject, evidence: Evidence) -> Facts:
    params = {"Bucket": _bucket(subject)}
    rules, told, trails = await asyncio.gather(
        read_rules(subject, evidence),
        ask(subject, evidence, "s3", "GetBucketNotificationConfiguration", params),
        ask(subject, evidence, "cloudtrail", "DescribeTrails", {}),
    )
    names = [str(each.get("TrailARN")) for each in trails.get("trailList", default=()) if each.get("TrailARN")][:3]
    waits = _wants([rule for rule in rules_of(subject, rules) if rule.pattern], _BY_TRAIL)

    def selectors(name: str) -> Awaitable[Fact]:
        return ask(subject, evidence, "cloudtrail", "GetEventSelectors", {"TrailName": name})

    def logging(name: str) -> Awaitable[Fact]:
        return ask(subject, evidence, "cloudtrail", "GetTrailStatus", {"Name": name})

    asked = names if waits else []
    read = await asyncio.gather(*(selectors(name) for name in asked), *(logging(name) for name in asked))
    keys = [*(f"selectors:{name}" for name in asked), *(f"logging:{name}" for name in asked)]
    chosen = dict(zip(keys, read, strict=True))
    return {**rules, "notification": told, "trails": trails, **chosen, **(await _read(subject, evidence))}


def _wants(rules: Sequence[Any], kind: str) -> bool:
    return any(kind in (rule.pattern.get("detail-type") or [kind]) for rule in rules if rule.enabled)


def _judge_notification(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    rules = [rule for rule in rules_of(subject, facts) if rule.pattern]
    told = facts["notification"]
    if subject.action.configuration.get("PollForSourceChanges", "true").lower() != "false":
        return not_applicable("CodePipeline polls the bucket; it needs no events.")
    if cannot := unseen(told, facts["rules"]) or blank(facts["rules"], "RuleNames", listing=True):
        return cannot
    if told.outcome is Outcome.NO_DATA:
        return unknown("Without the bucket there is nothing that could tell of changes.", told)
    sends = told.get("EventBridgeConfiguration") is not None
    if not rules:
        return not_applicable("No rule waits for the bucket's events.", told)
    if sends or not _wants(rules, "Object Created"):
        if not sends and (deaf := _deaf(subject, facts)) and _wants(rules, _BY_TRAIL):
            return _no_trail(subject, facts, deaf)
        how = "The bucket sends its events to EventBridge." if sends else "The rule waits for CloudTrail's data events."
        count = len(facts["trails"].get("trailList", default=()))
        return passed(f"{how} {count} trails in this region." if not sends else how, told)
    where = Where.of(subject.ref, subject.identity.account)
    plan = send_to_eventbridge(where, bucket=_bucket(subject), current=told)
    title = f"Bucket {_bucket(subject)} sends no events to EventBridge, and the rule waits for them"
    steps = ("Then start the pipeline once by hand for what was missed.",)
    fix = Fix("s3.eventbridge", f"Let {_bucket(subject)} send events to EventBridge", Risk.LOW, plan, steps)
    one = finding(
        subject,
        _ID,
        "source.trigger-missing",
        0.94,
        title,
        f"{title}. Uploads start nothing.",
        [told, *(rule.fact for rule in rules)],
        fixes=[fix],
        disproved_by="EventBridgeConfiguration in the bucket's notification configuration",
        proven=subject.action_state.status != "Failed",
    )
    return failed(f"{title}.", told, findings=[one])


def _no_trail(subject: Subject, facts: Facts, deaf: str) -> Answer:
    title = f"The rule waits for CloudTrail's data events of {_bucket(subject)}, and {deaf}"
    fix = manual(
        "s3-source.trail",
        "Record the bucket's data events, or let the bucket send events itself",
        [
            "Simplest: let the bucket send events to EventBridge, and let the rule match `Object Created`.",
            f"Or: give a trail a selector for write data events of arn:aws:s3:::{_bucket(subject)}/{_key(subject)}.",
            "Then start the pipeline once by hand for what was missed.",
        ],
        commands=[command(subject, "cloudtrail", "DescribeTrails")],
    )
    cited = [facts["trails"], *(fact for name, fact in facts.items() if name.startswith(("selectors:", "logging:")))]
    one = finding(
        subject,
        _ID,
        "source.trigger-missing",
        0.9,
        title,
        f"{title}. Uploads start nothing.",
        cited,
        fixes=[fix],
        disproved_by="an event of an upload to that key in CloudTrail's data events",
        proven=not failing(subject),
    )
    return failed(f"{title}.", *cited, findings=[one])


_NOTIFICATION = Step(
    id="notification",
    question="Does the bucket tell EventBridge of new objects?",
    why="The rule may be perfect and hear nothing: the bucket, or a trail with data events, has to speak.",
    reads=(
        *_READS,
        "s3:GetBucketNotification",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
        "events:ListRuleNamesByTarget",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "iam:GetRole",
        *POLICY_READS,
    ),
    gather=_gather_notification,
    judge=_judge_notification,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "S3" and subject.action.category == "Source" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Source in S3",
    summary="Checks bucket, versioning and object, and the events that start the pipeline.",
    steps=(message_step(_ID), _BUCKET, _OBJECT, _ENCRYPTION, _ACCESS, _START, _NOTIFICATION),
    applies=_applies,
    causes=(
        "artifact.kms-denied",
        "permission.action-denied",
        "source.artifact-too-large",
        "source.object-missing",
        "source.trigger-missing",
    ),
)
