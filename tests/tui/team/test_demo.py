"""Team playbooks on the demo account, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aws.cloud import Cloud
from core.diagnosis import Checked, Diagnosis
from core.finding import Verdict
from core.place import PipelineRef, Place
from demo.process import DemoAccount
from tests.tui.team.conftest import EXAMPLE, SMALL, Put
from tui.team.load import read_file
from tui.triage import triage

HERE = Place("", "eu-west-1")
BILLING = PipelineRef(HERE, "billing")
CHECK = """\
id: check
title: Check
summary: One question.
applies: {{provider: CodeBuild, fit: 1}}
steps:
  - id: a
    question: Is it so?
    why: To know.
{step}
"""
PROJECT = """\
    calls:
      - name: project
        service: codebuild
        operation: BatchGetProjects
        params: {names: ["{action.configuration.ProjectName}"]}
"""


@pytest.fixture
async def cloud(on_demo: DemoAccount) -> AsyncIterator[Cloud]:
    async with Cloud((HERE,), read_only=True) as opened:
        yield opened


def of(found: Diagnosis, playbook: str) -> dict[str, Checked]:
    return {each.step.id: each for each in found.checks if each.playbook == playbook}


async def test_example_diagnoses_a_failed_build(cloud: Cloud, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("example.yaml", EXAMPLE.read_bytes())
    monkeypatch.setattr("playbooks.discover", tuple)
    found = await triage(cloud, BILLING)
    answers = {name: each.answer for name, each in of(found, "house-builds").items()}
    assert [answers[name].verdict for name in ("project", "streak", "access", "freeze")] == [
        Verdict.PASSED,
        Verdict.PASSED,
        Verdict.FAILED,
        Verdict.NOT_APPLICABLE,
    ]
    assert answers["project"].detail == "billing logs to CloudWatch."
    assert any("https://wiki.example.com/builds/billing" in text for _, text in answers["project"].lines)
    # The error text names the same cause more surely and gives the words; one finding has the facts of both.
    (finding,) = answers["access"].findings
    ranked = next(each for each in found.findings if each.cause == finding.cause)
    assert set(finding.facts) < set(ranked.facts)
    assert finding.playbook == "house-builds"
    assert finding.title == "The role of billing may not s3:GetObject"
    assert {each.operation for each in found.facts if each.n in finding.facts} == {"BatchGetBuilds", "GetLogEvents"}
    assert finding.fixes[0].commands == ("aws codebuild batch-get-projects --names billing --region eu-west-1",)
    # The project is read once, though two steps build on it.
    assert [fact.operation for fact in found.facts].count("BatchGetProjects") == 1


async def test_team_check_that_passes_does_not_silence_what_the_text_says(
    cloud: Cloud, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = (
        PROJECT + "    expect: {that: '`true`'}\n    findings: [{cause: artifact.access-denied, title: a, summary: b}]"
    )
    put("check.yaml", CHECK.format(step=step))
    monkeypatch.setattr("playbooks.discover", tuple)
    found = await triage(cloud, BILLING)
    assert of(found, "check")["a"].answer.verdict is Verdict.PASSED
    assert found.findings[0].cause == "artifact.access-denied"
    assert found.findings[0].playbook == ""


@pytest.mark.parametrize(
    ("step", "verdict", "says"),
    [
        (PROJECT + "    expect: {that: 'project.projects[0].timeoutInMinutes > `500`'}", Verdict.FAILED, "not hold"),
        (PROJECT + "    expect: {that: 'project.projects[0].nothing > `1`'}", Verdict.UNKNOWN, "has no value"),
        (PROJECT + "    expect: {that: 'length(project.projects[0].created) > `1`'}", Verdict.UNKNOWN, "worked"),
        (PROJECT.replace("ProjectName", "Other") + "    expect: {that: '`true`'}", Verdict.UNKNOWN, "was not asked"),
        ("    ask: {text: 'Is {pipeline.name} frozen?'}", Verdict.UNKNOWN, "Look yourself: Is billing frozen?"),
        ("    log: [{id: x, pattern: 'no such line'}]", Verdict.PASSED, "None of the patterns"),
        ("    when: action.provider == 'S3'\n    ask: {text: a}", Verdict.NOT_APPLICABLE, "Does not apply"),
    ],
)  # fmt: skip
async def test_step_answers(
    cloud: Cloud, put: Put, monkeypatch: pytest.MonkeyPatch, step: str, verdict: Verdict, says: str
) -> None:
    path = put("check.yaml", CHECK.format(step=step))
    assert read_file(path).mistakes == ()
    monkeypatch.setattr("playbooks.discover", tuple)
    answer = of(await triage(cloud, BILLING), "check")["a"].answer
    assert answer.verdict is verdict
    assert says in answer.detail


@pytest.mark.parametrize(
    ("applies", "fits"),
    [
        ("{provider: CodeBuild, condition: failed}", True),
        ("{category: Build, pipeline: 'bill*'}", True),
        ("{error: AccessDenied}", True),
        ("{pipeline: ['shop-*', 'x?']}", False),
        ("{condition: [ok, running]}", False),
        ("{provider: S3}", False),
        ("{error: 'no such words'}", False),
    ],
)
async def test_applies_where_all_that_is_given_fits(
    cloud: Cloud, put: Put, monkeypatch: pytest.MonkeyPatch, applies: str, fits: bool
) -> None:
    put("small.yaml", SMALL + f"applies: {applies}\n")
    monkeypatch.setattr("playbooks.discover", tuple)
    assert bool(of(await triage(cloud, BILLING), "small")) is fits


async def test_healthy_action_gets_a_remark_and_no_finding(
    cloud: Cloud, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = "    expect: {that: '`false`'}\n    findings: [{cause: build.test-failed, title: a, summary: b}]"
    put("check.yaml", CHECK.format(step=step).replace("provider: CodeBuild, ", ""))
    monkeypatch.setattr("playbooks.discover", tuple)
    found = await triage(cloud, BILLING, stage="Source")
    assert of(found, "check")["a"].answer.verdict is Verdict.UNKNOWN
    assert all(each.playbook != "check" for each in found.findings)


async def test_denied_read_is_denied(
    cloud: Cloud, on_demo: DemoAccount, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("small.yaml", SMALL)
    monkeypatch.setattr("playbooks.discover", tuple)
    on_demo.add_fault(
        service="codebuild",
        operation="BatchGetProjects",
        code="AccessDeniedException",
        message="not allowed",
        status=400,
    )
    answer = of(await triage(cloud, BILLING), "small")["project"].answer
    assert answer.verdict is Verdict.DENIED
    assert "codebuild:BatchGetProjects" in answer.detail
