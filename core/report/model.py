"""What a report says, as frozen data. All times are epoch seconds (UTC); all texts are plain and may be hostile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Cause",
    "Change",
    "Delivered",
    "Evidence",
    "Excerpt",
    "FollowUp",
    "Look",
    "Moment",
    "MomentKind",
    "Remedy",
    "Report",
    "StageRun",
]


class MomentKind(StrEnum):
    """What kind of thing happened."""

    TRIGGERED = "triggered"
    RAN = "ran"
    RUNS = "runs"  # and has not ended yet
    FAILED = "failed"
    STOPPED = "stopped"
    WAITED = "waited"  # for a person
    LOOKED = "looked"
    CHANGED = "changed"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; `ended_at` where it took time."""

    at: float | None
    kind: MomentKind
    title: str
    detail: str = ""
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class StageRun:
    """How far the execution came: a stage, ``succeeded``, ``failed``, ``running``, ``stopped`` or ``not reached``."""

    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the execution carried: a commit, an object version, an image."""

    action: str
    id: str
    summary: str = ""
    author: str = ""
    branch: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing a cause rests on, numbered from 1 in the report.

    Attributes:
        source: the call in short (``codebuild BatchGetBuilds``), or what else spoke.
        detail: the call with its parameters.
        outcome: what came of it: ``ok``, ``no data``, ``denied``, ``error``, ``truncated``.
        said: sentences and lines taken from it.
    """

    n: int
    source: str
    detail: str = ""
    outcome: str = ""
    said: tuple[str, ...] = ()
    read_at: float | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to put it right."""

    title: str
    kind: str  # automatic | manual
    risk: str
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause; `evidence` are numbers of the report's evidence."""

    id: str
    title: str
    summary: str
    sureness: str
    confidence: float
    proven: bool
    stage: str = ""
    action: str = ""
    evidence: tuple[int, ...] = ()
    disproved_by: str = ""
    url: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One check: its question and its answer."""

    id: str
    question: str
    detail: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a log around what counts; `marked` are numbers of lines that decided.

    Attributes:
        first: number of the first line, from 1.
        cause: number of the line that states the cause, where one does.
        total: how many lines the log has, as far as it was read.
    """

    source: str
    first: int
    lines: tuple[str, ...]
    marked: tuple[int, ...] = ()
    cause: int | None = None
    total: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change out of the journal, with its difference and what proved it.

    Attributes:
        state: the journal's word for how it ended; `applied` whether AWS took it.
        diff: a unified diff without file names; empty where there is no text to compare.
        proof: what was read back to prove it.
        undo: how to take it back, in words.
    """

    at: float
    title: str
    who: str
    resource: str
    state: str
    applied: bool
    ended_at: float | None = None
    region: str = ""
    command: str = ""
    diff: tuple[str, ...] = ()
    proof: str = ""
    undo: str = ""
    request_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something left to do, and why."""

    title: str
    why: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One incident.

    Attributes:
        headline: the incident in one line, without the pipeline's name.
        status: ``failed``, ``recovered``, ``stuck``, ``approval``, ``running``, ``off``, ``ok``, …
        summary: two or three sentences for who reads no further.
        failed_at: when it broke; `recovered_at` when it worked again.
        after: whether the checks were made after it had recovered: what passes now may have been broken then.
        history: how often the pipeline fails, in words.
        redacted: whether account ids are left out.
        tool: the program and version that wrote it.
    """

    pipeline: str
    account: str
    region: str
    headline: str
    status: str
    summary: str
    written_at: float
    tool: str
    execution_id: str = ""
    trigger: str = ""
    stage: str = ""
    action: str = ""
    provider: str = ""
    message: str = ""
    failed_at: float | None = None
    recovered_at: float | None = None
    after: bool = False
    history: str = ""
    url: str = ""
    delivered: tuple[Delivered, ...] = ()
    stages: tuple[StageRun, ...] = ()
    timeline: tuple[Moment, ...] = ()
    causes: tuple[Cause, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    ruled_out: tuple[Look, ...] = ()
    unseen: tuple[Look, ...] = ()
    changes: tuple[Change, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    redacted: bool = False
