"""The addresses in a line of a log, whole, before any of them is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.log_links import Link
from core.redact import MASK
from tui.medic import Keys, MedicScreen
from widgets.ink import inked, join

__all__ = ["LogLinksScreen"]


class LogLinksScreen(MedicScreen):
    """Asks which address to open; where it leads is said in full."""

    CSS_PATH = "log_links.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-links.back", tooltip="Back to the log; nothing is opened"),
        Binding("y", "copy", "Copy", id="log-links.copy", tooltip="Copy the address"),
    ]

    names = getters.query_one("#names", OptionList)
    about = getters.query_one("#about", Static)

    def __init__(self, links: Sequence[Link], where: str) -> None:
        """Make a screen.

        Args:
            links: One at least.
            where: In which line they stand.
        """
        super().__init__()
        self.links = tuple(links)
        self.where = where

    def compose(self) -> ComposeResult:
        """Where from, the addresses, all of the one under the cursor, keys."""
        count = len(self.links)
        yield Static(inked(f"{count} address{'es' if count != 1 else ''} in {self.where}", "bold"), id="head")
        yield OptionList(id="names", markup=False, compact=True)
        yield Static(id="about")
        yield Keys()

    def on_mount(self) -> None:
        """List them."""
        self.names.set_options(
            Option(join(inked(link.host, "bold"), inked(f"  {link.words or link.url}", "$foreground-muted")))
            for link in self.links
        )
        self.names.highlighted = 0
        self.names.focus()

    @property
    def chosen(self) -> Link:
        """The one under the cursor."""
        return self.links[self.names.highlighted or 0]

    @on(OptionList.OptionHighlighted, "#names")
    def under_cursor(self, event: OptionList.OptionHighlighted) -> None:
        """Say all of the address, and where it leads."""
        event.stop()
        link = self.chosen
        lines = [inked(link.url, ""), inked(f"enter opens it in your browser, at {link.host}", "$foreground-muted")]
        if link.words:
            lines.insert(0, inked(f"shown in the log as: {link.words}", "$text-warning"))
        if MASK in link.url:
            lines.append(inked("What is secret in it is masked: H in the log shows it.", "$text-warning"))
        self.about.update(Content("\n").join(lines))

    @on(OptionList.OptionSelected, "#names")
    def opened(self, event: OptionList.OptionSelected) -> None:
        """Open it, as it stands there."""
        event.stop()
        if MASK in self.chosen.url:
            self.notify("A masked address leads nowhere: H in the log shows secrets.", severity="warning", markup=False)
            return
        self.app.open_url(self.chosen.url)
        self.dismiss()

    def action_copy(self) -> None:
        """Copy it."""
        self.app.copy_to_clipboard(self.chosen.url)
        self.notify("Copied the address", markup=False)

    def action_back(self) -> None:
        """Back to the log."""
        self.dismiss()
