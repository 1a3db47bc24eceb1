"""A query of Logs Insights: started once, watched to its end, stopped when nobody waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aws.cloud import Cloud
from aws.read.insights import LogQuery
from aws.reads import is_harmless, is_read
from core.errors import Invalid, Malformed, PipemedicError
from core.insights import QueryProgress
from demo.process import DemoAccount
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, Broken, Refused, StubAws

QUERY = LogQuery("fields @message", ("/aws/codebuild/web",), 100, 200)
STATISTICS = {"recordsMatched": 3.0, "recordsScanned": 10.0, "bytesScanned": 2.0 * 1024**3}


def row(text: str) -> list[dict[str, str]]:
    return [{"field": "@message", "value": text}, {"field": "@ptr", "value": "p"}]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws.read.insights._FIRST_POLL_S", 0.01)
    monkeypatch.setattr("aws.read.insights._SLOWEST_POLL_S", 0.02)


def answers(stub: StubAws, *looks: Any) -> None:
    left = iter(looks)
    stub.on("StartQuery", {"queryId": "q-1"})
    stub.on("GetQueryResults", lambda _: next(left))
    stub.on("StopQuery", {"success": True})


@pytest.mark.usefixtures("quick")
async def test_a_query_is_watched_to_its_end_and_all_its_pages_are_read(stub: StubAws, cloud: Cloud) -> None:
    answers(
        stub,
        {"status": "Scheduled"},
        {"status": "Running", "statistics": STATISTICS, "results": [row("not yet")]},
        {"status": "Complete", "statistics": STATISTICS, "results": [row("one")], "nextToken": "t"},
        {"status": "Complete", "results": [row("two")]},
    )
    seen = [each async for each in cloud.query(HERE, QUERY)]
    assert [each.status for each in seen] == ["Scheduled", "Scheduled", "Running", "Complete"]
    assert [dict(each)["@message"] for each in seen[-1].rows] == ["one", "two"]
    assert seen[-1].bytes_scanned == 2 * 1024**3
    started = next(one.params for one in stub.asked if one.operation == "StartQuery")
    assert (started["startTime"], started["endTime"], started["logGroupNames"]) == (100, 200, ["/aws/codebuild/web"])
    assert stub.count("StopQuery") == 0


@pytest.mark.usefixtures("quick")
async def test_a_look_that_breaks_is_made_again_and_the_query_is_started_once(
    stub: StubAws, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aws.read.insights._RETRY_MOST_S", 0.01)
    answers(stub, Broken("reset"), Refused("ServiceUnavailableException", status=503), {"status": "Complete"})
    seen = [each async for each in cloud.query(HERE, QUERY)]
    assert [bool(each.note) for each in seen] == [False, True, True, False]
    assert stub.count("StartQuery") == 1


async def test_one_who_leaves_stops_the_query(stub: StubAws, cloud: Cloud) -> None:
    answers(stub, *[{"status": "Running"}] * 50)
    running = cloud.query(HERE, QUERY)
    assert isinstance(await anext(running), QueryProgress)
    await running.aclose()  # type: ignore[attr-defined]
    await cloud.close()
    assert [one.params for one in stub.asked if one.operation == "StopQuery"] == [{"queryId": "q-1"}]


async def test_one_who_leaves_before_the_answer_stops_what_was_started(stub: StubAws, cloud: Cloud) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: Asked) -> Any:
        asked.set()
        await go_on.wait()
        return {"queryId": "q-late"}

    answers(stub)
    stub.on("StartQuery", slowly)
    waiting = asyncio.ensure_future(anext(cloud.query(HERE, QUERY)))
    await asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await cloud.close()
    assert [one.params for one in stub.asked if one.operation == "StopQuery"] == [{"queryId": "q-late"}]


async def test_a_query_that_does_not_read_names_the_place(on_demo: DemoAccount, tmp_path: Path) -> None:
    broken = replace(QUERY, text="fields @message | filtre x", groups=("/aws/codebuild/billing",))
    async with Cloud([HERE], journal_dir=tmp_path) as cloud:
        with pytest.raises(Malformed, match="filtre at line 1 and position 19") as raised:
            await anext(cloud.query(HERE, broken))
    assert (raised.value.start, raised.value.end) == (18, 24)


async def test_a_limit_that_was_met_is_told_as_it_is(stub: StubAws, cloud: Cloud) -> None:
    stub.on("StartQuery", Refused("LimitExceededException", "Account maximum query concurrency limit of [30] reached."))
    with pytest.raises(Invalid, match="concurrency limit"):
        await anext(cloud.query(HERE, QUERY))


async def test_queries_pass_a_read_only_gate_and_nothing_else_of_their_kind_does(stub: StubAws, tmp_path: Path) -> None:
    stub.on("StartQuery", {"queryId": "q-1"})
    stub.on("StopQuery", {"success": True})
    async with Cloud([HERE], read_only=True, journal_dir=tmp_path) as cloud:
        await cloud._caller.read(HERE, "logs", "StartQuery", {"startTime": 1, "endTime": 2, "queryString": "x"})
        await cloud._caller.read(HERE, "logs", "StopQuery", {"queryId": "q-1"})
        with pytest.raises(PipemedicError, match="read-only"):
            await cloud._caller.read(HERE, "logs", "DeleteQueryDefinition", {"queryDefinitionId": "q-1"})
        fact = await cloud.evidence(HERE).read(
            "logs", "StartQuery", {"startTime": 1, "endTime": 2, "queryString": "fields @message"}
        )
    assert fact.code == "NotARead"
    assert [one.operation for one in stub.asked] == ["StartQuery", "StopQuery"]


@pytest.mark.parametrize("name", ["StartQuery", "StopQuery", "StartLiveTail"])
def test_only_queries_over_logs_are_harmless_and_no_reads(name: str) -> None:
    assert is_harmless("logs", name)
    assert not is_read("logs", name)
    assert not is_harmless("athena", name)
    assert not is_harmless("logs", "PutQueryDefinition")
