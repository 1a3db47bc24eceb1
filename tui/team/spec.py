"""A team playbook as it is meant: expressions and patterns compiled, every name known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.plan import Risk
from tui.team.expression import Expression, Template

__all__ = [
    "AppliesSpec",
    "AskSpec",
    "BookSpec",
    "CallSpec",
    "ExpectSpec",
    "FindingSpec",
    "FixSpec",
    "LogSpec",
    "StepSpec",
]


@dataclass(frozen=True, slots=True)
class CallSpec:
    """One read. `params` has templates where the file has texts; `needs` are the names of calls it builds on."""

    name: str
    service: str
    operation: str
    params: Any
    region: Template | None
    needs: frozenset[str]
    expressions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ExpectSpec:
    """What must hold, and the words for both cases."""

    that: Expression
    passed: Template
    failed: Template
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class LogSpec:
    """A pattern over the build's log."""

    id: str
    pattern: str
    says: Template


@dataclass(frozen=True, slots=True)
class AskSpec:
    """A question for a person."""

    text: Template
    look: tuple[Template, ...]
    link: Template | None


@dataclass(frozen=True, slots=True)
class FixSpec:
    """A fix by hand."""

    title: Template
    risk: Risk
    steps: tuple[Template, ...]
    commands: tuple[Template, ...]
    console_url: Template | None


@dataclass(frozen=True, slots=True)
class FindingSpec:
    """A cause to name; `when` is a log pattern's id, or empty for any failure of the step."""

    cause: str
    confidence: float
    proven: bool
    when: str
    title: Template
    summary: Template
    disproved_by: Template
    fixes: tuple[FixSpec, ...]


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One question. `calls` are all that its answer needs, those of earlier steps first; `own` names its own."""

    id: str
    question: str
    why: str
    after: tuple[str, ...]
    when: Expression | None
    calls: tuple[CallSpec, ...]
    own: frozenset[str]
    expect: ExpectSpec | None
    log: tuple[LogSpec, ...]
    ask: AskSpec | None
    links: tuple[tuple[Template, Template], ...]
    findings: tuple[FindingSpec, ...]


@dataclass(frozen=True, slots=True)
class AppliesSpec:
    """Which actions a playbook is made for; an empty tuple or text sets no condition."""

    category: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()
    error: str = ""
    condition: tuple[str, ...] = ()
    fit: float = 0.7


@dataclass(frozen=True, slots=True)
class BookSpec:
    """One file."""

    id: str
    title: str
    summary: str
    applies: AppliesSpec
    steps: tuple[StepSpec, ...]
