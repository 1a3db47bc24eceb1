"""One line that is asked for."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

__all__ = ["OneLineScreen"]


class OneLineScreen(ModalScreen[str | None]):
    """Gives back what was typed, without space around it; None where the user went back.

    Args:
        asked: what is wanted, in words.
        value: what to begin with.
    """

    DEFAULT_CSS = """
    OneLineScreen { align: center middle; }
    OneLineScreen > Input { width: 70; max-width: 90%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="one-line.back", tooltip="Back; nothing is changed"),
    ]

    typed = getters.query_one(Input)

    def __init__(self, asked: str, value: str = "") -> None:
        super().__init__()
        self._asked = asked
        self._value = value

    def compose(self) -> ComposeResult:
        """Where to type."""
        yield Input(self._value, placeholder=self._asked, max_length=1000)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Give it back."""
        event.stop()
        self.dismiss(self.typed.value.strip())

    def action_back(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
