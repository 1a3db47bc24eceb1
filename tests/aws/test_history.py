"""A pipeline's past: page by page, once, and kept."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any

from aws.cloud import Cloud
from aws.history_cache import HistoryCache
from core.pipeline import ActionDecl, Definition, StageDecl
from core.place import PipelineRef
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, Refused, StubAws

NOW = 1_760_000_000.0
ROLE = "arn:aws:iam::111122223333:role/pipe"
BUILD = ActionDecl("Build", "Build", "CodeBuild", configuration={"ProjectName": "web"})
WEB = Definition("web", 1, ROLE, (StageDecl("Build", (BUILD,)),), {})
REF = PipelineRef(HERE, "web")


class Past:
    """Executions of one action, an hour apart, as AWS pages them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.changed: dict[int, tuple[str, float]] = {}

    def serve(self, stub: StubAws) -> None:
        stub.on("ListPipelineExecutions", self.executions)
        stub.on("ListActionExecutions", self.actions)
        stub.on("BatchGetBuilds", self.builds)

    def start(self, number: int) -> float:
        return NOW - (self.count - number) * 3600.0

    def page(self, asked: Asked, items: list[Any]) -> tuple[list[Any], str | None]:
        at, size = int(asked.params.get("nextToken") or 0), int(asked.params.get("maxResults", 100))
        following = at + size
        return items[at:following], str(following) if following < len(items) else None

    def executions(self, asked: Asked) -> dict[str, Any]:
        items = []
        for number in reversed(range(self.count)):
            status, took = self.changed.get(number, ("Succeeded", 300.0))
            end = self.start(number) + took
            items.append(
                {
                    "pipelineExecutionId": f"e-{number}",
                    "status": status,
                    "startTime": self.start(number),
                    "lastUpdateTime": end,
                }
            )
        some, token = self.page(asked, items)
        return {"pipelineExecutionSummaries": some, **({"nextToken": token} if token else {})}

    def actions(self, asked: Asked) -> dict[str, Any]:
        wanted = (asked.params.get("filter") or {}).get("pipelineExecutionId")
        items = [
            {
                "pipelineExecutionId": f"e-{number}",
                "actionExecutionId": f"a-{number}",
                "stageName": "Build",
                "actionName": "Build",
                "status": "Succeeded",
                "startTime": self.start(number) + 1,
                "lastUpdateTime": self.start(number) + 290,
                "input": {
                    "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
                },
                "output": {"executionResult": {"externalExecutionId": f"web:{number}"}},
            }
            for number in reversed(range(self.count))
            if wanted in (None, f"e-{number}")
        ]
        some, token = self.page(asked, items)
        return {"actionExecutionDetails": some, **({"nextToken": token} if token else {})}

    def builds(self, asked: Asked) -> dict[str, Any]:
        ids = asked.params["ids"]
        assert len(ids) <= 100
        made = [
            {
                "id": each,
                "projectName": "web",
                "buildStatus": "SUCCEEDED",
                "startTime": NOW - 400,
                "endTime": NOW - 100,
                "phases": [{"phaseType": "BUILD", "durationInSeconds": 250}],
                "environment": {
                    "type": "LINUX_CONTAINER",
                    "image": "i",
                    "computeType": "BUILD_GENERAL1_SMALL",
                    "environmentVariables": [{"name": "TOKEN", "value": "hunter2"}],
                },
            }
            for each in ids
        ]
        return {"builds": made}


async def test_a_whole_past_is_read_in_few_calls(stub: StubAws, cloud: Cloud) -> None:
    Past(250).serve(stub)
    history = await cloud.history(HERE).read(WEB, NOW)
    assert [run.id for run in history.runs] == [f"e-{number}" for number in reversed(range(250))]
    assert all(len(run.actions) == 1 for run in history.runs)
    assert len(history.builds) == 250
    assert not history.truncated
    calls = ("ListPipelineExecutions", "ListActionExecutions", "BatchGetBuilds")
    assert [stub.count(each) for each in calls] == [3, 3, 3]


async def test_only_the_newest_are_read_where_only_those_are_wanted(stub: StubAws, cloud: Cloud) -> None:
    Past(250).serve(stub)
    history = await cloud.history(HERE).read(WEB, NOW, last=20)
    assert len(history.runs) == 20
    assert history.truncated
    assert [stub.count(each) for each in ("ListPipelineExecutions", "ListActionExecutions")] == [1, 1]


async def test_what_is_older_than_a_year_is_left_out(stub: StubAws, cloud: Cloud) -> None:
    Past(150).serve(stub)
    history = await cloud.history(HERE).read(WEB, NOW + 365 * 86_400 - 50 * 3600.0)
    assert len(history.runs) == 50
    assert stub.count("ListPipelineExecutions") == 1


async def test_what_is_kept_is_not_read_again_and_a_retry_is(stub: StubAws, cloud: Cloud, tmp_path: Path) -> None:
    past = Past(120)
    past.serve(stub)
    cache = HistoryCache(tmp_path / "cache" / "history.sqlite", "111122223333")
    first = await cloud.history(HERE, cache).read(WEB, NOW)
    before = (stub.count("ListActionExecutions"), stub.count("BatchGetBuilds"))
    again = await cloud.history(HERE, cache).read(WEB, NOW)
    assert again == first
    assert (stub.count("ListActionExecutions"), stub.count("BatchGetBuilds")) == before
    past.changed[7] = ("Succeeded", 900.0)
    retried = await cloud.history(HERE, cache).read(WEB, NOW)
    assert next(run for run in retried.runs if run.id == "e-7").took_s == 900.0
    assert stub.count("ListActionExecutions") == before[0] + 1
    assert stub.count("BatchGetBuilds") == before[1]


async def test_the_cache_is_for_the_users_eyes_and_holds_no_secret(stub: StubAws, cloud: Cloud, tmp_path: Path) -> None:
    Past(5).serve(stub)
    path = tmp_path / "cache" / "history.sqlite"
    await cloud.history(HERE, HistoryCache(path, "111122223333")).read(WEB, NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    body = await asyncio.to_thread(path.read_bytes)
    assert b"hunter2" not in body
    assert b"web:3" in body
    assert HistoryCache(path, "444455556666").read(REF, 0.0).runs == {}
    assert len(HistoryCache(path, "111122223333").read(REF, 0.0).runs) == 5


async def test_a_broken_cache_is_begun_anew(stub: StubAws, cloud: Cloud, tmp_path: Path) -> None:
    Past(5).serve(stub)
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"no database at all" * 100)
    cache = HistoryCache(path, "111122223333")
    assert len((await cloud.history(HERE, cache).read(WEB, NOW)).runs) == 5
    assert len(cache.read(REF, 0.0).runs) == 5


async def test_builds_that_may_not_be_read_are_a_note_and_no_failure(stub: StubAws, cloud: Cloud) -> None:
    Past(5).serve(stub)
    stub.on("BatchGetBuilds", lambda _: Refused("AccessDeniedException", "not authorized"))
    history = await cloud.history(HERE).read(WEB, NOW)
    assert len(history.runs) == 5
    assert history.builds == {}
    assert "codebuild:BatchGetBuilds" in history.notes[0]


async def test_builds_of_another_account_are_said_to_be_unknown(stub: StubAws, cloud: Cloud) -> None:
    Past(3).serve(stub)
    foreign = ActionDecl("Build", "Build", "CodeBuild", role_arn="arn:aws:iam::444455556666:role/build")
    history = await cloud.history(HERE).read(Definition("web", 1, ROLE, (StageDecl("Build", (foreign,)),), {}), NOW)
    assert stub.count("BatchGetBuilds") == 0
    assert "another account" in history.notes[0]
