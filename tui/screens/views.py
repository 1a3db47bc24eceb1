"""Saved views of the list, under the keys 1 to 9: shown, and saved from how the list stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from core.text import sanitize
from tui.config import ViewConfig
from tui.screens.one_line import OneLineScreen
from widgets.ink import inked
from widgets.keyed_table import Column, KeyedTable, Row

__all__ = ["Chosen", "ViewsScreen"]

_COLUMNS = (Column("key", "", 2), Column("name", "VIEW", 20), Column("how", "HOW", 24, flexible=True))
_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user wants: to show a view; with a name, to save the list as it stands under the key; or to drop it."""

    key: str
    name: str = ""
    drop: bool = False


class ViewsScreen(ModalScreen[Chosen | None]):
    """Gives back what is to be done; None where nothing is."""

    DEFAULT_CSS = """
    ViewsScreen { align: center middle; }
    ViewsScreen > Vertical { width: 84; max-width: 100%; height: 15; background: $panel; padding: 1 2 0 2; }
    ViewsScreen Static { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save", "Save here", id="views.save", tooltip="Save the list as it stands under this key"),
        Binding("delete", "drop", "Drop", id="views.drop", tooltip="Forget the view"),
        Binding("escape", "leave", "Back", id="views.back", tooltip="Back; nothing is changed"),
        *(Binding(key, f"take('{key}')", show=False, id=f"views.{key}") for key in "123456789"),
    ]

    table = getters.query_one(KeyedTable)

    def __init__(self, views: Mapping[str, ViewConfig], fixed: frozenset[str], now: str) -> None:
        super().__init__()
        self._views = views
        self._fixed = fixed
        self._now = now

    def compose(self) -> ComposeResult:
        """The nine keys with what they show."""
        with Vertical():
            yield Static(inked(f"Views. The list now: {self._now}", "bold"))
            yield KeyedTable(_COLUMNS)
            yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin at the first key."""
        self.table.sync([self._row(str(key)) for key in range(1, 10)])
        self.table.focus()

    def _row(self, key: str) -> Row:
        view = self._views.get(key)
        if view is None:
            return Row(key, (inked(key, "$text-accent"), inked("free: s saves here", "$foreground-muted"), ""))
        whose = " (configuration)" if key in self._fixed else ""
        return Row(key, (inked(key, "$text-accent"), sanitize(view.name), sanitize(view.words) + whose))

    @on(KeyedTable.Opened)
    def opened(self, event: KeyedTable.Opened) -> None:
        """Show the view, or save into a free place."""
        event.stop()
        self.action_take(event.key)

    def action_take(self, key: str) -> None:
        """Show the view of a key; where there is none, save the list there."""
        self.table.move_to(key)
        if key in self._views:
            self.dismiss(Chosen(key))
        else:
            self.action_save()

    def action_save(self) -> None:
        """Ask for a name and save the list as it stands."""
        key = self.table.cursor_key or ""
        if not self._may_change(key):
            return
        present = self._views.get(key)

        def named(name: str | None) -> None:
            if name:
                self.dismiss(Chosen(key, name[:_NAME_CHARS]))

        self.app.push_screen(OneLineScreen(f"name of view {key}", present.name if present else ""), named)

    def action_drop(self) -> None:
        """Forget the view under the cursor."""
        key = self.table.cursor_key or ""
        if key in self._views and self._may_change(key):
            self.dismiss(Chosen(key, drop=True))

    def _may_change(self, key: str) -> bool:
        if key in self._fixed:
            self.notify("The configuration sets this view; change it there.", severity="warning", markup=False)
        return key not in self._fixed

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
