"""The search box at the foot of a log pane."""

from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from widgets.ink import inked, join, visible


class LogSearchBar(Horizontal):
    """Typed text searches at once; enter goes back to the lines, escape ends the search."""

    DEFAULT_CSS = """
    LogSearchBar {
        height: 1;
        background: $panel;
        display: none;
        &.-open { display: block; }
        & > #search-lead { width: auto; color: $text-accent; text-style: bold; }
        & > Input { width: 1fr; background: transparent; }
        & > #search-count { width: auto; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "End search", id="log.search-close", tooltip="End the search"),
        Binding("ctrl+r", "toggle_regex", "Regex", id="log.search-regex", tooltip="Literal text or regular expression"),
    ]

    opened: reactive[bool] = reactive(False, toggle_class="-open")
    regex: reactive[bool] = reactive(False, init=False)
    field = getters.query_one(Input)

    @dataclass
    class Changed(Message):
        """What is searched for has changed."""

        bar: "LogSearchBar"
        text: str
        regex: bool

        @property
        def control(self) -> "LogSearchBar":
            """The box it happened in."""
            return self.bar

    @dataclass
    class Accepted(Message):
        """Enter: the reader goes on in the lines."""

        bar: "LogSearchBar"

        @property
        def control(self) -> "LogSearchBar":
            """The box it happened in."""
            return self.bar

    @dataclass
    class Closed(Message):
        """Escape: the search is over."""

        bar: "LogSearchBar"

        @property
        def control(self) -> "LogSearchBar":
            """The box it happened in."""
            return self.bar

    def compose(self) -> ComposeResult:
        """Sign, input, count."""
        yield Static(inked(" / ", ""), id="search-lead")
        yield Input(placeholder="text · ctrl+r regex", select_on_focus=False, compact=True)
        yield Static(id="search-count")

    @property
    def typing(self) -> bool:
        """Whether the reader is typing here."""
        return self.field.has_focus

    def open(self) -> None:
        """Show the box and take the keys."""
        self.opened = True
        self.field.focus()

    def show_count(self, place: int, total: int, *, done: bool) -> None:
        """Tell how many lines match, which of them is shown, and whether the search goes on."""
        if not self.field.value:
            self._tell("")
            return
        running = "" if done else "…"
        lines = "line matches" if total == 1 else "lines match"
        at = f"{place:,} of " if place else ""
        style = "" if total or not done else "$text-warning"
        self._tell(f"{at}{total:,}{running} {lines} · n N" if total else f"no match{running}", style)

    def show_error(self, message: str) -> None:
        """Tell why a regular expression cannot be read."""
        self._tell(message, "$text-error")

    def _tell(self, text: str, style: str = "") -> None:
        self.query_one("#search-count", Static).update(join(inked(text, style)))

    def watch_regex(self, regex: bool) -> None:
        """Search again the other way."""
        self.query_one("#search-lead", Static).update(inked(" .* " if regex else " / ", ""))
        self.post_message(self.Changed(self, self.field.value, regex))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if (harmless := visible(event.value)) != event.value:  # pasted
            self.field.value = harmless
            return
        self.post_message(self.Changed(self, event.value, self.regex))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Accepted(self))

    def action_close(self) -> None:
        """End the search and hide the box."""
        self.opened = False
        with self.prevent(Input.Changed):
            self.field.value = ""
        self.post_message(self.Closed(self))

    def action_toggle_regex(self) -> None:
        """Read the text literally or as a regular expression."""
        self.regex = not self.regex
