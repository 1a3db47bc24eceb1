"""One line of a log, whole: JSON pretty-printed and coloured, anything else as it is."""

from __future__ import annotations

import json
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.medic import Keys, MedicScreen
from widgets.code_view import CodeView
from widgets.ink import inked

__all__ = ["LogLineScreen", "pretty"]

_MOST_CHARS = 1_000_000  # an event of CloudWatch Logs has at most a megabyte


class LogLineScreen(MedicScreen):
    """The line a reader stands on."""

    CSS_PATH = "log_line.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "back", "Back", id="log-line.back", tooltip="Back to the log"),
        Binding("y", "copy", "Copy", id="log-line.copy", tooltip="Copy the line as it stands here"),
    ]

    def __init__(self, number: int, text: str) -> None:
        """Make a screen.

        Args:
            number: Of the line, from 1.
            text: Cleaned, with secrets masked as on the screen.
        """
        super().__init__()
        self.number = number
        self.text, self.language = pretty(text[:_MOST_CHARS])

    def compose(self) -> ComposeResult:
        """Which line, the line, keys."""
        yield Static(inked(f"Line {self.number:,}", "bold"), id="head")
        yield CodeView(id="line")
        yield Keys()

    def on_mount(self) -> None:
        """Show it."""
        view = self.query_one("#line", CodeView)
        view.set_code(self.text, self.language)
        view.focus()

    def action_copy(self) -> None:
        """Copy it."""
        self.app.copy_to_clipboard(self.text)
        self.app.notify("Copied", markup=False)

    def action_back(self) -> None:
        """Back to the log."""
        self.dismiss()


def pretty(text: str) -> tuple[str, str]:
    """Return a line laid out for reading, and the language it is in (empty for none).

    JSON is found where it begins, after a prefix such as a time or a logger's name, which stays above it.
    """
    for at in (text.find("{"), text.find("[")):
        if at < 0:
            continue
        try:
            value, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if not isinstance(value, dict | list) or not value or text[end:].strip():
            continue
        laid = json.dumps(value, indent=2, ensure_ascii=False)
        prefix = text[:at].rstrip()
        return (f"{prefix}\n{laid}" if prefix else laid), "json"
    return text, "pytb" if "Traceback (most recent call last)" in text else ""
