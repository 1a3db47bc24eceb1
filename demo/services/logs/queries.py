"""CloudWatch Logs Insights: StartQuery, GetQueryResults, StopQuery, over the account's own events.

A query takes the time that scanning its bytes takes; until then its statistics grow, as AWS's do.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from demo.insights.grammar import parse_query
from demo.insights.run import run
from demo.insights.tokens import QueryError
from demo.insights.values import Record, discovered, stamp
from demo.names import ACCOUNT_ID, uuid
from demo.services import Invocation
from demo.wire.errors import AwsError

__all__ = ["get_query_results", "start_query", "stop_query"]

_MOST_AT_ONCE = 30
_MOST_GROUPS = 50
_USUAL_LIMIT = 10_000
_A_PAGE = 10_000
_LEAST_S, _BYTES_A_SECOND, _MOST_S = 0.6, 8_000_000, 3.0
_QUERIES: dict[str, "_Query"] = {}


@dataclass(slots=True)
class _Query:
    began: float
    lasts_s: float
    rows: list[list[dict[str, str]]]
    matched: int
    scanned: int
    size: int
    groups: int
    stopped: bool = False

    @property
    def done(self) -> float:
        """The share of it that has run, from 0 to 1."""
        return min(1.0, (time.monotonic() - self.began) / self.lasts_s)

    @property
    def status(self) -> str:
        if self.stopped:
            return "Cancelled"
        return "Complete" if self.done >= 1 else "Running" if self.done > 0.1 else "Scheduled"


def start_query(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StartQuery."""
    groups = _groups(params)
    if sum(query.status in {"Running", "Scheduled"} for query in _QUERIES.values()) >= _MOST_AT_ONCE:
        raise AwsError("LimitExceededException", "Account maximum query concurrency limit of [30] reached.")
    if params["endTime"] < params["startTime"]:
        raise AwsError("InvalidParameterException", "End time should not be less than start time.")
    text = params["queryString"]
    try:
        commands = parse_query(text)
    except QueryError as error:
        raise _malformed(text, error) from None
    records = [record for group in groups for record in _records(call, group, params)]
    outcome = run(commands, records, params.get("limit", _USUAL_LIMIT))
    size = sum(record["@size"] for record in records)
    identity = uuid(call.world.rng("query", len(_QUERIES), time.monotonic_ns()))
    _QUERIES[identity] = _Query(
        time.monotonic(),
        min(_LEAST_S + size / _BYTES_A_SECOND, _MOST_S),
        [[{"field": name, "value": value} for name, value in row.items()] for row in outcome.rows],
        outcome.matched,
        len(records),
        size,
        len(groups),
    )
    return {"queryId": identity}


def _groups(params: Mapping[str, Any]) -> list[str]:
    named = [params["logGroupName"]] if params.get("logGroupName") else []
    given = [*named, *params.get("logGroupNames", ()), *params.get("logGroupIdentifiers", ())]
    if not 1 <= len(given) <= _MOST_GROUPS:
        raise AwsError("InvalidParameterException", "Between 1 and 50 log groups must be specified.")
    return [each.partition(":log-group:")[2].removesuffix(":*") if each.startswith("arn:") else each for each in given]


def _malformed(text: str, error: QueryError) -> AwsError:
    line = text.count("\n", 0, error.start) + 1
    position = error.start - (text.rfind("\n", 0, error.start) + 1) + 1
    said = f"{error.message} at line {line} and position {position}"
    place = {"startCharOffset": error.start, "endCharOffset": error.end}
    return AwsError(
        "MalformedQueryException", said, members={"queryCompileError": {"location": place, "message": said}}
    )


def _records(call: Invocation, group: str, params: Mapping[str, Any]) -> Iterator[Record]:
    held = call.world.moto.logs(call.region).groups.get(group)
    if held is None:
        raise AwsError(
            "ResourceNotFoundException",
            f"Log group '{group}' does not exist for account ID '{ACCOUNT_ID}' (Service: AWSLogs; Status Code: 400; "
            "Error Code: ResourceNotFoundException)",
        )
    call.world.tell_group(call.region, group)
    call.world.log_store.publish(call.region, group)
    low, high = params["startTime"] * 1000, params["endTime"] * 1000
    for name, stream in held.streams.items():
        for number, event in enumerate(stream.events):
            if low <= event.timestamp <= high:
                yield {
                    **discovered(event.message, group),
                    "@at": event.timestamp,
                    "@size": len(event.message.encode()) + 26,
                    "@timestamp": stamp(event.timestamp),
                    "@ingestionTime": stamp(event.ingestion_time),
                    "@message": event.message.removesuffix("\n"),
                    "@logStream": name,
                    "@log": f"{ACCOUNT_ID}:{group}",
                    "@ptr": f"{group}|{name}|{number}".encode().hex(),
                }


def _found(params: Mapping[str, Any]) -> _Query:
    query = _QUERIES.get(params["queryId"])
    if query is None:
        raise AwsError("ResourceNotFoundException", "Query doesn't exist.")
    return query


def get_query_results(_call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetQueryResults."""
    query = _found(params)
    done = query.done
    answer: dict[str, Any] = {
        "queryLanguage": "CWLI",
        "status": query.status,
        "statistics": {
            "recordsMatched": float(int(query.matched * done)),
            "recordsScanned": float(int(query.scanned * done)),
            "bytesScanned": float(int(query.size * done)),
            "logGroupsScanned": float(query.groups),
        },
        "results": [],
    }
    if query.status == "Complete":
        start = int(params.get("nextToken") or 0)
        size = params.get("maxItems") or _A_PAGE
        answer["results"] = query.rows[start : start + size]
        if start + size < len(query.rows):
            answer["nextToken"] = str(start + size)
    return answer


def stop_query(_call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StopQuery."""
    query = _found(params)
    if query.status not in {"Running", "Scheduled"}:
        raise AwsError("InvalidParameterException", "Query is not in Running or Scheduled state.")
    query.stopped = True
    return {"success": True}
