"""A night on an account of its own: broken, put right through the write path, retried, and told afterwards."""

from __future__ import annotations

import asyncio
import time

import pytest

from aws.cloud import Cloud
from core.diagnosis import Diagnosis
from core.place import PipelineRef, Place
from core.plan import ApplyOutcome, Plan
from core.plans.pipeline import retry_stage
from core.report.assemble import assemble
from core.report.markdown import markdown
from core.report.redact import redacted
from demo.process import DemoAccount
from tui.incident_file import remember_diagnosis
from tui.report_gather import gather
from tui.triage import triage

REF = PipelineRef(Place("", "eu-west-1"), "billing")


async def applied(cloud: Cloud, plan: Plan) -> ApplyOutcome | None:
    return [step.outcome async for step in cloud.apply(plan)][-1]


async def through(cloud: Cloud, execution: str) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        page = await cloud.pipelines(REF.place).executions("billing")
        if next(each for each in page.items if each.id == execution).status == "Succeeded":
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the retried execution did not go through")


async def put_right(cloud: Cloud, account: DemoAccount) -> tuple[str, Diagnosis]:
    """Fix what was found, retry, and wait until it has gone through."""
    found = await triage(cloud, REF)
    plan = next(fix.plan for finding in found.findings for fix in finding.fixes if fix.plan)
    assert await applied(cloud, plan) is ApplyOutcome.VERIFIED
    execution = found.subject.execution
    assert execution is not None
    account.set_speed(60)
    assert await applied(cloud, retry_stage(REF, "111122223333", "Build", execution.id)) is ApplyOutcome.VERIFIED
    await through(cloud, execution.id)
    return execution.id, found


async def test_the_whole_night_is_told_after_it(on_own: DemoAccount) -> None:
    async with Cloud([REF.place]) as cloud:
        execution, found = await put_right(cloud, on_own)
        incident = await gather(cloud, REF)
        with_memory = await gather(cloud, REF, earlier=lambda asked: found if asked == execution else None)
    report = redacted(assemble(incident))
    assert report.execution_id == execution
    assert report.status == "recovered"
    assert report.failed_at is not None
    assert report.recovered_at is not None
    assert report.recovered_at > report.failed_at
    assert report.after
    assert report.causes[0].id == "artifact.access-denied"
    kinds = [each.kind.value for each in report.timeline]
    assert kinds.count("failed") == 1
    assert kinds.count("changed") == 2
    assert "recovered" in kinds
    fix, retry = report.changes
    assert fix.state == retry.state == "verified"
    assert any("s3:GetObject" in line for line in fix.diff)
    assert "Checked after the recovery" in markdown(report)
    told = assemble(with_memory)
    assert not told.after
    assert told.causes[0].proven


async def test_what_was_proven_while_it_was_red_is_told_by_another_run_of_the_program(on_own: DemoAccount) -> None:
    async with Cloud([REF.place]) as cloud:
        remember_diagnosis(await triage(cloud, REF))
        _, found = await put_right(cloud, on_own)
    async with Cloud([REF.place]) as cloud:
        incident = await gather(cloud, REF)
    report = redacted(assemble(incident))
    assert not report.after
    assert report.causes[0].proven
    assert report.causes[0].title == found.findings[0].title
    assert {each.outcome for each in report.evidence} <= {"ok", "no data"}
    assert any("s3:GetObject" in line for line in report.excerpts[0].lines)
    looked = [each.at for each in report.timeline if each.kind.value == "looked"]
    changed = [each.at for each in report.timeline if each.kind.value == "changed"]
    assert all(at is not None and at < min(filter(None, changed)) for at in looked)
    assert "## Ruled out" in markdown(report)


@pytest.mark.parametrize("name", ["billing"])
async def test_nothing_is_changed_by_a_report(on_demo: DemoAccount, name: str) -> None:
    before = on_demo.calls()["mutating"]
    async with Cloud([REF.place], read_only=True) as cloud:
        incident = await gather(cloud, PipelineRef(REF.place, name))
    assert incident.diagnosis.findings
    assert on_demo.calls()["mutating"] == before
