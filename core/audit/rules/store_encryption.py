"""An artifact bucket without default encryption, or a key that is going away."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.fixes import bucket_url, command, fix
from core.audit.model import Issue, Rule, Severity


def _judge(case: Case) -> Iterator[Issue]:
    for store in case.definition.stores.values():
        bucket = store.location
        seen = case.absent(Kind.ENCRYPTION, bucket)
        if seen and not store.key:
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            put = command(
                case, "s3", "PutBucketEncryption", Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )
            yield Issue(
                Severity.MEDIUM,
                f"Artifact bucket {bucket} has no default encryption",
                "CodePipeline encrypts what it writes itself; what actions and people put there lies in the clear.",
                f"arn:{case.identity.partition}:s3:::{bucket}",
                facts=(seen,),
                lines=((seen.n, "there is no encryption configuration"),),
                fixes=(
                    fix(
                        f"audit.encrypt:{bucket}",
                        f"Encrypt what is put into {bucket}",
                        ("Turn default encryption on: SSE-S3 costs nothing; SSE-KMS lets the key's policy decide.",),
                        commands=(put,),
                        url=bucket_url(case, bucket),
                    ),
                ),
            )


RULE = Rule(
    "store-encryption",
    "audit.artifact-store",
    "An artifact bucket has no default encryption",
    "Artifacts hold source code and often what should not be in it.",
    Severity.MEDIUM,
    (Kind.ENCRYPTION,),
    _judge,
)
