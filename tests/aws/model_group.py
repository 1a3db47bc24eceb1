"""A model of a log group behind FilterLogEvents: streams that come and go, late events, faults at each call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import AwsError, CredentialsExpired, Invalid, NotFound, Throttled, Unreachable
from tests.aws.model_stream import ModelClock

_FAULTS: Mapping[str, type[AwsError]] = {
    "throttle": Throttled,
    "fault": Unreachable,
    "reset": Unreachable,
    "hang": Unreachable,
    "expired": CredentialsExpired,
}


@dataclass(frozen=True)
class ModelEvent:
    """An event; `seen_s` is when (seconds after the start) it can be read, `at_ms` the time that it bears."""

    seen_s: float
    at_ms: int
    stream: str
    text: str
    id: str


@dataclass
class ModelGroup:
    """Answers FilterLogEvents as the API page describes it; stands in for `aws.call.Caller`.

    A token stands behind the last event that was given: what appears before it later is not given in that chain.

    Attributes:
        events: in any order.
        page: most events on a page.
        faults: what happens at each call, by its number; calls beyond the list go well.
        appears_s: seconds after the start until the group exists.
    """

    clock: ModelClock
    events: Sequence[ModelEvent]
    page: int = 3
    faults: Sequence[str] = ()
    appears_s: float = 0.0
    calls: int = 0
    began: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.began = self.clock.at

    async def read(self, _place: Any, _service: str, operation: str, params: Mapping[str, Any], **_more: Any) -> Any:
        assert operation == "FilterLogEvents"
        fault = self.faults[self.calls] if self.calls < len(self.faults) else ""
        self.calls += 1
        await asyncio.sleep(0)
        token = str(params.get("nextToken", ""))
        if fault in _FAULTS:
            raise _FAULTS[fault](fault)
        if fault == "dead token" and token:
            raise Invalid("The specified nextToken is invalid.")
        since = self.clock.at - self.began
        if since < self.appears_s:
            raise NotFound("The specified log group does not exist.")
        given_ms, _, rest = token.partition("/")
        after = (int(given_ms), rest.partition("/")[0]) if token else (-1, "")
        low, high = params["startTime"], params.get("endTime", 1 << 60)
        found = sorted(
            (event for event in self.events if event.seen_s <= since and low <= event.at_ms <= high),
            key=lambda event: (event.at_ms, event.id),
        )
        left = [event for event in found if (event.at_ms, event.id) > after]
        if fault == "empty":
            return {"events": [], "nextToken": f"{token or '-1/'}/again"}
        if fault == "same token" and token:
            return {"events": [], "nextToken": token}
        given = left[: self.page]
        answer: dict[str, Any] = {"events": [_event(event) for event in given]}
        if len(left) > self.page:
            answer["nextToken"] = f"{given[-1].at_ms}/{given[-1].id}"
        return answer


def _event(event: ModelEvent) -> dict[str, Any]:
    return {"timestamp": event.at_ms, "message": event.text + "\n", "logStreamName": event.stream, "eventId": event.id}
