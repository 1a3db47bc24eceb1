"""The causes of a diagnosis with their evidence, numbered anew: only what is cited, in the order in which it is."""

from __future__ import annotations

from collections.abc import Sequence

from core.causes import CAUSES
from core.commands import aws_command
from core.diagnosis import Diagnosis
from core.fact import Fact
from core.finding import Finding, Fix, sureness
from core.report.model import Cause, Evidence, Excerpt, Look, Remedy
from core.report.words import brief

__all__ = ["causes_of", "looks_of", "told_findings"]

_MOST = 5
_WORTH_TELLING = 0.3
# Beside a first cause this sure, one that is less likely than not is no help.
_SURE, _HALF = 0.85, 0.6
_SAID, _SAID_CHARS, _CALL_CHARS = 8, 400, 300


def told_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings worth a paragraph: beside a proven one only what is proven too, and never the faint ones."""
    if not findings:
        return ()
    first = findings[0]
    least = _HALF if first.confidence >= _SURE else _WORTH_TELLING
    rest = [each for each in findings[1:] if each.proven or (each.confidence >= least and not first.proven)]
    return (first, *rest[: _MOST - 1])


def causes_of(
    diagnosis: Diagnosis, excerpts: Sequence[Excerpt], message: str = ""
) -> tuple[tuple[Cause, ...], tuple[Evidence, ...]]:
    """Return the causes, likeliest first, and all that they rest on.

    A cause that cites no call rests on what the service said and on the log: these then are its evidence.
    """
    facts = {fact.n: fact for fact in diagnosis.facts}
    numbers: dict[int, int] = {}
    evidence: list[Evidence] = []
    causes: list[Cause] = []
    for finding in told_findings(diagnosis.findings):
        for n in finding.facts:
            if n in facts and n not in numbers:
                numbers[n] = len(evidence) + 1
                evidence.append(_evidence(numbers[n], facts[n], _said(n, diagnosis)))
        cited = tuple(numbers[n] for n in finding.facts if n in numbers)
        if not cited and not evidence:
            evidence += _told_evidence(diagnosis, excerpts, message)
            cited = tuple(each.n for each in evidence)
        causes.append(_cause(finding, diagnosis, cited))
    return tuple(causes), tuple(evidence)


def _said(n: int, diagnosis: Diagnosis) -> tuple[str, ...]:
    """What the checks say about a fact, each sentence once."""
    lines = (
        brief(text, _SAID_CHARS)
        for each in diagnosis.checks
        for number, text in each.answer.lines
        if number == n and each.answer.findings
    )
    return tuple(dict.fromkeys(filter(None, lines)))[:_SAID]


def _evidence(n: int, fact: Fact, said: tuple[str, ...]) -> Evidence:
    more = (brief(fact.error, _SAID_CHARS),) if fact.error else ()
    return Evidence(
        n=n,
        source=f"{fact.service} {fact.operation}",
        detail=brief(fact.call, _CALL_CHARS),
        outcome=fact.outcome.value.replace("_", " "),
        said=tuple(dict.fromkeys((*more, *said))),
        read_at=fact.read_at or None,
    )


def _told_evidence(diagnosis: Diagnosis, excerpts: Sequence[Excerpt], message: str) -> list[Evidence]:
    """What the service said, and what the logs say, as evidence from 1 on."""
    subject = diagnosis.subject
    said = [
        Evidence(1, f"message of {subject.stage.name} / {subject.action.name}", said=(brief(message, _SAID_CHARS),))
    ]
    told = said if message else []
    return told + [_log_evidence(number, each) for number, each in enumerate(excerpts, len(told) + 1)]


def _log_evidence(n: int, excerpt: Excerpt) -> Evidence:
    lines = [f"line {number}: {brief(excerpt.lines[number - excerpt.first], _SAID_CHARS)}" for number in excerpt.marked]
    return Evidence(n, f"log {excerpt.source}", outcome="ok", said=tuple(lines[:_SAID]))


def _cause(finding: Finding, diagnosis: Diagnosis, evidence: tuple[int, ...]) -> Cause:
    known = CAUSES.get(finding.cause)
    return Cause(
        id=finding.cause,
        title=finding.title,
        summary=finding.summary,
        sureness=sureness(finding.confidence, proven=finding.proven),
        confidence=finding.confidence,
        proven=finding.proven,
        stage=finding.stage,
        action=finding.action,
        evidence=evidence,
        disproved_by=finding.disproved_by,
        url=known.link if known else "",
        remedies=tuple(_remedy(fix, diagnosis) for fix in finding.fixes),
    )


def _remedy(fix: Fix, diagnosis: Diagnosis) -> Remedy:
    place = diagnosis.subject.ref.place
    commands = list(fix.commands)
    if fix.plan:
        commands.insert(0, aws_command(fix.plan.call, region=place.region, profile=place.profile))
    steps = tuple(each for each in fix.steps if each != fix.title)
    return Remedy(fix.title, fix.kind, fix.risk.value, steps, tuple(commands), fix.console_url)


def looks_of(diagnosis: Diagnosis) -> tuple[tuple[Look, ...], tuple[Look, ...]]:
    """Return what the checks ruled out, and what could not be seen (denied, or looked at in vain)."""
    unsure = {"denied", "unknown"}
    ruled_out = tuple(
        Look(f"{each.playbook}.{each.step.id}", each.step.question, brief(each.answer.detail, _SAID_CHARS))
        for each in diagnosis.ruled_out
    )
    unseen = tuple(
        Look(f"{each.playbook}.{each.step.id}", each.step.question, brief(each.answer.detail, _SAID_CHARS))
        for each in diagnosis.checks
        if each.answer.verdict.value in unsure and not each.answer.findings
    )
    return ruled_out, unseen
