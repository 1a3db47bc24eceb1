"""A table whose rows have keys: new data changes what differs, and the cursor stays on its row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style

from widgets.ink import Ink, fit, join
from widgets.line_view import LineView
from widgets.table_model import GAP, Column, Row, RowLike, Slot, lay_out

__all__ = ["Column", "KeyedTable", "Row", "RowLike"]

_GUTTER = 2
_MOVES = Binding.Group("Move", compact=True)


class KeyedTable(LineView):
    """Rows by key under a fixed header, drawn on the line API.

    Only lines on the screen are ever drawn or compared, so `sync` costs little whatever the number of rows.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "keyed-table--header",
        "keyed-table--cursor",
        "keyed-table--hover",
        "keyed-table--dim",
        "keyed-table--bar",
    }
    DEFAULT_CSS = """
    KeyedTable {
        height: 1fr;
        overflow-x: hidden;
        color: $foreground;
        & > .keyed-table--header { color: $text-muted; text-style: bold; }
        & > .keyed-table--cursor { background: $foreground 8%; }
        & > .keyed-table--hover { background: $foreground 4%; }
        & > .keyed-table--dim { color: $text-muted; }
        & > .keyed-table--bar { color: $text-muted; }
        &:focus > .keyed-table--cursor { background: $primary 35%; text-style: bold; }
        &:focus > .keyed-table--bar { color: $text-accent; background: $primary 35%; }
        &:ansi > .keyed-table--cursor, &:ansi > .keyed-table--hover { background: transparent; }
        &:ansi:focus > .keyed-table--cursor { background: transparent; text-style: bold underline; }
        &:ansi:focus > .keyed-table--bar { background: transparent; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="table.open", tooltip="Open the row under the cursor"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up", tooltip="One row up", group=_MOVES),
        Binding("down,j", "move(1)", "Down", show=False, id="table.down", tooltip="One row down", group=_MOVES),
        Binding("home,g", "first", "First", show=False, id="table.first", tooltip="To the first row", group=_MOVES),
        Binding("end,G", "last", "Last", show=False, id="table.last", tooltip="To the last row", group=_MOVES),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="table.page-up", tooltip="One page up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="table.page-down", tooltip="One page down"),
    ]

    hovered: reactive[int] = reactive(-1, repaint=False)

    @dataclass
    class Highlighted(Message):
        """The cursor came to stand on a row."""

        table: "KeyedTable"
        key: str

        @property
        def control(self) -> "KeyedTable":
            """The table it happened in."""
            return self.table

    @dataclass
    class Opened(Message):
        """A row was opened with enter or a second click."""

        table: "KeyedTable"
        key: str

        @property
        def control(self) -> "KeyedTable":
            """The table it happened in."""
            return self.table

    @dataclass
    class HeaderSelected(Message):
        """A column's header was clicked."""

        table: "KeyedTable"
        column: str

        @property
        def control(self) -> "KeyedTable":
            """The table it happened in."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a table.

        Args:
            columns: Its columns; `set_columns` changes them.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._columns: tuple[Column, ...] = tuple(columns)
        self._rows: tuple[RowLike, ...] = ()
        self._index: dict[str, int] = {}
        self._cursor = 0
        self._slots: tuple[Slot, ...] = ()
        self._drawn: LRUCache[str, tuple[RowLike, str, Strip]] = LRUCache(512)
        self._width = 0
        self._header: Strip | None = None

    # What it holds

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, shown or dropped for want of width."""
        return self._columns

    @property
    def rows(self) -> tuple[RowLike, ...]:
        """The rows in their order."""
        return self._rows

    @property
    def cursor_key(self) -> str | None:
        """Key of the row under the cursor; None in an empty table."""
        return self._rows[self._cursor].key if self._rows else None

    @property
    def rows_on_screen(self) -> tuple[RowLike, ...]:
        """The rows that can be seen."""
        top = self.scroll_offset.y
        return self._rows[top : top + self.size.height]

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Replace the columns. Rows stay and are read by the new columns' positions."""
        self._columns = tuple(columns)
        self._lay_out()
        self.refresh()

    def sync(self, rows: Sequence[RowLike]) -> None:
        """Show these rows. The cursor stays on its key and on its line of the screen.

        Where the row under the cursor is gone, the one that took its place gets the cursor.

        Args:
            rows: All rows in their order; keys are unique.

        Raises:
            ValueError: Two rows have one key.
        """
        index = {row.key: i for i, row in enumerate(rows)}
        if len(index) != len(rows):
            raise ValueError("KeyedTable.sync: two rows have the same key")
        old_key, old_cursor, old_top = self.cursor_key, self._cursor, self.scroll_offset.y
        on_screen = self._keys_on_screen()
        self._rows, self._index = tuple(rows), index
        self._cursor = index.get(old_key, -1) if old_key is not None else 0
        if self._cursor < 0:
            self._cursor = max(min(old_cursor, len(rows) - 1), 0)
        self.virtual_size = Size(self.size.width, len(rows) + 1)
        self._keep_in_place(old_cursor, old_top)
        self._refresh_changed(on_screen)
        if self.cursor_key is not None and self.cursor_key != old_key:
            self.post_message(self.Highlighted(self, self.cursor_key))

    def move_to(self, key: str) -> bool:
        """Put the cursor on a row and bring it into sight. False where there is no such row."""
        row = self._index.get(key)
        if row is None:
            return False
        self._go(row)
        return True

    # Drawing

    def clear_drawn(self) -> None:
        """Forget drawn lines."""
        self._drawn.clear()
        self._header = None

    def render_line(self, y: int) -> Strip:
        """Draw the header at the top and a row on every other line."""
        width = self.scrollable_content_region.width
        if width != self._width:
            self._lay_out()
        if y == 0:
            if self._header is None:
                self._header = self._draw_header(width)
            return self._header
        number = self.scroll_offset.y + y - 1
        if number >= len(self._rows):
            return Strip.blank(width, self.base_style.rich_style)
        row = self._rows[number]
        state = self._state(number)
        drawn = self._drawn.get(row.key)
        if drawn is not None and drawn[1] == state and (drawn[0] is row or drawn[0] == row):
            return drawn[2]
        strip = self._draw_row(row, number, width)
        self._drawn[row.key] = (row, state, strip)
        return strip

    def _state(self, number: int) -> str:
        if number == self._cursor:
            return "cursor"
        return "hover" if number == self.hovered else ""

    def _draw_header(self, width: int) -> Strip:
        cells = [self._padded(slot, self._columns[slot.index].label) for slot in self._slots]
        return self.draw(self._line(" " * _GUTTER, cells), self.get_visual_style("keyed-table--header"), width)

    def _draw_row(self, row: RowLike, number: int, width: int) -> Strip:
        state = self._state(number)
        base = self.get_visual_style(f"keyed-table--{state}") if state else self.base_style
        if row.dim:
            base = Style(base.background, self.get_visual_style("keyed-table--dim").foreground, bold=base.bold)
        cells = [
            self._padded(slot, row.cells[slot.index] if slot.index < len(row.cells) else "") for slot in self._slots
        ]
        if row.dim:
            cells = [Content(cell.plain, strip_control_codes=False) for cell in cells]
        bar = self.get_visual_style("keyed-table--bar") if state == "cursor" else ""
        mark = Content.styled("▌" if state == "cursor" else " ", bar, strip_control_codes=False)
        return self.draw(
            self._line(
                join(mark, Content.styled("●", "$text-accent", strip_control_codes=False) if row.marked else " "), cells
            ),
            base,
            width,
        )

    def _padded(self, slot: Slot, ink: Ink) -> Content:
        return fit(ink, slot.width, self._columns[slot.index].align)

    @staticmethod
    def _line(lead: Content | str, cells: Sequence[Content]) -> Content:
        parts: list[Content | str] = [lead]
        for cell in cells:
            parts += [cell, " " * GAP]
        return join(*parts)

    # Keeping place

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width
        self._slots = lay_out(self._columns, self._width - _GUTTER - GAP)
        self.clear_drawn()

    def _keys_on_screen(self) -> list[tuple[str, str] | None]:
        top = self.scroll_offset.y
        return [
            (self._rows[number].key, self._state(number)) if number < len(self._rows) else None
            for number in range(top, top + self.size.height - 1)
        ]

    def _refresh_changed(self, before: list[tuple[str, str] | None]) -> None:
        """Have those lines of the screen drawn again that show something else than before."""
        after = self._keys_on_screen()
        if len(after) != len(before):
            self.refresh()
            return
        for line, (was, now) in enumerate(zip(before, after, strict=True)):
            if was != now or (now is not None and self._stale(now[0])):
                self.refresh_row(line + 1)

    def _stale(self, key: str) -> bool:
        drawn = self._drawn.get(key)
        row = self._rows[self._index[key]]
        return drawn is None or (drawn[0] is not row and drawn[0] != row)

    def _keep_in_place(self, old_cursor: int, old_top: int) -> None:
        """Keep the cursor's row on its line of the screen; at the top of the table the top stays instead."""
        page = self._page
        was_visible = old_top <= old_cursor < old_top + page
        top = old_top
        if was_visible and old_top > 0:
            top = self._cursor - (old_cursor - old_top)
        if was_visible:
            top = min(max(top, self._cursor - page + 1), self._cursor)
        top = min(max(top, 0), max(len(self._rows) - page, 0))
        if top != self.scroll_offset.y:
            self.jump_to(y=top)

    @property
    def _page(self) -> int:
        return max(self.page_height - 1, 1)

    def _go(self, row: int) -> None:
        if not self._rows:
            return
        row = min(max(row, 0), len(self._rows) - 1)
        old, self._cursor = self._cursor, row
        top = self.scroll_offset.y
        if row < top:
            self.jump_to(y=row)
        elif row >= top + self._page:
            self.jump_to(y=row - self._page + 1)
        for number in (old, row):
            self.refresh_row(number - self.scroll_offset.y + 1)
        if row != old:
            self.post_message(self.Highlighted(self, self._rows[row].key))

    # Keys and mouse

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._go(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._go(self._cursor + pages * self._page)

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._go(len(self._rows) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    def on_resize(self) -> None:
        """Share the width anew and keep the cursor in sight."""
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self._lay_out()
        self.refresh()
        self._keep_in_place(self._cursor, self.scroll_offset.y)

    def on_click(self, event: events.Click) -> None:
        """Select the row clicked; open it on the second click of a pair; tell of a click on a header."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            column = next((s for s in self._slots if s.x <= offset.x - _GUTTER < s.x + s.width), None)
            if column is not None:
                self.post_message(self.HeaderSelected(self, self._columns[column.index].key))
            return
        number = self.scroll_offset.y + offset.y - 1
        if number < len(self._rows):
            self._go(number)
            if event.chain > 1:
                self.action_open()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tint the row under the pointer."""
        offset = event.get_content_offset(self)
        inside = offset is not None and offset.y > 0
        self.hovered = self.scroll_offset.y + event.y - 1 if inside else -1

    def on_leave(self) -> None:
        """Take the tint off when the pointer leaves."""
        self.hovered = -1

    def watch_hovered(self, old: int, new: int) -> None:
        """Draw the two rows that changed."""
        for number in (old, new):
            if number >= 0:
                self.refresh_row(number - self.scroll_offset.y + 1)
