"""An artifact bucket that strangers can reach."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.fixes import bucket_url, command, fix
from core.audit.model import Issue, Rule, Severity
from core.fact import Fact
from core.finding import Fix
from core.plan import Risk

_SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_GROUPS = ("/AllUsers", "/AuthenticatedUsers")


def _judge(case: Case) -> Iterator[Issue]:
    for bucket in dict.fromkeys(store.location for store in case.definition.stores.values()):
        block = case.ok(Kind.ACCESS_BLOCK, bucket)
        off = [name for name in _SETTINGS if not (block and block.get("PublicAccessBlockConfiguration", name))]
        arn = f"arn:{case.identity.partition}:s3:::{bucket}"
        open_ways = [each for each in (_by_policy(case, bucket, off), _by_acl(case, bucket, off)) if each]
        if open_ways:
            yield Issue(
                Severity.CRITICAL,
                f"Artifact bucket {bucket} is public",
                "Anyone can read what is built, or put something else in its place before it is deployed.",
                arn,
                "public",
                facts=tuple(fact for fact, _ in open_ways),
                lines=tuple((fact.n, text) for fact, text in open_ways),
                fixes=(_fix(case, bucket),),
            )
        elif off and (seen := block or case.absent(Kind.ACCESS_BLOCK, bucket)):
            yield Issue(
                Severity.LOW,
                f"Artifact bucket {bucket} does not block public access",
                "Nothing makes it public now; a slip in its policy or an object's ACL would. "
                "The account's own block, where there is one, is not looked at.",
                arn,
                "block",
                facts=(seen,),
                lines=((seen.n, f"off: {', '.join(off)}"),),
                fixes=(_fix(case, bucket),),
            )


def _by_policy(case: Case, bucket: str, off: list[str]) -> tuple[Fact, str] | None:
    fact = case.ok(Kind.POLICY_STATUS, bucket)
    if fact and fact.get("PolicyStatus", "IsPublic") and "RestrictPublicBuckets" in off:
        return fact, "S3 says that its policy is public"
    return None


def _by_acl(case: Case, bucket: str, off: list[str]) -> tuple[Fact, str] | None:
    fact = case.ok(Kind.ACL, bucket)
    if fact is None or "IgnorePublicAcls" not in off:
        return None
    uris = (str((each.get("Grantee") or {}).get("URI", "")) for each in fact.get("Grants", default=()))
    return next(((fact, f"its ACL lets in {uri.rpartition('/')[2]}") for uri in uris if uri.endswith(_GROUPS)), None)


def _fix(case: Case, bucket: str) -> Fix:
    settings = dict.fromkeys(_SETTINGS, True)
    put = command(case, "s3", "PutPublicAccessBlock", Bucket=bucket, PublicAccessBlockConfiguration=settings)
    return fix(
        f"audit.block-public:{bucket}",
        f"Block public access of {bucket}",
        ("Turn all four settings of Block Public Access on. A pipeline needs none of what they forbid.",),
        commands=(put,),
        url=bucket_url(case, bucket, "permissions"),
        risk=Risk.MEDIUM,
    )


RULE = Rule(
    "store-public",
    "audit.artifact-store",
    "An artifact bucket is public, or would become so by one slip",
    "Who can write into it decides what is deployed.",
    Severity.CRITICAL,
    (Kind.ACCESS_BLOCK, Kind.POLICY_STATUS, Kind.ACL),
    _judge,
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
