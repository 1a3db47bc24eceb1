"""Turns a step's facts into its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Fact, Outcome
from core.finding import Answer, Finding, Verdict
from core.playbook import Facts, Subject
from playbooks._answers import healthy, numbers, unseen
from tui.team.expression import BadExpression
from tui.team.log_scan import Hit, scan
from tui.team.reads import answers_of, lines_of, log_facts, not_known, patterns_of
from tui.team.spec import StepSpec
from tui.team.words import findings_of, link

__all__ = ["judge", "told"]

_Said = tuple[Verdict, str]
_Scope = Mapping[str, Any]
# What decides where several things were looked at.
_WEIGHT = (Verdict.FAILED, Verdict.DENIED, Verdict.UNKNOWN, Verdict.PASSED, Verdict.NOT_APPLICABLE)


def judge(step: StepSpec, playbook: str, subject: Subject, facts: Facts) -> Answer:
    """Return the answer of a step of a playbook."""
    scope = answers_of(subject, facts)
    said = _calls(step, scope, facts)
    expected = _expectation(step, scope, facts) if not said else ()
    hits, of_log = _log(step, scope, subject, facts)
    said = (*said, *expected, *of_log)
    lines = [*_truncated(facts), *_hit_lines(hits, facts)]
    if step.ask:
        look = "Look yourself: " + step.ask.text.text(scope)
        if step.expect or step.log:
            lines.append((0, look))
        else:
            said = (*said, (Verdict.UNKNOWN, look))
        lines += [(0, each.text(scope)) for each in step.ask.look]
        lines += [(0, link(step.ask.link, scope))] if step.ask.link else []
    lines += [(0, f"{title.text(scope)}: {link(url, scope)}") for title, url in step.links]
    verdict = min((each for each, _ in said), key=_WEIGHT.index, default=Verdict.UNKNOWN)
    detail = " ".join(words for each, words in said if each is verdict)
    lines = [*((0, words) for each, words in said if each is not verdict), *lines]
    cited = _cited(step, facts)
    if verdict is not Verdict.FAILED:
        return Answer(verdict, detail, numbers(cited), lines=tuple(lines))
    if healthy(subject):
        detail = f"The action works, all the same: {detail}"
        return Answer(Verdict.UNKNOWN, detail, numbers(cited), lines=tuple(lines))
    not_held = any(each is Verdict.FAILED for each, _ in expected)
    findings: Sequence[Finding] = findings_of(step, playbook, subject, scope, hits, cited, not_held=not_held)
    return Answer(verdict, detail, numbers(cited), tuple(findings), tuple(lines))


def told(step: StepSpec, playbook: str, subject: Subject, facts: Facts, holds: bool) -> Answer:
    """Return the answer of a step whose question a person has answered."""
    scope, cited = answers_of(subject, facts), _cited(step, facts)
    asked = step.ask.text.text(scope) if step.ask else step.question
    if holds:
        return Answer(Verdict.PASSED, f"You looked, and it is well: {asked}", numbers(cited))
    detail = f"You looked, and it is not well: {asked}"
    if healthy(subject):
        return Answer(Verdict.UNKNOWN, f"The action works, all the same. {detail}", numbers(cited))
    findings = findings_of(step, playbook, subject, scope, (), cited, not_held=True)
    return Answer(Verdict.FAILED, detail, numbers(cited), tuple(findings))


def _cited(step: StepSpec, facts: Facts) -> list[Fact]:
    calls = [facts[call.name] for call in step.calls if call.name in facts]
    return [*calls, *log_facts(facts).values()]


def _calls(step: StepSpec, scope: _Scope, facts: Facts) -> tuple[_Said, ...]:
    """What could not be asked or read; nothing where all was."""
    for call in step.calls:
        if call.name in facts:
            continue
        gap = not_known(call, scope)
        if gap:
            return ((Verdict.UNKNOWN, f"{call.service} {call.operation} was not asked: {gap} has no value here."),)
    cannot = unseen(*(facts.get(call.name) for call in step.calls if call.name in facts))
    return ((cannot.verdict, cannot.detail),) if cannot else ()


def _expectation(step: StepSpec, scope: _Scope, facts: Facts) -> tuple[_Said, ...]:
    if step.expect is None:
        return ()
    try:
        value = step.expect.that.of(scope)
    except BadExpression as error:
        return ((Verdict.UNKNOWN, f"The expectation cannot be worked out: {error}"),)
    if value is None:
        absent = [facts[name] for name in sorted(step.expect.needs) if facts[name].outcome is Outcome.NO_DATA]
        why = f" AWS knows no such thing: {absent[0].call}." if absent else ""
        return ((Verdict.UNKNOWN, f"What was read has no value for {step.expect.that.source}.{why}"),)
    holds = bool(value) or (value == 0 and not isinstance(value, bool))  # JMESPath: a number is true
    words = step.expect.passed if holds else step.expect.failed
    return ((Verdict.PASSED if holds else Verdict.FAILED, words.text(scope)),)


def _log(step: StepSpec, scope: _Scope, subject: Subject, facts: Facts) -> tuple[tuple[Hit, ...], tuple[_Said, ...]]:
    lines = lines_of(facts)
    if not lines:
        return (), _no_log(step, subject, facts)
    found = scan(patterns_of(step), lines)
    says = {each.id: each.says for each in step.log}
    if found.hits:
        words = (says[hit.id].text({**scope, "match": hit.scope}) for hit in found.hits)
        return found.hits, tuple((Verdict.FAILED, each) for each in words)
    if found.looked_at < len(lines):
        return (), ((Verdict.UNKNOWN, f"Only {found.looked_at} of {len(lines)} lines were looked at in time."),)
    return (), ((Verdict.PASSED, f"None of the patterns is in the log's {len(lines)} lines."),)


def _no_log(step: StepSpec, subject: Subject, facts: Facts) -> tuple[_Said, ...]:
    if not step.log:
        return ()
    read = log_facts(facts)
    if not read:
        return ((Verdict.NOT_APPLICABLE, f"{subject.action.name} has no build with a log."),)
    cannot = unseen(*read.values())
    return ((cannot.verdict, cannot.detail) if cannot else (Verdict.UNKNOWN, "The build has written no log."),)


def _hit_lines(hits: Sequence[Hit], facts: Facts) -> list[tuple[int, str]]:
    log = log_facts(facts).get("log")
    return [(log.n if log else 0, f"line {hit.number}: {hit.line}") for hit in hits]


def _truncated(facts: Facts) -> list[tuple[int, str]]:
    return [(fact.n, "There was more than was read.") for fact in facts.values() if fact.outcome is Outcome.TRUNCATED]
