"""Reads that are made a thousand times, sent from a pattern instead of being built anew each time.

For each call botocore finds the endpoint by rules, composes a user agent, emits a dozen events and signs headers that
it has copied twice: more than half of what a small answer costs (measured: 1.1 ms of CPU a call, 0.5 ms without). Here
the first call of a client goes botocore's way, and the request that it sent becomes the pattern: address and headers.
Later calls put in their own body (botocore's serializer checks and writes it), the time and a signature (SigV4), and go
out through the same HTTP session: proxies, TLS, timeouts and pool are the client's own. Errors, and whatever orjson
cannot read, go to botocore's parser. A request that holds anything unusual is no pattern, and a signature that is
refused ends one; then all goes botocore's way.

botocore's events are not emitted for these calls, so the gate against changes is asked directly; the list names reads
only.
"""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import orjson
from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest

from aws.rawjson import is_plain

__all__ = ["HOT", "install"]

# The reads of which a fleet makes one or two a pipeline.
HOT: Mapping[str, tuple[str, ...]] = {"codepipeline": ("GetPipelineState", "ListPipelineExecutions")}

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,"
    r" SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=[0-9a-f]{64}"
)
_DATE, _TOKEN, _INVOCATION = "x-amz-date", "x-amz-security-token", "amz-sdk-invocation-id"
# What differs from call to call, and what may stand in a pattern. A request with any other header is none.
_VARIES = frozenset({"authorization", "content-length", _DATE, _TOKEN, _INVOCATION})
_STAYS = frozenset({"accept", "amz-sdk-request", "content-type", "host", "user-agent", "x-amz-target"})
# The service says that it is the signature that it minds.
_BAD_SIGNATURE = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
    }
)
_NEEDED = ("_endpoint", "_request_signer", "_serializer", "_service_model")


def install(client: Any, service: str, check: Callable[[str], None]) -> None:
    """Let a client's hot reads go from patterns; `check` raises for an operation that is not to be sent."""
    if not all(hasattr(client, name) for name in _NEEDED):
        return
    for operation in HOT.get(service, ()):
        model = client.meta.service_model.operation_model(operation)
        if client.meta.service_model.resolved_protocol == "json" and is_plain(model.output_shape):
            name = xform_name(operation)
            lane = _Lane(client, model, getattr(client, name), check)
            client.meta.events.register(f"before-send.*.{operation}", lane.learn, unique_id=f"pipemedic-{name}")
            setattr(client, name, lane)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A request of botocore's without what differs from call to call.

    Attributes:
        headers: by name in lower case, as they are sent.
        signed: names of the headers that the signature covers, in order, without the session token's.
        values: of those that stay, as they are signed.
    """

    url: str
    headers: Mapping[str, str]
    signed: tuple[str, ...]
    values: Mapping[str, str]
    region: str
    service: str

    @classmethod
    def of(cls, request: Any) -> Pattern | None:
        """Take a request that botocore is about to send; None where it is not of the plainest kind."""
        headers = {str(name).lower(): _text(value) for name, value in request.headers.items()}
        found = _SIGNED.fullmatch(headers.get("authorization", ""))
        at = urlsplit(request.url)
        if found is None or request.method != "POST" or at.path not in {"", "/"} or at.query or at.username:
            return None
        if not headers.keys() <= _VARIES | _STAYS:
            return None
        names = tuple(name for name in found["names"].split(";") if name != _TOKEN)
        fixed = {name: value for name, value in headers.items() if name not in _VARIES}
        values = {"host": _host(at.scheme, str(at.hostname), at.port)} | fixed
        if not set(names) <= values.keys() | {_DATE, _INVOCATION}:
            return None
        trimmed = {name: " ".join(value.split()) for name, value in values.items()}
        return cls(request.url, fixed, names, trimmed, found["region"], found["service"])


class _Lane:
    """One operation of one client; called as the client's own method is."""

    def __init__(
        self, client: Any, model: Any, plain: Callable[..., Awaitable[dict[str, Any]]], check: Callable[[str], None]
    ) -> None:
        self._client = client
        self._model = model
        self._plain = plain
        self._check = check
        self._pattern: Pattern | None = None
        self._mistaken = False  # a signature was refused: no pattern any more
        self._key: tuple[tuple[str, ...], bytes] = ((), b"")

    def learn(self, request: Any, **_: Any) -> None:
        """Take the pattern from a request that botocore is about to send."""
        if self._pattern is None and not self._mistaken:
            self._pattern = Pattern.of(request)

    async def __call__(self, **params: Any) -> dict[str, Any]:
        """Make the call; raises what the client's own method raises."""
        pattern, keeper = self._pattern, self._client._request_signer._credentials  # noqa: SLF001 (a test watches over it)
        if pattern is None or keeper is None:
            return await self._plain(**params)
        self._check(self._model.name)
        body = self._client._serializer.serialize_to_request(params, self._model)["body"]  # noqa: SLF001
        headers = self._signed(pattern, body, await keeper.get_frozen_credentials(), datetime.now(UTC))
        request = AWSPreparedRequest("POST", pattern.url, headers, body, stream_output=False)
        response = await self._client._endpoint.http_session.send(request)  # noqa: SLF001
        content = await response.content
        if response.status_code == 200 and (answer := _object(content)) is not None:
            answer["ResponseMetadata"] = {
                "RequestId": response.headers.get("x-amzn-requestid", ""),
                "HTTPStatusCode": 200,
                "HTTPHeaders": response.headers,
                "RetryAttempts": 0,
            }
            return answer
        return await self._unusual(response, content, params)

    async def _unusual(self, response: Any, content: bytes, params: Mapping[str, Any]) -> dict[str, Any]:
        """Read an answer as botocore does, and raise what it would raise."""
        endpoint, service = self._client._endpoint, self._client.meta.service_model  # noqa: SLF001
        parser = endpoint._response_parser_factory.create_parser(service.resolved_protocol)  # noqa: SLF001
        given = {
            "headers": response.headers,
            "status_code": response.status_code,
            "body": content,
            "context": {"operation_name": self._model.name},
        }
        parsed: dict[str, Any] = await parser.parse(given, self._model.output_shape)
        if response.status_code < 300:
            return parsed
        code = parsed.get("Error", {}).get("Code")
        if code in _BAD_SIGNATURE:
            self._pattern, self._mistaken = None, True
            return await self._plain(**params)
        raise self._client.exceptions.from_code(code)(parsed, self._model.name)

    def _signed(self, pattern: Pattern, body: bytes, credentials: Any, now: datetime) -> dict[str, str]:
        """Return the headers of a call, signed: Signature Version 4, as AWS documents it."""
        stamp, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        own = {_DATE: stamp, _INVOCATION: str(uuid.uuid4())}
        names = pattern.signed
        if credentials.token:
            own[_TOKEN] = credentials.token
            names = tuple(sorted((*names, _TOKEN)))
        values = {**pattern.values, **own}
        listed, covered = "".join(f"{name}:{values[name]}\n" for name in names), ";".join(names)
        asked = f"POST\n/\n\n{listed}\n{covered}\n{sha256(body).hexdigest()}"
        scope = f"{day}/{pattern.region}/{pattern.service}/aws4_request"
        wanted = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
        signature = hmac.new(self._signing_key(credentials, scope), wanted.encode(), sha256).hexdigest()
        said = f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={covered}"
        return {**pattern.headers, **own, "authorization": f"{said}, Signature={signature}"}

    def _signing_key(self, credentials: Any, scope: str) -> bytes:
        """The key of a day, region and service; derived anew only when one of them or the secret changes."""
        known = (credentials.secret_key, scope)
        if self._key[0] != known:
            key = f"AWS4{credentials.secret_key}".encode()
            for part in scope.split("/"):
                key = hmac.new(key, part.encode(), sha256).digest()
            self._key = (known, key)
        return self._key[1]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _host(scheme: str, name: str, port: int | None) -> str:
    """The Host header of an address: a port stands in it where it is not the scheme's own."""
    name = f"[{name}]" if ":" in name else name
    return name if port is None or (scheme, port) in {("http", 80), ("https", 443)} else f"{name}:{port}"


def _object(content: bytes) -> dict[str, Any] | None:
    """The JSON object that an answer is; None where it is none, or one that orjson does not read."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None
