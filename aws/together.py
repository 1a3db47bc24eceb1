"""Reads of several things that AWS answers in one call, though each was asked for by itself.

Who asks knows nothing of the others. Reads that come within a moment of one another, of the same operation through the
same client, travel as one call; each asker gets the answer that AWS would have given to its own call. Where the answer
leaves a thing out without a word, or the joint call is refused for another reason than the pace, the login or the
network, each goes by itself after all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from aws.background import Background
from aws.budget import Urgency
from aws.clients import ClientKey
from aws.clock import Clock
from core.errors import AwsError, CredentialsExpired, CredentialsMissing, Denied, PipemedicError, Throttled, Unreachable

__all__ = ["JOINT", "Joint", "Together"]

# So long a read waits for others (s); an answer takes ten times as long.
_MOMENT_S = 0.004
# What would meet each of them alone just the same.
_ALIKE = (Throttled, CredentialsExpired, CredentialsMissing, Unreachable)

Send = Callable[[ClientKey, str, Mapping[str, Any], Urgency], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Joint:
    """An operation that takes several things at once (limits: each operation's page of the API reference).

    Attributes:
        operation: what is sent.
        asked: the parameter that lists what is asked for, at most `most`.
        found: the member of the answer that lists what was found.
        known_by: members by which a thing found is told.
        missing: the member that names what was not found; empty where there is none.
        one: parameter and member of the operation that asks for a single thing; empty where it is the same one.
    """

    operation: str
    asked: str
    found: str
    known_by: tuple[str, ...]
    most: int
    missing: str = ""
    one: tuple[str, str] | None = None

    def wanted(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """What a read asks for; empty where it says anything beside that."""
        name = self.one[0] if self.one else self.asked
        if set(params) != {name}:
            return ()
        value = params[name]
        return (value,) if isinstance(value, str) else tuple(value)

    def part(self, answer: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any] | None:
        """The answer to one read out of the joint one; None where something is left out without a word."""
        held = {
            str(each[name]): each for each in answer.get(self.found) or () for name in self.known_by if name in each
        }
        gone = {str(each) for each in answer.get(self.missing) or ()} if self.missing else set()
        if not set(wanted) <= held.keys() | gone:
            return None
        rest = {"ResponseMetadata": answer["ResponseMetadata"]} if "ResponseMetadata" in answer else {}
        if self.one:
            return {self.one[1]: held[wanted[0]], **rest}
        own = {id(held[each]): held[each] for each in wanted if each in held}
        missing = [each for each in wanted if each in gone]
        return {self.found: list(own.values()), **({self.missing: missing} if missing else {}), **rest}


# By service and the operation that is asked.
JOINT: Mapping[tuple[str, str], Joint] = MappingProxyType(
    {
        ("codebuild", "BatchGetBuilds"): Joint("BatchGetBuilds", "ids", "builds", ("id", "arn"), 100, "buildsNotFound"),
        ("codebuild", "BatchGetBuildBatches"): Joint(
            "BatchGetBuildBatches", "ids", "buildBatches", ("id", "arn"), 100, "buildBatchesNotFound"
        ),
        ("codebuild", "BatchGetProjects"): Joint(
            "BatchGetProjects", "names", "projects", ("name", "arn"), 100, "projectsNotFound"
        ),
        ("codedeploy", "GetDeployment"): Joint(
            "BatchGetDeployments",
            "deploymentIds",
            "deploymentsInfo",
            ("deploymentId",),
            25,
            one=("deploymentId", "deploymentInfo"),
        ),
    }
)


@dataclass(slots=True, eq=False)
class _Ask:
    params: Mapping[str, Any]
    wanted: tuple[str, ...]
    urgency: Urgency
    answer: asyncio.Future[dict[str, Any]]


@dataclass(slots=True, eq=False)
class _Pool:
    """Reads that wait for others to join them."""

    key: ClientKey
    operation: str
    asks: list[_Ask] = field(default_factory=list)


class Together:
    """Joins reads; `send` makes a call, with its retries."""

    def __init__(self, send: Send, background: Background, clock: Clock) -> None:
        self._send = send
        self._background = background
        self._clock = clock
        self._pools: dict[tuple[ClientKey, str], _Pool] = {}
        self._apart: set[tuple[ClientKey, str]] = set()  # the joint operation is not allowed there

    def may_join(self, key: ClientKey, operation: str, params: Mapping[str, Any]) -> bool:
        """Whether a read can travel with others."""
        joint = JOINT.get((key.service, operation))
        return joint is not None and (key, operation) not in self._apart and 0 < len(joint.wanted(params)) < joint.most

    async def read(self, key: ClientKey, operation: str, params: Mapping[str, Any], urgency: Urgency) -> dict[str, Any]:
        """Make a read that may join others; raises what its own call would raise."""
        wanted = JOINT[key.service, operation].wanted(params)
        ask = _Ask(params, wanted, urgency, asyncio.get_running_loop().create_future())
        pool = self._pools.get((key, operation))
        if pool is None:
            pool = self._pools[key, operation] = _Pool(key, operation)
            self._background.start(self._leave(pool), f"join {key.service} {operation}")
        pool.asks.append(ask)
        return await ask.answer

    async def _leave(self, pool: _Pool) -> None:
        """Wait a moment, then send what has come together by then."""
        try:
            await self._clock.sleep(_MOMENT_S)
            self._pools.pop((pool.key, pool.operation), None)
            asks = [each for each in pool.asks if not each.answer.done()]
            most = JOINT[pool.key.service, pool.operation].most
            await asyncio.gather(*(self._travel(pool, group) for group in _groups(asks, most)))
        finally:
            self._pools.pop((pool.key, pool.operation), None)
            for ask in pool.asks:
                if not ask.answer.done():
                    ask.answer.set_exception(Unreachable("pipemedic is closing", service=pool.key.service))

    async def _travel(self, pool: _Pool, asks: Sequence[_Ask]) -> None:
        if len(asks) == 1:
            await self._alone(pool, asks[0])
            return
        joint = JOINT[pool.key.service, pool.operation]
        params = {joint.asked: list(dict.fromkeys(each for ask in asks for each in ask.wanted))}
        try:
            answer = await self._send(pool.key, joint.operation, params, min(ask.urgency for ask in asks))
        except _ALIKE as error:
            for ask in asks:
                _fail(ask, error)
            return
        except AwsError as error:
            if isinstance(error, Denied) and joint.one:
                self._apart.add((pool.key, pool.operation))
            answer = {}
        parts = [(ask, joint.part(answer, ask.wanted)) for ask in asks]
        for ask, part in parts:
            if part is not None and not ask.answer.done():
                ask.answer.set_result(part)
        await asyncio.gather(*(self._alone(pool, ask) for ask, part in parts if part is None))

    async def _alone(self, pool: _Pool, ask: _Ask) -> None:
        try:
            answer = await self._send(pool.key, pool.operation, ask.params, ask.urgency)
        except PipemedicError as error:
            _fail(ask, error)
        else:
            if not ask.answer.done():
                ask.answer.set_result(answer)


def _fail(ask: _Ask, error: PipemedicError) -> None:
    if not ask.answer.done():
        ask.answer.set_exception(error)


def _groups(asks: Sequence[_Ask], most: int) -> Iterator[list[_Ask]]:
    """Split reads so that each group asks for at most so many things."""
    group: list[_Ask] = []
    held: set[str] = set()
    for ask in asks:
        if group and len(held | set(ask.wanted)) > most:
            yield group
            group, held = [], set()
        group.append(ask)
        held |= set(ask.wanted)
    if group:
        yield group
