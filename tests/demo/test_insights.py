"""The query language of CloudWatch Logs Insights: read with places, run over the account's own events."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.insights.grammar import parse_query
from demo.insights.run import run
from demo.insights.tokens import QueryError
from demo.insights.values import Record, discovered, stamp
from tests.demo.clients import Clients

LINES = (
    (1_000, "web/1", "START request"),
    (61_000, "web/1", "ERROR no route to host"),
    (62_000, "web/2", "error: retry 3"),
    (305_000, "web/2", '{"level": "error", "user": {"id": 7}, "ms": 12.5}'),
)


def records() -> list[Record]:
    return [
        {
            **discovered(message, "/app"),
            "@at": at_ms,
            "@timestamp": stamp(at_ms),
            "@message": message,
            "@logStream": stream,
            "@ptr": str(at_ms),
        }
        for at_ms, stream, message in LINES
    ]


def asked(text: str, limit: int = 100) -> list[dict[str, str]]:
    rows = run(parse_query(text), records(), limit).rows
    return [{name: value for name, value in row.items() if name != "@ptr"} for row in rows]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("fields @message", ["{", "error:", "ERROR", "START"]),
        ("fields @message | filter @message like /(?i)error/ | sort @timestamp asc", ["ERROR", "error:", "{"]),
        ('fields @message | filter @message like "error"', ["{", "error:"]),
        ("fields @message | filter @message not like /(?i)error/", ["START"]),
        ("fields @message | filter user.id = 7 and ms > 12", ["{"]),
        ("fields @message | filter not ispresent(level) | limit 1", ["error:"]),
        ("fields @message | filter @logStream in ['web/1'] or strlen(@message) < 15", ["error:", "ERROR", "START"]),
        ("fields @message | dedup @logStream", ["{", "ERROR"]),
        ("# a comment\nfields @message | sort strlen(@message) | limit 2", ["START", "error:"]),
    ],
)
def test_a_query_gives_the_records_that_fit(text: str, messages: list[str]) -> None:
    found = [row["@message"] for row in asked(text)]
    assert [each.startswith(word) for each, word in zip(found, messages, strict=True)] == [True] * len(messages)


def test_statistics_are_counted_by_what_they_are_grouped_by() -> None:
    assert asked("stats count(*) as n, max(ms) by @logStream | sort n desc, @logStream") == [
        {"@logStream": "web/1", "n": "2"},
        {"@logStream": "web/2", "n": "2", "max(ms)": "12.5"},
    ]
    assert asked("filter @message like /rror/ | stats count(*) by bin(5m) | sort bin(5m)") == [
        {"bin(5m)": "1970-01-01 00:00:00.000", "count(*)": "1"},
        {"bin(5m)": "1970-01-01 00:05:00.000", "count(*)": "1"},
    ]


def test_parts_of_messages_are_parsed_into_fields() -> None:
    assert asked(
        'parse @message "error: * *" as what, times | filter times = 3 | display what, times * 2 as twice'
    ) == [{"what": "retry", "twice": "6"}]
    assert asked(
        r"parse @message /(?<verb>[A-Z]+) no (?<thing>\w+)/ | filter ispresent(verb) | display verb, thing"
    ) == [{"verb": "ERROR", "thing": "route"}]


def test_a_limit_of_the_query_goes_before_that_of_the_call() -> None:
    assert len(asked("fields @message", limit=2)) == 2
    assert len(asked("fields @message | limit 3", limit=2)) == 3


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("fields @message | filtre x", "filtre"),
        ("fields @message | filter @message lik 'x'", "lik"),
        ("stats total(*)", "total"),
        ("fields nonsense(@message)", "nonsense"),
        ("fields @message | limit many", "many"),
        ("fields @message ; x", ";"),
        ("fields @message |", ""),
    ],
)
def test_what_does_not_read_is_refused_with_its_place(text: str, wrong: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse_query(text)
    assert text[raised.value.start : raised.value.end] == wrong


def test_lambdas_own_lines_have_fields() -> None:
    report = (
        "REPORT RequestId: 11111111-2222-3333-4444-555555555555\tDuration: 12.34 ms\tBilled Duration: 13 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 70 MB\t"
    )
    found = discovered(report, "/aws/lambda/smoke")
    assert (found["@type"], found["@duration"], found["@billedDuration"]) == ("REPORT", 12.34, 13)
    assert found["@requestId"].startswith("11111111-")


def results(client: Any, identity: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while (answer := client.get_query_results(queryId=identity))["status"] in {"Scheduled", "Running"}:
        assert time.monotonic() < deadline
    return dict(answer)


def test_a_query_runs_over_the_accounts_events_and_says_what_it_scanned(shared: Clients) -> None:
    client, now = shared("logs"), int(time.time())
    began = {"logGroupNames": ["/aws/codebuild/billing"], "startTime": now - 9 * 86_400, "endTime": now + 60}
    query = "fields @timestamp, @message | filter @message like 'Phase complete' | limit 7"
    answer = results(client, client.start_query(**began, queryString=query)["queryId"])
    assert answer["status"] == "Complete"
    assert len(answer["results"]) == 7
    assert {each["field"] for each in answer["results"][0]} == {"@timestamp", "@message", "@ptr"}
    said = answer["statistics"]
    assert said["recordsScanned"] > said["recordsMatched"] > 7
    assert said["bytesScanned"] > 1000


def test_a_query_can_be_stopped(shared: Clients) -> None:
    client, now = shared("logs"), int(time.time())
    began = {"logGroupName": "/aws/codebuild/billing", "startTime": now - 86_400, "endTime": now}
    identity = client.start_query(**began, queryString="fields @message")["queryId"]
    assert client.stop_query(queryId=identity)["success"] is True
    assert client.get_query_results(queryId=identity)["status"] == "Cancelled"
    with pytest.raises(ClientError, match="not in Running or Scheduled"):
        client.stop_query(queryId=identity)


def test_a_malformed_query_is_answered_with_the_place(shared: Clients) -> None:
    client = shared("logs")
    with pytest.raises(ClientError) as raised:
        client.start_query(
            logGroupNames=["/aws/codebuild/billing"], startTime=1, endTime=2, queryString="fields @m | x"
        )
    assert raised.value.response["queryCompileError"]["location"] == {"startCharOffset": 12, "endCharOffset": 13}
    assert "line 1 and position 13" in raised.value.response["Error"]["Message"]
    with pytest.raises(ClientError, match="does not exist"):
        client.start_query(logGroupNames=["/no/such"], startTime=1, endTime=2, queryString="fields @message")
