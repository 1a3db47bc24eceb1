"""Documents and rows as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from widgets.document import Block, lay_out
from widgets.ink import Ink, as_content
from widgets.keyed_table import Row

__all__ = ["CONTROL", "cells", "plain", "words"]

# What may never stand in what is drawn: control characters and direction overrides.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(blocks: Iterable[Block], width: int = 200) -> str:
    """The document's text as it is laid out."""
    return "\n".join(line.plain for line in lay_out(tuple(blocks), width))


def words(blocks: Iterable[Block], width: int = 200) -> str:
    """The same with all white space as one blank."""
    return " ".join(plain(blocks, width).split())


def _cell(ink: Ink) -> str:
    return ink if isinstance(ink, str) else as_content(ink).plain


def cells(row: Row) -> tuple[str, ...]:
    """A row's cells as text."""
    return tuple(_cell(ink) for ink in row.cells)
