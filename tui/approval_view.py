"""A waiting approval as a table row and as a document. Pure."""

from __future__ import annotations

from core.age import age, duration
from core.approvals import Waiting, warnings_of
from core.text import first_line, sanitize
from widgets.document import Block, gap, heading, outcome, pair, paragraph
from widgets.ink import inked
from widgets.keyed_table import Column, Row
from widgets.status import Tone, status_text

__all__ = ["APPROVAL_COLUMNS", "approval_blocks", "approval_row"]

APPROVAL_COLUMNS = (
    Column("pipeline", "PIPELINE", 20),
    Column("approval", "STAGE / ACTION", 22, drop=2),
    Column("what", "WOULD GO OUT", 24, flexible=True),
    Column("warning", "", 12),
    Column("since", "WAITS", 6, "right"),
    Column("left", "LEFT", 9, "right"),
    Column("place", "PLACE", 18, drop=1),
)


def _revision(waiting: Waiting) -> str:
    told = next((each for each in waiting.revisions if each.summary), None) or next(iter(waiting.revisions), None)
    if told is None:
        return ""
    by = f" by {told.author}" if told.author else ""
    return sanitize(f"{told.id[:8]} {first_line(told.summary)}{by}")


def _left(waiting: Waiting, now: float) -> str:
    if waiting.until is None:
        return ""
    return duration(waiting.until - now) if waiting.until > now else "none"


def approval_row(waiting: Waiting, now: float, *, marked: bool = False) -> Row:
    """One approval; `now` is epoch seconds, `marked` whether the user has marked it."""
    older = status_text(Tone.WARNING, "not newest") if waiting.newer else ""
    cells = (
        sanitize(waiting.ref.name),
        sanitize(f"{waiting.stage} / {waiting.action}"),
        _revision(waiting) or "reading …",
        older,
        age(waiting.since, now),
        _left(waiting, now),
        sanitize(str(waiting.ref.place)),
    )
    return Row(waiting.key, cells, marked=marked)


def approval_blocks(waiting: Waiting, now: float) -> tuple[Block, ...]:
    """All that an approver should know."""
    blocks = [
        Block((inked(sanitize(f"{waiting.ref.name} ▸ {waiting.stage} ▸ {waiting.action}"), "bold"),)),
        pair("waits", f"{age(waiting.since, now)}" if waiting.since else "not known"),
        pair("time left", _left(waiting, now) or "not known"),
        pair("execution", sanitize(waiting.execution_id)),
    ]
    if waiting.custom_data:
        blocks.append(pair("asks", sanitize(waiting.custom_data)))
    if waiting.review_url:
        blocks.append(pair("review at", sanitize(waiting.review_url)))
    blocks += [gap(), heading("What would go out")]
    blocks += [
        paragraph(
            sanitize(
                f"{each.action}: {each.id[:12]} {first_line(each.summary)}"
                f"{f' by {each.author}' if each.author else ''}{f' ({each.branch})' if each.branch else ''}"
            ),
            indent=2,
        )
        for each in waiting.revisions
    ] or [paragraph("not read yet", indent=2, muted=True)]
    warnings = warnings_of(waiting, now)
    if warnings:
        blocks += [gap(), *(outcome(Tone.WARNING, sanitize(each)) for each in warnings)]
    for each in waiting.newer[:5]:
        words = " · ".join(first_line(revision.summary) for revision in each.revisions if revision.summary)
        blocks.append(paragraph(sanitize(f"later: {each.id[:8]} {each.status.lower()}  {words}"), indent=2, muted=True))
    return tuple(blocks)
