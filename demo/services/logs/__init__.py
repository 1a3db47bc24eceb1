"""CloudWatch Logs: reading, from moto's streams and with AWS's limits. Writing is moto's.

A page of GetLogEvents ends at 10,000 events or 1 MB; its forward token repeats at the end of the stream.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
"""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from demo.services import Handler, Invocation
from demo.services.logs.live import start_live_tail
from demo.services.logs.queries import get_query_results, start_query, stop_query
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_MOST_EVENTS = 10_000
_MOST_BYTES = 1_048_576
_EVENT_OVERHEAD = 26


def _group(call: Invocation, params: Mapping[str, Any]) -> tuple[str, Any]:
    name = params.get("logGroupName") or params.get("logGroupIdentifier") or ""
    name = name.partition(":log-group:")[2].removesuffix(":*") if name.startswith("arn:") else name
    group = call.world.moto.logs(call.region).groups.get(name)
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return name, group


def get_log_events(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetLogEvents."""
    name, group = _group(call, params)
    call.world.log_store.publish(call.region, name, params["logStreamName"])
    stream = group.streams.get(params["logStreamName"])
    if stream is None:
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    events = stream.events
    if any(events[n].timestamp > events[n + 1].timestamp for n in range(len(events) - 1)):
        events = sorted(events, key=lambda event: event.timestamp)
    low = bisect_left(events, params.get("startTime", 0), key=lambda event: event.timestamp)
    high = len(events)
    if "endTime" in params:
        high = bisect_left(events, params["endTime"], key=lambda event: event.timestamp)
    start, end = _window(params, low, high, events)
    page = [
        {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion_time}
        for event in events[start:end]
    ]
    return {"events": page, "nextForwardToken": f"f/{end:056d}/s", "nextBackwardToken": f"b/{start:056d}/s"}


def _window(params: Mapping[str, Any], low: int, high: int, events: list[Any]) -> tuple[int, int]:
    limit = min(params.get("limit", _MOST_EVENTS), _MOST_EVENTS)
    token = params.get("nextToken")
    if token is not None:
        direction, position = _position(token)
        forward = direction == "f"
        at = min(max(position, low), high)
    else:
        forward = bool(params.get("startFromHead", False))
        at = low if forward else high
    size = 0
    if forward:
        end = at
        while end < high and end - at < limit:
            size += _size(events[end].message)
            if size > _MOST_BYTES and end > at:
                break
            end += 1
        return at, end
    start = at
    while start > low and at - start < limit:
        size += _size(events[start - 1].message)
        if size > _MOST_BYTES and start < at:
            break
        start -= 1
    return start, at


def _size(message: str) -> int:
    return (len(message) if message.isascii() else len(message.encode())) + _EVENT_OVERHEAD


def _position(token: str) -> tuple[str, int]:
    parts = token.split("/")
    try:
        direction, position = parts[0], int(parts[1])
    except (IndexError, ValueError):
        direction, position = "", 0
    if direction not in {"f", "b"}:
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.")
    return direction, position


def describe_log_streams(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeLogStreams."""
    name, group = _group(call, params)
    call.world.tell_group(call.region, name)
    call.world.log_store.publish(call.region, name)
    streams = [stream for key, stream in group.streams.items() if key.startswith(params.get("logStreamNamePrefix", ""))]
    if params.get("orderBy") == "LastEventTime":
        streams.sort(key=lambda stream: stream.events[-1].timestamp if stream.events else 0)
    else:
        streams.sort(key=lambda stream: str(stream.log_stream_name))
    if params.get("descending"):
        streams.reverse()
    start = _position(params["nextToken"])[1] if params.get("nextToken") else 0
    limit = params.get("limit", 50)
    answer: dict[str, Any] = {"logStreams": [_described(stream) for stream in streams[start : start + limit]]}
    if start + limit < len(streams):
        answer["nextToken"] = f"f/{start + limit:056d}/s"
    return answer


def _described(stream: Any) -> dict[str, Any]:
    made: dict[str, Any] = stream.to_describe_dict()
    return made


def filter_log_events(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve FilterLogEvents."""
    from moto.logs.utils import EventMessageFilter  # noqa: PLC0415

    name, group = _group(call, params)
    if not params.get("logStreamNames"):
        call.world.tell_group(call.region, name)
    call.world.log_store.publish(call.region, name)
    wanted = params.get("logStreamNames") or [
        key for key in group.streams if key.startswith(params.get("logStreamNamePrefix", ""))
    ]
    low, high = params.get("startTime", 0), params.get("endTime", 1 << 62)
    pattern = EventMessageFilter(params.get("filterPattern", ""))
    found = [
        (event, key)
        for key in wanted
        if key in group.streams
        for event in group.streams[key].events
        if low <= event.timestamp <= high and pattern.matches(event.message)
    ]
    found.sort(key=lambda item: item[0].timestamp)
    start = _position(params["nextToken"])[1] if params.get("nextToken") else 0
    limit = min(params.get("limit", _MOST_EVENTS), _MOST_EVENTS)
    events = [
        {
            "logStreamName": key,
            "timestamp": event.timestamp,
            "message": event.message,
            "ingestionTime": event.ingestion_time,
            "eventId": f"{event.event_id:056d}",
        }
        for event, key in found[start : start + limit]
    ]
    answer: dict[str, Any] = {"events": events, "searchedLogStreams": []}
    if start + limit < len(found):
        answer["nextToken"] = f"f/{start + limit:056d}/s"
    return answer


OPERATIONS: Mapping[str, Handler] = {
    "GetLogEvents": get_log_events,
    "GetQueryResults": get_query_results,
    "StartLiveTail": start_live_tail,
    "StartQuery": start_query,
    "StopQuery": stop_query,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
}
