"""A change of the journal as a table row and as a document. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from core.age import age
from core.arn import who
from core.commands import aws_command
from core.journal import Entry, EntryState, why_no_undo
from core.text import clip, sanitize
from widgets.document import Block, gap, heading, outcome, pair, paragraph
from widgets.ink import inked
from widgets.keyed_table import Column, Row
from widgets.status import Tone, status_text

__all__ = ["JOURNAL_COLUMNS", "entry_blocks", "entry_row", "moment"]

JOURNAL_COLUMNS = (
    Column("state", "ENDED", 20),
    Column("title", "CHANGE", 24, flexible=True),
    Column("pipeline", "PIPELINE", 18, drop=1),
    Column("place", "PLACE", 18, drop=2),
    Column("who", "WHO", 14, drop=3),
    Column("at", "AGO", 5, "right"),
)
_TONES = {
    EntryState.VERIFIED: Tone.OK,
    EntryState.NOT_VERIFIED: Tone.WARNING,
    EntryState.CONFLICT: Tone.WARNING,
    EntryState.FAILED: Tone.FAILED,
    EntryState.UNDER_WAY: Tone.RUNNING,
    EntryState.UNCHECKED: Tone.WARNING,
    EntryState.UNKNOWN: Tone.WARNING,
    EntryState.FOUND_THERE: Tone.OK,
    EntryState.FOUND_ABSENT: Tone.IDLE,
}
_MOST_CHARS = 4000


def moment(at: float) -> str:
    """A time as text, UTC: ``2026-11-23 03:12:09 UTC``."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def entry_row(entry: Entry, now: float) -> Row:
    """One change; `now` is epoch seconds."""
    cells = (
        status_text(_TONES[entry.state], entry.state.value),
        sanitize(entry.title),
        sanitize(entry.pipeline),
        sanitize(str(entry.place)),
        sanitize(who(entry.who)),
        age(entry.at, now),
    )
    return Row(entry.id, cells)


def entry_blocks(entry: Entry) -> tuple[Block, ...]:
    """One change: who, where, what, how it ended, before and after, the way back."""
    blocks = [
        Block((inked(sanitize(entry.title), "bold"),)),
        outcome(_TONES[entry.state], entry.state.value),
        pair("when", moment(entry.at)),
        pair("who", sanitize(entry.who)),
        pair("where", sanitize(" · ".join(filter(None, (entry.account, entry.place.region, entry.place.profile))))),
        pair("pipeline", sanitize(entry.pipeline)),
        pair("resource", sanitize(entry.resource)),
        pair("request id", sanitize(entry.request_id or "none came")),
    ]
    if entry.error:
        blocks.append(pair("AWS said", sanitize(entry.error)))
    if entry.call:
        command = aws_command(entry.call, region=entry.place.region, profile=entry.place.profile)
        blocks += [gap(), heading("Call"), paragraph(clip(sanitize(command), _MOST_CHARS), indent=2)]
    no_undo = why_no_undo(entry)
    way = f"{entry.undo_words or 'by one call'} (u)" if not no_undo else f"no: {no_undo}"
    blocks += [gap(), pair("undo", sanitize(way))]
    for label, text in (("before", entry.before), ("after", entry.after)):
        if text:
            blocks += [gap(), heading(label.title()), paragraph(clip(sanitize(_plain(text)), _MOST_CHARS), indent=2)]
    return tuple(blocks)


def _plain(text: str) -> str:
    """JSON on one line is broken into lines."""
    if "\n" in text or text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
