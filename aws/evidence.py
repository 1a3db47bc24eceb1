"""How a diagnosis reads: any read operation by name, all outcomes as facts, the same read made once."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aws.archive import BrokenArchiveError, read_archive
from aws.budget import Urgency
from aws.call import Caller
from aws.clock import Clock
from aws.iam_actions import iam_action
from aws.jsonable import frozen_key, jsonable
from aws.read.logs import stream_page
from aws.reads import is_read
from core.arn import Arn
from core.build import LogLocation
from core.errors import AwsError, Denied, NotFound, PipemedicError
from core.fact import Fact, Outcome
from core.place import Place

__all__ = ["AwsEvidence"]

_MOST_LOG_BYTES = 64 * 1024 * 1024  # of an unpacked log in S3


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a read brought: the value, and whether more was left unread."""

    value: Any
    truncated: bool = False


class AwsEvidence:
    """Implements `core.fact.Evidence` for one run in one place."""

    def __init__(self, caller: Caller, place: Place, clock: Clock, *, urgency: Urgency = Urgency.ACTION) -> None:
        self._caller = caller
        self._place = place
        self._clock = clock
        self._urgency = urgency
        self._asked: dict[tuple[str, ...], asyncio.Task[Fact]] = {}
        self._facts: dict[int, Fact] = {}
        self._reads: dict[int, tuple[tuple[str, ...], Fact, Callable[[], Awaitable[_Answer]]]] = {}
        self._calls = 0

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts read so far, by number."""
        return tuple(self._facts[n] for n in sorted(self._facts))

    @property
    def calls(self) -> int:
        """How many API calls were made so far (pages count)."""
        return self._calls

    async def read(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        role_arn: str = "",
        pages: int = 10,
    ) -> Fact:
        """Make one read operation and return the fact; see `core.fact.Evidence`.

        What is no read (aws/reads.py) is not sent: the outcome is `error` with the code ``NotARead``.
        """
        given = dict(params or {})
        blank = Fact(
            n=0,
            service=service,
            operation=operation,
            params=given,
            outcome=Outcome.ERROR,
            region=region or self._place.region,
            action=iam_action(service, operation),
        )
        key = (service, operation, frozen_key(given), region, role_arn, str(pages))
        return await self._once(
            key, blank, lambda: self._read_pages(service, operation, given, region, role_arn, pages)
        )

    async def log(self, where: LogLocation, *, limit: int = 100_000) -> Fact:
        """Read a whole log, oldest line first, at most `limit` lines; see `core.fact.Evidence`."""
        in_s3 = bool(where.s3_arn) and not where.stream
        blank = Fact(
            n=0,
            service="s3" if in_s3 else "logs",
            operation="GetObject" if in_s3 else "GetLogEvents",
            params=_object_of(where) if in_s3 else {"logGroupName": where.group, "logStreamName": where.stream},
            outcome=Outcome.ERROR,
            region=where.region or self._place.region,
            action="s3:GetObject" if in_s3 else "logs:GetLogEvents",
        )
        key = ("log", where.group, where.stream, where.s3_arn, where.region, str(limit))
        make = self._read_object if in_s3 else self._read_stream
        return await self._once(key, blank, lambda: make(where, limit))

    async def archive(
        self, bucket: str, key: str, names: Sequence[str], *, region: str = "", role_arn: str = ""
    ) -> Fact:
        """Look into a zip in S3; see `core.fact.Evidence`."""
        params = {"Bucket": bucket, "Key": key}
        blank = Fact(
            n=0,
            service="s3",
            operation="GetObject",
            params=params,
            outcome=Outcome.ERROR,
            region=region or self._place.region,
            action="s3:GetObject",
        )

        async def fetch(span: str) -> tuple[bytes, int]:
            self._calls += 1
            answer = await self._caller.read(
                self._place,
                "s3",
                "GetObject",
                {**params, "Range": span},
                region=region,
                role_arn=role_arn,
                urgency=self._urgency,
            )
            body = bytes(answer.get("Body") or b"")
            whole = str(answer.get("ContentRange", "")).rpartition("/")[2]
            return body, int(whole) if whole.isdigit() else len(body)

        async def make() -> _Answer:
            try:
                return _Answer(await read_archive(fetch, names))
            except BrokenArchiveError as error:
                raise AwsError(str(error), service="s3", operation="GetObject", code="NotAZip") from error

        return await self._once(("archive", bucket, key, *names, region, role_arn), blank, make)

    async def again(self, n: int) -> Fact:
        """Make the read of a fact anew; see `core.fact.Evidence`."""
        key, blank, make = self._reads[n]
        task = self._caller.background.start(self._make(blank, make), f"read {blank.service} {blank.operation} again")
        self._asked[key] = task
        return await asyncio.shield(task)

    async def _once(self, key: tuple[str, ...], blank: Fact, make: Callable[[], Awaitable[_Answer]]) -> Fact:
        """Make a read unless it was made (or is being made) in this run; the one who asks may be cancelled alone."""
        asked = self._asked.get(key)
        if asked is not None:
            return replace(await asyncio.shield(asked), took_s=0.0)
        numbered = replace(blank, n=len(self._asked) + 1)
        self._reads[numbered.n] = (key, numbered, make)
        task = self._caller.background.start(self._make(numbered, make), f"read {blank.service} {blank.operation}")
        self._asked[key] = task
        return await asyncio.shield(task)

    async def _make(self, blank: Fact, make: Callable[[], Awaitable[_Answer]]) -> Fact:
        began = self._clock.elapsed()
        fact = replace(blank, read_at=self._clock.now())
        try:
            answer = await make()
            outcome = Outcome.TRUNCATED if answer.truncated else Outcome.OK
            fact = replace(fact, outcome=outcome, value=answer.value)
        except PipemedicError as error:
            fact = _failed(fact, error)
        fact = replace(fact, took_s=self._clock.elapsed() - began)
        self._facts[fact.n] = fact
        return fact

    async def _read_pages(
        self, service: str, operation: str, params: dict[str, Any], region: str, role_arn: str, pages: int
    ) -> _Answer:
        if not is_read(service, operation):
            raise AwsError(
                "it is not an operation that only reads", service=service, operation=operation, code="NotARead"
            )

        async def one(given: Mapping[str, Any]) -> dict[str, Any]:
            self._calls += 1
            return await self._caller.read(
                self._place, service, operation, given, region=region, role_arn=role_arn, urgency=self._urgency
            )

        whole = await one(params)
        paging = await self._caller.paging(self._place, service, operation)
        if paging is None or not pages or paging.asked_for_a_page(params):
            return _Answer(jsonable(whole))
        following = paging.next_params(params, whole)
        for _ in range(pages - 1):
            if following is None:
                break
            page = await one(following)
            paging.merge(whole, page)
            following = paging.next_params(following, page)
        return _Answer(jsonable(paging.without_tokens(whole)), truncated=following is not None)

    async def _read_stream(self, where: LogLocation, limit: int) -> _Answer:
        if not (where.group and where.stream):
            raise NotFound(
                _why_no_log(where), service="logs", operation="GetLogEvents", code=f"Log{where.state.title()}"
            )
        lines: list[str] = []
        token = ""
        while len(lines) <= limit:
            self._calls += 1
            page = await stream_page(self._caller, self._place, where, token=token, urgency=self._urgency, attempts=3)
            for event in page.events:
                lines.extend(event.text.split("\n"))
            if page.forward_token == token or not page.forward_token:
                break
            token = page.forward_token
        truncated = len(lines) > limit
        return _Answer({"lines": lines[:limit], "truncated": truncated}, truncated=truncated)

    async def _read_object(self, where: LogLocation, limit: int) -> _Answer:
        self._calls += 1
        answer = await self._caller.read(
            self._place, "s3", "GetObject", _object_of(where), region=where.region, urgency=self._urgency
        )
        lines = await asyncio.to_thread(_unpacked_lines, answer.get("Body") or b"")
        truncated = len(lines) > limit
        return _Answer({"lines": lines[:limit], "truncated": truncated}, truncated=truncated)


def _failed(fact: Fact, error: PipemedicError) -> Fact:
    """Return the fact of a read that brought no answer."""
    code = error.code if isinstance(error, AwsError) else type(error).__name__
    words = error.detail if isinstance(error, AwsError) else str(error)
    if isinstance(error, Denied):
        return replace(fact, outcome=Outcome.DENIED, code=code, error=words, action=error.action or fact.action)
    # A bare 404 says that a thing is not there only where AWS has no other words for it: HEAD requests have no body.
    unserved = code == "404" and not fact.operation.startswith("Head")
    outcome = Outcome.NO_DATA if isinstance(error, NotFound) and not unserved else Outcome.ERROR
    return replace(fact, outcome=outcome, code=code, error=words)


def _why_no_log(where: LogLocation) -> str:
    """Say why there is no stream to read."""
    if where.state == "disabled":
        return "the build writes no log to CloudWatch Logs or S3"
    if where.state == "pending":
        return "the build has not begun to write its log"
    return "no log stream is named"


def _object_of(where: LogLocation) -> dict[str, Any]:
    """Return bucket and key of a log in S3."""
    arn = Arn.parse(where.s3_arn)
    bucket, _, key = (arn.resource if arn else where.s3_arn).partition("/")
    return {"Bucket": bucket, "Key": key}


def _unpacked_lines(body: bytes) -> list[str]:
    """Return the lines of a log that CodeBuild left in S3, gzipped as it does; what follows a broken part is lost."""
    if body[:2] == b"\x1f\x8b":
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            body = unpack.decompress(body, _MOST_LOG_BYTES)
        except zlib.error:
            return []
    return body.decode("utf-8", "replace").rstrip("\n").split("\n")
