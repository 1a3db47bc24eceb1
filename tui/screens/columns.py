"""Which columns the list of pipelines has, and in which order: chosen with space, moved with brackets."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from core.text import sanitize
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row

__all__ = ["ColumnsScreen"]

_COLUMNS = (Column("on", "", 3), Column("name", "COLUMN", 20, flexible=True))


class ColumnsScreen(ModalScreen[tuple[str, ...] | None]):
    """Gives the columns chosen, in their order; None where nothing was changed; empty for the program's own choice."""

    DEFAULT_CSS = """
    ColumnsScreen { align: center middle; }
    ColumnsScreen > Vertical { width: 40; height: 22; background: $panel; padding: 1 2 0 2; }
    ColumnsScreen Static { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "Show/hide", id="columns.toggle", tooltip="Show or hide the column"),
        Binding("left_square_bracket", "shift(-1)", "Up", key_display="[", id="columns.up", tooltip="Further left"),
        Binding(
            "right_square_bracket", "shift(1)", "Down", key_display="]", id="columns.down", tooltip="Further right"
        ),
        Binding("enter", "done", "Take", id="columns.done", priority=True, tooltip="Take these columns"),
        Binding("backspace", "usual", "Usual ones", id="columns.usual", tooltip="The program's own choice"),
        Binding("escape", "leave", "Back", id="columns.leave", tooltip="Leave the columns as they were"),
    ]

    table = getters.query_one(KeyedTable)

    def __init__(self, present: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__()
        self._on = set(present)
        self._order = [*present, *(each for each in known if each not in present)]

    def compose(self) -> ComposeResult:
        """A list of all columns."""
        with Vertical():
            yield Static(inked("Columns", "bold"))
            yield KeyedTable(_COLUMNS)
            yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin at the first one."""
        self._show()
        self.table.focus()

    def _show(self) -> None:
        marks = {True: inked("[✓]", "$text-success"), False: join("[ ]")}
        self.table.sync(
            [Row(key, (marks[key in self._on], sanitize(key)), dim=key not in self._on) for key in self._order]
        )

    def action_switch(self) -> None:
        """Show or hide the column under the cursor; one always stays."""
        if key := self.table.cursor_key:
            self._on ^= {key}
            if not self._on:
                self._on = {key}
            self._show()

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor."""
        key = self.table.cursor_key
        if key is None:
            return
        at = self._order.index(key)
        self._order.insert(min(max(at + by, 0), len(self._order) - 1), self._order.pop(at))
        self._show()
        self.table.move_to(key)

    def action_done(self) -> None:
        """Take them."""
        self.dismiss(tuple(key for key in self._order if key in self._on))

    def action_usual(self) -> None:
        """Go back to the program's own choice."""
        self.dismiss(())

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
