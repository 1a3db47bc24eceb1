from __future__ import annotations

from dataclasses import replace

import click
import pytest

from core.diagnosis import Checked, Diagnosis
from core.fact import Fact, Outcome
from core.finding import Answer, Finding, Fix, Verdict
from core.pipeline import ActionDecl, ActionState, Definition, Execution, PipelineState, StageDecl
from core.place import Identity, PipelineRef, Place
from core.plan import Call, Check, Plan, Risk
from core.playbook import Facts, Step, Subject
from tui.cli.diagnose_text import report
from tui.output import cell_width

ACTION = ActionDecl("Ship", "Deploy", "ECS")
STAGE = StageDecl("Deploy", (ACTION,))
SUBJECT = Subject(
    PipelineRef(Place("prod", "eu-west-1"), "checkout-api"),
    Identity("111122223333", "arn:aws:iam::111122223333:user/ada"),
    Definition("checkout-api", 1, "", (STAGE,), {}),
    PipelineState("checkout-api", 1, ()),
    1_000_000.0,
    STAGE,
    ACTION,
    ActionState("Ship", "Failed", changed_at=999_760.0, error_code="JobFailed", error_message="deployment timed out"),
    Execution("e-1", "Failed"),
)
TARGETS = Fact(3, "elbv2", "DescribeTargetHealth", {"TargetGroupArn": "tg/web"}, Outcome.OK)
SERVICE = Fact(
    4, "ecs", "DescribeServices", {"services": ["web"]}, Outcome.DENIED, error="ecs:DescribeServices is denied"
)
HOLDS = Check("it is so", (), bool)
PLAN = Plan(
    "ecs.grace-period",
    "Set the grace period to 60 s",
    SUBJECT.ref.place,
    "111122223333",
    "checkout-api",
    "service/web",
    Call("ecs", "UpdateService", {"service": "web", "healthCheckGracePeriodSeconds": 60}),
    Risk.LOW,
    "changes how the service starts",
    HOLDS,
    HOLDS,
)
FINDING = Finding(
    "ecs.health-check",
    0.92,
    "Targets fail their health check",
    "The container needs 41 s; checks give up after 20 s.",
    facts=(3, 4),
    fixes=(
        Fix("grace", "Set the grace period to 60 s", plan=PLAN),
        Fix("code", "Answer sooner", steps=("Answer /healthz before warm-up",), commands=("aws ecs wait",)),
    ),
    disproved_by="healthy within 20 s of start",
    proven=True,
)


async def nothing(subject: Subject, evidence: object) -> Facts:
    del subject, evidence
    return {}


def checked(name: str, answer: Answer) -> Checked:
    return Checked("ecs", Step(name, f"Is {name} well?", "", (), nothing, lambda subject, facts: answer), answer)


def diagnosis(*findings: Finding, status: str = "failed", subject: Subject = SUBJECT) -> Diagnosis:
    targets = Answer(Verdict.FAILED, "no", (3,), (FINDING,), ((3, "10.0.3.7:8080 unhealthy: 503 on GET /healthz"),))
    checks = (
        checked("the target", targets),
        checked("the image", Answer(Verdict.PASSED, "It was pulled.")),
        checked("the service", Answer(Verdict.DENIED, "Add ecs:DescribeServices.")),
        checked("the network", Answer(Verdict.UNKNOWN, "Nobody knows.")),
        checked("the hook", Answer(Verdict.NOT_APPLICABLE, "There is none.")),
    )
    return Diagnosis(subject, status, findings, checks, (TARGETS, SERVICE), 14, 1.24)


def text(found: Diagnosis, width: int | None = 100) -> str:
    return click.unstyle("\n".join(report(found, width)))


def test_report_reads_from_what_is_broken_to_what_to_do() -> None:
    parts = [
        "checkout-api  eu-west-1 · prod · 111122223333",
        "✗ failed",
        "✗ Deploy / Ship (ECS)  Failed · 4m ago",
        "execution e-1",
        "JobFailed: deployment timed out",
        "1. Targets fail their health check",
        "confirmed 92 %  ecs.health-check",
        "[3] elbv2 DescribeTargetHealth(TargetGroupArn='tg/web') → ok",
        "10.0.3.7:8080 unhealthy: 503 on GET /healthz",
        "[4] ecs DescribeServices(services=['web']) → denied",
        "Would be disproved by: healthy within 20 s of start",
        "Fix  Set the grace period to 60 s  automatic · low risk",
        "$ aws ecs update-service --service web --health-check-grace-period-seconds 60 --region eu-west-1 --profile",
        "Fix  Answer sooner  manual · low risk",
        "1. Answer /healthz before warm-up",
        "$ aws ecs wait",
        "Ruled out",
        "✓ Is the image well? It was pulled.",
        "Not allowed to look",
        "⊖ Is the service well? Add ecs:DescribeServices.",
        "Could not tell",
        "? Is the network well? Nobody knows.",
        "5 checks · 14 calls · 1.2 s",
    ]
    whole = text(diagnosis(FINDING))
    at = [whole.index(part) for part in parts]
    assert at == sorted(at)
    assert "the hook" not in whole


def test_fact_is_shown_in_full_once_and_cited_afterwards() -> None:
    other = replace(FINDING, cause="ecs.not-stable", title="Service is not stable", fixes=())
    whole = text(diagnosis(FINDING, other))
    assert whole.count("DescribeTargetHealth") == 1
    assert "Evidence  [3] [4] above" in whole


def test_guess_beside_a_proven_cause_gets_one_line() -> None:
    guess = Finding("ecs.capacity", 0.6, "No capacity", "The cluster may be full.")
    whole = text(diagnosis(FINDING, guess))
    assert "Less likely\n  No capacity  probable 60 % · ecs.capacity" in whole
    assert "The cluster may be full." not in whole


def test_only_guesses_are_shown_whole_where_they_are_likely_enough() -> None:
    first, second = replace(FINDING, proven=False), Finding("ecs.capacity", 0.6, "No capacity", "It may be full.")
    whole = text(diagnosis(first, second, Finding("ecs.iam", 0.1, "No right", "Unlikely.")))
    assert "It may be full." in whole
    assert "Less likely\n  No right" in whole


def test_failure_without_a_cause_is_said_and_points_to_the_log() -> None:
    assert "No cause was found" in text(diagnosis())
    build = replace(SUBJECT, action=ActionDecl("Unit", "Test", "CodeBuild"))
    assert "pipemedic logs checkout-api" in text(diagnosis(subject=build))


def test_healthy_pipeline_says_so() -> None:
    assert "Nothing was found to be wrong." in text(diagnosis(status="ok"))


@pytest.mark.parametrize("width", [50, 60, 80])
def test_prose_keeps_to_the_width(width: int) -> None:
    long = replace(FINDING, title="word " * 40, summary="word " * 60, fixes=(), facts=(3,))
    lines = text(diagnosis(long), width).splitlines()
    assert max(cell_width(line) for line in lines) <= width


def test_hostile_text_drives_nothing() -> None:
    evil = "\x1b]52;c;ZXZpbA==\x07\x1b[2Jx\u202e\r\n\x9b31m"
    subject = replace(
        SUBJECT,
        action_state=replace(SUBJECT.action_state, error_message=evil, error_code=""),
        action=replace(ACTION, name=evil, provider=evil),
    )
    finding = replace(
        FINDING,
        title=evil,
        summary=evil,
        disproved_by=evil,
        fixes=(Fix("f", evil, steps=(evil,), commands=(evil,), console_url=evil),),
    )
    whole = text(
        replace(diagnosis(finding, subject=subject), facts=(replace(TARGETS, error=evil, params={"a": evil}),))
    )
    assert not set(whole) & {"\x1b", "\x07", "\r", "\x9b", "\u202e"}


def test_questions_that_one_permission_closes_are_told_in_one() -> None:
    closed = Answer(Verdict.DENIED, "Add codebuild:BatchGetBuilds.")
    checks = tuple(checked(f"part {number}", closed) for number in range(5))
    refused = Fact(5, "codebuild", "BatchGetBuilds", {}, Outcome.DENIED, action="codebuild:BatchGetBuilds")
    found = replace(diagnosis(), checks=checks, facts=(refused,))
    whole = text(found, None)
    assert (
        "⊖ Add codebuild:BatchGetBuilds. 5 questions stay open: Is part 0 well? Is part 1 well? Is part 2 well? …"
        in whole
    )
    assert whole.count("Add codebuild:BatchGetBuilds.") == 1
    assert "Ask for: codebuild:BatchGetBuilds" in whole
