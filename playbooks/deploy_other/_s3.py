"""Deployments to S3: the bucket, its region, and the ACL that the action sets."""

from __future__ import annotations

import asyncio
import re

from core.fact import Evidence, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, unknown, unseen
from playbooks._ask import ask
from playbooks._fixes import command, manual, retry_hint
from playbooks._said import otherwise

from ._common import ID, config, deploys_to

__all__ = ["S3"]

_REDIRECT = re.compile(r"region|redirect|\b301\b", re.IGNORECASE)
_PUBLIC = ("public-read", "public-read-write", "authenticated-read")


async def _gather_s3(subject: Subject, evidence: Evidence) -> Facts:
    bucket = config(subject, "BucketName")
    if not deploys_to(subject, "S3") or not bucket:
        return {}
    params = {"Bucket": bucket}
    reads = {"target": ask(subject, evidence, "s3", "GetBucketLocation", params)}
    if config(subject, "CannedACL"):
        reads["ownership"] = ask(subject, evidence, "s3", "GetBucketOwnershipControls", params)
        reads["public"] = ask(subject, evidence, "s3", "GetPublicAccessBlock", params)
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


def _acl_trouble(subject: Subject, facts: Facts) -> str:
    """Why the bucket refuses the ACL that the action sets; empty where it does not."""
    acl, owner, public = config(subject, "CannedACL"), facts.get("ownership"), facts.get("public")
    rules = owner.get("OwnershipControls", "Rules", default=()) if owner else ()
    enforced = any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)
    if acl and enforced and acl not in ("bucket-owner-full-control", "private"):
        return f"the bucket has ACLs turned off (BucketOwnerEnforced), and the action sets {acl}"
    if acl in _PUBLIC and public and public.get("PublicAccessBlockConfiguration", "BlockPublicAcls"):
        return f"the bucket blocks public ACLs, and the action sets {acl}"
    return ""


def _judge_s3(subject: Subject, facts: Facts) -> Answer:
    target = facts.get("target")
    if target is None:
        return not_applicable("The action does not deploy to S3.")
    if cannot := unseen(*facts.values()):
        return cannot
    name, trouble = config(subject, "BucketName"), _acl_trouble(subject, facts)
    where = str(target.get("LocationConstraint", default="") or "us-east-1")
    if target.outcome is Outcome.NO_DATA:
        trouble = f"bucket {name} does not exist"
    elif where != subject.region and _REDIRECT.search(subject.action_state.error_message):
        trouble = f"bucket {name} lies in {where}, and the action runs in {subject.region}"
    if not trouble:
        return passed(f"Bucket {name} exists in {where} and takes what the action sets.", *facts.values())
    if healthy(subject):
        return unknown(f"{trouble[:1].upper()}{trouble[1:]}, yet the last run passed.", *facts.values())
    fix = manual(
        "s3deploy.bucket",
        "Make action and bucket agree",
        [
            f"{trouble[:1].upper()}{trouble[1:]}.",
            (
                "Remove CannedACL from the action and grant access by the bucket's policy, or correct BucketName or "
                "region."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "s3", "GetBucketOwnershipControls", Bucket=name)],
    )
    seen = target.ok or not otherwise(subject, "s3deploy.denied", "source.object-missing")
    one = finding(
        subject,
        ID,
        "s3deploy.denied",
        0.94 if seen else 0.45,
        trouble[:1].upper() + trouble[1:],
        f"The action cannot write: {trouble}. {subject.action_state.error_message}",
        list(facts.values()),
        fixes=[fix],
        disproved_by="a PutObject with the same ACL to that bucket that succeeds",
        proven=seen,
    )
    return failed(f"{trouble[:1].upper()}{trouble[1:]}.", *facts.values(), findings=[one])


S3 = Step(
    id="s3",
    question="For S3: does the bucket exist, in the region, and take the ACL that the action sets?",
    why="A bucket with ACLs turned off refuses every upload that sets one, with nothing but access denied.",
    reads=("s3:GetBucketLocation", "s3:GetBucketOwnershipControls", "s3:GetBucketPublicAccessBlock"),
    gather=_gather_s3,
    judge=_judge_s3,
)
