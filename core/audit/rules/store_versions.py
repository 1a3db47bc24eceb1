"""An artifact bucket that keeps no versions, or keeps everything for ever."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.fixes import bucket_url, command, fix
from core.audit.model import Issue, Rule, Severity
from core.plans.s3 import enable_versioning

_LIFECYCLE = {
    "Rules": [
        {
            "ID": "expire-artifacts",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 90},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
}


def _judge(case: Case) -> Iterator[Issue]:
    for bucket in dict.fromkeys(store.location for store in case.definition.stores.values()):
        arn = f"arn:{case.identity.partition}:s3:::{bucket}"
        seen = case.ok(Kind.VERSIONING, bucket)
        if seen and seen.get("Status") != "Enabled":
            yield Issue(
                Severity.LOW,
                f"Artifact bucket {bucket} keeps no versions",
                "An artifact that was overwritten or deleted is gone; a rollback to it then fails.",
                arn,
                "versioning",
                facts=(seen,),
                lines=((seen.n, f"versioning: {seen.get('Status', default='never enabled')}"),),
                fixes=(
                    fix(
                        f"audit.version:{bucket}",
                        f"Enable versioning of {bucket}",
                        ("Enable versioning, with a lifecycle that lets older versions expire.",),
                        plan=enable_versioning(case.where, bucket=bucket),
                        url=bucket_url(case, bucket),
                    ),
                ),
            )
        absent, present = case.absent(Kind.LIFECYCLE, bucket), case.ok(Kind.LIFECYCLE, bucket)
        fact = absent or present
        if fact and not (present and _expires(present.get("Rules", default=()))):
            put = command(
                case, "s3", "PutBucketLifecycleConfiguration", Bucket=bucket, LifecycleConfiguration=_LIFECYCLE
            )
            yield Issue(
                Severity.LOW,
                f"Artifact bucket {bucket} lets nothing expire",
                "Artifacts of every execution stay for ever: they cost, and old secrets in them stay readable.",
                arn,
                "lifecycle",
                facts=(fact,),
                lines=((fact.n, "no rule expires anything"),),
                fixes=(
                    fix(
                        f"audit.expire:{bucket}",
                        f"Let artifacts in {bucket} expire",
                        ("Add a lifecycle rule. Keep as long as you may want to roll back to an execution.",),
                        commands=(put,),
                        url=bucket_url(case, bucket, "management"),
                    ),
                ),
            )


def _expires(rules: list[dict[str, object]]) -> bool:
    members = ("Expiration", "NoncurrentVersionExpiration")
    return any(each.get("Status") == "Enabled" and any(each.get(name) for name in members) for each in rules)


RULE = Rule(
    "store-versions",
    "audit.artifact-store",
    "An artifact bucket keeps no versions, or keeps everything",
    "Artifacts are what a rollback goes back to, and what piles up.",
    Severity.LOW,
    (Kind.VERSIONING, Kind.LIFECYCLE),
    _judge,
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
)
