"""A line of a log whole, or several that were selected: laid out, in the colours of what they are written in."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.medic import Keys, MedicScreen
from widgets.code_view import CodeView
from widgets.ink import inked, join

__all__ = ["LogLineScreen"]

_LANGUAGES = {"": "as it is", "json": "JSON", "yaml": "YAML", "sql": "SQL", "pytb": "traceback", "bash": "shell"}


class LogLineScreen(MedicScreen):
    """What a reader stands on or has selected."""

    CSS_PATH = "log_line.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "back", "Back", id="log-line.back", tooltip="Back to the log"),
        Binding("y", "copy", "Copy", id="log-line.copy", tooltip="Copy the text as it stands here"),
        Binding("t", "language", "Colours", id="log-line.language",
                tooltip="Read it as JSON, YAML, SQL, a traceback, a shell script, or as it is"),
    ]  # fmt: skip

    def __init__(self, where: str, text: str, language: str = "") -> None:
        """Make a screen.

        Args:
            where: Which lines they are.
            text: Cleaned, with secrets masked as on the screen.
            language: As pygments names it; empty for none.
        """
        super().__init__()
        self.where = where
        self.text = text
        self.language = language

    def compose(self) -> ComposeResult:
        """Which line, the line, keys."""
        yield Static(id="head")
        yield CodeView(id="line")
        yield Keys()

    def on_mount(self) -> None:
        """Show it."""
        self._show()
        self.query_one("#line", CodeView).focus()

    def _show(self) -> None:
        name = _LANGUAGES.get(self.language, self.language)
        self.query_one("#head", Static).update(join(inked(self.where, "bold"), inked(f"  {name}", "$foreground-muted")))
        self.query_one("#line", CodeView).set_code(self.text, self.language)

    def action_language(self) -> None:
        """Read it as the next language."""
        every = list(_LANGUAGES)
        self.language = every[(every.index(self.language) + 1) % len(every)] if self.language in every else ""
        self._show()

    def action_copy(self) -> None:
        """Copy it."""
        self.app.copy_to_clipboard(self.text)
        self.app.notify("Copied", markup=False)

    def action_back(self) -> None:
        """Back to the log."""
        self.dismiss()
