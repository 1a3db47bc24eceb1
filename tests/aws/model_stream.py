"""A model of one CloudWatch stream and a clock that only moves when someone sleeps: for thousands of schedules."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import AwsError, CredentialsExpired, Invalid, NotFound, Throttled, Unreachable


class ModelClock:
    """Time that moves by sleeping."""

    def __init__(self, at: float = 1_760_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def elapsed(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


@dataclass(frozen=True)
class _Token:
    """What a forward token says: how many lines were seen, from which time on, and a mark that makes it differ."""

    position: int
    oldest: int
    again: int = 0

    @classmethod
    def parse(cls, text: str) -> _Token:
        return cls(*(int(part) for part in text.split("/")[1:]))

    def __str__(self) -> str:
        return f"f/{self.position}/{self.oldest}/{self.again}"


@dataclass
class ModelStream:
    """Answers GetLogEvents as the API page describes it; stands in for `aws.call.Caller`.

    Attributes:
        lines: (seconds after the start at which it is ingested, timestamp in ms, text), in order of ingestion.
        page: most events on a page.
        faults: what happens at each call, by its number; calls beyond the list go well.
        appears_s: seconds after the start until the stream exists.
    """

    clock: ModelClock
    lines: Sequence[tuple[float, int, str]]
    page: int = 3
    faults: Sequence[str] = ()
    appears_s: float = 0.0
    calls: int = 0
    began: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.began = self.clock.at

    async def read(self, _place: Any, _service: str, operation: str, params: Mapping[str, Any], **_more: Any) -> Any:
        assert operation == "GetLogEvents"
        fault = self.faults[self.calls] if self.calls < len(self.faults) else ""
        self.calls += 1
        await asyncio.sleep(0)
        token = str(params.get("nextToken", ""))
        self._fail(fault, token)
        since = self.clock.at - self.began
        if since < self.appears_s:
            raise NotFound("The specified log stream does not exist.")
        there = [line for line in self.lines if line[0] <= since]
        at = _Token.parse(token) if token else _Token(0, int(params.get("startTime") or 0))
        if fault == "empty":
            return {"events": [], "nextForwardToken": str(replace(at, again=at.again + 1))}
        events: list[dict[str, Any]] = []
        position = at.position
        while position < len(there) and len(events) < self.page:
            if at.oldest <= there[position][1] < int(params.get("endTime") or 1 << 60):
                events.append({"timestamp": there[position][1], "message": there[position][2] + "\n"})
            position += 1
        ahead = str(_Token(position, at.oldest))
        at_end = position == len(there)  # a token that comes back means the end, so it never does so before
        if (fault == "stuck" and at_end) or (position == at.position and token):
            ahead = token
        return {"events": events, "nextForwardToken": ahead}

    @staticmethod
    def _fail(fault: str, token: str) -> None:
        kinds: dict[str, type[AwsError]] = {
            "throttle": Throttled,
            "fault": Unreachable,
            "reset": Unreachable,
            "hang": Unreachable,
            "expired": CredentialsExpired,
        }
        if fault in kinds:
            raise kinds[fault](fault)
        if fault == "dead token" and token:
            raise Invalid("The specified nextToken is invalid.")
