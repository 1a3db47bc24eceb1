"""The name that a query is kept by."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

__all__ = ["LogQueryNameScreen"]


class LogQueryNameScreen(ModalScreen[str | None]):
    """One line; gives back the name, or None where the user went back."""

    DEFAULT_CSS = """
    LogQueryNameScreen { align: center middle; }
    LogQueryNameScreen > Input { width: 60; max-width: 90%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-query-name.back", tooltip="Back; nothing is kept"),
    ]

    typed = getters.query_one(Input)

    def compose(self) -> ComposeResult:
        """Where to type."""
        yield Input(placeholder="keep the query as …", max_length=80)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Give the name back."""
        event.stop()
        self.dismiss(self.typed.value.strip() or None)

    def action_back(self) -> None:
        """Leave without a name."""
        self.dismiss(None)
