"""The lines of a log around what counts: around the line that states the cause, and around the first error."""

from __future__ import annotations

from collections.abc import Sequence

from core.log_mask import LogMask
from core.report.model import Excerpt
from core.signatures import Explanation
from core.text import clip, sanitize

__all__ = ["excerpts_of"]

_BEFORE, _AFTER = 7, 5
_TAIL = 15
_LINE_CHARS = 320


def excerpts_of(source: str, lines: Sequence[str], found: Explanation, *, url: str = "") -> tuple[Excerpt, ...]:
    """Return at most two parts of a log, secrets masked.

    Args:
        source: what the log is called.
        lines: all of the log as far as it was read, as it came.
        found: what the engine made of it.
        url: where it can be read in the console.
    """
    if not lines:
        return ()
    marked = _marked(found, len(lines))
    points = [each for each in (found.cause_line, found.first_error_line) if each and each <= len(lines)]
    spans = _spans(points or marked[:1], len(lines))
    masked = LogMask().lines("\n".join(sanitize(line.rstrip("\r\n")).replace("\n", " ") for line in lines)).split("\n")
    return tuple(
        Excerpt(
            source=source,
            first=first,
            lines=tuple(clip(line, _LINE_CHARS) for line in masked[first - 1 : last]),
            marked=tuple(n for n in marked if first <= n <= last),
            cause=found.cause_line if found.cause_line and first <= found.cause_line <= last else None,
            total=len(lines),
            url=url,
        )
        for first, last in spans
    )


def _marked(found: Explanation, total: int) -> list[int]:
    """Lines that decided: those of the likeliest cause, or the most telling ones where none is known."""
    evidence = found.hypotheses[0].evidence if found.hypotheses else found.telling
    return sorted({each.line for each in evidence if each.line is not None and 0 < each.line <= total})


def _spans(points: Sequence[int], total: int) -> list[tuple[int, int]]:
    """First and last lines (from 1), joined where they touch; the end of the log where no line stands out."""
    if not points:
        return [(max(total - _TAIL + 1, 1), total)]
    spans: list[tuple[int, int]] = []
    for point in sorted(set(points)):
        first, last = max(point - _BEFORE, 1), min(point + _AFTER, total)
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans
