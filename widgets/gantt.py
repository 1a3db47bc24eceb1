"""One run over time: a bar for each part, split by what its time was spent on, and its usual length beneath."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from widgets.bars import Part
from widgets.ink import fit, inked, join
from widgets.status import MARKS, Tone
from widgets.text_view import TextView

__all__ = ["Gantt", "GanttRow"]

_LABEL = (14, 30)  # least and most cells
_NOTE = 18
_LEAST_BAR = 12
_USUAL = "╌"
_MUTED = "$foreground-muted"
# Steps of the scale that people count in (s).
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800)


@dataclass(frozen=True, slots=True)
class GanttRow:
    """One part of the run.

    Attributes:
        label: Its name.
        start_s: When it began, in seconds from the run's beginning.
        parts: What its time was spent on, in order; nothing for a heading.
        usual_s: How long it usually takes; drawn beneath, None for nothing.
        note: Stands at the right: how long it took.
        tone: How it went.
        depth: How far it is indented.
        critical: Whether it decided how long the whole took.
    """

    label: str
    start_s: float = 0.0
    parts: tuple[Part, ...] = ()
    usual_s: float | None = None
    note: str = ""
    tone: Tone = Tone.OK
    depth: int = 0
    critical: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(part.amount for part in self.parts)


class Gantt(TextView):
    """Rows under a time scale; scrolls down where there are many."""

    DEFAULT_CSS = """
    Gantt { height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; padding: 0 1; }
    """

    def __init__(
        self,
        *,
        words: Callable[[float], str] = lambda seconds: f"{seconds:.0f} s",
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        """Make an empty one; `words` says a duration in seconds in words."""
        super().__init__(id=id)
        self._words = words
        self._rows: tuple[GanttRow, ...] = ()
        self._legend: tuple[tuple[str, str, str], ...] = ()
        self._head: Content = Content("")

    def show(
        self, rows: Sequence[GanttRow], legend: Sequence[tuple[str, str, str]] = (), head: Content | str = ""
    ) -> None:
        """Show these rows.

        Args:
            rows: In order.
            legend: Glyph, style expression and word of each kind of part.
            head: A line above.
        """
        self._rows, self._legend = tuple(rows), tuple(legend)
        self._head = head if isinstance(head, Content) else inked(head, "")
        self._draw()

    def on_resize(self) -> None:
        """Draw it for the new room."""
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width - 2
        if width > 0:
            self.show_lines(self._picture(width), width=0)

    def _picture(self, width: int) -> list[Content]:
        head = [self._head] if self._head.plain else []
        if not self._rows:
            return head
        longest = max(len(row.label) + 2 * row.depth + 2 for row in self._rows)
        label = min(max(longest, _LABEL[0]), _LABEL[1], max(width // 3, 8))
        note = _NOTE if width - label - _NOTE >= _LEAST_BAR else 0
        room = max(width - label - note, 1)
        ends = [row.start_s + end for row in self._rows for end in (row.seconds, row.usual_s or 0.0)]
        whole = max(1.0, *ends)
        lines = [*head, *([self._key()] if self._legend else []), self._scale(label, room, whole)]
        for row in self._rows:
            lines += self._row(row, label, room, note, whole)
        return lines

    def _scale(self, label: int, room: int, whole: float) -> Content:
        least = whole / max(min(room // 12, 8), 1)
        step = next((each for each in _STEPS_S if each >= least), least)
        text = [" "] * (room + 12)
        for number in range(int(whole / step) + 1):
            at = round(number * step / whole * room)
            for offset, char in enumerate(f"╷{self._words(number * step) if number else '0'}"):
                text[min(at + offset, room + 11)] = char
        return join(" " * label, inked("".join(text)[:room], _MUTED))

    def _row(self, row: GanttRow, label: int, room: int, note: int, whole: float) -> list[Content]:
        mark = MARKS[row.tone]
        lead = join(" " * (2 * row.depth), inked(f"{mark.glyph} ", mark.style) if row.depth else "")
        name = inked(row.label, "bold" if row.critical or not row.depth else "")
        said = fit(inked(row.note, "" if row.critical else _MUTED), note, "right") if note else Content("")
        lines = [join(fit(join(lead, name), label), self._bar(row, room, whole), said)]
        if row.usual_s is not None and row.parts:
            start = min(round(row.start_s / whole * room), room - 1)
            size = max(min(round(row.usual_s / whole * room), room - start), 1)
            usual = join(" " * start, inked(_USUAL * size, _MUTED), " " * (room - start - size))
            words = fit(inked(f"usually {self._words(row.usual_s)}", _MUTED), note, "right") if note else Content("")
            lines.append(join(" " * label, usual, words))
        return lines

    @staticmethod
    def _bar(row: GanttRow, room: int, whole: float) -> Content:
        """The parts from where the row begins; each that is there has a cell, as far as there is room."""
        drawn = min(round(row.start_s / whole * room), room)
        cells: list[Content | str] = [" " * drawn]
        at = row.start_s
        for part in row.parts:
            at += part.amount
            end = min(round(at / whole * room), room)
            least = 1 if part.amount >= whole / room / 2 else 0
            size = min(max(end - drawn, least), room - drawn)
            if size > 0:
                cells.append(inked(part.glyph * size, part.style))
                drawn += size
        if row.parts and drawn == min(round(row.start_s / whole * room), room) and drawn < room:
            cells.append(inked("▏", row.parts[0].style))
            drawn += 1
        return join(*cells, " " * (room - drawn))

    def _key(self) -> Content:
        """What the glyphs that are drawn mean."""
        drawn = {part.glyph for row in self._rows for part in row.parts}
        parts: list[Content | str] = []
        for glyph, style, word in self._legend:
            if glyph in drawn:
                parts += [inked(glyph * 2, style), f" {word}   "]
        usual = f"{_USUAL * 2} usual   " if any(row.usual_s is not None for row in self._rows) else ""
        path = "bold: on the critical path" if any(row.critical for row in self._rows) else ""
        return join(*parts, inked(f"{usual}{path}", _MUTED))
