"""A change, planned: everything the user must know before it, and everything the write path needs to make and prove it.

A plan is made by a pure function; only the write path turns it into a call. All texts are plain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.fact import Fact
from core.place import Place

__all__ = ["ApplyOutcome", "ApplyStep", "Call", "Check", "Plan", "Risk", "Undo"]


class Risk(StrEnum):
    """How much a change can hurt."""

    LOW = "low"  # adds what was missing; nothing else changes
    MEDIUM = "medium"  # changes how something that runs behaves
    HIGH = "high"  # interrupts or cannot be undone


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: botocore's service name, the operation as the API names it, members as in the API."""

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str = ""  # empty: the plan's place


@dataclass(frozen=True, slots=True)
class Check:
    """A question about the present state: reads, and a pure judgement over their facts (in the order of the reads)."""

    describe: str
    reads: tuple[Call, ...]
    holds: Callable[[tuple[Fact, ...]], bool]
    deadline_s: float = 60.0
    interval_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Undo:
    """How to go back: in words, and as a call where one call does it.

    `follow` makes the call where it needs to know what the change has made (see `Plan.made`).
    """

    describe: str
    call: Call | None = None
    follow: Callable[[Mapping[str, str]], Call] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One change.

    Attributes:
        id: what kind of change, dotted, e.g. ``iam.add-action``; stable, it stands in the journal.
        title: one sentence in the imperative.
        resource: the ARN or name of what changes.
        before: what it is now, as text; with `after` it makes the diff (`syntax` names a pygments lexer).
        permissions: IAM actions that the caller needs.
        affects: who else uses the resource, one a line.
        typed: what the user must type to confirm; empty where a key is enough.
        then: the plan that this one prepares; offered once this one is verified.
        made: what the change makes that has a name only afterwards: name → where it stands in the answer, e.g.
            ``{"GrantId": ("GrantId",)}``. The journal keeps it.
        basis: what it was planned from, for other ways to reach the same (`core.ways`).
        present: the present state as text like `before`, from the precondition's facts: a conflict is shown as the
            difference between the two.
        precondition: read again right before the call; where it does not hold, nothing is written.
        verification: polled after the call until it holds or its deadline passes.
    """

    id: str
    title: str
    place: Place
    account: str
    pipeline: str
    resource: str
    call: Call
    risk: Risk
    risk_note: str
    precondition: Check
    verification: Check
    before: str = ""
    after: str = ""
    syntax: str = "json"
    permissions: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    undo: Undo | None = None
    typed: str = ""
    then: Plan | None = None
    made: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    basis: Mapping[str, Any] = field(default_factory=dict)
    present: Callable[[tuple[Fact, ...]], str] | None = None


class ApplyOutcome(StrEnum):
    """How a change ended."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"  # applied, but the verification did not hold in time
    CONFLICT = "conflict"  # the state had moved on; nothing was written
    FAILED = "failed"  # the call was refused or did not get through


@dataclass(frozen=True, slots=True)
class ApplyStep:
    """One step of applying a plan, as it happens; the last one has an outcome.

    Attributes:
        name: ``precondition`` | ``apply`` | ``verify`` | ``done``.
        detail: one sentence for the user.
        waited_s: seconds since the verification began; `deadline_s` is its end.
        request_id: AWS's id of the mutating request, once known.
        present: at a conflict, the present state as text, where the plan can tell it.
    """

    name: str
    detail: str
    outcome: ApplyOutcome | None = None
    waited_s: float = 0.0
    deadline_s: float = 0.0
    request_id: str = ""
    present: str = ""
