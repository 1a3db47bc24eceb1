"""A step's findings and fixes with the names of the account put in. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from core.fact import Fact
from core.finding import Finding, Fix
from core.playbook import Subject
from core.text import sanitize
from playbooks._answers import numbers
from tui.team.expression import Template
from tui.team.log_scan import Hit
from tui.team.spec import FindingSpec, FixSpec, StepSpec

__all__ = ["findings_of", "link"]

_Scope = Mapping[str, Any]


def link(address: Template, scope: _Scope) -> str:
    """An address, its values percent-encoded."""
    return address.text(scope, lambda value: quote(value, safe=""))


def findings_of(
    step: StepSpec,
    playbook: str,
    subject: Subject,
    scope: _Scope,
    hits: Sequence[Hit],
    cited: Sequence[Fact],
    *,
    not_held: bool,
) -> tuple[Finding, ...]:
    """Return the findings of a step that failed: those of any failure, and those of the patterns that matched."""
    by_id = {hit.id: hit for hit in hits}
    found = []
    for number, spec in enumerate(step.findings, 1):
        if spec.when and spec.when not in by_id:
            continue
        hit = by_id.get(spec.when) or (hits[0] if hits else None)
        match = hit.scope if hit else None
        name = f"{playbook}.{step.id}.{number}"
        found.append(_finding(spec, name, playbook, subject, {**scope, "match": match}, cited, not_held=not_held))
    return tuple(found)


def _finding(
    spec: FindingSpec,
    name: str,
    playbook: str,
    subject: Subject,
    scope: _Scope,
    cited: Sequence[Fact],
    *,
    not_held: bool,
) -> Finding:
    return Finding(
        cause=spec.cause,
        confidence=spec.confidence,
        title=sanitize(spec.title.text(scope)),
        summary=sanitize(spec.summary.text(scope)),
        stage=subject.stage.name,
        action=subject.action.name,
        facts=numbers(cited),
        fixes=tuple(_fix(each, f"{name}.{number}", scope) for number, each in enumerate(spec.fixes, 1)),
        disproved_by=sanitize(spec.disproved_by.text(scope)),
        playbook=playbook,
        proven=spec.proven and not_held,
    )


def _fix(spec: FixSpec, name: str, scope: _Scope) -> Fix:
    return Fix(
        id=name,
        title=sanitize(spec.title.text(scope)),
        risk=spec.risk,
        steps=tuple(sanitize(each.text(scope)) for each in spec.steps),
        commands=tuple(each.text(scope, _quoted) for each in spec.commands),
        console_url=link(spec.console_url, scope) if spec.console_url else "",
    )


def _quoted(value: str) -> str:
    """A value as one word of a shell's command line."""
    return shlex.quote(sanitize(value))
