"""Reads of CloudWatch Logs: one page of one stream, or of a whole group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping.logs import events, group_events
from core.build import LogLocation
from core.logs import EventPage, LogGroup
from core.place import Place

__all__ = ["GroupPage", "StreamPage", "group_page", "stream_page"]


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Events, oldest first, and the token that asks for what follows; the same token again means caught up."""

    events: EventPage
    forward_token: str


async def stream_page(
    caller: Caller,
    place: Place,
    where: LogLocation,
    *,
    token: str = "",
    from_start: bool = True,
    since_ms: int | None = None,
    until_ms: int | None = None,
    limit: int = 10_000,
    urgency: Urgency = Urgency.VISIBLE,
    attempts: int = 1,
) -> StreamPage:
    """Return the page of GetLogEvents after a token (1 MB or 10,000 events at most). Raises AwsError.

    Without a token, `from_start` chooses the stream's first page or its last, and `since_ms` (epoch milliseconds)
    leaves out what is older; `until_ms`, with or without a token, leaves out what bears that time or a later one.
    """
    params: dict[str, Any] = {
        "logGroupName": where.group,
        "logStreamName": where.stream,
        "limit": limit,
        "startFromHead": from_start,
    }
    if token:
        params["nextToken"] = token
    elif since_ms is not None:
        params["startTime"] = since_ms
    if until_ms is not None:
        params["endTime"] = until_ms
    answer = await caller.read(
        place, "logs", "GetLogEvents", params, region=where.region, urgency=urgency, attempts=attempts
    )
    return StreamPage(events(answer), str(answer.get("nextForwardToken") or ""))


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Events of several streams with their ids, and the token that asks for what follows; empty at the end."""

    events: EventPage
    ids: Sequence[str]
    next_token: str


async def group_page(
    caller: Caller,
    place: Place,
    group: LogGroup,
    *,
    since_ms: int,
    until_ms: int | None = None,
    token: str = "",
    urgency: Urgency = Urgency.VISIBLE,
) -> GroupPage:
    """Return a page of FilterLogEvents (1 MB or 10,000 events at most, often fewer or none). Raises AwsError.

    Events from `since_ms` on and before `until_ms` (epoch milliseconds); the API's own `endTime` leaves out what is
    later than it, so that it is one less.
    """
    params: dict[str, Any] = {"logGroupName": group.name, "startTime": since_ms}
    if until_ms is not None:
        params["endTime"] = until_ms - 1
    if group.streams:
        params["logStreamNames"] = list(group.streams)
    elif group.prefix:
        params["logStreamNamePrefix"] = group.prefix
    if group.pattern:
        params["filterPattern"] = group.pattern
    if token:
        params["nextToken"] = token
    answer = await caller.read(
        place, "logs", "FilterLogEvents", params, region=group.region, urgency=urgency, attempts=1
    )
    found, ids = group_events(answer)
    return GroupPage(found, ids, str(answer.get("nextToken") or ""))
