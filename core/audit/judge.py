"""Runs the rules over pipelines and brings together what they say of the same resource. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.arn import Arn
from core.audit.case import Case
from core.audit.model import AuditFinding, Blind, Issue, Rule, Severity, subject
from core.audit.rules import discover
from core.causes import CAUSES
from core.fact import Fact, Outcome
from core.place import PipelineRef

__all__ = ["Judged", "judge_all"]

_UNSEEN = frozenset({Outcome.DENIED, Outcome.ERROR})


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules found: findings, the worst first, and what could not be looked at."""

    findings: tuple[AuditFinding, ...]
    blind: tuple[Blind, ...]


def judge_all(cases: Sequence[Case], rules: Iterable[Rule] | None = None) -> Judged:
    """Run the rules over all cases; the same resource seen through several pipelines is one finding."""
    chosen = tuple(rules) if rules is not None else discover()
    found: dict[tuple[str, ...], AuditFinding] = {}
    blind: dict[tuple[str, ...], Blind] = {}
    for case in cases:
        for rule in chosen:
            for issue in rule.judge(case):
                _merge(found, _finding(case, rule, issue))
            for fact in _unseen(case, rule):
                _blind(blind, fact, rule.id, case.ref)
    ordered = sorted(found.values(), key=lambda each: (each.severity.rank, each.cause, each.rule, each.title))
    return Judged(tuple(ordered), tuple(sorted(blind.values(), key=lambda each: each.fact.n)))


def _finding(case: Case, rule: Rule, issue: Issue) -> AuditFinding:
    arn = Arn.parse(issue.resource)
    return AuditFinding(
        rule=rule.id,
        cause=rule.cause,
        severity=issue.severity,
        title=issue.title,
        summary=issue.summary,
        why=rule.why,
        resource=issue.resource,
        account=(arn.account if arn and arn.account else case.identity.account),
        region=(arn.region if arn and arn.region else "" if arn and arn.service == "iam" else case.region),
        pipelines=(case.ref,),
        link=rule.link or CAUSES[rule.cause].link,
        key=issue.key,
        facts=tuple(replace(fact, value=None) for fact in issue.facts),  # answers may hold secrets
        lines=issue.lines,
        fixes=issue.fixes,
    )


def _merge(found: dict[tuple[str, ...], AuditFinding], one: AuditFinding) -> None:
    key = (one.rule, one.account, one.region, one.resource, one.key)
    known = found.get(key)
    if known is None:
        found[key] = one
        return
    worst: Severity = min(known.severity, one.severity, key=lambda each: each.rank)
    pipelines = tuple(dict.fromkeys((*known.pipelines, *one.pipelines)))
    found[key] = replace(known, severity=worst, pipelines=pipelines)


def _unseen(case: Case, rule: Rule) -> Iterable[Fact]:
    """Facts that the rule needed and that did not come; an answer cut short is one too."""
    for kind in rule.uses:
        for fact in case.of(kind).values():
            if fact.outcome in _UNSEEN or fact.outcome is Outcome.TRUNCATED:
                yield fact


def _blind(blind: dict[tuple[str, ...], Blind], fact: Fact, rule: str, ref: PipelineRef) -> None:
    """File a read that did not come; what was denied of one thing (a bucket's objects) is told once."""
    denied = fact.outcome is Outcome.DENIED
    key = (fact.service, fact.operation, fact.region, subject(fact)) if denied else (str(fact.n),)
    known = blind.get(key)
    if known is None:
        blind[key] = Blind(fact, denied, (rule,), (ref,))
        return
    rules = known.rules if rule in known.rules else (*known.rules, rule)
    refs = known.pipelines if ref in known.pipelines else (*known.pipelines, ref)
    blind[key] = replace(known, rules=rules, pipelines=refs)
