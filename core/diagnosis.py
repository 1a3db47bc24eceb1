"""A whole diagnosis of one pipeline: the playbooks that fit, run together, and their findings ranked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.commands import aws_command
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding, Fix, Verdict
from core.playbook import Playbook, Step, Subject
from core.ranking import rank
from core.runner import Run

__all__ = ["SCHEMA", "Checked", "Diagnosis", "choose", "diagnose", "to_json"]

SCHEMA = 1
_FITS = 0.2


@dataclass(frozen=True, slots=True)
class Checked:
    """One step and its answer, within its playbook."""

    playbook: str
    step: Step
    answer: Answer


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a run of the fitting playbooks found; findings ranked, likeliest first.

    `refuted` are causes that some check ruled out for this run: what text alone says of them is not heard.
    """

    subject: Subject
    status: str
    findings: tuple[Finding, ...]
    checks: tuple[Checked, ...]
    facts: tuple[Fact, ...]
    api_calls: int
    took_s: float
    refuted: frozenset[str] = frozenset()

    @property
    def ruled_out(self) -> tuple[Checked, ...]:
        """The checks that passed."""
        return tuple(each for each in self.checks if each.answer.verdict is Verdict.PASSED)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The IAM actions whose reads were denied: what to ask for in order to see more."""
        return tuple(sorted({fact.action for fact in self.facts if fact.outcome is Outcome.DENIED and fact.action}))

    @property
    def unseen(self) -> tuple[Checked, ...]:
        """The checks that were not allowed to look."""
        return tuple(each for each in self.checks if each.answer.verdict is Verdict.DENIED)


def choose(playbooks: Iterable[Playbook], subject: Subject) -> tuple[Playbook, ...]:
    """Return the playbooks that fit a subject, best first."""
    scored = [(book.applies(subject), book) for book in playbooks]
    fitting = [(score, book) for score, book in scored if score >= _FITS]
    return tuple(book for _, book in sorted(fitting, key=lambda pair: (-pair[0], pair[1].id)))


async def diagnose(
    subject: Subject,
    playbooks: Sequence[Playbook],
    evidence: Evidence,
    *,
    status: str,
    clock: Callable[[], float],
    progress: Callable[[Checked], None] | None = None,
) -> Diagnosis:
    """Run the playbooks side by side (their reads are shared through `evidence`) and rank what they found.

    Args:
        subject: the pipeline and the action that is asked about.
        playbooks: as `choose` ordered them.
        evidence: how to read; one for the whole run.
        status: the pipeline's condition in a word, for the report.
        clock: epoch seconds.
        progress: called with each check as it is answered.
    """
    began = clock()
    runs = [Run(book, subject, evidence) for book in playbooks]

    async def whole(run: Run) -> None:
        async for step, answer in run.all():
            if progress:
                progress(Checked(run.playbook.id, step, answer))

    await asyncio.gather(*(whole(run) for run in runs))
    checks = tuple(Checked(run.playbook.id, step, run.answers[step.id]) for run in runs for step in run.playbook.steps)
    refuted = frozenset(cause for each in checks for cause in each.answer.refutes)
    findings = rank((finding for run in runs for finding in run.findings), refuted=refuted)
    took_s = clock() - began
    return Diagnosis(subject, status, findings, checks, evidence.facts, evidence.calls, took_s, refuted)


def to_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the public JSON object (docs/diagnose.schema.json)."""
    subject = diagnosis.subject
    by_number = {fact.n: fact for fact in diagnosis.facts}
    return {
        "schema": SCHEMA,
        "account": subject.identity.account,
        "region": subject.ref.place.region,
        "pipeline": subject.ref.name,
        "execution_id": subject.execution.id if subject.execution else "",
        "status": diagnosis.status,
        "stage": subject.stage.name,
        "action": subject.action.name,
        "findings": [_finding_json(each, by_number, subject) for each in diagnosis.findings],
        "checks": [
            {
                "id": f"{each.playbook}.{each.step.id}",
                "question": each.step.question,
                "answer": each.answer.verdict.value,
                "detail": each.answer.detail,
            }
            for each in diagnosis.checks
        ],
        "api_calls": diagnosis.api_calls,
        "duration_ms": round(diagnosis.took_s * 1000),
    }


def _finding_json(finding: Finding, facts: dict[int, Fact], subject: Subject) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "confidence": round(finding.confidence, 3),
        "title": finding.title,
        "summary": finding.summary,
        "stage": finding.stage or subject.stage.name,
        "action": finding.action or subject.action.name,
        "evidence": [
            {
                "n": n,
                "service": facts[n].service,
                "operation": facts[n].operation,
                "outcome": facts[n].outcome.value,
                "detail": facts[n].error or facts[n].call,
            }
            for n in finding.facts
            if n in facts
        ],
        "fixes": [_fix_json(fix, subject) for fix in finding.fixes],
        "playbook": finding.playbook,
    }


def _fix_json(fix: Fix, subject: Subject) -> dict[str, Any]:
    place = subject.ref.place
    commands = list(fix.commands)
    if fix.plan:
        commands.insert(0, aws_command(fix.plan.call, region=place.region, profile=place.profile))
    return {"id": fix.id, "title": fix.title, "kind": fix.kind, "risk": fix.risk.value, "commands": commands}
