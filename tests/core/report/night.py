"""One night, made up: billing's build may not read its artifact, someone allows it, retries, and it goes through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.diagnosis import Checked, Diagnosis
from core.fact import Outcome
from core.finding import Verdict
from core.journal import Entry, EntryState
from core.pipeline import ActionExecution, Execution, Revision
from core.place import PipelineRef
from core.plan import Call
from core.report.incident import Incident
from core.report.model import Excerpt
from tests.builders import HERE, NOW, answered, automatic, fact, finding, ref, step, subject

__all__ = ["BEGAN", "FAILED_AT", "change", "incident", "ran"]

BEGAN = NOW - 1200
FAILED_AT = BEGAN + 90
ROLE = "arn:aws:iam::111122223333:role/service-role/codebuild-billing"


def ran(action: str, status: str, began_s: float, took_s: float, stage: str = "", **more: Any) -> ActionExecution:
    """A run that began so many seconds after the execution."""
    began = BEGAN + began_s
    number = f"{action}-{began_s:.0f}"
    return ActionExecution(number, "run-1", stage or action, action, status, began, began + took_s, **more)


def change(state: EntryState = EntryState.VERIFIED, at: float = FAILED_AT + 300, **more: Any) -> Entry:
    """The missing permission, allowed."""
    given: dict[str, Any] = {
        "who": "arn:aws:iam::111122223333:user/lena",
        "account": "111122223333",
        "place": HERE,
        "pipeline": "billing",
        "plan": "iam.add-action",
        "title": "Allow s3:GetObject for role codebuild-billing",
        "resource": ROLE,
        "call": Call(
            "iam", "PutRolePolicy", {"RoleName": "codebuild-billing", "PolicyName": "p", "PolicyDocument": "{}"}
        ),
        "undo_words": "Delete the inline policy",
        "before": '{\n  "Statement": []\n}',
        "after": '{\n  "Statement": ["s3:GetObject"]\n}',
        "request_id": "req-1",
        "ended_at": at + 4,
    }
    return Entry("change-1", at, state, **(given | more))


def _diagnosis(**more: Any) -> Diagnosis:
    build = fact(3, read_at=FAILED_AT + 60, took_s=0.2)
    denied = fact(5, "GetRolePolicy", Outcome.DENIED, service="iam", params={}, action="iam:GetRolePolicy", error="no")
    found = finding(
        confidence=0.97,
        proven=True,
        title="Role codebuild-billing may not s3:GetObject",
        summary="the role was refused. IAM agrees",
        facts=(3,),
        fixes=(automatic(),),
    )
    said = ((3, "AccessDenied on s3:GetObject"),)
    refused = answered(Verdict.FAILED, "Refused.", facts=(3,), findings=(found,), lines=said)
    checks = (
        Checked("codebuild", step("access"), refused),
        Checked("codebuild", step("memory"), answered(Verdict.PASSED, "It did not run out.", facts=(3,))),
        Checked("codebuild", step("policy"), answered(Verdict.DENIED, "May not read the policy.", facts=(5,))),
        Checked("codebuild", step("moot"), answered(Verdict.NOT_APPLICABLE, "Does not apply.")),
    )
    return Diagnosis(subject(), "failed", (found,), checks, (build, denied), 5, 1.2, **more)


def incident(*, fixed: bool = False, of: PipelineRef | None = None, **more: Any) -> Incident:
    """The night; `fixed` is its end."""
    runs = [
        ran("Source", "Succeeded", 0, 5),
        ran("Build", "Failed", 10, 80, error_message="AccessDenied: s3:GetObject"),
    ]
    if fixed:
        runs += [ran("Build", "Succeeded", 420, 60), ran("Deploy", "Succeeded", 490, 30)]
    revision = Revision("Source", "e74f3888bd11b8f9", "Validate IBANs", "https://git.example/c/e74", "lena", "main")
    execution = Execution(
        "run-1", "Succeeded" if fixed else "Failed", BEGAN, BEGAN + (520 if fixed else 90), trigger="WebhookV2",
        revisions=(revision,),
    )  # fmt: skip
    older = Execution("run-0", "Succeeded", BEGAN - 9000, BEGAN - 8000)
    excerpt = Excerpt(
        "/aws/codebuild/billing:1a2b", 4, ("downloading", "AccessDenied: no", "Phase complete"), (5,), 5, 8
    )
    given: dict[str, Any] = {
        "ref": of or ref(),
        "account": "111122223333",
        "diagnosis": _diagnosis(),
        "now": NOW,
        "execution": execution,
        "runs": tuple(reversed(runs)),
        "executions": (execution, older),
        "excerpts": (excerpt,),
        "entries": (change(),) if fixed else (),
        "titles": {"codebuild": "CodeBuild build"},
        "tool": "pipemedic 1.2.3",
    }
    return replace(Incident(**(given | more)))
