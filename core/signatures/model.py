"""What goes into the reading of a failure, and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["EvidenceLine", "Explanation", "Failure", "Hypothesis"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed action as text.

    Attributes:
        stage: name or category of the stage (``Build``); may be empty.
        provider: provider of the action as CodePipeline spells it (``CodeBuild``); may be empty.
        message: what the service itself said; may be empty and may have several lines.
        log: the log as one text, as UTF-8 bytes (a file's content), or as lines without their line ends.
    """

    stage: str = ""
    provider: str = ""
    message: str = ""
    log: str | bytes | Iterable[str] = ""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One line a hypothesis rests on.

    Attributes:
        line: number of the line in the log, from 1; None for a line of the service's message.
        text: the line, without colours and prefixes.
        is_cause: True for the line that states the cause, False for one that goes with it.
    """

    line: int | None
    text: str
    is_cause: bool = True


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One possible root cause, with what speaks for it.

    Attributes:
        cause: id from the vocabulary of causes.
        confidence: 0–1, calibrated: of findings at 0.8 about 80 % are right.
        title: the cause in a few words.
        summary: one sentence that says what happened here.
        evidence: lines it rests on, the deciding one first.
        extracted: names found in the text (``action``, ``resource``, ``role``, ``exit_code``, ``image``, …).
        next: what to check or do, the most useful first.
        playbooks: ids of the playbooks that check it.
        link: address of AWS's (or the tool's) own page.
        signature: id of the knowledge-base entry that decided.
    """

    cause: str
    confidence: float
    title: str
    summary: str
    evidence: tuple[EvidenceLine, ...] = ()
    extracted: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    next: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    link: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that reading a failure gave.

    Attributes:
        hypotheses: ranked causes, the likeliest first; for an unknown failure only what its words alone suggest, if
            anything; empty when nothing failed.
        telling: the most telling lines when the failure is unknown, else empty.
        verdict: ``explained``, ``unknown`` (something failed and no entry knows it) or ``healthy``.
        first_error_line: number of the first line that reports an error in what failed, from 1; None without one.
        cause_line: number of the log line that decided the first hypothesis; None when its message decided.
        error_lines: numbers of lines that report errors, in order (bounded: the first and the last ones).
    """

    hypotheses: tuple[Hypothesis, ...]
    telling: tuple[EvidenceLine, ...]
    verdict: str
    first_error_line: int | None = None
    cause_line: int | None = None
    error_lines: tuple[int, ...] = ()
