"""The last yes before something is changed."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from widgets.ink import inked, join
from widgets.status import Tone, status


class ConfirmCard(Vertical):
    """Asks for the last yes; where `typed_name` is given, only the typed name opens the way."""

    DEFAULT_CSS = """
    ConfirmCard {
        height: auto;
        & > .question { text-style: bold; }
        & > .prompt { margin-top: 1; }
        & > Input { max-width: 60; padding: 0 1; background: $foreground 10%; }
        & > .state { height: 1; }
    }
    """

    @dataclass
    class Changed(Message):
        """The typed name became right or wrong."""

        card: "ConfirmCard"
        confirmed: bool

        @property
        def control(self) -> "ConfirmCard":
            """The card it happened in."""
            return self.card

    @dataclass
    class Confirmed(Message):
        """Enter was pressed on the right name."""

        card: "ConfirmCard"

        @property
        def control(self) -> "ConfirmCard":
            """The card it happened in."""
            return self.card

    def __init__(self, question: str, typed_name: str = "", *, id: str | None = None) -> None:  # noqa: A002
        """Make a card.

        Args:
            question: What is about to happen, with account, region and resource. May have lines.
            typed_name: What must be typed; empty where a key is enough.
            id: As of any widget.
        """
        super().__init__(id=id)
        self._question, self._typed_name = question, typed_name

    def compose(self) -> ComposeResult:
        """Question, and the input where a name is asked for."""
        for line in self._question.split("\n"):
            yield Static(inked(line, ""), classes="question")
        if self._typed_name:
            yield Static(join("Type ", inked(self._typed_name, "bold $text-warning"), " to confirm."), classes="prompt")
            yield Input(compact=True)
            yield Static(classes="state")

    @property
    def confirmed(self) -> bool:
        """Whether the way on is open."""
        return not self._typed_name or self.query_one(Input).value == self._typed_name

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        right = self.confirmed
        tone = Tone.OK if right else Tone.IDLE
        words = "matches" if right else "does not match yet" if event.value else ""
        self.query_one(".state", Static).update(status(tone, words) if words else Content(""))
        self.post_message(self.Changed(self, right))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.confirmed:
            self.post_message(self.Confirmed(self))
