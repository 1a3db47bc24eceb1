"""The one place through which every request goes: client, budget, retries of reads, and errors in our own words."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from xml.etree.ElementTree import ParseError

import aiohttp
from aiobotocore.response import StreamingBody
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from aws.background import Background
from aws.budget import Budget, Urgency
from aws.clients import ClientKey, Clients
from aws.clock import Clock
from aws.errors import translate
from aws.iam_actions import iam_action
from aws.paging import Paging
from aws.together import Together
from core.errors import CredentialsExpired, CredentialsMissing, Denied, PipemedicError, Throttled, Unreachable
from core.place import Place

__all__ = ["Caller"]

_ATTEMPTS_WHEN_THROTTLED = 8
_ATTEMPTS_WHEN_BROKEN = 3
_WHOLE_CALL_S = 60.0  # botocore's read timeout bounds the wait for each byte, not the call
_RENEW_EVERY_S = 3.0
_BODY_LIMIT = 8 * 1024 * 1024


class Caller:
    """Makes calls. `place` says profile and region; `region` and `role_arn` override for actions that run elsewhere."""

    def __init__(self, clients: Clients, budget: Budget, clock: Clock) -> None:
        self.background = Background()
        self._clients = clients
        self._budget = budget
        self._clock = clock
        self._renewed_at: dict[str, float] = {}
        self._asked: dict[tuple[ClientKey, str, str], _Asked] = {}
        self._seen: dict[tuple[str, str], dict[str, bool]] = {}
        self._together = Together(self._read, self.background, clock)

    async def read(
        self,
        place: Place,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        region: str = "",
        role_arn: str = "",
        urgency: Urgency = Urgency.ROUTINE,
        attempts: int = _ATTEMPTS_WHEN_BROKEN,
    ) -> dict[str, Any]:
        """Make a read and return the answer; throttles and breaks are tried again within reason.

        The same read asked for while it is under way is made once; the answer is shared and not to be changed. Reads of
        several things that one call can bring (aws/together.py) travel together.

        Raises:
            AwsError: what AWS said, or what kept it from being asked.
        """
        key = ClientKey(place.profile, region or place.region, service, role_arn)
        same = (key, operation, repr(sorted(params.items())))
        asked = self._asked.get(same)
        if asked is None:
            asked = _Asked(asyncio.create_task(self._made(key, operation, params, urgency, attempts)), urgency)
            self._asked[same] = asked
            asked.task.add_done_callback(lambda _: self._asked.pop(same) if self._asked.get(same) is asked else None)
        elif urgency < asked.urgency:  # who waits for it now is more urgent than who asked first: it goes by itself
            return await self._read(key, operation, params, urgency, attempts)
        return await asked.wait()

    async def _made(
        self, key: ClientKey, operation: str, params: Mapping[str, Any], urgency: Urgency, attempts: int
    ) -> dict[str, Any]:
        """Make a read, with others where it may join them."""
        if self._together.may_join(key, operation, params):
            return await self._together.read(key, operation, params, urgency)
        return await self._read(key, operation, params, urgency, attempts)

    async def _read(
        self,
        key: ClientKey,
        operation: str,
        params: Mapping[str, Any],
        urgency: Urgency,
        attempts: int = _ATTEMPTS_WHEN_BROKEN,
    ) -> dict[str, Any]:
        throttled = broken = 0
        while True:
            try:
                return await self._once(key, operation, params, urgency)
            except Throttled:
                throttled += 1
                if throttled >= _ATTEMPTS_WHEN_THROTTLED:
                    raise
                await self._clock.sleep(_backoff(throttled, base_s=0.1))
            except Unreachable as error:
                broken += 1
                if broken >= attempts or _timed_out(error):
                    raise
                await self._clock.sleep(_backoff(broken, base_s=0.2))

    async def change(
        self, place: Place, service: str, operation: str, params: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Make a change, once: whether a call that broke took effect is for the verification to find out.

        Raises:
            AwsError: what AWS said, or what kept it from being asked.
            ReadOnlyRefused: the gate was not opened for this operation.
        """
        key = ClientKey(place.profile, region or place.region, service)
        try:
            return await self._once(key, operation, params, Urgency.ACTION)
        finally:
            self._asked.clear()  # what was asked before the change tells nothing of after it

    async def take(
        self, place: Place, service: str, operation: str, params: Mapping[str, Any], *, region: str = ""
    ) -> dict[str, Any]:
        """Make a call once that is neither shared nor tried again: what it brings, it takes away. For queues.

        Raises:
            AwsError: what AWS said, or what kept it from being asked.
            ReadOnlyRefused: it is no queue that the configuration names.
        """
        key = ClientKey(place.profile, region or place.region, service)
        return await self._once(key, operation, params, Urgency.VISIBLE)

    @asynccontextmanager
    async def stream(
        self, place: Place, service: str, operation: str, params: Mapping[str, Any], member: str, *, region: str = ""
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Make a call whose answer has an event stream as a member, and yield its events until the block ends.

        The budget counts the call; the connection is held for as long as the block runs. Both the call and the events
        raise AwsError.
        """
        key = ClientKey(place.profile, region or place.region, service)
        async with AsyncExitStack() as stack:

            async def send() -> dict[str, Any]:
                try:
                    async with asyncio.timeout(_WHOLE_CALL_S):
                        client = await stack.enter_async_context(self._clients.borrow(key))
                        answer: dict[str, Any] = await getattr(client, xform_name(operation))(**params)
                        return answer
                except _RAISED as error:
                    raise _ours(error, key, operation) from error

            answer = await self._in_turn(key, operation, Urgency.ACTION, send)
            events = answer[member]
            stack.callback(events.close)
            yield _events(events, key, operation)

    async def paging(self, place: Place, service: str, operation: str) -> Paging | None:
        """Return how an operation pages; None where it gives all at once. Opens the client, makes no call."""
        key = ClientKey(place.profile, place.region, service)
        try:
            async with self._clients.borrow(key):
                return self._clients.paging(key, operation)
        except _RAISED as error:
            raise _ours(error, key, operation) from error

    async def close(self) -> None:
        """End what is under way, then close all connections."""
        await self.background.close()
        await self._clients.close()

    async def renew(self, profile: str) -> None:
        """Read a profile's configuration and credentials anew at its next call."""
        self._renewed_at[profile] = self._clock.elapsed()
        await self._clients.retire(profile)

    async def open(self, place: Place, service: str) -> None:
        """Open a client without a call.

        Raises:
            AwsError: the profile is not there or its configuration cannot be read.
        """
        key = ClientKey(place.profile, place.region, service)
        try:
            async with self._clients.borrow(key):
                pass
        except _RAISED as error:
            raise _ours(error, key, "") from error

    async def _once(
        self, key: ClientKey, operation: str, params: Mapping[str, Any], urgency: Urgency
    ) -> dict[str, Any]:
        return await self._in_turn(key, operation, urgency, lambda: self._send(key, operation, params))

    async def _in_turn(
        self, key: ClientKey, operation: str, urgency: Urgency, send: Callable[[], Awaitable[dict[str, Any]]]
    ) -> dict[str, Any]:
        lane = (key.profile, key.region, key.service, operation, key.role_arn)
        async with self._budget.turn(lane, urgency) as turn:
            try:
                answer = await send()
            except Throttled:
                turn.throttled()
                raise
            except Unreachable:
                turn.failed()
                raise
            except PipemedicError as error:
                if isinstance(error, Denied):
                    self._witness(key, operation, allowed=False)
                turn.failed()
                turn.passed()  # an answer all the same, as far as the pace is concerned
                if isinstance(error, CredentialsExpired | CredentialsMissing):
                    await self._renew_at_times(key.profile)
                raise
            turn.passed()
            self._witness(key, operation, allowed=True)
            return answer

    def _witness(self, key: ClientKey, operation: str, *, allowed: bool) -> None:
        """Remember what AWS allowed or denied; of the profile's own credentials, not of a role's further on."""
        if not key.role_arn:
            self._seen.setdefault((key.profile, key.service), {})[operation] = allowed

    def witnessed(self, profile: str) -> dict[str, bool]:
        """Return the IAM actions that AWS was seen to allow a profile, or to deny it where that came last."""
        return {
            iam_action(service, operation): allowed
            for (whose, service), seen in self._seen.items()
            if whose == profile
            for operation, allowed in seen.items()
        }

    async def _send(self, key: ClientKey, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(_WHOLE_CALL_S), self._clients.borrow(key) as client:
                method = getattr(client, xform_name(operation), None)
                if method is None:
                    raise _ours(ValueError(f"there is no such operation: {operation}"), key, operation)
                answer: dict[str, Any] = await method(**params)
                return await _whole(answer)
        except _RAISED as error:
            raise _ours(error, key, operation) from error

    async def _renew_at_times(self, profile: str) -> None:
        """Let a profile's next call read its credentials anew, so that a login elsewhere ends the trouble by itself."""
        if self._clock.elapsed() - self._renewed_at.get(profile, float("-inf")) >= _RENEW_EVERY_S:
            await self.renew(profile)


class _Asked:
    """A read under way, with how many wait for it; it ends with the last of them."""

    def __init__(self, task: asyncio.Task[dict[str, Any]], urgency: Urgency) -> None:
        self.task = task
        self.urgency = urgency
        self._waiting = 0

    async def wait(self) -> dict[str, Any]:
        """Wait for the answer, or raise what the read raised."""
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.task.cancel()


# What botocore, aiobotocore and aiohttp raise from signing to parsing; ValueError is for an endpoint that is no URL,
# KeyError and ParseError for an answer without the members (the XML) that botocore takes for granted.
_RAISED = (
    BotoCoreError,
    ClientError,
    ResponseParserError,
    aiohttp.ClientError,
    OSError,
    ValueError,
    KeyError,
    ParseError,
)


def _ours(error: BaseException, key: ClientKey, operation: str) -> PipemedicError:
    return translate(error, service=key.service, operation=operation, region=key.region, profile=key.profile)


async def _events(
    events: AsyncIterator[dict[str, Any]], key: ClientKey, operation: str
) -> AsyncIterator[dict[str, Any]]:
    """Give the events of a stream; what breaks it comes as an error of ours."""
    try:
        async for event in events:
            yield event
    except _RAISED as error:
        raise _ours(error, key, operation) from error


def _timed_out(error: Unreachable) -> bool:
    """Whether AWS took the request and gave no answer in time; asking again at once would only double the wait."""
    return error.code in {ReadTimeoutError.__name__, ConnectTimeoutError.__name__, TimeoutError.__name__}


def _backoff(attempt: int, *, base_s: float) -> float:
    """Return seconds to wait before attempt + 1: doubling, with jitter, at most 5 s."""
    longest: float = min(5.0, base_s * 2 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (jitter, no secret)


async def _whole(answer: dict[str, Any]) -> dict[str, Any]:
    """Read streaming members while their connection is held; at most `_BODY_LIMIT` bytes of each."""
    for name, value in answer.items():
        if isinstance(value, StreamingBody):
            parts: list[bytes] = []
            left = _BODY_LIMIT
            while left and (part := await value.read(left)):  # one read gives what has come so far, not all of it
                parts.append(part)
                left -= len(part)
            answer[name] = b"".join(parts)
            value.close()
    return answer
