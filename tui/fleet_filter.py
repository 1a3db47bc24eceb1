"""Which pipelines a filter text shows. Pure."""

from __future__ import annotations

from tui.delivery import delivery
from tui.fleet_book import Entry

__all__ = ["matches"]


def matches(entry: Entry, wanted: str) -> bool:
    """Whether a pipeline shows: each word of the filter is somewhere in it; a word after ``!`` must not be.

    Looked through: name, condition, region, profile, stage in question, what is delivered, and the error's text.
    """
    words = wanted.lower().split()
    if not words:
        return True
    text = _text(entry).lower()
    return all((word[1:] not in text) if word.startswith("!") and len(word) > 1 else word in text for word in words)


def _text(entry: Entry) -> str:
    found = entry.assessment
    parts = [entry.ref.name, found.word, entry.ref.place.region, entry.ref.place.profile, found.why]
    if found.focus:
        parts += [found.focus.stage, found.focus.action]
    if entry.snapshot and entry.snapshot.execution:
        parts.append(delivery(entry.snapshot.execution))
    return "\n".join(parts)
