"""Answers and findings in few words; what a read that gave nothing means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.fact import Fact, Outcome
from core.finding import Answer, Finding, Fix, Verdict
from core.playbook import Facts, Subject

from ._where_to import addressed

__all__ = [
    "Lines",
    "blank",
    "failed",
    "failing",
    "finding",
    "healthy",
    "named",
    "not_applicable",
    "numbers",
    "passed",
    "plural",
    "unknown",
    "unseen",
    "why_unseen",
]

Lines = Sequence[tuple[int, str]]


def numbers(facts: Iterable[Fact]) -> tuple[int, ...]:
    """The facts' numbers, each once, in order."""
    return tuple(dict.fromkeys(fact.n for fact in facts))


def passed(detail: str, *facts: Fact, lines: Lines = (), refutes: Sequence[str] = ()) -> Answer:
    """Looked, and it is well; `refutes` are causes that the run asked about cannot have had."""
    return Answer(Verdict.PASSED, detail, numbers(facts), lines=tuple(lines), refutes=tuple(refutes))


def failed(detail: str, *facts: Fact, findings: Sequence[Finding] = (), lines: Lines = ()) -> Answer:
    """Looked, and it is not well."""
    return Answer(Verdict.FAILED, detail, numbers(facts), tuple(findings), tuple(lines))


def unknown(detail: str, *facts: Fact, findings: Sequence[Finding] = (), lines: Lines = ()) -> Answer:
    """Looked, and cannot tell."""
    return Answer(Verdict.UNKNOWN, detail, numbers(facts), tuple(findings), tuple(lines))


def not_applicable(detail: str, *facts: Fact) -> Answer:
    """The question does not arise."""
    return Answer(Verdict.NOT_APPLICABLE, detail, numbers(facts))


def why_unseen(fact: Fact) -> str:
    """Why a read gave nothing to judge: not allowed (and what to ask for), absent, or failed; empty where it did."""
    if fact.ok:
        return ""
    if fact.outcome is Outcome.DENIED:
        return f"Not allowed to look: add {fact.action or f'{fact.service}:{fact.operation}'}."
    if fact.outcome is Outcome.NO_DATA:
        return f"AWS knows no such thing: {fact.call}."
    return f"Could not look: {fact.service} {fact.operation}: {fact.error or fact.code or 'no answer'}."


def unseen(*facts: Fact | None) -> Answer | None:
    """The answer where a fact that a judgement needs could not be read (denied, failed); None where all could.

    A fact that says "there is no such thing" was read.
    """
    for fact in facts:
        if fact is None or fact.ok or fact.outcome is Outcome.NO_DATA:
            continue
        verdict = Verdict.DENIED if fact.outcome is Outcome.DENIED else Verdict.UNKNOWN
        return Answer(verdict, why_unseen(fact), (fact.n,))
    return None


def blank(fact: Fact | None, *path: str, listing: bool = False) -> Answer | None:
    """The answer where an endpoint answered without the member that it always has; None where it is there.

    An empty list is an answer; a member left out is none. A `listing` that says "there is no such thing" is no answer
    either: where nothing is, AWS lists nothing.
    """
    if fact is None or fact.get(*path) is not None:
        return None
    if not fact.ok and not (listing and fact.outcome is Outcome.NO_DATA):
        return None
    return Answer(Verdict.UNKNOWN, f"The answer of {fact.service} {fact.operation} says nothing.", (fact.n,))


def finding(
    subject: Subject,
    playbook: str,
    cause: str,
    confidence: float,
    title: str,
    summary: str,
    facts: Iterable[Fact] = (),
    *,
    fixes: Sequence[Fix] = (),
    disproved_by: str = "",
    proven: bool = False,
) -> Finding:
    """A finding about the subject's stage and action."""
    return Finding(
        cause=cause,
        confidence=confidence,
        title=title,
        summary=summary,
        stage=subject.stage.name,
        action=subject.action.name,
        facts=numbers(facts),
        fixes=tuple(addressed(subject, cause, fix) for fix in fixes),
        disproved_by=disproved_by,
        playbook=playbook,
        proven=proven,
    )


def healthy(subject: Subject) -> bool:
    """Whether the action's latest run succeeded: then an oddity is a remark and no finding."""
    return subject.action_state.status == "Succeeded"


def failing(subject: Subject) -> bool:
    """Whether the action's latest run failed: only then can what is not there have broken it."""
    return subject.action_state.status in ("Failed", "Abandoned")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: ``1 test``, ``3 tests``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def named(facts: Facts, prefix: str) -> list[Fact]:
    """The facts whose names begin with a prefix, in the order of their names' numbers."""
    return [fact for name, fact in facts.items() if name.startswith(prefix)]
