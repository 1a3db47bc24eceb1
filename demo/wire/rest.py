"""Which operation a REST request calls: no name is on the wire, the path and the method tell it.

S3's operations are told by the query; those of other services by botocore's models.
"""

import re
from functools import cache
from urllib.parse import unquote

from botocore.exceptions import DataNotFoundError, UnknownServiceError

from demo.wire.models import service_model

__all__ = ["rest_operation"]

_S3_SUBRESOURCES = {
    "acl": "BucketAcl",
    "cors": "BucketCors",
    "encryption": "BucketEncryption",
    "lifecycle": "BucketLifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotificationConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "BucketReplication",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head", "POST": "Post"}
_LABEL = re.compile(r"\{[^}]+\}")


def rest_operation(service: str, method: str, path: str, query: str) -> str:
    """Name the operation; empty where no model knows the path."""
    if service == "s3":
        return _s3_operation(method, path, query)
    plain = path.rstrip("/") or "/"
    for verb, pattern, name in _routes(service):
        if verb == method and pattern.fullmatch(plain):
            return name
    return ""


@cache
def _routes(service: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Method, path and name of each operation of a service; paths with the most literal text first."""
    try:
        model = service_model(service)
    except (DataNotFoundError, UnknownServiceError):
        return ()
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].partition("?")[0].rstrip("/") or "/"
        pattern, at = "", 0
        for label in _LABEL.finditer(path):
            pattern += re.escape(path[at : label.start()]) + (".+" if label[0].endswith("+}") else "[^/]+")
            at = label.end()
        literal = len(_LABEL.sub("", path))
        found.append((literal, http["method"], re.compile(pattern + re.escape(path[at:])), name))
    found.sort(key=lambda each: -each[0])
    return tuple(each[1:] for each in found)


def _s3_operation(method: str, path: str, query: str) -> str:  # noqa: PLR0911 - S3 has no operation names on the wire
    bucket, _, key = unquote(path).strip("/").partition("/")
    names = {name.partition("=")[0] for name in query.split("&") if name}
    verb = _VERBS.get(method, method.title())
    if not bucket:
        return "ListBuckets"
    for name, operation in _S3_SUBRESOURCES.items():
        if name in names:
            return verb + (operation.replace("Bucket", "Object") if key else operation)
    if key:
        return f"{verb}Object"
    if "versions" in names:
        return "ListObjectVersions"
    if method == "GET":
        return "ListObjectsV2" if "list-type" in names else "ListObjects"
    if method == "PUT":
        return "CreateBucket"
    return "DeleteObjects" if "delete" in names else f"{verb}Bucket"
