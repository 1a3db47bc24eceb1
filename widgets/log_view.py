"""The scrolling part of a log pane: draws only lines on the screen, follows the end, keeps its place otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from widgets.ansi import strip_sgr
from widgets.ink import TAB_SIZE, Cleaner, visible
from widgets.line_view import LineView
from widgets.log_lines import LONGEST_SHOWN, MARK_GLYPHS, LineReader, LogStyles, MarkKind, overlay
from widgets.log_search import Query
from widgets.log_store import LogStore

_JUMP = Binding.Group("Jump", compact=True)
_CONTEXT = 3
"""An opened line stands a third from the top: what led to it is above."""


class LogView(LineView):
    """Lines of a `LogStore` under their absolute numbers.

    With wrapping on, the view still scrolls by whole lines, so that nothing depends on heights of lines never seen.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log-view--number",
        "log-view--current",
        "log-view--match",
        "log-view--error",
        "log-view--warning",
        "log-view--cause",
        "log-view--phase",
        "log-view--prefix",
    }
    DEFAULT_CSS = """
    LogView {
        height: 1fr;
        overflow: auto;
        color: $foreground;
        & > .log-view--number { color: $foreground 35%; }
        & > .log-view--current { background: $foreground 12%; }
        & > .log-view--match { background: $warning 40%; text-style: bold underline; }
        & > .log-view--error { color: $text-error; text-style: bold; }
        & > .log-view--warning { color: $text-warning; }
        & > .log-view--cause { color: $text-accent; text-style: bold; }
        & > .log-view--phase { color: $text-primary; }
        & > .log-view--prefix { color: $foreground 55%; }
        &:focus > .log-view--current { background: $primary 35%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("G,end", "follow", "Follow", id="log.follow", tooltip="To the end; follow new lines again"),
        Binding("g,home", "top", "Top", show=False, id="log.top", tooltip="To the first line"),
        Binding("up,k", "line(-1)", "Up", show=False, id="log.up", tooltip="One line up"),
        Binding("down,j", "line(1)", "Down", show=False, id="log.down", tooltip="One line down"),
        Binding("left,h", "sideways(-8)", "Left", show=False, id="log.left", tooltip="To the left"),
        Binding("right", "sideways(8)", "Right", show=False, id="log.right", tooltip="To the right"),
        Binding("pageup,b", "page(-1)", "Page up", show=False, id="log.page-up", tooltip="One page up"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, id="log.page-down", tooltip="One page down"),
        Binding(
            "right_square_bracket", "mark(1)", "Next mark", id="log.next-mark", key_display="]", group=_JUMP,
            tooltip="To the next marked line: error, cause, phase",
        ),
        Binding(
            "left_square_bracket", "mark(-1)", "Previous mark", id="log.previous-mark", key_display="[", group=_JUMP,
            tooltip="To the previous marked line",
        ),
        Binding("w", "toggle_wrap", "Wrap", id="log.wrap", tooltip="Break long lines, or let them run on"),
        Binding("number_sign", "toggle_numbers", "Numbers", show=False, id="log.numbers", tooltip="Line numbers"),
    ]  # fmt: skip

    wrap: reactive[bool] = reactive(False, init=False)
    numbers: reactive[bool] = reactive(True, init=False)
    following: reactive[bool] = reactive(True, init=False, repaint=False)

    @dataclass
    class Moved(Message):
        """What the header tells has changed: following, or the lines not yet seen."""

        view: "LogView"

        @property
        def control(self) -> "LogView":
            """The view it happened in."""
            return self.view

    @dataclass
    class MarkJumped(Message):
        """The view went to a marked line."""

        view: "LogView"
        line: int

        @property
        def control(self) -> "LogView":
            """The view it happened in."""
            return self.view

    def __init__(self, store: LogStore, cleaner: Cleaner) -> None:
        """Make a view.

        Args:
            store: The lines; grown by the pane alone, which then calls `grown`.
            cleaner: Drops all control sequences but colour.
        """
        super().__init__()
        self._store = store
        self._cleaner = cleaner
        self._reader: LineReader | None = None
        self._query: Query | None = None
        self._strips: LRUCache[int, Strip] = LRUCache(2048)
        self._marks: dict[int, MarkKind] = {}
        self._mark_lines: list[int] = []
        self._matched: frozenset[int] | set[int] = frozenset()
        self._known = 0
        self._seen = 0
        self._current: int | None = None
        self._wanted: int | None = None
        self._measured = Size(0, 0)
        self._rows: list[tuple[int, int]] = []

    # What it shows

    @property
    def current(self) -> int | None:
        """The line that was jumped to; None before any jump."""
        return self._current

    @property
    def unseen(self) -> int:
        """Lines that came since the view was paused."""
        return 0 if self.following else max(len(self._store) - self._seen, 0)

    @property
    def top(self) -> int:
        """The first line on the screen."""
        return self.scroll_offset.y

    def set_marks(self, marks: Mapping[int, MarkKind]) -> None:
        """Show marks in the gutter, by line number."""
        if marks == self._marks:
            return
        self._marks = dict(marks)
        self._mark_lines = sorted(self._marks)
        self.refresh()

    def set_query(self, query: Query | None) -> None:
        """Mark what matches; None marks nothing."""
        self._query = query
        self.clear_drawn()
        self.refresh()

    def set_matched(self, lines: set[int]) -> None:
        """Show which lines matched in the gutter. The set may grow in place; `refresh` shows it."""
        self._matched = lines
        self.refresh()

    def grown(self) -> None:
        """Show what the store holds by now."""
        old, self._known = self._known, len(self._store)
        if old == self._known:
            return
        self._measure()
        if self._take_wanted():
            self.count_from_here()
        elif self.following:
            self._to_end()
        if old < self.top + self.page_height or self.following:
            self.refresh()
        self.post_message(self.Moved(self))

    def go_to(self, line: int) -> None:
        """Show a line a third from the top and stand on it; one that has not come yet is shown when it comes."""
        self._wanted = None
        if line >= self._known or not self.size.height:
            self._wanted = line
            self.following = False
            return
        line = max(line, 0)
        self._current = line
        self.following = False
        top = self.top
        if not top + 1 <= line < top + self.page_height - 2:
            self.jump_to(y=max(line - self.page_height // _CONTEXT, 0))
        self.refresh()

    def _take_wanted(self) -> bool:
        """Go to the line that was asked for before it had come, or before there was a place to show it."""
        if self._wanted is None or self._wanted >= self._known or not self.size.height:
            return False
        self.go_to(self._wanted)
        return True

    # Drawing

    def clear_drawn(self) -> None:
        """Forget drawn lines and the styles they were drawn with."""
        self._strips.clear()
        self._reader = None

    @property
    def gutter_width(self) -> int:
        """Cells before the text: a mark, the number, gaps."""
        return 2 + (max(len(str(max(len(self._store), 1))), 4) + 1 if self.numbers else 0)

    @property
    def _window(self) -> Size:
        return self.scrollable_content_region.size

    def _measure(self) -> None:
        self._measured = self._window
        height = self._known
        width = 0
        if self.wrap:
            height += self.page_height - self._fitting_at_end()
        else:
            width = self.gutter_width + min(self._store.longest + TAB_SIZE, LONGEST_SHOWN + 40)
        self._take_size(Size(width, height))

    def _take_size(self, size: Size) -> None:
        """Take a new virtual size. The whole screen is laid out anew only where a scrollbar may come or go."""
        old = self.virtual_size
        wider_unseen = size.width > old.width and not self.show_horizontal_scrollbar
        if size.width < old.width or size.height < old.height or wider_unseen or not self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(LogView.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.window_virtual_size = size.width

    def _fitting_at_end(self) -> int:
        """How many whole lines from the end on fill one page."""
        room, number = self.page_height, self._known
        while number > 0:
            room -= len(self._wrapped(number - 1))
            if room < 0:
                break
            number -= 1
        return max(self._known - number, 1)

    def _styles(self) -> LogStyles:
        base = self.base_style.rich_style

        def part(name: str) -> Style:
            return self.get_component_rich_style(f"log-view--{name}", partial=True)

        def over(name: str) -> Style:
            return self.get_component_rich_style(f"log-view--{name}")

        return LogStyles(
            base, over("error"), over("warning"), over("prefix"), over("match"), Style(bgcolor=over("current").bgcolor)
        )

    @property
    def reader(self) -> LineReader:
        """Gives lines as they are shown under the present theme and search."""
        if self._reader is None:
            self._reader = LineReader(self._cleaner, self._styles(), self._query)
        return self._reader

    def _strip(self, number: int) -> Strip:
        strip = self._strips.get(number)
        if strip is None:
            strip = self.reader.strip(self._store[number])
            self._strips[number] = strip
        return strip

    def _wrapped(self, number: int) -> list[Strip]:
        strip = self._strip(number)
        width = max(self.scrollable_content_region.width - self.gutter_width, 1)
        if strip.cell_length <= width:
            return [strip]
        cuts = list(range(width, strip.cell_length, width))[: self.page_height - 1]
        return list(strip.divide([*cuts, strip.cell_length]))[: self.page_height]

    def render_lines(self, crop: object) -> list[Strip]:
        """Draw the lines of the screen; in wrapped mode they are laid out from the top line on."""
        if self.wrap and self._measured != self._window:
            self.call_later(self._measure_again)
        self._layout_rows()
        return super().render_lines(crop)  # type: ignore[arg-type]

    def _layout_rows(self) -> None:
        """Say for each row of the screen which line, and which part of it, it shows."""
        rows: list[tuple[int, int]] = []
        number, height = self.top, self.size.height
        while len(rows) < height and number < self._known:
            parts = len(self._wrapped(number)) if self.wrap else 1
            rows += [(number, part) for part in range(parts)]
            number += 1
        self._rows = rows[:height]

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        width = self.scrollable_content_region.width
        base = self.reader.styles.base
        if y >= len(self._rows):
            return Strip.blank(width, base)
        number, part = self._rows[y]
        text_width = max(width - self.gutter_width, 1)
        if self.wrap:
            strip = self._wrapped(number)[part]
            left = part * text_width
        else:
            strip, left = self._strip(number), self.scroll_offset.x
        if (selection := self.text_selection) is not None:
            strip = self._selected(strip, selection, number, part * text_width if self.wrap else 0)
        start = 0 if self.wrap else left
        strip = self.window(strip, start, text_width, base).apply_offsets(left, number)
        strip = Strip([*self._gutter_segments(number, part), *strip], width)
        if number == self._current:
            strip = Strip(list(Segment.apply_style(strip, post_style=self.reader.styles.current)), width)
        return strip

    def _selected(self, strip: Strip, selection: Selection, number: int, shift: int) -> Strip:
        span = selection.get_span(number)
        if span is None:
            return strip
        start, end = span[0] - shift, (len(strip.text) if span[1] < 0 else span[1] - shift)
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip(overlay(list(strip), [(max(start, 0), end)], style), strip.cell_length)

    def _gutter_segments(self, number: int, part: int) -> list[Segment]:
        base = self.reader.styles.base
        kind = self._marks.get(number)
        if kind is None and number in self._matched:
            kind = MarkKind.MATCH
        faint = self.get_component_rich_style("log-view--number")
        if kind is None or part:
            mark = Segment(" ", base)
        else:
            name = "warning" if kind is MarkKind.MATCH else kind.value
            mark = Segment(MARK_GLYPHS[kind], self.get_component_rich_style(f"log-view--{name}"))
        if not self.numbers:
            return [mark, Segment(" ", base)]
        label = "" if part else str(number + 1)
        return [mark, Segment(f"{label:>{self.gutter_width - 2}} ", faint)]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give the selected text; only the selected lines are read."""
        start = selection.start or Offset(0, 0)
        end = selection.end
        last = self._known - 1 if end is None else min(end.y, self._known - 1)
        lines = [strip_sgr(self.reader.shown(self._store[n])) for n in range(start.y, last + 1)]
        if not lines:
            return None
        if end is not None and end.y <= last:
            lines[-1] = lines[-1][: end.x]
        lines[0] = lines[0][start.x :]
        return "\n".join(visible(line) for line in lines), "\n"

    def count_from_here(self) -> None:
        """Take all lines known by now as seen."""
        self._seen = self._known

    # Following and moving

    def _to_end(self) -> None:
        self.jump_to(y=self.max_scroll_y)

    def _hold(self) -> None:
        """Pause where the view stands above the end; the lines known by now count as seen."""
        if self.following and self.top < self.max_scroll_y:
            self.following = False

    def watch_following(self, following: bool) -> None:
        """Count new lines from here on, or go to the end."""
        self._seen = self._known
        if following:
            self._to_end()
        self.post_message(self.Moved(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Pause when the reader leaves the end by whatever means."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value:
            self._hold()

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._to_end()

    def action_top(self) -> None:
        """Go to the first line."""
        self.following = False
        self.jump_to(y=0)

    def action_line(self, lines: int) -> None:
        """Scroll by lines."""
        self.jump_to(y=self.top + lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages, one line of the old one left."""
        step = max(self.page_height - 1, 1)
        if self.wrap and pages > 0 and self._rows:
            step = max(self._rows[-1][0] - self.top, 1)
        self.jump_to(y=self.top + pages * step)

    def action_sideways(self, cells: int) -> None:
        """Scroll to the side."""
        self.jump_to(x=self.scroll_offset.x + cells)

    def action_mark(self, step: int) -> None:
        """Go to the next (1) or previous (-1) marked line."""
        here = self._current if self._current is not None else self.top
        lines = [n for n in self._mark_lines if (n > here if step > 0 else n < here)]
        if lines:
            line = lines[0] if step > 0 else lines[-1]
            self.go_to(line)
            self.post_message(self.MarkJumped(self, line))

    def action_toggle_wrap(self) -> None:
        """Break long lines, or let them run on."""
        self.wrap = not self.wrap

    def action_toggle_numbers(self) -> None:
        """Show or hide line numbers."""
        self.numbers = not self.numbers

    def _measure_again(self) -> None:
        """Lay out for the present window; the top line stays, or the end where it is followed."""
        self._measure()
        if self.following:
            self._to_end()
        self.refresh()

    def watch_wrap(self) -> None:
        """Lay out anew."""
        self._measure_again()

    def watch_numbers(self) -> None:
        """Lay out anew."""
        self._measure()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Stay at the end while following."""
        del event
        self._measure_again()
        self._take_wanted()
