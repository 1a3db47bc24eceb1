"""The scrolling part of a log pane: draws only lines on the screen, with mark, time and number before each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from widgets.ink import TAB_SIZE, Cleaner, visible
from widgets.log_folds import Fold
from widgets.log_lines import LONGEST_SHOWN, MARK_GLYPHS, MarkKind, overlay
from widgets.log_map import map_cell
from widgets.log_paint import LogStyles
from widgets.log_rows import beside
from widgets.log_stamps import WIDTHS, Stamps, stamp
from widgets.log_store import LogStore
from widgets.log_text import LogText

TERMS = 6
"""So many highlighted terms have colours of their own; further ones begin anew."""
NAMES = 6
"""So many sources that are mixed in one log have colours of their own; further ones begin anew."""
_FOLDED, _UNFOLDED = "⊞", "│"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What holds for all rows of the screen while it is drawn; Textual works each of them out anew when asked.

    Attributes:
        width: Cells of a row.
        gutter: Cells before the text.
        map: Cells of the map.
        text: Cells of the text.
        left: The first cell of the text that is shown.
        selection: By mouse.
        picked: By keyboard.
    """

    width: int
    gutter: int
    map: int
    text: int
    left: int
    selection: Selection | None
    picked: tuple[int, int] | None


class LogView(LogText):
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
        "log-view--fold",
        "log-view--picked",
        "log-view--key",
        "log-view--text",
        "log-view--value",
        "log-view--place",
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
        & > .log-view--fold { color: $text-accent; background: $accent 20%; text-style: bold; }
        & > .log-view--picked { background: $secondary 35%; }
        & > .log-view--key { color: $text-primary; }
        & > .log-view--text { color: $text-success; }
        & > .log-view--value { color: $text-warning; }
        & > .log-view--place { color: $text-accent; text-style: underline; }
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
        Binding("c", "cause", "Cause", show=False, id="log.cause", tooltip="To the line that states the cause"),
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

    def __init__(self, store: LogStore, cleaner: Cleaner, mask: Cleaner | None = None) -> None:
        """Make a view; see `LogText`."""
        super().__init__(store, cleaner, mask)
        self._marks: dict[int, MarkKind] = {}
        self._cause: int | None = None
        self._errors: Sequence[int] = ()
        self._matches: Sequence[int] = ()
        self._map: tuple[tuple[MarkKind, Sequence[int]], ...] = ()
        self._looks: dict[str, Style] = {}
        self._frame: _Frame | None = None  # while the screen is drawn

    # What it shows

    def set_marks(self, marks: Mapping[int, MarkKind]) -> None:
        """Show marks in the gutter and on the map at the right, by line number."""
        if self._marks == marks:
            return
        self._marks = dict(marks)
        self._mark_lines = sorted(self._marks)
        self._cause = next((line for line in self._mark_lines if self._marks[line] is MarkKind.CAUSE), None)
        self._draw_map()

    def set_errors(self, lines: Sequence[int]) -> None:
        """Show on the map which lines speak of errors. The sequence may grow in place; call it again then."""
        self._errors = lines
        self._draw_map()

    def _draw_map(self) -> None:
        had = self.map_width
        marked = [line for line in self._mark_lines if self._marks[line] is MarkKind.ERROR]
        self._map = (
            (MarkKind.CAUSE, () if self._cause is None else (self._cause,)),
            (MarkKind.ERROR, self._errors),
            (MarkKind.ERROR, marked),
            (MarkKind.MATCH, self._matches),
        )
        if had != self.map_width:
            self._measure_again()
        self.refresh()

    def set_matched(self, lines: Sequence[int]) -> None:
        """Show which lines matched, in order. The sequence may grow in place; `refresh` shows it."""
        self._matches = lines
        self._draw_map()

    def mark_beside(self, line: int, step: int) -> int | None:
        """Give the next or previous line that is marked or speaks of an error."""
        both = beside(self._mark_lines, line, step), beside(self._errors, line, step)
        found = [each for each in both if each is not None]
        return (min if step > 0 else max)(found, default=None)

    def action_cause(self) -> None:
        """Go to the line that states the cause."""
        if self._cause is None:
            self.notify("No line of this log states a cause that is known.", markup=False)
        else:
            self.go_to(self._cause)
            self.post_message(self.MarkJumped(self, self._cause))

    # Drawing

    @property
    def gutter_width(self) -> int:
        """Cells before the text: a mark, the time, the number, gaps."""
        numbers = max(len(str(max(len(self._store), 1))), 4) + 1 if self.numbers else 0
        return 2 + numbers + (WIDTHS[self.stamps] + 1 if self.stamps is not Stamps.NONE else 0)

    @property
    def map_width(self) -> int:
        """Cells of the map at the right: one, where a log longer than the screen has something to show on it."""
        return int(self.row_count > self.page_height and any(len(lines) for _, lines in self._map))

    @property
    def text_width(self) -> int:
        """Cells left for text."""
        return max(self.scrollable_content_region.width - self.gutter_width - self.map_width, 1)

    def line_width(self) -> int:
        """Cells of the widest line with its gutter."""
        return self.gutter_width + min(self._store.longest + TAB_SIZE, LONGEST_SHOWN + 40) + self.map_width

    def look(self, name: str) -> Style:
        """Give the style of a part of the view."""
        style = self._looks.get(name)
        if style is None:
            style = self._looks[name] = self.get_component_rich_style(f"log-view--{name}")
        return style

    def clear_drawn(self) -> None:
        """Forget drawn lines and the styles they were drawn with."""
        super().clear_drawn()
        self._looks.clear()

    def line_styles(self) -> LogStyles:
        """Give the styles of the present theme."""
        over = self.look
        return LogStyles(
            self.base_style.rich_style,
            over("error"),
            over("warning"),
            over("prefix"),
            over("match"),
            Style(bgcolor=over("current").bgcolor),
            tuple(over(f"term-{n}") for n in range(TERMS)),
            tuple(over(f"name-{n}") for n in range(NAMES)),
            key=over("key"),
            text=over("text"),
            number=over("value"),
            place=over("place"),
        )

    def render_lines(self, crop: object) -> list[Strip]:
        """Draw the lines of the screen; in wrapped mode they are laid out from the top line on."""
        self._layout_rows()
        self._frame = self._frame_now()
        try:
            return super().render_lines(crop)  # type: ignore[arg-type]
        finally:
            self._frame = None

    def _frame_now(self) -> _Frame:
        width, gutter, on_map = self.scrollable_content_region.width, self.gutter_width, self.map_width
        text = max(width - gutter - on_map, 1)
        return _Frame(width, gutter, on_map, text, self.scroll_offset.x, self.text_selection, self.picked)

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        frame = self._frame or self._frame_now()
        base = self.reader.styles.base
        on_map = self._map_segments(y) if frame.map else []
        if y >= len(self._rows):
            return Strip.join([Strip.blank(frame.width - len(on_map), base), Strip(on_map, len(on_map))])
        row, number, part = self._rows[y]
        fold = self.fold_of(number)
        badge = f" ×{fold.count:,} " if fold and fold.closed and not part else ""
        strip = self._text_strip(frame, row, number, part, frame.text - len(badge))
        segments = [*self._gutter_segments(frame.gutter, row, number, part, fold), *strip]
        if number == self._current:
            segments = list(Segment.apply_style(segments, post_style=self.reader.styles.current))
        if badge:
            segments.append(Segment(badge, self.look("fold")))
        return Strip([*segments, *on_map], frame.width)

    def _text_strip(self, frame: _Frame, row: int, number: int, part: int, width: int) -> Strip:
        """The text of a row, exactly that wide."""
        pieces = self.pieces(number)
        strip = pieces[min(part, len(pieces) - 1)]
        broken = self.uneven and (not self.is_laid_out(number) if self.is_open(number) else self.wrap)
        shift = part * frame.text if broken else 0
        left = 0 if broken else frame.left
        if frame.selection is not None:
            strip = self._selected(strip, frame.selection, row, shift)
        if frame.picked is not None and frame.picked[0] <= number <= frame.picked[1]:
            style = Style(bgcolor=self.look("picked").bgcolor)
            strip = Strip(Segment.apply_style(strip, post_style=style), strip.cell_length)
        strip = self.window(strip, left, width, self.reader.styles.base)
        # Only the mouse asks where a row's text lies, by `render_line` itself; drawing does not pay for it.
        return strip.apply_offsets(shift or left, row) if self._frame is None else strip

    def _selected(self, strip: Strip, selection: Selection, row: int, shift: int) -> Strip:
        span = selection.get_span(row)
        if span is None:
            return strip
        start, end = span[0] - shift, (len(strip.text) if span[1] < 0 else span[1] - shift)
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip(overlay(list(strip), [(max(start, 0), end)], style), strip.cell_length)

    def _gutter_segments(self, width: int, row: int, number: int, part: int, fold: Fold | None) -> list[Segment]:
        faint = self.look("number")
        mark = Segment(" ", self.reader.styles.base) if part else self._mark_of(number, fold)
        label = f"{'' if part else number + 1:>{width - 2 - self._stamp_width}} " if self.numbers else " "
        if self.stamps is Stamps.NONE:
            return [mark, Segment(label, faint)]
        before = self._store.time_of(self.line_of(row - 1)) if row else None
        at_ms = None if part else self._store.time_of(number)
        return [mark, Segment(label + stamp(self.stamps, at_ms, self._store.time_of(0), before) + " ", faint)]

    def _mark_of(self, number: int, fold: Fold | None) -> Segment:
        """What a line is marked with; a closed fold shows the marks of its lines."""
        first, last = (fold.first, fold.last) if fold is not None and fold.closed else (number, number)
        marked = number if number in self._marks else beside(self._mark_lines, first - 1, 1)
        kind = self._marks[marked] if marked is not None and marked <= last else None
        if kind is None:
            matched = beside(self._matches, first - 1, 1)
            kind = MarkKind.MATCH if matched is not None and matched <= last else None
        if kind is not None:
            return Segment(MARK_GLYPHS[kind], self._mark_style(kind))
        if fold is None:
            return Segment(" ", self.reader.styles.base)
        return Segment(_FOLDED if fold.closed else _UNFOLDED, self.look("phase"))

    @property
    def _stamp_width(self) -> int:
        return 0 if self.stamps is Stamps.NONE else WIDTHS[self.stamps] + 1

    def _mark_style(self, kind: MarkKind) -> Style:
        return self.look("warning" if kind is MarkKind.MATCH else kind.value)

    def _map_segments(self, y: int) -> list[Segment]:
        """Draw the map beside a row of the screen: what is marked in the part of the log that it stands for."""
        first, last = self._on_map(y)
        if first < last:
            cell = map_cell(self._map, self.line_of(first), self.line_of(last - 1) + 1)
            if cell is not None:
                return [Segment(cell.glyph, self._mark_style(cell.kind))]
        return [Segment(" ", self.reader.styles.base)]

    def _on_map(self, y: int) -> tuple[int, int]:
        """The rows of the log that a cell of the map stands for: the first, and one past the last."""
        height, count = max(self.page_height, 1), self.row_count
        return y * count // height, (y + 1) * count // height

    def clicked(self, event: events.Click) -> None:
        """A click on the map goes to that part of the log; elsewhere the line becomes the current one."""
        if self.map_width and event.x == self.scrollable_content_region.width - 1:
            self.go_to(self.line_of(self._on_map(event.y)[0]))
        else:
            super().clicked(event)

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
