"""A queue of state changes: the table follows without reads, and trouble with the queue falls back to polling."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from aws.cloud import Cloud
from aws.events import queue_region
from aws.events_trust import Trust
from aws.watch import PollPolicy, QueueSaid, Read
from core.errors import Denied, NotFound, ReadOnlyRefused
from core.pipeline import PipelineState
from tests.aws.conftest import HERE, THERE
from tests.aws.lives import event
from tests.aws.stub import CALLER_IDENTITY, Asked, Refused, StubAws
from tests.aws.test_watch import Seen, executions, state, watching

URL = "https://sqs.eu-west-1.amazonaws.com/111122223333/pipemedic"
RARE = PollPolicy(moving_s=60, waiting_s=60, visible_s=60, idle_s=60, listing_s=60, retry_s=0.05, state_first=True)


class Letters:
    """The messages of a queue, by receipt; a call waits for them as SQS does."""

    def __init__(self, stub: StubAws) -> None:
        self.held: dict[str, str] = {}
        self.gone: list[str] = []
        self.urls: set[str] = set()
        self._taken: set[str] = set()
        self._came = asyncio.Event()
        self._went = asyncio.Event()
        self._number = 0
        stub.on("ReceiveMessage", self._give)
        stub.on("DeleteMessageBatch", self._remove)
        stub.on("GetCallerIdentity", CALLER_IDENTITY)

    def put(self, *bodies: Any) -> None:
        for body in bodies:
            self._number += 1
            self.held[f"r-{self._number}"] = body if isinstance(body, str) else json.dumps(body)
        self._came.set()

    async def emptied(self) -> None:
        async with asyncio.timeout(10):
            while self.held:
                self._went.clear()
                await self._went.wait()

    async def _give(self, asked: Asked) -> dict[str, Any]:
        self.urls.add(asked.params["QueueUrl"])
        deadline = asyncio.get_running_loop().time() + min(asked.params["WaitTimeSeconds"], 0.5)
        while True:
            found = [receipt for receipt in self.held if receipt not in self._taken][:10]
            left = deadline - asyncio.get_running_loop().time()
            if found or left <= 0:
                self._taken |= set(found)
                return {"Messages": [{"ReceiptHandle": one, "Body": self.held[one]} for one in found]}
            self._came.clear()
            try:
                async with asyncio.timeout(left):
                    await self._came.wait()
            except TimeoutError:
                continue

    def _remove(self, asked: Asked) -> dict[str, Any]:
        for entry in asked.params["Entries"]:
            self.held.pop(entry["ReceiptHandle"], None)
            self.gone.append(entry["ReceiptHandle"])
        self._went.set()
        return {"Successful": [{"Id": entry["Id"]} for entry in asked.params["Entries"]], "Failed": []}


@pytest.fixture
def letters(stub: StubAws) -> Letters:
    """A queue, and an account of two idle pipelines."""
    stub.on("ListPipelines", {"pipelines": [{"name": "web"}, {"name": "api"}]})
    stub.on("GetPipelineState", lambda asked: state(asked.params["name"], lastStatusChange=1_768_446_000.0))
    stub.on("ListPipelineExecutions", executions)
    return Letters(stub)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are gathered and removed at once."""
    monkeypatch.setattr("aws.events._GATHER_S", 0.01)
    monkeypatch.setattr("aws.events._REMOVE_S", 0.01)
    monkeypatch.setattr("aws.events._RETRY_S", 0.05)


def told(
    status: str, number: int = 1, *, at: float = 1_768_446_720.0, pipeline: str = "web", result: Any = None
) -> dict[str, Any]:
    detail = {"pipeline": pipeline, "execution-id": "x-9", "stage": "Build", "state": status, "action": "Compile"}
    return event(detail | {"execution-result": result}, at, kind="Action", number=number)


def latest(seen: Seen, name: str = "web") -> PipelineState:
    found = next(read.snapshot for read in reversed(seen.reads) if read.snapshot.ref.name == name)
    assert found.state is not None
    return found.state


def opened(tmp_path: Path, **more: Any) -> Cloud:
    return Cloud([HERE], queues={HERE: URL}, journal_dir=tmp_path / "journal", **more)


async def all_read(seen: Seen) -> None:
    await seen.until(lambda: len([one for one in seen.reads if one.snapshot.execution]) == 2)


async def test_an_event_shows_at_once_and_without_a_read(
    stub: StubAws, letters: Letters, quick: None, tmp_path: Path
) -> None:
    async with opened(tmp_path) as cloud, watching(cloud.fleet(poll=RARE)) as seen:
        await all_read(seen)
        reads = stub.count("GetPipelineState")
        began = asyncio.get_running_loop().time()
        letters.put(told("STARTED"))
        await seen.until(lambda: latest(seen).stages[0].actions[0].status == "InProgress")
        assert asyncio.get_running_loop().time() - began < 1.0
        await letters.emptied()
        assert stub.count("GetPipelineState") == reads
        assert cloud.queue_calls["DeleteMessageBatch"] == 1
    assert letters.urls == {URL}
    assert latest(seen, "api").stages[0].actions[0].status == "Succeeded"


async def test_duplicates_and_old_events_change_nothing(
    stub: StubAws, letters: Letters, quick: None, tmp_path: Path
) -> None:
    async with opened(tmp_path) as cloud, watching(cloud.fleet(poll=RARE)) as seen:
        await all_read(seen)
        letters.put(told("SUCCEEDED", 2, at=1_768_446_800.0), told("STARTED", 1), told("STARTED", 1))
        await seen.until(lambda: latest(seen).stages[0].actions[0].changed_at == 1_768_446_800.0)
        count = len(seen.reads)
        letters.put(told("STARTED", 1), told("SUCCEEDED", 2, at=1_768_446_800.0), told("FAILED", 3, at=1_700_000_000.0))
        await letters.emptied()
        assert latest(seen).stages[0].actions[0].status == "Succeeded"
        assert len(seen.reads) == count


async def test_a_failure_is_shown_and_then_read_for_what_the_event_leaves_out(
    stub: StubAws, letters: Letters, quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aws.watch_place._AFTER_EVENT_S", 0.01)
    async with opened(tmp_path) as cloud, watching(cloud.fleet(poll=RARE)) as seen:
        await all_read(seen)
        error: dict[str, Any] = {
            "status": "Failed",
            "errorDetails": {"message": "the whole text"},
            "lastStatusChange": 1_768_446_720.4,
        }
        stub.on("GetPipelineState", lambda asked: state(asked.params["name"], **error))
        letters.put(told("FAILED", result={"external-execution-summary": "short"}))
        await seen.until(lambda: latest(seen).stages[0].actions[0].error_message == "the whole text")
    said = [latest_of(read) for read in seen.reads if read.snapshot.ref.name == "web"]
    assert "short" in said


def latest_of(read: Read) -> str:
    return read.snapshot.state.stages[0].actions[0].error_message if read.snapshot.state else ""


async def test_hostile_messages_are_told_removed_and_harmless(
    stub: StubAws, letters: Letters, quick: None, tmp_path: Path
) -> None:
    async with opened(tmp_path) as cloud, watching(cloud.fleet(poll=RARE)) as seen:
        await all_read(seen)
        stranger = told("FAILED", 5) | {"account": "999988887777"}
        letters.put("{", "[" * 10_000, json.dumps({"source": "aws.ec2"}), stranger, told("STARTED", 6, pipeline="new"))
        await seen.until(lambda: any(isinstance(one, QueueSaid) and one.note for one in seen.events))
        await letters.emptied()
    noted = next(one for one in reversed(seen.events) if isinstance(one, QueueSaid))
    assert noted.skipped == 3
    assert "skipped" in noted.note
    assert latest(seen).stages[0].actions[0].status == "Succeeded"


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (Refused("AccessDenied", "User: u is not authorized to perform: sqs:ReceiveMessage", 403), Denied),
        (Refused("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."), NotFound),
    ],
)
async def test_trouble_with_the_queue_is_told_and_its_place_polled(
    stub: StubAws, letters: Letters, quick: None, tmp_path: Path, refused: Refused, kind: type[Exception]
) -> None:
    give = letters._give
    stub.on("ReceiveMessage", refused)
    policy = PollPolicy(visible_s=0.05, idle_s=0.05, moving_s=0.05, listing_s=60, state_first=True)
    async with opened(tmp_path) as cloud, watching(cloud.fleet(poll=policy)) as seen:
        await seen.until(lambda: any(isinstance(one, QueueSaid) for one in seen.events))
        said = next(one for one in seen.events if isinstance(one, QueueSaid))
        assert isinstance(said.error, kind)
        assert said.places == (HERE,)
        await seen.until(lambda: len(seen.reads) > 6)
        stub.on("ReceiveMessage", give)
        await seen.until(lambda: [one for one in seen.events if isinstance(one, QueueSaid)][-1].error is None)


async def test_messages_are_taken_from_the_configured_queue_alone(
    stub: StubAws, letters: Letters, tmp_path: Path
) -> None:
    params = {"QueueUrl": URL, "MaxNumberOfMessages": 1, "WaitTimeSeconds": 0}
    async with opened(tmp_path, read_only=True) as cloud:
        take = cloud._caller.take
        assert await take(HERE, "sqs", "ReceiveMessage", params)
        with pytest.raises(ReadOnlyRefused):
            await take(HERE, "sqs", "ReceiveMessage", params | {"QueueUrl": f"{URL}-other"})
        with pytest.raises(ReadOnlyRefused):
            await take(HERE, "sqs", "DeleteMessage", {"QueueUrl": URL, "ReceiptHandle": "r"})
        with pytest.raises(ReadOnlyRefused):
            await take(HERE, "sqs", "SendMessage", {"QueueUrl": URL, "MessageBody": "x"})
        with pytest.raises(ReadOnlyRefused):
            await take(HERE, "sqs", "PurgeQueue", {"QueueUrl": URL})
        with pytest.raises(ReadOnlyRefused):
            await cloud._caller.change(HERE, "codepipeline", "DeletePipeline", {"name": "web", "QueueUrl": URL})
        assert cloud.queue_calls == {"ReceiveMessage": 1}
        cloud.look_at([HERE])
        with pytest.raises(ReadOnlyRefused):
            await take(HERE, "sqs", "ReceiveMessage", params)
    assert {one.operation for one in stub.asked} == {"ReceiveMessage"}


async def test_one_queue_speaks_to_all_places_of_its_profile(
    stub: StubAws, letters: Letters, quick: None, tmp_path: Path
) -> None:
    both = Cloud([HERE, THERE], queues={HERE: URL, THERE: URL}, journal_dir=tmp_path)
    async with both as cloud, watching(cloud.fleet(poll=RARE)) as seen:
        await seen.until(lambda: len([one for one in seen.reads if one.snapshot.execution]) == 4)
        letters.put(told("STARTED") | {"region": THERE.region})
        await seen.until(lambda: bool(moving(seen)))
    assert moving(seen) == [THERE.region]
    assert {one.region for one in stub.asked if one.operation == "ReceiveMessage"} == {HERE.region}


def moving(seen: Seen) -> list[str]:
    states = [(one.snapshot.ref.place.region, one.snapshot.state) for one in seen.reads]
    return [region for region, found in states if found and found.stages[0].actions[0].status == "InProgress"]


def test_reads_become_sweeps_while_events_tell_all_and_come_back_when_one_is_missed() -> None:
    trust = Trust()
    assert PollPolicy().eased(trust.level) == PollPolicy()
    trust.begin(0.0)
    for turn in range(1, 5):
        trust.told("web", turn * 10.0)
    swept = PollPolicy().eased(trust.level)
    assert swept.idle_s == swept.moving_s == 900.0
    paced = swept.paced(moving=10, visible=40, idle=990)
    assert 10 / paced.moving_s + 40 / paced.visible_s + 950 / paced.idle_s <= 0.08
    trust.found("web", 50.0)
    trust.found("api", 100.0)
    assert trust.settle(120.0) == ()
    assert trust.settle(150.0) == ("api",)
    assert trust.level == 0.0
    trust.settle(220.0)
    assert 0.0 < trust.level < 1.0
    trust.end()
    assert trust.level == 0.0


def test_a_queue_lies_in_the_region_its_url_names() -> None:
    assert queue_region(URL) == "eu-west-1"
    assert queue_region("https://us-gov-west-1.queue.amazonaws.com/1/q") == "us-gov-west-1"
    assert queue_region("http://127.0.0.1:5000/111122223333/q") == ""
