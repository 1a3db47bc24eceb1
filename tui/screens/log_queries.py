"""The queries there are to begin with: the user's own first, then those that come with the program."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.text import sanitize
from tui.logs.queries import BUILT_IN, SavedQuery, read_queries
from tui.medic import Keys
from widgets.ink import inked, join

__all__ = ["LogQueriesScreen"]


class LogQueriesScreen(Screen[SavedQuery | None]):
    """Gives back the query that was chosen; None where the user went back."""

    CSS_PATH = "log_queries.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-queries.back", tooltip="Back; the query stays as it was"),
    ]

    names = getters.query_one("#names", OptionList)
    about = getters.query_one("#about", Static)

    def compose(self) -> ComposeResult:
        """The names, and the text of the one under the cursor."""
        yield OptionList(id="names", markup=False, compact=True)
        yield Static(id="about")
        yield Keys()

    def on_mount(self) -> None:
        """List them."""
        own = read_queries()
        self.queries = (*own, *BUILT_IN)
        self.names.set_options(
            Option(join(sanitize(each.name), inked("  yours" if each in own else "", "$text-accent")))
            for each in self.queries
        )
        self.names.highlighted = 0
        self.names.focus()

    @on(OptionList.OptionHighlighted, "#names")
    def under_cursor(self, event: OptionList.OptionHighlighted) -> None:
        """Show its text."""
        event.stop()
        query = self.queries[event.option_index]
        over = f"\n\nover {', '.join(query.groups)}" if query.groups else ""
        self.about.update(join(sanitize(query.text), inked(sanitize(over), "$foreground-muted")))

    @on(OptionList.OptionSelected, "#names")
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Give it back."""
        event.stop()
        self.dismiss(self.queries[event.option_index])

    def action_back(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)
