"""The journal's changes as a report shows them: which belong to an incident, their difference, and their proof."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from core.commands import aws_command
from core.journal import Entry, EntryState
from core.log_mask import LogMask
from core.place import PipelineRef
from core.plans.readback import readback
from core.report.model import Change
from core.text import clip, sanitize

__all__ = ["change_of", "changes_for"]

_APPLIED = frozenset(
    {EntryState.VERIFIED, EntryState.NOT_VERIFIED, EntryState.UNCHECKED, EntryState.FOUND_THERE, EntryState.UNDER_WAY}
)
_CONTEXT, _MOST_LINES, _LINE_CHARS = 3, 160, 400
# Somebody prepares a change shortly before the failure shows; and cleans up for this long after the recovery (s).
_BEFORE_S, _AFTER_S = 60.0, 3600.0


def changes_for(
    entries: Iterable[Entry], ref: PipelineRef, account: str, since: float | None, until: float | None
) -> tuple[Entry, ...]:
    """Return the changes that belong to an incident, oldest first.

    Args:
        entries: the journal's.
        ref: the pipeline.
        account: its account; empty where it is not known.
        since: when the incident began (epoch seconds); None: no bound.
        until: when it was over; None while it is not.
    """

    def fits(entry: Entry) -> bool:
        same_account = (
            entry.account == account if entry.account and account else entry.place.profile == ref.place.profile
        )
        at_home = entry.place.region == ref.place.region or (
            entry.call is not None and entry.call.service != "codepipeline"
        )
        in_time = (since is None or entry.at >= since - _BEFORE_S) and (until is None or entry.at <= until + _AFTER_S)
        return entry.pipeline == ref.name and same_account and at_home and in_time

    return tuple(sorted((each for each in entries if fits(each)), key=lambda each: each.at))


def change_of(entry: Entry) -> Change:
    """Return one change as a report shows it."""
    seen = readback(entry.call) if entry.call else None
    command = aws_command(entry.call, region=entry.place.region, profile=entry.place.profile) if entry.call else ""
    return Change(
        at=entry.at,
        title=entry.title,
        who=entry.who,
        resource=entry.resource,
        state=entry.state.value,
        applied=entry.state in _APPLIED,
        ended_at=entry.ended_at if entry.ended_at > entry.at else None,
        region=entry.place.region,
        command=command,
        diff=_diff(entry.before, entry.after),
        proof=seen.describe if seen else "",
        undo=entry.undo_words,
        request_id=entry.request_id,
        error=entry.error,
    )


def _diff(before: str, after: str) -> tuple[str, ...]:
    """A unified diff without file names, cut with a mark where it is very long."""
    if before == after:
        return ()
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=_CONTEXT, lineterm=""))[2:]
    masked = LogMask().lines("\n".join(sanitize(line) for line in lines[:_MOST_LINES])).split("\n")
    shown = [clip(line, _LINE_CHARS) for line in masked]
    if len(lines) > _MOST_LINES:
        shown.append(f"… {len(lines) - _MOST_LINES} more lines")
    return tuple(shown)
