"""Every widget with believable and with hostile data, to look at: `python -m widgets.gallery`."""

import sys
from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Footer, TabbedContent, TabPane

from widgets import gallery_data as data
from widgets.banner import Banner, Level
from widgets.code_view import CodeView
from widgets.confirm_card import ConfirmCard
from widgets.diff_view import DiffView
from widgets.document_view import DocumentView
from widgets.empty_state import EmptyState, NextStep
from widgets.keyed_table import KeyedTable
from widgets.log_pane import LogPane, SourceState
from widgets.stage_graph import StageGraph
from widgets.status import Tone
from widgets.step_list import StepList
from widgets.wizard import Wizard


class Gallery(App[None]):
    """One tab a widget."""

    CSS = """
    #steps-list { width: 2fr; border-right: solid $foreground 20%; }
    #steps-document { width: 3fr; }
    TabbedContent, TabPane { height: 1fr; }
    TabPane { padding: 0; }
    #diffs > DiffView { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "next_theme", "Theme", id="gallery.theme", tooltip="The next theme"),
        Binding("q", "quit", "Quit", id="gallery.quit", tooltip="Leave"),
    ]

    def __init__(self, first: str = "table") -> None:
        """Make the gallery; `first` is the id of the tab shown first."""
        super().__init__()
        self._first = first

    def compose(self) -> ComposeResult:
        """Tabs."""
        yield Banner(id="banner")
        with TabbedContent(initial=self._first):
            yield from self._panes()
        yield Footer()

    def _panes(self) -> Iterator[TabPane]:
        yield TabPane("Table", KeyedTable(data.COLUMNS, id="pipelines"), id="table")
        yield TabPane("Graph", StageGraph(data.STAGES), id="graph")
        yield TabPane("Log", LogPane(data.LOG_NAME, state=SourceState.LIVE), id="log")
        steps = Horizontal(StepList(id="steps-list"), DocumentView(data.DOCUMENT, id="steps-document"))
        yield TabPane("Steps", steps, id="steps")
        diff = DiffView(data.BEFORE, data.AFTER, language="json")
        yield TabPane("Diff", Vertical(diff, id="diffs"), id="diff")
        yield TabPane("Code", CodeView(data.LONG_JSON, "json"), id="code")
        yield TabPane("Wizard", Wizard(data.WIZARD_TITLE), id="wizard")
        empty = EmptyState(
            "No credentials",
            data.NO_CREDENTIALS,
            (NextStep("login", "↵", "aws sso login --profile prod"), NextStep("profile", "p", "choose a profile")),
            tone=Tone.DENIED,
        )
        yield TabPane("Empty", empty, id="empty")

    def on_mount(self) -> None:
        """Fill in the data."""
        self.query_one(KeyedTable).sync(data.ROWS)
        self.query_one(StepList).sync_steps(data.STEPS, "14 calls · 1.2 s")
        pane = self.query_one(LogPane)
        pane.append(data.LOG)
        pane.set_marks(data.MARKS)
        pane.open_at(data.FIRST_ERROR)
        self.query_one(Banner).show(Level.WARNING, "eu-west-1: " + data.HOSTILE, "reading again", due_in_s=30)

    @on(TabbedContent.TabActivated)
    async def show_pane(self, event: TabbedContent.TabActivated) -> None:
        """Give the keys to what is shown."""
        if event.pane.id == "wizard":
            for wizard in self.query(Wizard):
                await wizard.show_card(3, ConfirmCard(data.QUESTION, "checkout-build"))
            return
        focusable = (w for w in event.pane.walk_children(Widget) if w.focusable)
        if (widget := next(focusable, None)) is not None:
            widget.focus()

    def action_next_theme(self) -> None:
        """Go through the themes."""
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]


if __name__ == "__main__":
    Gallery(*sys.argv[1:2]).run()
