"""How often a thing took how long, and the last runs side by side: two charts of durations."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from widgets.bars import Chart, columns
from widgets.ink import fit, inked, join
from widgets.status import MARKS, Tone

__all__ = ["Histogram", "RunBar", "RunStrip"]

_LEAST_BINS = 8
_WIDEST = 4  # cells of one run
_CLOSE = 2  # wider columns have a gap between them
Words = Callable[[float], str]


def _seconds(value: float) -> str:
    return f"{value:.0f} s"


class Histogram(Chart, can_focus=False):
    """Columns by duration; a mark beneath shows where the median, one run in ten and the latest lie."""

    ALLOW_SELECT = False

    def __init__(self, title: str = "", *, words: Words = _seconds, id: str | None = None) -> None:  # noqa: A002
        """Make an empty one.

        Args:
            title: Stands above.
            words: Says a duration in seconds in words.
            id: As of any widget.
        """
        super().__init__(id=id)
        self._title = title
        self._words = words
        self._values: tuple[float, ...] = ()
        self._marks: tuple[tuple[str, float], ...] = ()

    def show(self, values: Sequence[float], marks: Sequence[tuple[str, float]] = ()) -> None:
        """Show these durations; `marks` are one letter and a duration each."""
        self._values, self._marks = tuple(values), tuple(marks)
        self.draw_again()

    def picture(self, width: int, height: int) -> list[Content]:
        """Draw title, columns, marks and the scale."""
        lines = [inked(self._title, "$foreground-muted")] if self._title else []
        if not self._values:
            return [*lines, inked("nothing to show yet", "$foreground-muted")]
        low, high = min(self._values), max(self._values)
        span = max(high - low, 1e-9)
        bins = max(min(width // 2, max(_LEAST_BINS, round(2 * math.sqrt(len(self._values))))), 1)
        cells = max(width // bins, 1)
        width = bins * cells
        counts = [0.0] * bins
        for value in self._values:
            counts[min(int((value - low) / span * bins), bins - 1)] += 1
        apart = 1 if cells > _CLOSE else 0
        drawn = [value for count in counts for value in (*[count] * (cells - apart), *[0.0] * apart)]
        room = max(height - len(lines) - 2, 1)
        lines += columns(drawn, room, lambda _number: "$primary")
        lines.append(self._marked(low, span, width))
        right = self._words(high)
        lines.append(inked(f"{self._words(low):<{max(width - len(right), 0)}}{right}"[:width], "$foreground-muted"))
        return lines

    def _marked(self, low: float, span: float, width: int) -> Content:
        cells = ["─"] * width
        for letter, value in self._marks:
            cells[min(max(int((value - low) / span * width), 0), width - 1)] = letter
        return inked("".join(cells), "bold $text-accent")


@dataclass(frozen=True, slots=True)
class RunBar:
    """One run: how long it took (s) and how it went."""

    seconds: float
    tone: Tone


class RunStrip(Chart, can_focus=False):
    """The last runs as columns, the newest at the right; each ends in the glyph of how it went."""

    ALLOW_SELECT = False

    def __init__(self, title: str = "", *, words: Words = _seconds, id: str | None = None) -> None:  # noqa: A002
        """Make an empty one; the arguments are those of `Histogram`."""
        super().__init__(id=id)
        self._title = title
        self._words = words
        self._bars: tuple[RunBar, ...] = ()
        self._chosen = -1

    def show(self, bars: Sequence[RunBar], chosen: int = -1) -> None:
        """Show these runs, oldest first; those at the left go where there is no room. One may be marked as chosen."""
        self._bars = tuple(bars)
        self._chosen = chosen
        self.draw_again()

    def picture(self, width: int, height: int) -> list[Content]:
        """Draw title, columns and glyphs."""
        shown = self._bars[-width:]
        first = len(self._bars) - len(shown)
        most = max((each.seconds for each in shown), default=0.0)
        note = f"{len(shown)} runs, tallest {self._words(most)}" if shown else ""
        lines = (
            [join(fit(inked(self._title, "$foreground-muted"), max(width - len(note), 0)), note)] if self._title else []
        )
        if not shown:
            return [*lines, inked("nothing to show yet", "$foreground-muted")]
        cells = max(min(width // len(shown), _WIDEST), 1)
        apart = 1 if cells > _CLOSE else 0
        every = [(each, number) for number, each in enumerate(shown, first)]
        drawn = [one for each, _ in every for one in (*[each.seconds] * (cells - apart), *[0.0] * apart)]
        before = " " * (width - len(drawn))
        room = max(height - len(lines) - 1, 1)
        heights = columns(drawn, room, lambda column: MARKS[shown[column // cells].tone].style)
        lines += [join(before, line) for line in heights]
        glyphs = [self._glyph(each, cells - apart, number == self._chosen) + " " * apart for each, number in every]
        lines.append(join(before, *glyphs))
        return lines

    @staticmethod
    def _glyph(bar: RunBar, cells: int, chosen: bool) -> Content:
        mark = MARKS[bar.tone]
        return inked(mark.glyph.ljust(cells), f"{mark.style} reverse".lstrip() if chosen else mark.style)
