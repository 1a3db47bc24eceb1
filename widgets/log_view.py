"""The scrolling part of a log pane: draws only lines on the screen, with mark, time and number before each."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Offset
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from widgets.ansi import strip_sgr
from widgets.ink import TAB_SIZE, Cleaner, visible
from widgets.log_lines import LONGEST_SHOWN, MARK_GLYPHS, LineReader, LogStyles, MarkKind, overlay
from widgets.log_rows import LogRows
from widgets.log_search import Query
from widgets.log_stamps import WIDTHS, Stamps, stamp
from widgets.log_store import LogStore

TERMS = 6
"""So many highlighted terms have colours of their own; further ones begin anew."""
NAMES = 6
"""So many sources that are mixed in one log have colours of their own; further ones begin anew."""
_MAP_GLYPHS = {MarkKind.CAUSE: "◆", MarkKind.ERROR: "▐", MarkKind.MATCH: "▐", MarkKind.PHASE: "·"}
_MAP_ORDER = (MarkKind.CAUSE, MarkKind.ERROR, MarkKind.MATCH)


class LogView(LogRows):
    """Lines of a `LogStore` under their absolute numbers."""

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
        *(f"log-view--term-{n}" for n in range(TERMS)),
        *(f"log-view--name-{n}" for n in range(NAMES)),
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
        & > .log-view--term-0 { background: $accent 35%; text-style: bold; }
        & > .log-view--term-1 { background: $success 35%; text-style: bold; }
        & > .log-view--term-2 { background: $secondary 40%; text-style: bold; }
        & > .log-view--term-3 { background: $primary 40%; text-style: bold; }
        & > .log-view--term-4 { background: $error 35%; text-style: bold; }
        & > .log-view--term-5 { background: $foreground 25%; text-style: bold; }
        & > .log-view--name-0 { color: $text-primary; }
        & > .log-view--name-1 { color: $text-success; }
        & > .log-view--name-2 { color: $text-accent; }
        & > .log-view--name-3 { color: $text-warning; }
        & > .log-view--name-4 { color: $text-secondary; }
        & > .log-view--name-5 { color: $foreground; text-style: bold; }
        &:focus > .log-view--current { background: $primary 35%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("number_sign", "toggle_numbers", "Numbers", show=False, id="log.numbers", tooltip="Line numbers"),
        Binding(
            "t", "stamps", "Times", show=False, id="log.times",
            tooltip="Times of lines: none, local, UTC, since the start, since the line before",
        ),
        Binding(
            "H", "toggle_masked", "Secrets", show=False, id="log.secrets", tooltip="Show secrets, or mask them again"
        ),
    ]  # fmt: skip

    numbers: reactive[bool] = reactive(True, init=False)
    stamps: reactive[Stamps] = reactive(Stamps.NONE, init=False)
    masked: reactive[bool] = reactive(True, init=False)

    def __init__(self, store: LogStore, cleaner: Cleaner, mask: Cleaner | None = None) -> None:
        """Make a view.

        Args:
            store: The lines; grown by the pane alone, which then calls `grown`.
            cleaner: Drops all control sequences but colour.
            mask: Hides what is secret in a cleaned line; None where nothing is.
        """
        super().__init__(store)
        self._cleaner = cleaner
        self._mask = mask
        self._reader: LineReader | None = None
        self._query: Query | None = None
        self._terms: tuple[Query, ...] = ()
        self._names: tuple[str, ...] = ()
        self._strips: LRUCache[int, Strip] = LRUCache(2048)
        self._marks: dict[int, MarkKind] = {}
        self._map_lines: dict[MarkKind, list[int]] = {}
        self._matched: set[int] | frozenset[int] = frozenset()
        self._matches: list[int] = []

    # What it shows

    def set_marks(self, marks: Mapping[int, MarkKind]) -> None:
        """Show marks in the gutter and on the map at the right, by line number."""
        if self._marks == marks:
            return
        had = self.map_width
        self._marks = dict(marks)
        self._mark_lines = sorted(self._marks)
        self._map_lines = {kind: [n for n in self._mark_lines if self._marks[n] is kind] for kind in _MAP_ORDER}
        if had != self.map_width:
            self._measure_again()
        self.refresh()

    def set_query(self, query: Query | None) -> None:
        """Mark what matches; None marks nothing."""
        self._query = query
        self.redraw()

    def set_names(self, names: tuple[str, ...]) -> None:
        """Colour the names of sources that lines begin with, each in its own colour."""
        self._names = names
        self.redraw()

    def set_terms(self, terms: tuple[Query, ...]) -> None:
        """Colour these wherever they stand, each in its own colour."""
        self._terms = terms
        self.redraw()

    @property
    def terms(self) -> tuple[Query, ...]:
        """What is coloured."""
        return self._terms

    def set_matched(self, lines: list[int], matched: set[int]) -> None:
        """Show which lines matched. Both (in order; as a set) may grow in place; `refresh` shows it."""
        self._matches, self._matched = lines, matched
        self.refresh()

    # Drawing

    def redraw(self) -> None:
        """Draw all that is shown anew."""
        self.clear_drawn()
        self.refresh()

    def clear_drawn(self) -> None:
        """Forget drawn lines and the styles they were drawn with."""
        self._strips.clear()
        self._reader = None

    @property
    def gutter_width(self) -> int:
        """Cells before the text: a mark, the time, the number, gaps."""
        numbers = max(len(str(max(len(self._store), 1))), 4) + 1 if self.numbers else 0
        return 2 + numbers + (WIDTHS[self.stamps] + 1 if self.stamps is not Stamps.NONE else 0)

    @property
    def map_width(self) -> int:
        """Cells of the map at the right: one, where there is something to show on it."""
        return int(any(self._map_lines.values()))

    @property
    def text_width(self) -> int:
        """Cells left for text."""
        return max(self.scrollable_content_region.width - self.gutter_width - self.map_width, 1)

    def line_width(self) -> int:
        """Cells of the widest line with its gutter."""
        return self.gutter_width + min(self._store.longest + TAB_SIZE, LONGEST_SHOWN + 40) + self.map_width

    def parts_of(self, line: int) -> int:
        """How many rows a line takes when it is broken."""
        return len(self._wrapped(line))

    def _styles(self) -> LogStyles:
        base = self.base_style.rich_style

        def over(name: str) -> Style:
            return self.get_component_rich_style(f"log-view--{name}")

        current = Style(bgcolor=over("current").bgcolor)
        terms = tuple(over(f"term-{n}") for n in range(TERMS))
        names = tuple(over(f"name-{n}") for n in range(NAMES))
        return LogStyles(base, over("error"), over("warning"), over("prefix"), over("match"), current, terms, names)

    @property
    def reader(self) -> LineReader:
        """Gives lines as they are shown under the present theme and search."""
        if self._reader is None:
            mask = self._mask if self.masked else None
            self._reader = LineReader(self._cleaner, self._styles(), self._query, self._terms, mask, self._names)
        return self._reader

    def raw(self, number: int) -> str:
        """Give a line as it came; the body of a private key only where secrets are shown."""
        hidden = self.masked and self._mask is not None and self._store.in_key(number)
        return "********" if hidden else self._store[number]

    def _strip(self, number: int) -> Strip:
        strip = self._strips.get(number)
        if strip is None:
            strip = self.reader.strip(self.raw(number))
            self._strips[number] = strip
        return strip

    def _wrapped(self, number: int) -> list[Strip]:
        strip = self._strip(number)
        width = self.text_width
        if strip.cell_length <= width:
            return [strip]
        cuts = list(range(width, strip.cell_length, width))[: self.page_height - 1]
        return list(strip.divide([*cuts, strip.cell_length]))[: self.page_height]

    def render_lines(self, crop: object) -> list[Strip]:
        """Draw the lines of the screen; in wrapped mode they are laid out from the top line on."""
        self._layout_rows()
        return super().render_lines(crop)  # type: ignore[arg-type]

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        width = self.scrollable_content_region.width
        base = self.reader.styles.base
        on_map = self._map_segments(y)
        if y >= len(self._rows):
            return Strip.join([Strip.blank(width - len(on_map), base), Strip(on_map, len(on_map))])
        row, number, part = self._rows[y]
        text_width = self.text_width
        if self.wrap:
            strip = self._wrapped(number)[part]
            left = part * text_width
        else:
            strip, left = self._strip(number), self.scroll_offset.x
        if (selection := self.text_selection) is not None:
            strip = self._selected(strip, selection, row, part * text_width if self.wrap else 0)
        start = 0 if self.wrap else left
        strip = self.window(strip, start, text_width, base).apply_offsets(left, row)
        segments = [*self._gutter_segments(row, number, part), *strip]
        if number == self._current:
            segments = list(Segment.apply_style(segments, post_style=self.reader.styles.current))
        return Strip([*segments, *on_map], width)

    def _selected(self, strip: Strip, selection: Selection, row: int, shift: int) -> Strip:
        span = selection.get_span(row)
        if span is None:
            return strip
        start, end = span[0] - shift, (len(strip.text) if span[1] < 0 else span[1] - shift)
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip(overlay(list(strip), [(max(start, 0), end)], style), strip.cell_length)

    def _gutter_segments(self, row: int, number: int, part: int) -> list[Segment]:
        base = self.reader.styles.base
        kind = self._marks.get(number)
        if kind is None and number in self._matched:
            kind = MarkKind.MATCH
        faint = self.get_component_rich_style("log-view--number")
        mark = Segment(" ", base) if kind is None or part else Segment(MARK_GLYPHS[kind], self._mark_style(kind))
        label = f"{'' if part else number + 1:>{self.gutter_width - 2 - self._stamp_width}} " if self.numbers else " "
        if self.stamps is Stamps.NONE:
            return [mark, Segment(label, faint)]
        before = self._store.time_of(self.line_of(row - 1)) if row else None
        at_ms = None if part else self._store.time_of(number)
        return [mark, Segment(label + stamp(self.stamps, at_ms, self._store.time_of(0), before) + " ", faint)]

    @property
    def _stamp_width(self) -> int:
        return 0 if self.stamps is Stamps.NONE else WIDTHS[self.stamps] + 1

    def _mark_style(self, kind: MarkKind) -> Style:
        return self.get_component_rich_style(f"log-view--{'warning' if kind is MarkKind.MATCH else kind.value}")

    def _map_segments(self, y: int) -> list[Segment]:
        """Draw the map beside a row of the screen: what is marked in the part of the log that it stands for."""
        if not self.map_width:
            return []
        height, count = max(self.page_height, 1), self.row_count
        first, last = y * count // height, (y + 1) * count // height
        if first < last:
            start, stop = self.line_of(first), self.line_of(last - 1) + 1
            for kind in _MAP_ORDER:
                lines = self._matches if kind is MarkKind.MATCH else self._map_lines[kind]
                at = bisect_left(lines, start)
                if at < len(lines) and lines[at] < stop:
                    return [Segment(_MAP_GLYPHS[kind], self._mark_style(kind))]
        return [Segment(" ", self.reader.styles.base)]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give the selected text; only the selected lines are read."""
        start = selection.start or Offset(0, 0)
        end = selection.end
        last = self.row_count - 1 if end is None else min(end.y, self.row_count - 1)
        lines = [self.plain(self.line_of(row)) for row in range(start.y, last + 1)]
        if not lines:
            return None
        if end is not None and end.y <= last:
            lines[-1] = lines[-1][: end.x]
        lines[0] = lines[0][start.x :]
        return "\n".join(visible(line) for line in lines), "\n"

    def plain(self, number: int) -> str:
        """Give a line as shown, without colours."""
        return strip_sgr(self.reader.shown(self.raw(number)))

    # Switches

    def action_toggle_numbers(self) -> None:
        """Show or hide line numbers."""
        self.numbers = not self.numbers

    def action_stamps(self) -> None:
        """Show times the next way."""
        self.stamps = self.stamps.following

    def action_toggle_masked(self) -> None:
        """Show secrets, or mask them again."""
        self.masked = not self.masked

    def watch_numbers(self) -> None:
        """Lay out anew."""
        self._measure_again()

    def watch_stamps(self) -> None:
        """Lay out anew."""
        self._measure_again()
        self.post_message(self.Moved(self))

    def watch_masked(self) -> None:
        """Draw anew."""
        self.redraw()
        self.post_message(self.Moved(self))
