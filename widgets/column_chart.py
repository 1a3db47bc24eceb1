"""Columns over time on the line API: two numbers a slice, one atop the other, in eighths of a cell."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip

from widgets.ink import inked, join
from widgets.line_view import LineView

__all__ = ["ChartData", "ColumnChart"]

_EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class ChartData:
    """What the columns show.

    Attributes:
        low: numbers by slice, the oldest first; drawn at the foot.
        high: numbers that stand on top of them.
        low_style, high_style: style expressions of the theme.
        first, last: words under the first and the last slice.
    """

    low: tuple[int, ...] = ()
    high: tuple[int, ...] = ()
    low_style: str = "$text-error"
    high_style: str = "$text-success"
    first: str = ""
    last: str = ""


class ColumnChart(LineView, can_focus=False):
    """Columns as wide as there is room; the greatest sum is as high as the widget and stands at the left edge."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    ColumnChart { height: 8; overflow: hidden; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self._data = ChartData()

    def show(self, data: ChartData) -> None:
        """Show these numbers."""
        if data != self._data:
            self._data = data
            self.refresh()

    @property
    def data(self) -> ChartData:
        """What is shown."""
        return self._data

    def on_resize(self) -> None:
        """Never scroll."""
        self.virtual_size = Size(self.size.width, self.size.height)

    def render_line(self, y: int) -> Strip:
        """Draw one line: part of all columns, or the words under them."""
        width, height = self.size.width, max(self.size.height - 1, 1)
        if y >= height:
            return self.draw(self._foot(width), self.base_style, width)
        return self.draw(self._line(y, width, height), self.base_style, width)

    @property
    def _most(self) -> int:
        return max((low + high for low, high in zip(self._data.low, self._data.high, strict=True)), default=0)

    def _line(self, y: int, width: int, height: int) -> Content:
        label = max(len(str(self._most)), 1)
        head = str(self._most) if y == 0 else "0" if y == height - 1 else ""
        parts: list[Content | str] = [inked(f"{head:>{label}} ", "$foreground-muted")]
        room = width - label - 1
        floor = (height - 1 - y) * 8  # eighths below this line
        for start, end, low, high in self._columns(room):
            char, style = self._cell(low, high, floor, height)
            parts.append(inked(char * (end - start), style))
        return join(*parts)

    def _columns(self, room: int) -> list[tuple[int, int, int, int]]:
        """Cells from and to, and the numbers, of each slice."""
        data, many = self._data, len(self._data.low)
        edges = [round(at * room / many) for at in range(many + 1)] if many else [0]
        return [
            (edges[at], edges[at + 1], low, high)
            for at, (low, high) in enumerate(zip(data.low, data.high, strict=True))
            if edges[at + 1] > edges[at]
        ]

    def _cell(self, low: int, high: int, floor: int, height: int) -> tuple[str, str]:
        """One cell of a column: the foot's number has at least an eighth, so that one failure is never lost."""
        scale = height * 8 / max(self._most, 1)
        foot = max(round(low * scale), 1) if low else 0
        top = max(round((low + high) * scale), foot + (1 if high else 0))
        data = self._data
        if foot >= floor + 8:
            return "█", data.low_style
        if foot > floor:
            behind = f" on {data.high_style}" if top >= floor + 8 else ""
            return _EIGHTHS[foot - floor], f"{data.low_style}{behind}"
        return (" ", "") if top <= floor else (_EIGHTHS[min(top - floor, 8)], data.high_style)

    def _foot(self, width: int) -> Content:
        label = max(len(str(self._most)), 1) + 1
        room = max(width - label - len(self._data.first) - len(self._data.last), 1)
        return inked(f"{'':{label}}{self._data.first}{'':{room}}{self._data.last}", "$foreground-muted")
