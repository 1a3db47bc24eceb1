"""Turns one raw log line into a strip: cleaned, cut, coloured, matches marked. Called for lines on the screen only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.ansi import runs
from widgets.ink import TAB_SIZE, Cleaner
from widgets.log_paint import LogStyles, painted
from widgets.log_search import Query, spans_in

LONGEST_SHOWN = 8_000
"""Characters of a line that are drawn; the rest is counted behind a `…`."""

NAME_END = " │ "
"""What stands between the name of a source and a line of it."""


class MarkKind(StrEnum):
    """Why a line is marked in the gutter."""

    ERROR = "error"
    CAUSE = "cause"
    MATCH = "match"
    PHASE = "phase"


MARK_GLYPHS: dict[MarkKind, str] = {
    MarkKind.ERROR: "✗",
    MarkKind.CAUSE: "◆",
    MarkKind.MATCH: "▸",
    MarkKind.PHASE: "▬",
}


@dataclass(frozen=True, slots=True)
class LineReader:
    """Gives lines as they are shown.

    Attributes:
        cleaner: Drops all control sequences but colour.
        styles: Of the present theme.
        query: What is searched for, to be marked.
        terms: What is coloured besides, each in its own of `styles.terms`.
        mask: Hides what is secret in a cleaned line; None shows it.
        names: Sources, each in its own of `styles.names` where a line begins with one.
    """

    cleaner: Cleaner
    styles: LogStyles
    query: Query | None = field(default=None)
    terms: tuple[Query, ...] = ()
    mask: Cleaner | None = None
    names: tuple[str, ...] = ()

    def shown(self, raw: str) -> str:
        """Give a raw line as text with colour sequences: cleaned, last overwrite only, tabs expanded, cut."""
        cut = 0
        if len(raw) > 2 * LONGEST_SHOWN:
            cut = len(raw) - LONGEST_SHOWN
            raw = raw[:LONGEST_SHOWN]
        text = self.cleaner(raw)
        if "\r" in text:
            text = text.rstrip("\r").rpartition("\r")[2]
        if self.mask is not None:
            text = self.mask(text)
        if "\t" in text:
            text = text.expandtabs(TAB_SIZE)
        return f"{text} … +{cut:,} characters" if cut else text

    def strip(self, raw: str) -> Strip:
        """Draw a raw line."""
        text = self.shown(raw)
        styles = self.styles
        base = styles.base
        segments = self._named(text)
        pieces = list(runs(text[len(segments[0].text) :] if segments else text))
        if len(pieces) == 1 and pieces[0][1] is None:
            segments += painted(pieces[0][0], styles)
        else:
            segments += [Segment(piece, base + style if style else base) for piece, style in pieces]
        segments = self.marked(segments, text)
        return Strip(segments, sum(cell_len(segment.text) for segment in segments))

    def marked(self, segments: list[Segment], text: str) -> list[Segment]:
        """Lay terms and matches over the segments of a text."""
        styles = self.styles
        for number, term in enumerate(self.terms):
            if spans := spans_in(text, term):
                segments = overlay(segments, spans, styles.terms[number % len(styles.terms)])
        if self.query is not None and (spans := spans_in(text, self.query)):
            segments = overlay(segments, spans, styles.match)
        return segments

    def _named(self, text: str) -> list[Segment]:
        """The name of the source that a line begins with, in its colour; nothing where it begins with none."""
        for number, name in enumerate(self.names):
            if text.startswith(name) and (end := text.find(NAME_END)) >= 0:
                return [Segment(text[: end + len(NAME_END)], self.styles.names[number % len(self.styles.names)])]
        return []


def overlay(segments: Sequence[Segment], spans: Sequence[tuple[int, int]], style: Style) -> list[Segment]:
    """Lay a style over character spans (in order, not overlapping) of segments."""
    result: list[Segment] = []
    pos = 0
    for text, own, _ in segments:
        at = 0
        for start, end in spans:
            begin, stop = max(start - pos, at), min(end - pos, len(text))
            if begin < stop:
                if begin > at:
                    result.append(Segment(text[at:begin], own))
                result.append(Segment(text[begin:stop], (own or Style.null()) + style))
                at = stop
        if at < len(text):
            result.append(Segment(text[at:], own))
        pos += len(text)
    return result
