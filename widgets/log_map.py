"""The column beside a log that shows where in all of it the errors, the cause and the matches are, and how dense."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from widgets.log_lines import MarkKind

CAUSE = "◆"
_DENSE = "▎▌▊█"


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell of the map.

    Attributes:
        glyph: The fuller, the more lines.
        kind: Of what there is; the weightiest counts.
    """

    glyph: str
    kind: MarkKind


def map_cell(places: Iterable[tuple[MarkKind, Sequence[int]]], start: int, stop: int) -> MapCell | None:
    """Give the cell for the lines from `start` up to and without `stop`; None where nothing is marked.

    Args:
        places: Kinds with line numbers in order, the weightiest kind first.
        start: First line.
        stop: One past the last.
    """
    for kind, lines in places:
        first = bisect_left(lines, start)
        if first < len(lines) and lines[first] < stop:
            if kind is MarkKind.CAUSE:
                return MapCell(CAUSE, kind)
            count = bisect_left(lines, stop, first) - first
            return MapCell(_DENSE[min(count.bit_length() // 2, len(_DENSE) - 1)], kind)
    return None
