"""Findings: a cause from the vocabulary, how sure, on which facts, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.plan import Check, Plan, Risk
from core.repair import Repair

__all__ = ["Answer", "Finding", "Fix", "Verdict", "sureness"]


class Verdict(StrEnum):
    """The answer to a step's question."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"  # looked, and cannot tell
    DENIED = "denied"  # not allowed to look
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to put it right.

    An automatic fix has a plan for the write path; a manual one says in `steps` what to do, with console address and
    commands that can be pasted.

    Attributes:
        repair: how a file of the repository is put right, where that is what it takes.
        wait: what holds once a person has done it elsewhere; it can be waited for.
    """

    id: str
    title: str
    risk: Risk = Risk.LOW
    plan: Plan | None = None
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    console_url: str = ""
    repair: Repair | None = None
    wait: Check | None = None

    @property
    def kind(self) -> str:
        """``automatic`` or ``manual``."""
        return "automatic" if self.plan else "manual"


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause named.

    Attributes:
        cause: an id of the vocabulary, e.g. ``artifact.access-denied``.
        confidence: 0 to 1.
        title: one line, with names from the account.
        summary: two or three sentences: what was seen, why it breaks the pipeline.
        facts: numbers of the facts it rests on.
        disproved_by: what would show it to be wrong.
        proven: whether a check confirmed it (it then outranks what was read from text alone).
    """

    cause: str
    confidence: float
    title: str
    summary: str
    stage: str = ""
    action: str = ""
    facts: tuple[int, ...] = ()
    fixes: tuple[Fix, ...] = ()
    disproved_by: str = ""
    playbook: str = ""
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a step found: the verdict, one sentence, the facts it rests on, and findings if any.

    Attributes:
        lines: details for the reader: (fact number or 0, text).
        refutes: causes that this very run cannot have had, by what was read of it; guesses from text then fall.
    """

    verdict: Verdict
    detail: str
    facts: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()
    refutes: tuple[str, ...] = ()


def sureness(confidence: float, *, proven: bool = False) -> str:
    """How sure, in a word and per cent: ``confirmed 97 %``, ``likely 80 %``, ``probable 60 %``, ``possible 40 %``."""
    steps = ((0.75, "likely"), (0.5, "probable"), (0.0, "possible"))
    word = "confirmed" if proven else next(word for least, word in steps if confidence >= least)
    return f"{word} {round(confidence * 100)} %"
