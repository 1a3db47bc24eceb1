"""Executions and revisions of a pipeline as table rows. Pure."""

from __future__ import annotations

from core.age import age, duration
from core.delivery import delivery
from core.pipeline import Execution, Revision
from core.text import first_line, sanitize
from tui.tones import execution_tone
from widgets.keyed_table import Column, Row
from widgets.status import status_text

__all__ = ["EXECUTION_COLUMNS", "REVISION_COLUMNS", "execution_row", "revision_row"]

EXECUTION_COLUMNS = (
    Column("status", "STATUS", 13),
    Column("id", "EXECUTION", 9),
    Column("what", "WHAT", 20, flexible=True),
    Column("trigger", "TRIGGER", 16, drop=1),
    Column("started", "STARTED", 8, "right"),
    Column("took", "TOOK", 8, "right", drop=2),
)
REVISION_COLUMNS = (
    Column("action", "SOURCE", 18),
    Column("id", "REVISION", 12),
    Column("summary", "SUMMARY", 20, flexible=True),
    Column("branch", "BRANCH", 18, drop=1),
    Column("author", "AUTHOR", 14, drop=2),
)


def execution_row(execution: Execution, now: float) -> Row:
    """One execution; `now` is epoch seconds."""
    tone = execution_tone(execution.status)
    word = "running" if execution.status == "InProgress" else execution.status.lower()
    ended = execution.updated_at if execution.status != "InProgress" else now
    took = duration((ended or now) - execution.started_at) if execution.started_at else ""
    trigger = " ".join(filter(None, (execution.trigger, "rollback" if execution.kind == "ROLLBACK" else "")))
    ago = age(execution.started_at, now)
    cells = (
        status_text(tone, word),
        sanitize(execution.id[:8]),
        delivery(execution),
        sanitize(trigger),
        f"{ago} ago" if ago else "",
        took,
    )
    return Row(execution.id, cells)


def revision_row(revision: Revision) -> Row:
    """One source revision."""
    cells = (
        sanitize(revision.action),
        sanitize(revision.id[:12]),
        first_line(sanitize(revision.summary)),
        sanitize(revision.branch),
        sanitize(revision.author),
    )
    return Row(revision.action, cells)
