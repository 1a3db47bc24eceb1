"""A small AWS on loopback: answers by operation, and breaks in the ways that networks and services break."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    operation: str
    params: dict[str, Any]
    region: str
    access_key: str


@dataclass(frozen=True)
class Refused:
    """An error answer."""

    code: str
    message: str = "no"
    status: int = 400
    bare: bool = False  # S3 sends the error without an envelope
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """No answer: the connection is reset, or nothing ever comes."""

    how: str = "reset"


@dataclass(frozen=True)
class Raw:
    """An answer's body as it is."""

    body: bytes
    content_type: str = "text/xml"


Handler = Callable[[Asked], Any]


@dataclass
class StubAws:
    """Answers with what the handlers of its operations return."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def on(self, operation: str, answer: Any) -> None:
        """Answer an operation with a value, or with what a function of the request returns."""
        self._handlers[operation] = answer if callable(answer) else lambda _: answer

    def count(self, operation: str) -> int:
        """How often an operation was asked for."""
        return sum(one.operation == operation for one in self.asked)

    async def start(self) -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        asked = await _understood(request)
        self.asked.append(asked)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            handler = self._handlers.get(asked.operation)
            answer = handler(asked) if handler else Refused("UnknownOperationException")
            if inspect.isawaitable(answer):
                answer = await answer
            return await self._answer(request, answer)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: web.Request, answer: Any) -> web.StreamResponse:
        if isinstance(answer, Broken):
            if answer.how == "hang":
                await self._closing.wait()
            elif request.transport:
                request.transport.abort()
            return web.Response(status=500)
        if isinstance(answer, Raw):
            return web.Response(body=answer.body, content_type=answer.content_type)
        if isinstance(answer, Refused):
            if "X-Amz-Target" not in request.headers:
                said = f"<Error><Code>{answer.code}</Code><Message>{answer.message}</Message></Error>"
                body = said if answer.bare else f"<ErrorResponse>{said}</ErrorResponse>"
                return web.Response(text=body, status=answer.status, content_type="text/xml", headers=answer.headers)
            return web.json_response({"__type": answer.code, "message": answer.message}, status=answer.status)
        return web.json_response(answer, headers={"x-amzn-RequestId": "11111111-2222-3333-4444-555555555555"})


async def _understood(request: web.Request) -> Asked:
    scope = _SCOPE.search(request.headers.get("Authorization", ""))
    body = await request.text()
    target = request.headers.get("X-Amz-Target", "")
    if target:
        operation, params = target.rpartition(".")[2], json.loads(body or "{}")
    elif form := {key: values[0] for key, values in parse_qs(body).items()}:
        operation, params = form.pop("Action", ""), form
    else:
        operation, params = f"{request.method} {request.path}", dict(request.query)
    return Asked(operation, params, scope["region"] if scope else "", scope["key"] if scope else "")


CALLER_IDENTITY = Raw(
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/OnCall/me</Arn>"
    b"<UserId>AROAEXAMPLE:me</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
