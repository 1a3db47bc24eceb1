"""The fleet: everything is read, what moves is read often, and one place's trouble hides no other's data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aws.cloud import Cloud
from aws.watch import Fleet, FleetEvent, Listed, PlaceFailed, PollPolicy, Read
from aws.watch_policy import fingerprint, interval_s, is_moving
from core.errors import CredentialsExpired, Denied, Unreachable
from core.pipeline import ActionState, PipelineState, StageState
from core.place import PipelineRef
from tests.aws.conftest import HERE, THERE
from tests.aws.stub import Asked, Broken, Refused, StubAws

QUICK = PollPolicy(moving_s=0.05, waiting_s=0.2, visible_s=0.2, idle_s=30, listing_s=30, retry_s=0.05, retry_most_s=0.1)


class Seen:
    """What a fleet has said so far."""

    def __init__(self) -> None:
        self.events: list[FleetEvent] = []
        self._more = asyncio.Event()

    def add(self, event: FleetEvent) -> None:
        self.events.append(event)
        self._more.set()

    @property
    def reads(self) -> list[Read]:
        return [event for event in self.events if isinstance(event, Read)]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                self._more.clear()
                await self._more.wait()

    async def quiet_for(self, seconds: float) -> None:
        """Wait until nothing has come for so long; fail where something always comes."""
        async with asyncio.timeout(10):
            while True:
                self._more.clear()
                try:
                    async with asyncio.timeout(seconds):
                        await self._more.wait()
                except TimeoutError:
                    return


@asynccontextmanager
async def watching(fleet: Fleet) -> AsyncIterator[Seen]:
    seen = Seen()

    async def take() -> None:
        async for event in fleet.events():
            seen.add(event)

    task = asyncio.create_task(take())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def state(name: str, status: str = "Succeeded", **action: Any) -> dict[str, Any]:
    latest = {"status": status, "lastStatusChange": 1.0, **action}
    return {
        "pipelineName": name,
        "pipelineVersion": 1,
        "stageStates": [
            {
                "stageName": "Build",
                "latestExecution": {"pipelineExecutionId": "e1", "status": status},
                "actionStates": [{"actionName": "Compile", "latestExecution": latest}],
            }
        ],
    }


def executions(_: Asked) -> dict[str, Any]:
    return {
        "pipelineExecutionSummaries": [
            {"pipelineExecutionId": f"e{n}", "status": "Succeeded", "startTime": 100, "lastUpdateTime": 160}
            for n in range(4)
        ]
    }


@pytest.fixture
def account(stub: StubAws) -> StubAws:
    """Two idle pipelines with a history."""
    stub.on("ListPipelines", {"pipelines": [{"name": "web"}, {"name": "api"}]})
    stub.on("GetPipelineState", lambda asked: state(asked.params["name"]))
    stub.on("ListPipelineExecutions", executions)
    return stub


async def test_every_pipeline_is_listed_and_read(account: StubAws, cloud: Cloud) -> None:
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.reads) == 2)
    listed = seen.events[0]
    assert isinstance(listed, Listed)
    assert listed.refs == (PipelineRef(HERE, "web"), PipelineRef(HERE, "api"))
    web = next(read.snapshot for read in seen.reads if read.snapshot.ref.name == "web")
    assert web.state is not None
    assert web.state.stages[0].status == "Succeeded"
    assert (web.execution and web.execution.id, web.usual_s, web.error) == ("e0", 60.0, "")


async def test_what_runs_is_read_often_and_what_rests_is_not(account: StubAws, cloud: Cloud) -> None:
    statuses = {"web": "InProgress", "api": "Succeeded"}
    account.on("GetPipelineState", lambda asked: state(asked.params["name"], statuses[asked.params["name"]]))
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.reads) >= 8)
    names = [read.snapshot.ref.name for read in seen.reads]
    assert names.count("api") == 1
    assert names.count("web") >= 7


async def test_executions_are_read_again_only_when_the_state_moves(account: StubAws, cloud: Cloud) -> None:
    changed = iter(range(1000))
    account.on("ListPipelines", {"pipelines": [{"name": "web"}]})
    account.on(
        "GetPipelineState",
        lambda asked: state("web", "InProgress", lastStatusChange=1.0 if next(changed) < 4 else 2.0),
    )
    running = {"pipelineExecutionId": "e1", "status": "InProgress", "startTime": 100}
    account.on("ListPipelineExecutions", {"pipelineExecutionSummaries": [running]})
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.reads) >= 8)
    assert account.count("ListPipelineExecutions") == 2


async def test_one_failing_region_hides_no_other(account: StubAws, tmp_path: Path) -> None:
    account.on(
        "ListPipelines",
        lambda asked: (
            Refused("InternalFailure", "down", 500)
            if asked.region == THERE.region
            else {"pipelines": [{"name": "web"}]}
        ),
    )
    async with Cloud([HERE, THERE]) as cloud, watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: bool(seen.reads) and any(isinstance(event, PlaceFailed) for event in seen.events))
    failed = next(event for event in seen.events if isinstance(event, PlaceFailed))
    assert failed.place == THERE
    assert isinstance(failed.error, Unreachable)
    assert seen.reads[0].snapshot.ref == PipelineRef(HERE, "web")


async def test_a_place_comes_back_after_a_new_login(account: StubAws, cloud: Cloud) -> None:
    expired = True

    def listed(_: Asked) -> object:
        return Refused("ExpiredTokenException", "expired") if expired else {"pipelines": [{"name": "web"}]}

    account.on("ListPipelines", listed)
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.events) >= 2)
        assert all(
            isinstance(event, PlaceFailed) and isinstance(event.error, CredentialsExpired) for event in seen.events
        )
        expired = False
        await seen.until(lambda: bool(seen.reads))


async def test_a_session_that_expires_at_work_fails_the_place_once_an_attempt(account: StubAws, cloud: Cloud) -> None:
    good = True
    account.on(
        "GetPipelineState",
        lambda asked: state(asked.params["name"], "InProgress") if good else Refused("ExpiredToken", "expired"),
    )
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.reads) >= 4)
        good = False
        await seen.until(lambda: isinstance(seen.events[-1], PlaceFailed))
        good = True
        done = len(seen.events)
        await seen.until(lambda: any(isinstance(event, Read) for event in seen.events[done:]))


async def test_a_denied_listing_is_said_and_tried_again(account: StubAws, cloud: Cloud) -> None:
    account.on("ListPipelines", Refused("AccessDeniedException", "User: u is not authorized to perform: a:B"))
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.events) >= 2)
    assert all(isinstance(event, PlaceFailed) and isinstance(event.error, Denied) for event in seen.events)


async def test_a_pipeline_that_may_not_be_read_keeps_its_place(account: StubAws, cloud: Cloud) -> None:
    account.on(
        "GetPipelineState",
        lambda asked: (
            Refused("AccessDeniedException", "not you")
            if asked.params["name"] == "web"
            else state(asked.params["name"])
        ),
    )
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: len(seen.reads) >= 2)
    errors = {read.snapshot.ref.name: read.snapshot.error for read in seen.reads}
    assert "not you" in errors["web"]
    assert errors["api"] == ""


async def test_a_deleted_pipeline_leaves_the_list(account: StubAws, cloud: Cloud) -> None:
    there = ["web", "api"]
    account.on("ListPipelines", lambda _: {"pipelines": [{"name": name} for name in there]})
    account.on(
        "GetPipelineState",
        lambda asked: (
            state(asked.params["name"]) if asked.params["name"] in there else Refused("PipelineNotFoundException")
        ),
    )
    fleet = cloud.fleet(poll=QUICK)
    async with watching(fleet) as seen:
        await seen.until(lambda: len(seen.reads) == 2)
        there.remove("web")
        fleet.poke(PipelineRef(HERE, "web"))
        await seen.until(lambda: sum(isinstance(event, Listed) for event in seen.events) == 2)
    latest = [event for event in seen.events if isinstance(event, Listed)][-1]
    assert [ref.name for ref in latest.refs] == ["api"]


async def test_a_poke_reads_at_once(account: StubAws, cloud: Cloud) -> None:
    fleet = cloud.fleet(poll=QUICK)
    async with watching(fleet) as seen:
        await seen.until(lambda: len(seen.reads) == 2)
        fleet.poke(PipelineRef(HERE, "api"))
        await seen.until(lambda: len(seen.reads) == 3)
        assert seen.reads[-1].snapshot.ref.name == "api"
        fleet.poke()
        await seen.until(lambda: len(seen.reads) == 5)


async def test_what_is_on_the_screen_is_read_more_often(account: StubAws, cloud: Cloud) -> None:
    fleet = cloud.fleet(poll=QUICK)
    fleet.focus([PipelineRef(HERE, "web")])
    async with watching(fleet) as seen:
        await seen.until(lambda: len(seen.reads) >= 5)
    names = [read.snapshot.ref.name for read in seen.reads]
    assert names.count("api") == 1


async def test_a_pause_makes_no_calls(account: StubAws, cloud: Cloud) -> None:
    account.on("GetPipelineState", lambda asked: state(asked.params["name"], "InProgress"))
    fleet = cloud.fleet(poll=QUICK)
    async with watching(fleet) as seen:
        await seen.until(lambda: len(seen.reads) >= 4)
        fleet.pause()
        await seen.quiet_for(0.2)
        fleet.resume()
        reads = len(seen.reads)
        await seen.until(lambda: len(seen.reads) > reads)


async def test_a_watch_that_ends_leaves_nothing_running(account: StubAws, cloud: Cloud) -> None:
    account.on("GetPipelineState", Broken("hang"))
    async with watching(cloud.fleet(poll=QUICK)) as seen:
        await seen.until(lambda: bool(seen.events))
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(("watch", "read"))]


def moving(status: str, token: str = "") -> PipelineState:
    action = ActionState("A", status=status, token=token)
    return PipelineState("p", 1, (StageState("S", status=status, actions=(action,)),))


def test_an_approval_that_waits_does_not_move() -> None:
    policy = PollPolicy()
    assert is_moving(moving("InProgress"))
    assert not is_moving(moving("InProgress", token="t"))
    assert interval_s(policy, moving("InProgress"), None, visible=False) == policy.moving_s
    assert interval_s(policy, moving("InProgress", token="t"), None, visible=True) == policy.waiting_s
    assert interval_s(policy, moving("Failed"), None, visible=True) == policy.visible_s
    assert interval_s(policy, moving("Failed"), None, visible=False) == policy.idle_s
    assert fingerprint(moving("Failed")) != fingerprint(moving("InProgress"))
