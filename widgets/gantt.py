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


class _Time:
    """Seconds to cells; a squeezed span takes a third of the width at most."""

    def __init__(self, whole_s: float, squeezed: tuple[float, float], room: int) -> None:
        first, last = max(squeezed[0], 0.0), min(squeezed[1], whole_s)
        rest = whole_s - (last - first)
        self._first, self._last, self._room, self._whole_s = first, last, room, whole_s
        self.is_squeezed = last - first > rest > 0
        self._factor = rest / 2 / (last - first) if self.is_squeezed else 1.0
        self._drawn_s = self._at(whole_s)

    @property
    def cell_s(self) -> float:
        """How long a cell lasts where nothing is squeezed."""
        return self._drawn_s / self._room

    def _at(self, seconds: float) -> float:
        inside = min(max(seconds - self._first, 0.0), self._last - self._first)
        return seconds - inside * (1.0 - self._factor)

    def cell(self, seconds: float) -> int:
        """The cell of a moment."""
        return round(self._at(seconds) / self._drawn_s * self._room)

    def ticks(self, most: int) -> list[float]:
        """Moments that people count in, some `most` of them; none within what is squeezed."""
        least = self._drawn_s / most
        step = next((float(each) for each in _STEPS_S if each >= least), least)
        if not self.is_squeezed:
            return [number * step for number in range(int(self._whole_s / step) + 1)]
        before = [number * step for number in range(int(self._first / step) + 1)]
        return before + [self._last + number * step for number in range(int((self._whole_s - self._last) / step) + 1)]


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
        self._squeezed = (0.0, 0.0)

    def show(
        self,
        rows: Sequence[GanttRow],
        legend: Sequence[tuple[str, str, str]] = (),
        head: Content | str = "",
        *,
        squeezed: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Show these rows.

        Args:
            rows: In order.
            legend: Glyph, style expression and word of each kind of part.
            head: A line above.
            squeezed: A long wait, from when to when (s), that is drawn shorter than it was, so that the rest shows.
        """
        self._rows, self._legend = tuple(rows), tuple(legend)
        self._head = head if isinstance(head, Content) else inked(head, "")
        self._squeezed = squeezed
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
        time = _Time(max(1.0, *ends), self._squeezed, room)
        lines = [*head, *([self._key()] if self._legend else []), self._scale(label, room, time)]
        for row in self._rows:
            lines += self._row(row, label, room, note, time)
        return lines

    def _scale(self, label: int, room: int, time: "_Time") -> Content:
        text = [" "] * (room + 12)
        for seconds in time.ticks(max(min(room // 12, 8), 1)):
            at = time.cell(seconds)
            for offset, char in enumerate(f"╷{self._words(seconds) if seconds else '0'}"):
                text[min(at + offset, room + 11)] = char
        if time.is_squeezed:
            first, last = self._squeezed
            words, at = f"≈ {self._words(last - first)} cut short", time.cell(first) + 2
            held = "".join(text)
            return join(" " * label, inked(f"{held[:at]}{words}{held[at + len(words) :]}"[:room], _MUTED))
        return join(" " * label, inked("".join(text)[:room], _MUTED))

    def _row(self, row: GanttRow, label: int, room: int, note: int, time: "_Time") -> list[Content]:
        mark = MARKS[row.tone]
        lead = join(" " * (2 * row.depth), inked(f"{mark.glyph} ", mark.style) if row.depth else "")
        name = inked(row.label, "bold" if row.critical or not row.depth else "")
        said = fit(inked(row.note, "" if row.critical else _MUTED), note, "right") if note else Content("")
        lines = [join(fit(join(lead, name), label), self._bar(row, room, time), said)]
        if row.usual_s is not None and row.parts:
            start = min(time.cell(row.start_s), room - 1)
            size = max(min(time.cell(row.start_s + row.usual_s) - start, room - start), 1)
            usual = join(" " * start, inked(_USUAL * size, _MUTED), " " * (room - start - size))
            words = fit(inked(f"usually {self._words(row.usual_s)}", _MUTED), note, "right") if note else Content("")
            lines.append(join(" " * label, usual, words))
        return lines

    @staticmethod
    def _bar(row: GanttRow, room: int, time: "_Time") -> Content:
        """The parts from where the row begins; each that is there has a cell, as far as there is room."""
        drawn = first = min(time.cell(row.start_s), room)
        cells: list[Content | str] = [" " * drawn]
        at = row.start_s
        for part in row.parts:
            at += part.amount
            end = min(time.cell(at), room)
            least = 1 if part.amount >= time.cell_s / 2 else 0
            size = min(max(end - drawn, least), room - drawn)
            if size > 0:
                cells.append(inked(part.glyph * size, part.style))
                drawn += size
        if row.parts and drawn == first and drawn < room:
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
