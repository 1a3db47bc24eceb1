"""Makes the reads of a step: its own calls and those of earlier steps that it builds on, side by side where it can."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.fact import Evidence, Fact
from core.playbook import Facts, Subject
from playbooks._ask import ask
from playbooks.codebuild._reads import LOG_READS, log_lines, read_log
from tui.team.expression import BadExpression, Expression, Template
from tui.team.log_scan import scan
from tui.team.scope import scope_of
from tui.team.spec import CallSpec, StepSpec

__all__ = ["LOG_READS", "answers_of", "gather", "lines_of", "log_facts", "not_known"]

# Names of calls have no such sign in them.
_OF_LOG = "="


def answers_of(subject: Subject, facts: Facts) -> dict[str, Any]:
    """Return what expressions see: the subject, and each call's answer by its name (None where there is none)."""
    scope = scope_of(subject)
    scope |= {name: fact.value for name, fact in facts.items() if not name.startswith(_OF_LOG)}
    return scope


def not_known(call: CallSpec, scope: Mapping[str, Any]) -> str:
    """The first of a call's expressions that has no value, so that the call cannot be made; empty where all have."""
    return next((each.source for each in call.expressions if _value(each, scope) in (None, "", [])), "")


def _value(expression: Expression, scope: Mapping[str, Any]) -> Any:
    try:
        return expression.of(scope)
    except BadExpression:
        return None


async def gather(step: StepSpec, subject: Subject, evidence: Evidence) -> Facts:
    """Make a step's reads. What earlier steps have read is given again by the evidence without a call."""
    facts: dict[str, Fact] = {}
    done: set[str] = set()
    left = list(step.calls)
    while left:
        ready = [call for call in left if call.needs <= done]
        scope = answers_of(subject, facts)
        asked = [call for call in ready if not not_known(call, scope)]
        found = await asyncio.gather(*(_ask(call, scope, subject, evidence) for call in asked))
        facts |= {call.name: fact for call, fact in zip(asked, found, strict=True)}
        done |= {call.name for call in ready}
        left = [call for call in left if call.name not in done]
    if step.log and _has_build_log(subject):
        facts |= {f"{_OF_LOG}{name}": fact for name, fact in (await read_log(subject, evidence)).items()}
        await asyncio.to_thread(scan, patterns_of(step), lines_of(facts))
    return facts


async def _ask(call: CallSpec, scope: Mapping[str, Any], subject: Subject, evidence: Evidence) -> Fact:
    region = call.region.text(scope) if call.region else ""
    return await ask(subject, evidence, call.service, call.operation, _filled(call.params, scope), region=region)


def _filled(value: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(value, Template):
        return value.value(scope)
    if isinstance(value, dict):
        return {name: _filled(each, scope) for name, each in value.items()}
    return [_filled(each, scope) for each in value] if isinstance(value, list) else value


def _has_build_log(subject: Subject) -> bool:
    return subject.action.provider == "CodeBuild" and bool(subject.action_state.external_id)


def patterns_of(step: StepSpec) -> tuple[tuple[str, str], ...]:
    """The step's patterns as `scan` takes them."""
    return tuple((each.id, each.pattern) for each in step.log)


def log_facts(facts: Facts) -> dict[str, Fact]:
    """The facts on the build's log: the build (or batch) and the log."""
    return {name.removeprefix(_OF_LOG): fact for name, fact in facts.items() if name.startswith(_OF_LOG)}


def lines_of(facts: Facts) -> tuple[str, ...]:
    """The lines of the build's log; none where there is none."""
    return tuple(log_lines(log_facts(facts)))
