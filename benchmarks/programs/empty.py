"""An empty Textual application: one word on the screen."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

WORD = "nothing"


class Empty(App[None]):
    """Shows a word."""

    def compose(self) -> ComposeResult:
        yield Static(WORD)


if __name__ == "__main__":
    Empty().run()
