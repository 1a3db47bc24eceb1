"""What a diagnosis starts from, read from the demo account over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

import playbooks
from aws.cloud import Cloud
from core.diagnosis import Checked
from core.errors import Denied, UsageError
from core.pipeline import ActionState, PipelineSnapshot, PipelineState, StageState
from core.place import PipelineRef, Place
from demo.process import DemoAccount
from tui.triage import log_of_action, quick_cause, subject_of, triage

HERE = Place("", "eu-west-1")
BILLING = PipelineRef(HERE, "billing")
DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/build-role/AWSCodeBuild-1 is not authorized to perform: s3:GetObject "
    'on resource: "arn:aws:s3:::artifacts/x" because no identity-based policy allows the s3:GetObject action'
)


@pytest.fixture
async def cloud(demo_account: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    for name, value in demo_account.environment.items():
        monkeypatch.setenv(name, value)
    async with Cloud((HERE,), read_only=True) as opened:
        yield opened


async def test_subject_is_the_failed_action_with_what_its_error_says(cloud: Cloud) -> None:
    subject = await subject_of(cloud, BILLING)
    assert (subject.stage.name, subject.action.name, subject.action_state.status) == ("Build", "Build", "Failed")
    assert subject.identity.account == "111122223333"
    assert subject.execution is not None
    assert subject.execution.status == "Failed"
    assert subject.hypotheses
    assert subject.hypotheses[0].cause == "artifact.access-denied"


async def test_healthy_action_has_no_hypotheses(cloud: Cloud) -> None:
    subject = await subject_of(cloud, BILLING, stage="Source")
    assert subject.action_state.status == "Succeeded"
    assert subject.hypotheses == ()


async def test_log_is_where_the_build_says(cloud: Cloud) -> None:
    where, build = await log_of_action(cloud, BILLING, "Build", "Build")
    assert build.id.startswith("billing:")
    assert build.status == "FAILED"
    assert (where.group, where.stream, where.state) == (build.log.group, build.log.stream, "ready")
    assert where.stream


async def test_log_of_a_past_execution_is_that_executions_own(cloud: Cloud) -> None:
    page = await cloud.pipelines(HERE).executions("billing")
    past = next(each for each in page.items if each.status == "Succeeded")
    _, build = await log_of_action(cloud, BILLING, "Build", "Build", past.id)
    _, latest = await log_of_action(cloud, BILLING, "Build", "Build")
    assert build.status == "SUCCEEDED"
    assert build.id != latest.id


async def test_action_without_a_build_has_no_log(cloud: Cloud) -> None:
    with pytest.raises(UsageError, match="no build log"):
        await log_of_action(cloud, BILLING, "Source", "Source")


async def test_action_that_failed_before_its_build_says_why_there_is_no_log(cloud: Cloud) -> None:
    with pytest.raises(UsageError, match=r"Build / Build failed before it started a build: \w+"):
        await log_of_action(cloud, PipelineRef(HERE, "fraud-scoring"), "Build", "Build")


async def test_first_error_comes_out_as_itself(cloud: Cloud, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline", operation="GetPipelineState", code="AccessDeniedException", message="no", status=400
    )
    try:
        with pytest.raises(Denied):
            await subject_of(cloud, BILLING)
    finally:
        demo_account.clear_faults(fault)


async def test_list_of_executions_may_be_denied(cloud: Cloud, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline",
        operation="ListPipelineExecutions",
        code="AccessDeniedException",
        message="no",
        status=400,
    )
    try:
        subject = await subject_of(cloud, BILLING)
        with pytest.raises(Denied):
            await subject_of(cloud, BILLING, execution_id="0000")
    finally:
        demo_account.clear_faults(fault)
    assert subject.action.name == "Build"
    assert subject.execution is not None
    assert subject.execution.id


async def test_triage_reports_every_check_as_it_is_answered(cloud: Cloud) -> None:
    seen: list[Checked] = []
    found = await triage(cloud, BILLING, progress=seen.append)
    assert sorted(each.step.id for each in seen) == sorted(each.step.id for each in found.checks)
    assert found.status == "failed"
    assert found.findings[0].cause == "artifact.access-denied"
    assert {n for each in found.findings for n in each.facts} <= {fact.n for fact in found.facts}


async def test_cause_without_a_playbook_is_taken_from_the_error_text(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playbooks, "discover", tuple)
    found = await triage(cloud, PipelineRef(HERE, "catalog"))
    assert found.checks == ()
    assert found.findings[0].cause == "source.branch-not-found"
    (fact,) = found.facts
    assert found.findings[0].facts == (fact.n,)
    assert fact.operation == "GetPipelineState"


async def test_text_of_a_past_execution_cites_the_call_that_read_it(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playbooks, "discover", tuple)
    latest = (await cloud.pipelines(HERE).executions("catalog")).items[0]
    found = await triage(cloud, PipelineRef(HERE, "catalog"), execution_id=latest.id)
    assert [fact.operation for fact in found.facts] == ["ListActionExecutions"]


def snapshot(status: str, message: str) -> PipelineSnapshot:
    stage = StageState("Build", status, "e1", actions=(ActionState("Unit", status, error_message=message),))
    return PipelineSnapshot(BILLING, 1000.0, PipelineState("billing", 1, (stage,)))


def test_quick_cause_reads_the_error_text_alone() -> None:
    cause = quick_cause(snapshot("Failed", DENIED))
    assert cause is not None
    assert cause.cause == "artifact.access-denied" or cause.cause.startswith("permission.")


@pytest.mark.parametrize(("status", "message"), [("Succeeded", DENIED), ("InProgress", DENIED), ("Failed", "")])
def test_quick_cause_is_silent_without_a_failure_or_its_words(status: str, message: str) -> None:
    assert quick_cause(snapshot(status, message)) is None


def test_quick_cause_of_a_pipeline_that_was_not_read_is_none() -> None:
    assert quick_cause(PipelineSnapshot(BILLING, 1000.0, error="denied")) is None


async def test_log_of_a_healthy_pipeline_is_that_of_its_last_build(cloud: Cloud) -> None:
    where, build = await log_of_action(cloud, PipelineRef(HERE, "mailer"), "", "")
    assert build.project.startswith("mailer")
    assert where.stream
