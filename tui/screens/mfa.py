"""Asks for the code of an MFA device, once for a profile and all its regions."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.text import sanitize
from widgets.ink import inked, join

__all__ = ["MfaScreen"]

_DIGITS = 6


class MfaScreen(ModalScreen[str | None]):
    """Gives back the code; empty where the user went back, None where it is not wanted any more."""

    DEFAULT_CSS = """
    MfaScreen { align: center middle; }
    MfaScreen > Vertical { width: 64; max-width: 90%; height: auto; padding: 1 2; background: $panel; }
    MfaScreen Input { width: 20; margin: 1 0; background: $foreground 10%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="mfa.back", tooltip="Without a code: the profile stays closed")
    ]

    code = getters.query_one(Input)
    said = getters.query_one("#said", Static)

    def __init__(self, profile: str, regions: tuple[str, ...], why: str) -> None:
        super().__init__()
        self.profile = profile
        self._regions = regions
        self._why = why

    def compose(self) -> ComposeResult:
        """Whose code, why, where to type it, and how to go back."""
        with Vertical():
            yield Static(join(inked("MFA code", "bold"), f"  for profile {sanitize(self.profile or 'default')}"))
            yield Static(inked(", ".join(self._regions), "$foreground-muted"))
            wrong = "not accepted" in self._why
            yield Static(inked(sanitize(self._why), "$text-error" if wrong else "$foreground-muted"), id="said")
            yield Input(placeholder="6 digits", restrict=r"[0-9]*", max_length=_DIGITS, compact=True)
            yield Static(inked("enter  go on      esc  leave it closed; K asks again", "$foreground-muted"))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Give the code back once it is whole."""
        if len(event.value) == _DIGITS:
            self.dismiss(event.value)
        else:
            self.said.update(inked(f"A code has {_DIGITS} digits.", "$text-warning"))

    def action_back(self) -> None:
        """Leave without a code."""
        self.dismiss("")
