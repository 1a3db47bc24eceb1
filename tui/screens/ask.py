"""A small form: what must be known before a plan is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.actions import Ask
from core.text import sanitize
from tui.medic import Keys
from widgets.ink import inked, join

__all__ = ["AskScreen"]


class _Field(Vertical):
    """One question with its input or its choices."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(classes="field")
        self.ask = ask

    def compose(self) -> ComposeResult:
        label, hint = sanitize(self.ask.label), sanitize(self.ask.hint)
        yield Static(join(inked(label, "bold"), inked(f"   {hint}" if hint else "", "$foreground-muted")))
        if self.ask.choices:
            # An option without a wrapped text would be read as markup.
            yield OptionList(*(Option(Content(sanitize(each.label))) for each in self.ask.choices), compact=True)
        else:
            yield Input(self.ask.default, max_length=self.ask.limit, compact=True)

    @property
    def answer(self) -> str:
        """What was given."""
        if self.ask.choices:
            at = self.query_one(OptionList).highlighted
            return self.ask.choices[at].value if at is not None else ""
        return self.query_one(Input).value.strip()

    @property
    def missing(self) -> bool:
        """Whether an answer is wanted and none was given."""
        return self.ask.required and not self.answer

    def take_focus(self) -> None:
        """Put the cursor here."""
        self.query("Input, OptionList").first().focus()


class AskScreen(Screen[dict[str, str] | None]):
    """Asks, and gives back the answers by name; None where the user went back."""

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="ask.back", tooltip="Back; nothing is done"),
        Binding("ctrl+s", "submit", "Go on", id="ask.submit", tooltip="Go on to the confirmation"),
    ]

    form = getters.query_one("#form", VerticalScroll)
    trouble = getters.query_one("#trouble", Static)

    def __init__(self, title: str, consequence: str, asks: Sequence[Ask]) -> None:
        super().__init__()
        self._heading = title
        self._consequence = consequence
        self._asks = tuple(asks)

    def compose(self) -> ComposeResult:
        """What is about to be done, the questions, what is missing, keys."""
        yield Static(inked(sanitize(self._heading), "bold"), id="head")
        yield Static(join(sanitize(self._consequence)), id="about")
        with VerticalScroll(id="form", can_focus=False):
            for ask in self._asks:
                yield _Field(ask)
        yield Static(id="trouble")
        yield Keys()

    def on_mount(self) -> None:
        """Begin with the first question."""
        for field in self.fields:
            for options in field.query(OptionList):
                values = [each.value for each in field.ask.choices]
                options.highlighted = values.index(field.ask.default) if field.ask.default in values else 0
        self.fields[0].take_focus()

    @property
    def fields(self) -> list[_Field]:
        """The questions in order."""
        return list(self.form.query(_Field))

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def next_field(self, event: Input.Submitted | OptionList.OptionSelected) -> None:
        """Go to the next question; after the last one, go on."""
        event.stop()
        fields = self.fields
        at = next((i for i, field in enumerate(fields) if field.has_focus_within), len(fields) - 1)
        if at + 1 < len(fields):
            fields[at + 1].take_focus()
        else:
            self.action_submit()

    def action_submit(self) -> None:
        """Give the answers back, if none is missing."""
        missing = next((field for field in self.fields if field.missing), None)
        if missing:
            self.trouble.update(inked(f"{sanitize(missing.ask.label)}: an answer is needed.", "$text-warning"))
            missing.take_focus()
            return
        self.dismiss({field.ask.name: field.answer for field in self.fields})

    def action_back(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
