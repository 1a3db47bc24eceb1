"""CloudWatch Logs Insights: a query started, watched to its end, and stopped when nobody waits for it any more.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, replace
from typing import Any

from aws.budget import Urgency
from aws.call import Caller
from aws.clock import Clock
from core.errors import AwsError, Throttled, Unreachable
from core.insights import QueryProgress, rows_of
from core.place import Place

__all__ = ["LogQuery", "run_query"]

_FIRST_POLL_S, _SLOWEST_POLL_S = 0.3, 2.0
_RETRY_MOST_S = 15.0


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is asked.

    Attributes:
        text: in the Logs Insights query language.
        groups: names of log groups (50 at most) or ARNs.
        since_s: epoch seconds.
        until_s: epoch seconds.
        limit: most rows, unless the text itself has a ``limit``; 100,000 at most.
        region: another one than the place's.
    """

    text: str
    groups: tuple[str, ...]
    since_s: int
    until_s: int
    limit: int = 10_000
    region: str = ""


async def run_query(caller: Caller, place: Place, query: LogQuery, clock: Clock) -> AsyncIterator[QueryProgress]:
    """Start a query and yield how it stands until it has ended; the last one holds its rows.

    Left before its end (closed or cancelled), the query is stopped at AWS. A look that breaks is made again; the query
    itself is started once only.

    Raises:
        Malformed: the text does not read.
        AwsError: what else AWS said to the query, e.g. that too many run at once.
    """
    began = clock.elapsed()
    identity = await _started(caller, place, query)
    now = QueryProgress(identity)
    try:
        yield now
        pause_s = _FIRST_POLL_S
        failures = 0
        while not now.ended:
            await clock.sleep(pause_s)
            try:
                answer = await _results(caller, place, query, identity)
                failures = 0
            except (Throttled, Unreachable) as error:
                failures += 1
                pause_s = min(0.5 * 2**failures, _RETRY_MOST_S)
                yield replace(now, note=f"{error}; asked again in {pause_s:.0f} s", took_s=clock.elapsed() - began)
                continue
            pause_s = min(max(pause_s, _FIRST_POLL_S) * 1.5, _SLOWEST_POLL_S)
            now = _progress(identity, answer, clock.elapsed() - began)
            if now.status == "Complete":
                now = replace(now, rows=await _all_rows(caller, place, query, identity, answer))
            yield now
    finally:
        if not now.ended:
            caller.background.start(_stop(caller, place, query, identity), "stop a query", change=True)


async def _started(caller: Caller, place: Place, query: LogQuery) -> str:
    """Start it; one who leaves while the answer is on its way leaves a task that stops what was started."""
    by_arn = any(group.startswith("arn:") for group in query.groups)
    params: dict[str, Any] = {
        "logGroupIdentifiers" if by_arn else "logGroupNames": list(query.groups),
        "startTime": query.since_s,
        "endTime": query.until_s,
        "queryString": query.text,
        "limit": query.limit,
    }
    start = caller.background.start(
        caller.read(place, "logs", "StartQuery", params, region=query.region, urgency=Urgency.ACTION, attempts=1),
        "start a query",
        change=True,
    )
    try:
        answer = await asyncio.shield(start)
    except asyncio.CancelledError:

        async def end_it() -> None:
            await _stop(caller, place, query, str((await start)["queryId"]))

        caller.background.start(_quietly(end_it()), "stop a query", change=True)
        raise
    return str(answer["queryId"])


async def _results(caller: Caller, place: Place, query: LogQuery, identity: str, token: str = "") -> dict[str, Any]:
    params = {"queryId": identity} | ({"nextToken": token} if token else {})
    return await caller.read(
        place, "logs", "GetQueryResults", params, region=query.region, urgency=Urgency.VISIBLE, attempts=1
    )


async def _all_rows(
    caller: Caller, place: Place, query: LogQuery, identity: str, answer: dict[str, Any]
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The rows of the last answer and of the pages that follow it (a page holds 10,000)."""
    rows = rows_of(answer.get("results") or ())
    while (token := answer.get("nextToken")) and len(rows) < query.limit:
        answer = await _results(caller, place, query, identity, str(token))
        rows += rows_of(answer.get("results") or ())
    return rows


def _progress(identity: str, answer: dict[str, Any], took_s: float) -> QueryProgress:
    said = answer.get("statistics") or {}
    return QueryProgress(
        identity,
        str(answer.get("status") or "Unknown"),
        said.get("recordsMatched") or 0,
        said.get("recordsScanned") or 0,
        said.get("bytesScanned") or 0,
        took_s=took_s,
    )


async def _stop(caller: Caller, place: Place, query: LogQuery, identity: str) -> None:
    """Stop a query; one that has ended in the meantime, or cannot be reached, is left alone (AWS ends it in time)."""
    await _quietly(
        caller.read(
            place, "logs", "StopQuery", {"queryId": identity}, region=query.region, urgency=Urgency.ACTION, attempts=2
        )
    )


async def _quietly(work: Awaitable[object]) -> None:
    try:
        await work
    except AwsError:
        return
