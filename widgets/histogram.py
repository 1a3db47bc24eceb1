"""How often a thing took how long, and the last runs side by side: two charts of durations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from widgets.bars import Chart, columns
from widgets.ink import fit, inked, join
from widgets.status import MARKS, Tone

__all__ = ["Histogram", "RunBar", "RunStrip"]

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
        counts = [0.0] * width
        for value in self._values:
            counts[min(int((value - low) / span * width), width - 1)] += 1
        room = max(height - len(lines) - 2, 1)
        lines += columns(counts, room, lambda _number: "$primary")
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
    """The last runs as columns, oldest at the left; each ends in the glyph of how it went."""

    ALLOW_SELECT = False

    def __init__(self, title: str = "", *, words: Words = _seconds, id: str | None = None) -> None:  # noqa: A002
        """Make an empty one; the arguments are those of `Histogram`."""
        super().__init__(id=id)
        self._title = title
        self._words = words
        self._bars: tuple[RunBar, ...] = ()

    def show(self, bars: Sequence[RunBar]) -> None:
        """Show these runs, oldest first; those at the left go where there is no room."""
        self._bars = tuple(bars)
        self.draw_again()

    def picture(self, width: int, height: int) -> list[Content]:
        """Draw title, columns and glyphs."""
        shown = self._bars[-width:]
        most = max((each.seconds for each in shown), default=0.0)
        note = f"{len(shown)} runs, tallest {self._words(most)}" if shown else ""
        lines = (
            [join(fit(inked(self._title, "$foreground-muted"), max(width - len(note), 0)), note)] if self._title else []
        )
        if not shown:
            return [*lines, inked("nothing to show yet", "$foreground-muted")]
        room = max(height - len(lines) - 1, 1)
        lines += columns([each.seconds for each in shown], room, lambda number: MARKS[shown[number].tone].style)
        lines.append(join(*(inked(MARKS[each.tone].glyph, MARKS[each.tone].style) for each in shown)))
        return lines
