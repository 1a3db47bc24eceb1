"""A scrolling view of lines of Content that are all known: the base of code, diff and document views."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Offset, Size
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from widgets.line_view import LineView
from widgets.log_lines import overlay

_MOVES = Binding.Group("Scroll", compact=True)


class TextView(LineView):
    """Draws `lines`; subclasses fill them with `show_lines` and may tint whole lines."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        overflow: auto;
        color: $foreground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "line(-1)", "Up", show=False, id="text.up", tooltip="One line up", group=_MOVES),
        Binding("down,j", "line(1)", "Down", show=False, id="text.down", tooltip="One line down", group=_MOVES),
        Binding("left", "sideways(-8)", "Left", show=False, id="text.left", tooltip="To the left", group=_MOVES),
        Binding("right", "sideways(8)", "Right", show=False, id="text.right", tooltip="To the right", group=_MOVES),
        Binding("home,g", "edge(-1)", "Top", show=False, id="text.top", tooltip="To the first line", group=_MOVES),
        Binding("end,G", "edge(1)", "End", show=False, id="text.end", tooltip="To the last line", group=_MOVES),
    ]

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make an empty view; the arguments are those of any widget."""
        super().__init__(name=name, id=id, classes=classes)
        self._lines: list[Content] = []
        self._strips: LRUCache[int, Strip] = LRUCache(1024)

    @property
    def lines(self) -> tuple[str, ...]:
        """What is shown, as plain text."""
        return tuple(line.plain for line in self._lines)

    def show_lines(self, lines: list[Content], *, width: int | None = None) -> None:
        """Replace the lines; the place scrolled to stays.

        Args:
            lines: One line each.
            width: Cells of the widest one, where known.
        """
        self._lines = lines
        self.clear_drawn()
        widest = max((line.cell_length for line in lines), default=0) if width is None else width
        self.virtual_size = Size(widest, len(lines))
        self.refresh()

    def clear_drawn(self) -> None:
        """Forget drawn lines."""
        self._strips.clear()

    def line_style(self, number: int) -> Style:
        """Give the style beneath a line."""
        del number
        return self.base_style

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        number = self.scroll_offset.y + y
        if number >= len(self._lines):
            return Strip.blank(width, self.base_style.rich_style)
        base = self.line_style(number)
        strip = self._strips.get(number)
        if strip is None:
            strip = self._strips[number] = self.draw(self._lines[number], base)
        if (selection := self.text_selection) is not None and (span := selection.get_span(number)) is not None:
            end = len(strip.text) if span[1] < 0 else span[1]
            style = self.screen.get_component_rich_style("screen--selection")
            strip = Strip(overlay(list(strip), [(span[0], end)], style), strip.cell_length)
        left = self.scroll_offset.x
        return self.window(strip, left, width, base.rich_style).apply_offsets(left, number)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give the selected text."""
        if not self._lines:
            return None
        start = selection.start or Offset(0, 0)
        last = len(self._lines) - 1
        end = selection.end or Offset(len(self._lines[last].plain), last)
        picked = [line.plain for line in self._lines[start.y : end.y + 1]]
        if not picked:
            return None
        if end.y <= last:
            picked[-1] = picked[-1][: end.x]
        picked[0] = picked[0][start.x :]
        return "\n".join(line.rstrip() for line in picked), "\n"

    def go_to(self, line: int) -> None:
        """Bring a line (from 0) into sight, a third from the top."""
        self.jump_to(y=max(line - self.page_height // 3, 0))

    def action_line(self, lines: int) -> None:
        """Scroll by lines."""
        self.jump_to(y=self.scroll_offset.y + lines)

    def action_sideways(self, cells: int) -> None:
        """Scroll to the side."""
        self.jump_to(x=self.scroll_offset.x + cells)

    def action_edge(self, direction: int) -> None:
        """Go to the first (-1) or last (1) line."""
        self.jump_to(y=0 if direction < 0 else self.max_scroll_y)
