"""From bytes to a call and from an answer to bytes, for the protocols AWS clients really speak to these services."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import orjson

from demo.wire.errors import AwsError
from demo.wire.rest import rest_operation

__all__ = ["Call", "Request", "Response", "identify", "render_error"]

_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
# What each X-Amz-Target prefix is called in botocore, where the signing name does not say it.
_READS = [
    "BatchGet",
    "Check",
    "Decode",
    "Describe",
    "Detect",
    "Discover",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Preview",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
]


@dataclass(slots=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def raw_path(self) -> str:
        """Path and query as they came."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True)
class Response:
    """One HTTP answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None  # sent piece by piece in place of the body


@dataclass(slots=True)
class Call:
    """An AWS API call as the request names it."""

    service: str
    operation: str
    region: str
    access_key: str
    protocol: str
    mutating: bool


def identify(request: Request) -> Call:
    """Tell which operation of which service in which region is called; unknown parts come as empty text."""
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    access_key, region, service = (scope[1], scope[3], scope[4]) if scope else ("", "us-east-1", "")
    if not scope and "X-Amz-Credential=" in request.query:
        values = dict(parse_qsl(request.query))
        parts = values["X-Amz-Credential"].split("/")
        access_key, region, service = parts[0], parts[2], parts[3]
    target = request.headers.get("x-amz-target", "")
    if target:
        prefix, _, operation = target.rpartition(".")
        if prefix.startswith("com.amazonaws.codestar.connections"):
            service = "codestar-connections"
        elif prefix.startswith("com.amazonaws.codeconnections"):
            service = "codeconnections"
        protocol = "json"
    elif request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        match = re.search(rb"(?:^|&)Action=(\w+)", request.body)
        operation, protocol = (match[1].decode() if match else ""), "query"
    else:
        operation, protocol = rest_operation(service, request.method, request.path, request.query), "rest"
    return Call(service, operation, region, access_key, protocol, _mutating(operation, request.method))


# Named as if they changed something; they run a query over logs, and end it.
_QUERIES = frozenset({"StartLiveTail", "StartQuery", "StopQuery"})


def _mutating(operation: str, method: str) -> bool:
    if not operation:
        return method not in {"GET", "HEAD"}
    if operation in _QUERIES:
        return False
    return not operation.startswith(tuple(_READS)) and not operation.startswith("AssumeRole")


def render_error(call: Call, error: AwsError, request_id: str) -> Response:
    """Write an error the way the call's protocol does."""
    headers = {"x-amzn-RequestId": request_id}
    if call.protocol == "json":
        headers |= {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code}
        said = {"__type": error.code, "message": error.message, **error.members}
        return Response(error.status, orjson.dumps(said), headers)
    code, message = escape(error.code), escape(error.message)
    if call.protocol == "query":
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    elif call.service == "s3":
        text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
    else:
        headers |= {"content-type": "application/json", "x-amzn-errortype": error.code}
        body: dict[str, Any] = {"Type": "User", "message": error.message, "code": error.code}
        return Response(error.status, orjson.dumps(body), headers)
    return Response(
        error.status, b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode(), headers | {"content-type": "text/xml"}
    )
