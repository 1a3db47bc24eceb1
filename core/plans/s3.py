"""Changes of buckets: a policy statement, versioning, events. Pure.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html and its siblings;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.fact import Fact
from core.plan import Call, Plan, Risk
from core.plans._readback_policies import notifications
from core.plans.readback import document
from core.plans.setting import Setting, Where, setting
from core.policy import EMPTY, as_text, statements

__all__ = ["BUCKET_POLICY_LIMIT", "allow_bucket", "enable_versioning", "send_to_eventbridge"]

BUCKET_POLICY_LIMIT = 20 * 1024  # bytes (S3 documentation, "Bucket policies")


def _put_policy(bucket: str, document_: dict[str, Any]) -> Call:
    text = json.dumps(document_, separators=(",", ":"))
    return Call("s3", "PutBucketPolicy", {"Bucket": bucket, "Policy": text})


def allow_bucket(
    where: Where,
    *,
    bucket: str,
    policy: Fact,
    principal: str,
    actions: Sequence[str],
    resources: Sequence[str],
    affects: tuple[str, ...] = (),
) -> Plan | None:
    """Plan to let a role of another account into a bucket, by a statement of the bucket's policy.

    Args:
        where: for which pipeline, by whom.
        bucket: the bucket's name.
        policy: GetBucketPolicy of it (none: `no_data`).
        principal: the ARN that is let in.
        actions: S3 actions.
        resources: the bucket's ARN, its objects' ARN, or both; those the actions are about.
        affects: who else uses the bucket.

    Returns:
        The plan; None where the policy could not be read or would grow over S3's limit.
    """
    before = document(policy, "Policy")
    if before is None:
        return None
    start = before or EMPTY
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions),
        "Resource": list(resources),
    }
    after = {**start, "Statement": [*map(dict, statements(start)), statement]}
    if len(json.dumps(after, separators=(",", ":")).encode()) > BUCKET_POLICY_LIMIT:
        return None
    back = _put_policy(bucket, before) if before else Call("s3", "DeleteBucketPolicy", {"Bucket": bucket})
    return setting(
        where,
        Setting(
            id="s3.allow-bucket",
            title=f"Let {principal.rpartition('/')[2]} into bucket {bucket}",
            resource=f"arn:aws:s3:::{bucket}",
            call=_put_policy(bucket, after),
            back=back,
            back_words="Put the earlier bucket policy back" if before else "Delete the bucket policy again",
            before=as_text(before) if before else "",
            after=as_text(after),
            risk=Risk.MEDIUM,
            risk_note="Adds one statement; nothing is taken away. One more principal reads or writes the bucket.",
            permissions=("s3:PutBucketPolicy", "s3:GetBucketPolicy", *(() if before else ("s3:DeleteBucketPolicy",))),
            affects=affects,
        ),
    )


def enable_versioning(where: Where, *, bucket: str, affects: tuple[str, ...] = ()) -> Plan:
    """Plan to enable a bucket's versioning, which an S3 source needs.

    Versioning once enabled can only be suspended: versions made in between stay, and cost.
    """

    def put(status: str) -> Call:
        return Call("s3", "PutBucketVersioning", {"Bucket": bucket, "VersioningConfiguration": {"Status": status}})

    return setting(
        where,
        Setting(
            id="s3.enable-versioning",
            title=f"Enable versioning of bucket {bucket}",
            resource=f"arn:aws:s3:::{bucket}",
            call=put("Enabled"),
            back=put("Suspended"),
            back_words="Suspend versioning again (it cannot be taken away; versions made stay)",
            before=f"{bucket}: versioning not enabled",
            after=f"{bucket}: versioning enabled",
            present=lambda facts: f"{bucket}: versioning {str(facts[0].get('Status', default='not enabled')).lower()}",
            risk=Risk.MEDIUM,
            risk_note="Every later overwrite keeps the old object as a version, which is stored and paid for.",
            permissions=("s3:PutBucketVersioning", "s3:GetBucketVersioning"),
            syntax="text",
            affects=affects,
            deadline_s=120.0,
        ),
    )


def send_to_eventbridge(where: Where, *, bucket: str, current: Fact) -> Plan | None:
    """Plan to have a bucket tell EventBridge of its objects; its other notifications stay.

    Args:
        where: for which pipeline, by whom.
        bucket: the bucket's name.
        current: GetBucketNotificationConfiguration of it.

    Returns:
        The plan; None where the present notifications could not be read, or it tells EventBridge already.
    """
    if not current.ok or (current.value or {}).get("EventBridgeConfiguration") is not None:
        return None
    before = dict(current.value or {})

    def put(value: dict[str, Any]) -> Call:
        params = {"Bucket": bucket, "NotificationConfiguration": value}
        return Call("s3", "PutBucketNotificationConfiguration", params)

    after = {**before, "EventBridgeConfiguration": {}}
    return setting(
        where,
        Setting(
            id="s3.send-to-eventbridge",
            title=f"Have bucket {bucket} send its events to EventBridge",
            resource=f"arn:aws:s3:::{bucket}",
            call=put(after),
            back=put(before),
            back_words="Put the earlier notifications back",
            before=as_text(notifications(before)),
            after=as_text(notifications(after)),
            risk=Risk.LOW,
            risk_note="Events are sent beside the present notifications; only rules that match them act.",
            permissions=("s3:PutBucketNotification", "s3:GetBucketNotification"),
            deadline_s=180.0,
        ),
    )
