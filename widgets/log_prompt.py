"""One line at the foot of a log pane in which something is asked: a filter, a term to colour, a place to go to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from widgets.ink import inked, visible


class LogPrompt(Horizontal):
    """Asks for one thing at a time; enter gives it, escape gives it up, tab goes to the next of several leads."""

    DEFAULT_CSS = """
    LogPrompt {
        height: 1;
        background: $panel;
        display: none;
        &.-open { display: block; }
        & > #prompt-lead { width: auto; color: $text-accent; text-style: bold; }
        & > Input { width: 1fr; background: transparent; }
        & > #prompt-note { width: auto; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Give up", id="log.prompt-close", tooltip="Leave it as it was"),
        Binding("tab", "turn", "Another", id="log.prompt-turn", tooltip="The same for something else"),
    ]

    opened: reactive[bool] = reactive(False, toggle_class="-open")
    field = getters.query_one(Input)

    @dataclass
    class Answered(Message):
        """Enter: what was asked for, and the text."""

        prompt: "LogPrompt"
        about: str
        text: str

        @property
        def control(self) -> "LogPrompt":
            """The prompt it happened in."""
            return self.prompt

    @dataclass
    class Closed(Message):
        """Escape: nothing changes."""

        prompt: "LogPrompt"

        @property
        def control(self) -> "LogPrompt":
            """The prompt it happened in."""
            return self.prompt

    def __init__(self) -> None:
        super().__init__()
        self._about = ""
        self._leads: tuple[str, ...] = ("",)
        self.turn = 0
        """Which of the leads stands there, from 0."""

    def compose(self) -> ComposeResult:
        """What is asked, the answer, what is wrong with it."""
        yield Static(id="prompt-lead")
        yield Input(select_on_focus=False, compact=True)
        yield Static(id="prompt-note")

    @property
    def about(self) -> str:
        """What is asked for."""
        return self._about

    def ask(self, about: str, lead: str | Sequence[str], hint: str, text: str = "") -> None:
        """Ask.

        Args:
            about: What for; comes back with the answer.
            lead: Before the field; several may be chosen from.
            hint: In the empty field.
            text: To begin with.
        """
        self._about = about
        self._leads = (lead,) if isinstance(lead, str) else tuple(lead)
        self.turn = 0
        self._show_lead()
        self.refuse("")
        self.field.placeholder = visible(hint)
        self.field.value = text = visible(text)
        self.field.cursor_position = len(text)
        self.opened = True
        self.field.focus()

    def _show_lead(self) -> None:
        more = " (tab: others)" if len(self._leads) > 1 else ""
        self.query_one("#prompt-lead", Static).update(inked(f" {self._leads[self.turn]}{more} ", ""))

    def action_turn(self) -> None:
        """The next lead."""
        self.turn = (self.turn + 1) % len(self._leads)
        self._show_lead()

    def refuse(self, why: str) -> None:
        """Say what is wrong with the answer; the prompt stays open."""
        self.query_one("#prompt-note", Static).update(inked(why, "$text-error"))

    def close(self) -> None:
        """Hide it."""
        self.opened = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if (harmless := visible(event.value)) != event.value:  # pasted
            self.field.value = harmless
        self.refuse("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Answered(self, self._about, event.value.strip()))

    def action_close(self) -> None:
        """Give up."""
        self.close()
        self.post_message(self.Closed(self))
