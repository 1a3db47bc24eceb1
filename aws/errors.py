"""From botocore's exceptions to the error tree of core: what was refused, where, and with which words.

Codes are those of the services' API pages ("Common errors") and of botocore's own retry tables. Messages of IAM follow
"User: PRINCIPAL is not authorized to perform: ACTION on resource: RESOURCE …" with variations (quotes, no resource).
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import ParseError

import aiohttp
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from aws.mfa import WANTED
from core.errors import (
    AwsError,
    CodeWanted,
    Conflict,
    CredentialsExpired,
    CredentialsMissing,
    Denied,
    Invalid,
    Malformed,
    NotFound,
    PipemedicError,
    Throttled,
    Unreachable,
)

__all__ = ["code_of", "translate"]

_EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_MISSING_CODES = frozenset(
    {
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "AuthFailure",
    }
)
_DENIED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "NotAuthorized",
        "OptInRequired",
        "UnauthorizedOperation",
        "403",
    }
)
_THROTTLED_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException.Throttling",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "EC2ThrottledException",
        "TransactionInProgressException",
        "429",
    }
)
_CONFLICT_CODES = frozenset(
    {
        "ApprovalAlreadyCompletedException",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "ConcurrentPipelineExecutionsLimitExceededException",
        "ConflictException",
        "DeploymentAlreadyCompletedException",
        "DuplicatedStopRequestException",
        "InvalidApprovalTokenException",
        "NotLatestPipelineExecutionException",
        "OperationInProgressException",
        "PipelineExecutionNotStoppableException",
        "PipelineExecutionOutdatedException",
        "PipelineVersionConflict",
        "ResourceConflictException",
        "ResourceInUseException",
        "StageNotRetryableException",
        "UnableToRollbackStageException",
        "UnmodifiableEntity",
    }
)
_UNREACHABLE_CODES = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ServerException",
        "InternalFailureException",
    }
)
_NOT_IMPLEMENTED = 501  # an endpoint that lacks an operation will lack it the next time too
_WRONG_CODE = re.compile(r"MultiFactorAuthentication failed", re.IGNORECASE)
_NOT_FOUND = re.compile(r"NotFound|DoesNotExist|NoSuch|^404$|NonExistent|NotExist")
_NOT_THERE = re.compile(r"does not exist|not found|no such", re.IGNORECASE)

_ACTION = re.compile(r"not authorized to perform:?\s+\[?([A-Za-z0-9-]+:[A-Za-z0-9*]+)", re.IGNORECASE)
_RESOURCE = re.compile(r"on (?:the )?resource:?\s+[\"']?([^\s\"',]+)", re.IGNORECASE)
_PRINCIPAL = re.compile(r"User:?\s+[\"']?(\S+?)[\"']?\s+is not authorized", re.IGNORECASE)
_EXPIRED_WORDS = re.compile(r"expired|token.*(?:invalid|retriev|refresh)|session.*(?:ended|logged out)", re.IGNORECASE)

_EXPIRED_TYPES = (
    boto.SSOTokenLoadError,
    boto.UnauthorizedSSOTokenError,
    boto.TokenRetrievalError,
    boto.LoginError,
)
_MISSING_TYPES = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.InvalidConfigError,
    boto.InfiniteLoopConfigError,
    boto.UnknownCredentialError,
    boto.NoAuthTokenError,
    boto.SSOError,
)
# An answer that is no AWS answer comes from a proxy or a load balancer in between.
_UNREACHABLE_TYPES = (
    boto.HTTPClientError,
    boto.ConnectionError,
    ResponseParserError,
    aiohttp.ClientError,
    TimeoutError,
    OSError,
)
_INVALID_TYPES = (
    boto.ParamValidationError,
    boto.NoRegionError,
    boto.InvalidRegionError,
    boto.DataNotFoundError,
    boto.UnknownServiceError,
    boto.EndpointProviderError,
    boto.UnsupportedSignatureVersionError,
    ValueError,
)


def code_of(error: BaseException) -> str:
    """Return AWS's error code of a botocore exception; the class's name where AWS gave none."""
    if isinstance(error, boto.ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__


def translate(
    error: BaseException, *, service: str = "", operation: str = "", region: str = "", profile: str = ""
) -> PipemedicError:
    """Return the error of our tree that says the same; errors of our own pass unchanged."""
    if isinstance(error, PipemedicError):
        return error
    where: dict[str, str] = {"service": service, "operation": operation, "region": region, "profile": profile}
    if isinstance(error, boto.ClientError):
        return _from_answer(error, where)
    return _from_exception(error, where)


def _from_answer(error: boto.ClientError, where: dict[str, str]) -> AwsError:
    """Judge an error that AWS itself sent."""
    said: dict[str, Any] = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    detail = str(said.get("Message", "") or said.get("message", "")).strip()
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    where = {**where, "code": code}
    kind = _kind(code.rpartition("#")[2], detail, status)
    if kind is Denied and _WRONG_CODE.search(detail):
        return CodeWanted("the code was not accepted", **where)
    if kind is Denied:
        return _denied(detail or code, where)
    if code == "MalformedQueryException":
        return _malformed(error.response.get("queryCompileError") or {}, detail or code, where)
    return kind(detail or code, **where)


def _kind(code: str, detail: str, status: int) -> type[AwsError]:
    """Choose the class for an error code, AWS's words and the HTTP status."""
    table: tuple[tuple[bool, type[AwsError]], ...] = (
        (code in _EXPIRED_CODES, CredentialsExpired),
        (code in _MISSING_CODES, CredentialsExpired if "expired" in detail.lower() else CredentialsMissing),
        (code in _DENIED_CODES, Denied),
        (code in _THROTTLED_CODES or (code == "LimitExceededException" and "rate" in detail.lower()), Throttled),
        (code in _CONFLICT_CODES, Conflict),
        (bool(_NOT_FOUND.search(code)), NotFound),
        (code == "ValidationError" and bool(_NOT_THERE.search(detail)), NotFound),
        (code in _UNREACHABLE_CODES or (status >= 500 and status != _NOT_IMPLEMENTED), Unreachable),
        (status == 429, Throttled),
        (status == 403, Denied),
        (400 <= status < 500, Invalid),
    )
    return next((kind for applies, kind in table if applies), AwsError)


def _denied(detail: str, where: dict[str, str]) -> Denied:
    """Take action, resource and principal from IAM's sentence."""
    action = _ACTION.search(detail)
    resource = _RESOURCE.search(detail)
    principal = _PRINCIPAL.search(detail)
    return Denied(
        detail,
        action=action[1] if action else "",
        resource=resource[1].rstrip(".") if resource else "",
        principal=principal[1] if principal else "",
        **where,
    )


def _malformed(said: dict[str, Any], detail: str, where: dict[str, str]) -> Malformed:
    """Take the place from what CloudWatch Logs Insights says of a query (QueryCompileError)."""
    spot = said.get("location") or {}
    start, end = spot.get("startCharOffset"), spot.get("endCharOffset")
    return Malformed(str(said.get("message") or detail), start=start, end=end, **where)


def _from_exception(error: BaseException, where: dict[str, str]) -> AwsError:
    """Judge an error that arose before AWS could answer."""
    code = type(error).__name__
    detail = str(error) or code
    where = {**where, "code": code}
    if isinstance(error, boto.RefreshWithMFAUnsupportedError) or WANTED in detail:
        return CodeWanted(detail.partition(WANTED)[2].strip() or "the session has ended", **where)
    if isinstance(error, _EXPIRED_TYPES):
        return CredentialsExpired(detail, **where)
    if isinstance(error, _MISSING_TYPES):
        kind = CredentialsExpired if _EXPIRED_WORDS.search(detail) else CredentialsMissing
        return kind(detail, **where)
    if isinstance(error, _UNREACHABLE_TYPES):
        return Unreachable(detail, **where)
    if isinstance(error, _INVALID_TYPES):
        return Invalid(detail, **where)
    if isinstance(error, KeyError | ParseError):
        detail = f"the answer has not the form that AWS gives it ({detail})"
    return AwsError(detail, **where)
