"""Sources in S3: bucket, versioning, key, and what starts the pipeline when the object changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Fix
from core.plan import Risk
from core.plans.s3 import enable_versioning, send_to_eventbridge
from core.plans.setting import Where
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import blank, failed, finding, healthy, not_applicable, passed, unknown, unseen
from ._ask import ask
from ._events import read_rules, rules_of
from ._fixes import command, manual, retry_hint
from ._said import otherwise
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
    sure = not otherwise(subject, "source.object-missing")
    one = finding(
        subject,
        _ID,
        "source.object-missing",
        0.95 if sure else 0.4,
        title,
        f"{title}. An S3 source needs a versioned bucket.",
        [fact],
        fixes=[fix],
        disproved_by="the bucket's versioning Enabled",
        proven=sure,
    )
    return failed(f"{title}.", fact, findings=[] if healthy(subject) else [one])


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
        sure = not otherwise(subject, "source.object-missing", "permission.action-denied")
        one = finding(
            subject,
            _ID,
            "source.object-missing",
            0.95 if sure else 0.4,
            title,
            f"{title}: it was deleted, or was never uploaded under that key.",
            [fact],
            fixes=[fix],
            disproved_by="the object in a listing of the bucket",
            proven=sure,
        )
        return failed(f"{title}.", fact, findings=[] if healthy(subject) else [one])
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


async def _gather_notification(subject: Subject, evidence: Evidence) -> Facts:
    params = {"Bucket": _bucket(subject)}
    rules, told, trails = await asyncio.gather(
        read_rules(subject, evidence),
        ask(subject, evidence, "s3", "GetBucketNotificationConfiguration", params),
        ask(subject, evidence, "cloudtrail", "DescribeTrails", {}),
    )
    return {**rules, "notification": told, "trails": trails, **(await _read(subject, evidence))}


def _wants(rules: Sequence[Any], kind: str) -> bool:
    return any(kind in (rule.pattern.get("detail-type") or [kind]) for rule in rules if rule.enabled)


def _judge_notification(subject: Subject, facts: Facts) -> Answer:
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


_NOTIFICATION = Step(
    id="notification",
    question="Does the bucket tell EventBridge of new objects?",
    why="The rule may be perfect and hear nothing: the bucket, or a trail with data events, has to speak.",
    reads=(
        *_READS,
        "s3:GetBucketNotification",
        "cloudtrail:DescribeTrails",
        "events:ListRuleNamesByTarget",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
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
    steps=(message_step(_ID), _BUCKET, _OBJECT, _START, _NOTIFICATION),
    applies=_applies,
    causes=("source.artifact-too-large", "source.object-missing", "source.trigger-missing"),
)
