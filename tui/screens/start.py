"""The first thing on the screen: where we are, and that AWS is asked. It imports next to nothing, to come early."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from tui.top_bar import Bar, TopBar
from widgets.empty_state import EmptyState
from widgets.status import Tone

__all__ = ["StartScreen"]


class StartScreen(Screen[None]):
    """What the fleet's screen shows before it knows anything; the fleet's own takes its place."""

    DEFAULT_CSS = """
    StartScreen > EmptyState { height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """Bar and notice."""
        yield TopBar(Bar(pulse="connecting …"))
        yield EmptyState("Connecting …", ("Asking AWS which pipelines there are.",), tone=Tone.RUNNING)
