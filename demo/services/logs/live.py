"""StartLiveTail: what is written into log groups, as a stream of events, about once a second.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from demo.names import ACCOUNT_ID, arn, uuid
from demo.services import Invocation, Streamed
from demo.wire.errors import AwsError

__all__ = ["start_live_tail"]

_MOST_AN_UPDATE = 500
_UPDATE_S = 0.5
_SESSION_S = 3 * 3600.0
_KEPT_OPEN: set[str] = set()
_MOST_SESSIONS = 15


def start_live_tail(call: Invocation, params: dict[str, Any]) -> Streamed:
    """Serve StartLiveTail."""
    names = [_name(call, identifier) for identifier in params["logGroupIdentifiers"]]
    if params.get("logStreamNames") and params.get("logStreamNamePrefixes"):
        raise AwsError("InvalidParameterException", "Both logStreamNames and logStreamNamePrefixes were specified.")
    if (params.get("logStreamNames") or params.get("logStreamNamePrefixes")) and len(names) > 1:
        raise AwsError("InvalidParameterException", "Log streams can be named for a single log group only.")
    if len(_KEPT_OPEN) >= _MOST_SESSIONS:
        raise AwsError("LimitExceededException", "Maximum number of concurrent Live Tail sessions reached.")
    return Streamed(_session(call, names, params))


def _name(call: Invocation, identifier: str) -> str:
    name = identifier.partition(":log-group:")[2]
    if not identifier.startswith(f"arn:aws:logs:{call.region}:{ACCOUNT_ID}:log-group:") or name.endswith(":*"):
        raise AwsError("InvalidParameterException", "Log group identifiers must be ARNs that do not end with :*")
    if name not in call.world.moto.logs(call.region).groups:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return name


async def _session(call: Invocation, names: list[str], params: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    world = call.world
    identity = uuid(world.rng("live tail", world.clock.now()))
    _KEPT_OPEN.add(identity)
    for name in names:
        world.tell_group(call.region, name)
    try:
        ends = world.clock.now() + _SESSION_S
        had = {name: _lengths(call, name) for name in names}
        start = {key: params[key] for key in params if key != "logEventFilterPattern"}
        yield {"sessionStart": {"requestId": identity, "sessionId": identity, **start}}
        while True:
            await asyncio.sleep(_UPDATE_S)
            world.tick()
            found = [event for name in names for event in _fresh(call, name, had[name], params)]
            found.sort(key=lambda event: event["timestamp"])
            sampled = len(found) > _MOST_AN_UPDATE
            if sampled:
                step = len(found) / _MOST_AN_UPDATE
                found = [found[int(n * step)] for n in range(_MOST_AN_UPDATE)]
            yield {"sessionUpdate": {"sessionMetadata": {"sampled": sampled}, "sessionResults": found}}
            if world.clock.now() >= ends:
                yield {"SessionTimeoutException": {"message": "The session has expired after 3 hours."}}
                return
    finally:
        _KEPT_OPEN.discard(identity)


def _lengths(call: Invocation, name: str) -> dict[str, int]:
    call.world.log_store.publish(call.region, name)
    group = call.world.moto.logs(call.region).groups[name]
    return {stream: len(held.events) for stream, held in group.streams.items()}


def _fresh(call: Invocation, name: str, had: dict[str, int], params: Mapping[str, Any]) -> list[dict[str, Any]]:
    from moto.logs.utils import EventMessageFilter  # noqa: PLC0415 - moto is imported behind its bridge

    now = _lengths(call, name)
    group = call.world.moto.logs(call.region).groups[name]
    pattern = EventMessageFilter(params.get("logEventFilterPattern", ""))
    prefixes = tuple(params.get("logStreamNamePrefixes") or ("",))
    chosen = params.get("logStreamNames") or [stream for stream in now if stream.startswith(prefixes)]
    fresh = [
        {
            "logStreamName": stream,
            "logGroupIdentifier": arn("logs", call.region, f"log-group:{name}"),
            "message": event.message,
            "timestamp": event.timestamp,
            "ingestionTime": event.ingestion_time,
        }
        for stream in chosen
        if stream in now
        for event in group.streams[stream].events[had.get(stream, 0) :]
        if pattern.matches(event.message)
    ]
    had.update(now)
    return fresh
