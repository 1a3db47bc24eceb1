"""Findings of several playbooks and of the text engine, made into one ranked list. Pure.

A check that confirmed a cause outranks all text; a cause that a check refuted is dropped; the same cause found twice
becomes one finding with the facts and fixes of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.finding import Finding, Fix
from core.signatures import Hypothesis

__all__ = ["from_hypotheses", "merge", "rank"]


def from_hypotheses(hypotheses: Sequence[Hypothesis], stage: str, action: str, facts: tuple[int, ...]) -> list[Finding]:
    """Turn what the text engine said into findings that rest on the given facts."""
    return [
        Finding(
            cause=each.cause,
            confidence=each.confidence,
            title=each.title,
            summary=each.summary,
            stage=stage,
            action=action,
            facts=facts,
            fixes=_next_steps(each),
        )
        for each in hypotheses
    ]


def _next_steps(hypothesis: Hypothesis) -> tuple[Fix, ...]:
    if not hypothesis.next:
        return ()
    return (
        Fix(
            id=f"{hypothesis.cause}.next",
            title=hypothesis.next[0],
            steps=tuple(hypothesis.next),
            console_url=hypothesis.link,
        ),
    )


def merge(first: Finding, second: Finding) -> Finding:
    """Make one finding of two with the same cause; the surer one (proven before guessed) gives the words."""
    main, other = sorted((first, second), key=_sureness, reverse=True)
    known = {fix.id for fix in main.fixes}
    more = tuple(fix for fix in other.fixes if fix.id not in known and (fix.plan or fix.repair or not main.fixes))
    return replace(
        main,
        facts=tuple(dict.fromkeys((*main.facts, *other.facts))),
        fixes=(*main.fixes, *more),
        confidence=max(main.confidence, other.confidence),
    )


def _sureness(finding: Finding) -> tuple[bool, float]:
    return finding.proven, finding.confidence


def rank(findings: Iterable[Finding], *, refuted: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Return findings one a cause, surest first; refuted causes are dropped unless a check proved them."""
    by_cause: dict[str, Finding] = {}
    for each in findings:
        if each.cause in refuted and not each.proven:
            continue
        seen = by_cause.get(each.cause)
        by_cause[each.cause] = merge(seen, each) if seen else each
    return tuple(sorted(by_cause.values(), key=_sureness, reverse=True))
