"""Bars, strips and columns drawn with block characters: shapes tell the parts apart without colour too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from widgets.ink import inked, join
from widgets.text_view import TextView

__all__ = ["Chart", "Part", "bar", "columns", "stacked"]

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_LEFT = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a stacked bar: how much, the character it is drawn with, and its style expression."""

    amount: float
    glyph: str = "█"
    style: str = "$primary"


def bar(share: float, width: int, style: str = "$primary", glyph: str = "█") -> Content:
    """Give a bar that fills a share (0 to 1) of `width` cells, padded to the width.

    A full block is drawn to an eighth of a cell, any other glyph in whole cells, one at least.
    """
    eighths = round(max(min(share, 1.0), 0.0) * width * 8)
    full, rest = divmod(eighths, 8)
    if glyph == "█":
        text = glyph * full + (_LEFT[rest] if rest else "")
    else:
        text = glyph * max(round(eighths / 8), 1 if eighths else 0)
    return join(inked(text, style), " " * (width - len(text)))


def stacked(parts: Sequence[Part], width: int, whole: float | None = None) -> Content:
    """Give parts side by side in `width` cells; every part that is there at all has a cell if there is room.

    Args:
        parts: In order.
        width: Cells.
        whole: What the width stands for; the sum of the parts unless given.
    """
    total = whole or sum(part.amount for part in parts)
    if total <= 0 or width <= 0:
        return Content(" " * max(width, 0))
    cells: list[Content] = []
    at, drawn = 0.0, 0
    for part in parts:
        at += max(part.amount, 0.0)
        end = min(round(at / total * width), width)
        size = max(end - drawn, 1 if part.amount > 0.004 * total else 0)
        size = min(size, width - drawn)
        if size > 0:
            cells.append(inked(part.glyph * size, part.style))
            drawn += size
    return join(*cells, " " * (width - drawn))


def columns(
    values: Sequence[float], height: int, style: Callable[[int], str], most: float | None = None
) -> list[Content]:
    """Give one cell wide columns as lines, the topmost first.

    Args:
        values: One a column, none below 0.
        height: Lines.
        style: Gives the style expression of a column by its number.
        most: What the whole height stands for; the largest value unless given.
    """
    top = most or max(values, default=0.0)
    lines = []
    for level in reversed(range(height)):
        cells = []
        for number, value in enumerate(values):
            eighths = round(value / top * height * 8) if top > 0 else 0
            eighths = max(eighths, 1) if value > 0 else 0
            inside = min(max(eighths - level * 8, 0), 8)
            cells.append(inked(_EIGHTHS[inside], style(number)))
        lines.append(join(*cells))
    return lines


class Chart(TextView):
    """A drawing made for the room there is: subclasses give its lines for a width and a height."""

    DEFAULT_CSS = """
    Chart { overflow: hidden; scrollbar-gutter: auto; }
    """

    def picture(self, width: int, height: int) -> list[Content]:
        """Give the lines; subclasses say how."""
        del width, height
        return []

    def draw_again(self) -> None:
        """Draw it for the room there is now."""
        region = self.scrollable_content_region
        if region.width > 0 and region.height > 0:
            self.show_lines(self.picture(region.width, region.height), width=0)

    def on_mount(self) -> None:
        """Draw what the constructor was given."""
        self.draw_again()

    def on_resize(self) -> None:
        """Draw it for the new room."""
        self.draw_again()
