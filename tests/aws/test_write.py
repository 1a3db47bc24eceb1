"""The write path: checked before, written down around, proven after; and nothing at all in read-only mode."""

from __future__ import annotations

import asyncio
import dataclasses
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aws.changes import ALLOWED
from aws.cloud import Cloud
from aws.reads import is_read
from core.errors import ReadOnlyRefused
from core.fact import Fact
from core.plan import ApplyOutcome, ApplyStep, Call, Check, Plan, Risk, Undo
from tests.aws.conftest import HERE
from tests.aws.stub import CALLER_IDENTITY, Asked, Broken, Refused, StubAws

STATE = Call("codepipeline", "GetPipelineState", {"name": "web"})


def status_is(wanted: str) -> Callable[[tuple[Fact, ...]], bool]:
    return lambda facts: facts[0].get("stageStates", 0, "latestExecution", "status") == wanted


def retry_plan(**changes: Any) -> Plan:
    plan = Plan(
        id="pipeline.retry-stage",
        title="Retry the stage Build",
        place=HERE,
        account="111122223333",
        pipeline="web",
        resource="arn:aws:codepipeline:eu-west-1:111122223333:web",
        call=Call(
            "codepipeline",
            "RetryStageExecution",
            {
                "pipelineName": "web",
                "stageName": "Build",
                "pipelineExecutionId": "11111111-2222-3333-4444-555555555555",
                "retryMode": "FAILED_ACTIONS",
            },
        ),
        risk=Risk.LOW,
        risk_note="",
        precondition=Check("the stage stands failed", (STATE,), status_is("Failed")),
        verification=Check("the stage runs", (STATE,), status_is("InProgress"), deadline_s=0.2, interval_s=0.02),
        undo=Undo("Stop the execution."),
    )
    return dataclasses.replace(plan, **changes)


class Account:
    """A pipeline whose failed stage runs again `after` reads from its retry on."""

    def __init__(self, stub: StubAws, after: int = 0) -> None:
        self.status = "Failed"
        self.after = after
        self.retried = False
        stub.on("GetCallerIdentity", CALLER_IDENTITY)
        stub.on("GetPipelineState", self.state)
        stub.on("RetryStageExecution", self.retry)

    def state(self, _: Asked) -> dict[str, Any]:
        if self.retried:
            self.after -= 1
            self.status = "InProgress" if self.after < 0 else self.status
        return {"stageStates": [{"stageName": "Build", "latestExecution": {"status": self.status}}]}

    def retry(self, _: Asked) -> object:
        self.retried = True
        return {"pipelineExecutionId": "e1"}


async def applied(cloud: Cloud, plan: Plan) -> list[ApplyStep]:
    return [step async for step in cloud.apply(plan)]


def kinds(cloud: Cloud) -> list[str]:
    return [str(record["kind"]) for record in cloud.journal.records()]


async def test_a_change_is_verified_and_written_down(stub: StubAws, cloud: Cloud) -> None:
    Account(stub, after=2)
    steps = await applied(cloud, retry_plan())
    assert [step.name for step in steps] == ["precondition", "apply", "verify", "verify", "done"]
    last = steps[-1]
    assert (last.outcome, last.deadline_s) == (ApplyOutcome.VERIFIED, 0.2)
    assert last.request_id == "11111111-2222-3333-4444-555555555555"
    assert 0 < last.waited_s < 0.2
    intent, result, outcome = list(cloud.journal.records())
    assert (intent["kind"], result["kind"], outcome["kind"]) == ("intent", "result", "outcome")
    assert intent["id"] == result["id"] == outcome["id"]
    assert intent["who"] == "arn:aws:sts::111122223333:assumed-role/OnCall/me"
    assert (intent["operation"], intent["region"], intent["params"]["stageName"]) == (
        "RetryStageExecution",
        "eu-west-1",
        "Build",
    )
    assert (result["result"], result["request_id"]) == ("accepted", last.request_id)
    assert outcome["outcome"] == "verified"
    assert stat.S_IMODE(cloud.journal.path.stat().st_mode) == 0o600
    assert cloud.journal.unfinished() == ()


async def test_the_intent_is_on_disk_before_the_call(stub: StubAws, cloud: Cloud) -> None:
    Account(stub)
    seen: list[list[str]] = []

    def retry(_: Asked) -> dict[str, Any]:
        seen.append(kinds(cloud))
        return {}

    stub.on("RetryStageExecution", retry)
    await applied(cloud, retry_plan())
    assert seen == [["intent"]]


async def test_a_state_that_moved_on_is_a_conflict_and_nothing_is_sent(stub: StubAws, cloud: Cloud) -> None:
    account = Account(stub)
    account.status = "Succeeded"
    steps = await applied(cloud, retry_plan())
    assert [step.name for step in steps] == ["precondition", "done"]
    assert steps[-1].outcome is ApplyOutcome.CONFLICT
    assert stub.count("RetryStageExecution") == 0
    assert kinds(cloud) == []


async def test_a_precondition_that_cannot_be_read_sends_nothing(stub: StubAws, cloud: Cloud) -> None:
    Account(stub)
    stub.on("GetPipelineState", Refused("AccessDeniedException", "not you"))
    last = (await applied(cloud, retry_plan()))[-1]
    assert last.outcome is ApplyOutcome.FAILED
    assert "not you" in last.detail
    assert stub.count("RetryStageExecution") == 0


async def test_credentials_of_another_account_send_nothing(stub: StubAws, cloud: Cloud) -> None:
    Account(stub)
    last = (await applied(cloud, retry_plan(account="444455556666")))[-1]
    assert last.outcome is ApplyOutcome.CONFLICT
    assert "444455556666" in last.detail
    assert "111122223333" in last.detail
    assert stub.count("RetryStageExecution") == 0
    assert kinds(cloud) == []


async def test_what_does_not_come_true_is_not_called_fixed(stub: StubAws, cloud: Cloud) -> None:
    Account(stub, after=10_000)
    last = (await applied(cloud, retry_plan()))[-1]
    assert last.outcome is ApplyOutcome.NOT_VERIFIED
    assert last.waited_s >= 0.2
    assert list(cloud.journal.records())[-1]["outcome"] == "not verified"


@pytest.mark.parametrize(
    ("code", "outcome", "words"),
    [
        ("StageNotRetryableException", ApplyOutcome.CONFLICT, "cannot be retried"),
        ("NotLatestPipelineExecutionException", ApplyOutcome.CONFLICT, "newer execution"),
        ("InvalidApprovalTokenException", ApplyOutcome.CONFLICT, "approval is closed"),
        ("ConcurrentModificationException", ApplyOutcome.CONFLICT, "Someone else"),
        ("LimitExceededException", ApplyOutcome.FAILED, "limit"),
        ("AccessDeniedException", ApplyOutcome.FAILED, "not allowed"),
        ("ThrottlingException", ApplyOutcome.FAILED, "throttled"),
    ],
)
async def test_a_refusal_is_said_in_plain_words(
    stub: StubAws, cloud: Cloud, code: str, outcome: ApplyOutcome, words: str
) -> None:
    Account(stub)
    stub.on("RetryStageExecution", Refused(code, "aws's words"))
    last = (await applied(cloud, retry_plan()))[-1]
    assert last.outcome is outcome
    assert words in last.detail
    assert "aws's words" in last.detail
    assert stub.count("RetryStageExecution") == 1
    result = list(cloud.journal.records())[1]
    assert (result["result"], result["code"]) == ("refused", code)


async def test_a_lost_answer_is_settled_by_the_verification(stub: StubAws, cloud: Cloud) -> None:
    account = Account(stub)

    def lose(asked: Asked) -> Broken:
        account.retry(asked)
        return Broken("reset")

    stub.on("RetryStageExecution", lose)
    last = (await applied(cloud, retry_plan()))[-1]
    assert last.outcome is ApplyOutcome.VERIFIED
    assert stub.count("RetryStageExecution") == 1
    assert list(cloud.journal.records())[1]["result"] == "unknown"


async def test_a_call_that_never_arrived_has_failed(stub: StubAws, cloud: Cloud) -> None:
    Account(stub)
    stub.on("RetryStageExecution", Broken("reset"))
    last = (await applied(cloud, retry_plan()))[-1]
    assert last.outcome is ApplyOutcome.FAILED
    assert stub.count("RetryStageExecution") == 1


async def test_read_only_refuses_before_any_call(stub: StubAws, tmp_path: Path) -> None:
    Account(stub)
    async with Cloud([HERE], read_only=True, journal_dir=tmp_path) as cloud:
        with pytest.raises(ReadOnlyRefused, match="read-only"):
            await applied(cloud, retry_plan())
        assert list(cloud.journal.records()) == []
    assert stub.asked == []


async def test_what_is_not_on_the_list_is_refused(stub: StubAws, cloud: Cloud) -> None:
    plan = retry_plan(call=Call("codepipeline", "DeletePipeline", {"name": "web"}))
    with pytest.raises(ReadOnlyRefused, match="DeletePipeline"):
        await applied(cloud, plan)
    assert stub.asked == []


async def test_a_journal_that_cannot_be_written_stops_the_change(stub: StubAws, tmp_path: Path) -> None:
    Account(stub)
    (tmp_path / "file").write_text("in the way")
    async with Cloud([HERE], journal_dir=tmp_path / "file") as cloud:
        last = (await applied(cloud, retry_plan()))[-1]
    assert last.outcome is ApplyOutcome.FAILED
    assert "journal" in last.detail
    assert stub.count("RetryStageExecution") == 0


async def test_a_watcher_that_goes_away_leaves_a_result(stub: StubAws, cloud: Cloud) -> None:
    Account(stub)
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow(_: Asked) -> dict[str, Any]:
        arrived.set()
        await go.wait()
        return {}

    stub.on("RetryStageExecution", slow)
    watcher = asyncio.create_task(applied(cloud, retry_plan()))
    await arrived.wait()
    watcher.cancel()
    sending = [task for task in asyncio.all_tasks() if task.get_name().startswith("change ")]
    go.set()
    await asyncio.gather(*sending)
    assert kinds(cloud) == ["intent", "result"]


def test_only_changes_are_on_the_list_and_all_of_them_exist() -> None:
    from botocore.session import Session  # noqa: PLC0415

    session = Session()
    for service, operations in ALLOWED.items():
        assert operations <= set(session.get_service_model(service).operation_names)
        assert not [operation for operation in operations if is_read(service, operation)]


def test_only_the_write_path_opens_the_gate() -> None:
    rooms = Path(__file__).parents[2]
    users = [
        path.relative_to(rooms).as_posix()
        for room in ("aws", "core", "playbooks", "tui", "widgets")
        for path in (rooms / room).rglob("*.py")
        if ".permit(" in path.read_text() or "caller.change(" in path.read_text()
    ]
    assert users == ["aws/write.py"]
