"""Where the time of an execution goes: its critical path, and queue, approval, provisioning and transfer beside work.

Pure. An execution's actions run in groups (a stage's actions of one runOrder); a group begins when the one before it
has ended. So the critical path is found backwards: from the action that ended last to the one that ended last before
that one began. What lies between two actions of the path is waiting: for a stage that another execution holds, for a
closed transition, or for a person to retry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.profile.model import ActionRun, History, PastBuild, PastRun

__all__ = ["Kind", "Leg", "Piece", "breakdown", "critical_path", "pieces"]

# Actions of the next group start a moment before or after the last one's end, as CodePipeline's clocks tell it (s).
_SLACK_S = 1.0


class Kind(StrEnum):
    """What time is spent on."""

    QUEUE = "queue"  # before a stage or in CodeBuild's queue
    APPROVAL = "approval"
    RETRY = "retry"  # from a failure until somebody ran it again, and the failed run itself
    PROVISIONING = "provisioning"  # making and taking down the build environment
    TRANSFER = "transfer"  # fetching sources and artifacts, storing artifacts
    WORK = "work"


_PHASES: Mapping[str, Kind] = {
    "SUBMITTED": Kind.QUEUE,
    "QUEUED": Kind.QUEUE,
    "PROVISIONING": Kind.PROVISIONING,
    "FINALIZING": Kind.PROVISIONING,
    "DOWNLOAD_SOURCE": Kind.TRANSFER,
    "UPLOAD_ARTIFACTS": Kind.TRANSFER,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an action's time; `name` is a build phase, or empty."""

    kind: Kind
    seconds: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One action on the critical path, and how long nothing ran before it (`after_failure`: after a failed one)."""

    run: ActionRun
    wait_s: float
    after_failure: bool = False


def critical_path(run: PastRun) -> tuple[Leg, ...]:
    """Return the actions that decided how long an execution took, first to last; empty where none has ended."""
    ended = [each for each in run.actions if each.ended_at is not None]
    if not ended:
        return ()
    # The latest first: what is too late for one of the path, or began beside it, is so for all before it.
    latest = sorted(ended, key=lambda each: (each.ended_at or 0.0, each.took_s), reverse=True)
    legs: list[Leg] = []
    here = latest[0]
    for each in latest[1:]:
        if (each.ended_at or 0.0) > here.started_at + _SLACK_S or each.started_at >= here.started_at:
            continue
        wait = max(here.started_at - (each.ended_at or here.started_at), 0.0)
        legs.append(Leg(here, wait, each.status == "Failed"))
        here = each
    legs.append(Leg(here, max(here.started_at - run.started_at, 0.0)))
    return tuple(reversed(legs))


def pieces(run: ActionRun, build: PastBuild | None = None) -> tuple[Piece, ...]:
    """Split an action's time: an approval waits, a source transfers, a build by its phases, all else is work."""
    if run.status == "Failed":
        return (Piece(Kind.RETRY, run.took_s),)
    if run.category == "Approval":
        return (Piece(Kind.APPROVAL, run.took_s),)
    if run.category == "Source":
        return (Piece(Kind.TRANSFER, run.took_s),)
    if build is None or not build.phases:
        return (Piece(Kind.WORK, run.took_s),)
    return tuple(_of_build(run, build))


def _of_build(run: ActionRun, build: PastBuild) -> Iterator[Piece]:
    """The phases, scaled down where they claim more than the action took; what the action took beside them queued."""
    whole = build.phase_s(*(name for name, _ in build.phases))
    scale = min(1.0, run.took_s / whole) if whole > 0 else 0.0
    for name, seconds in build.phases:
        if seconds > 0:
            yield Piece(_PHASES.get(name, Kind.WORK), seconds * scale, name)
    if (rest := run.took_s - whole * scale) > 0:
        yield Piece(Kind.QUEUE, rest)


def breakdown(run: PastRun, history: History) -> dict[Kind, float]:
    """Return the seconds of an execution's critical path by kind; together they are what it took."""
    found = dict.fromkeys(Kind, 0.0)
    for leg in critical_path(run):
        found[Kind.RETRY if leg.after_failure else Kind.QUEUE] += leg.wait_s
        for piece in pieces(leg.run, history.build_of(leg.run)):
            found[piece.kind] += piece.seconds
    return found
