"""What an audit speaks of: severities, what a rule is, what it says of one pipeline, and what it could not see."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.fact import Fact
from core.finding import Fix
from core.place import PipelineRef

if TYPE_CHECKING:
    from core.audit.case import Case, Kind

__all__ = ["AuditFinding", "Blind", "Issue", "Rule", "Severity", "Suppression", "subject"]


class Severity(StrEnum):
    """How much it matters, the worst first."""

    CRITICAL = "critical"  # lets anyone, or anything, in
    HIGH = "high"  # an accident or a break-in away from harm
    MEDIUM = "medium"  # harm is likelier or lasts longer than it must
    LOW = "low"  # good order
    INFO = "info"  # worth knowing; costs no score

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    def at_least(self, other: Severity) -> bool:
        """Whether it matters as much as the other, or more."""
        return self.rank <= other.rank


@dataclass(frozen=True, slots=True)
class Issue:
    """What a rule says about one pipeline.

    Attributes:
        resource: the ARN or name of what is wrong; the same resource seen through several pipelines is one finding.
        key: tells several issues of one rule on one resource apart, e.g. a variable's name.
        facts: what it rests on.
        lines: details for the reader: (fact number or 0, text). Never a secret's value.
    """

    severity: Severity
    title: str
    summary: str
    resource: str
    key: str = ""
    facts: tuple[Fact, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing looked at. A module of `core.audit.rules` exports one as ``RULE``.

    Attributes:
        id: short and stable; suppressions, SARIF and JUnit name it.
        cause: an ``audit.*`` id of the vocabulary.
        title: what is wrong, in general.
        why: why it matters, one or two sentences.
        severity: the usual one; an issue may differ.
        uses: the kinds of facts it judges. Where one of them was denied, the rule is blind there.
        link: AWS's page; empty for the cause's own.
    """

    id: str
    cause: str
    title: str
    why: str
    severity: Severity
    uses: tuple[Kind, ...]
    judge: Callable[[Case], Iterator[Issue]]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that is accepted for a time. All members that are set must fit.

    Attributes:
        cause: an id of the vocabulary, ``*`` as a wildcard; or a rule's id under `rule`.
        resource: an ARN or name, ``*`` as a wildcard.
        pipeline: a pipeline's name, ``*`` as a wildcard; the finding stays for other pipelines.
        regex: searched in title and resource.
        until: the last day it holds, ISO 8601.
        line: where it stands in the file.
    """

    reason: str
    until: str
    cause: str = ""
    rule: str = ""
    resource: str = ""
    pipeline: str = ""
    regex: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """An issue as found over the whole fleet, with all pipelines that have to do with the resource.

    Attributes:
        suppressed: why it is accepted, where it is.
    """

    rule: str
    cause: str
    severity: Severity
    title: str
    summary: str
    why: str
    resource: str
    account: str
    region: str
    pipelines: tuple[PipelineRef, ...]
    link: str
    key: str = ""
    facts: tuple[Fact, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()
    fixes: tuple[Fix, ...] = ()
    suppressed: Suppression | None = None

    @property
    def id(self) -> str:
        """A mark that stays the same from run to run: rule, account, region, resource and key."""
        parts = (self.rule, self.account, self.region, self.resource, self.key)
        text = "\n".join(parts)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Blind:
    """A read that did not come through, and what could therefore not be judged.

    Attributes:
        denied: not allowed to look; else failed to look.
        rules: ids of the rules that needed it.
    """

    fact: Fact
    denied: bool
    rules: tuple[str, ...]
    pipelines: tuple[PipelineRef, ...]

    @property
    def sentence(self) -> str:
        """What happened, and what would help."""
        fact = self.fact
        of = subject(fact)
        what = f"{fact.service} {fact.operation}{f' of {of}' if of else ''}"
        if self.denied:
            return f"Not allowed to look: {what}. Add {fact.action} to your own policy."
        return f"Could not look: {what}: {fact.error or fact.code or fact.outcome.value}"


def subject(fact: Fact) -> str:
    """The first parameter of a read that names something; empty where none does."""
    return next((str(value) for value in fact.params.values() if isinstance(value, str)), "")
