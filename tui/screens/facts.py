"""Facts as they were read: the call, its parameters, and what came back as highlighted JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from core.fact import Fact
from core.text import sanitize
from tui.medic import Keys
from widgets.code_view import CodeView
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row

__all__ = ["FactsScreen"]

_COLUMNS = (
    Column("n", "FACT", 5, "right"),
    Column("call", "CALL", 24, flexible=True),
    Column("outcome", "OUTCOME", 10),
    Column("took", "TOOK", 8, "right", drop=1),
)
# Longer answers are cut for the screen; the call can be made again by hand.
_MOST_CHARS = 400_000


class FactsScreen(Screen[None]):
    """What a step rests on."""

    CSS_PATH = "facts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="facts.back", tooltip="Back to the playbook"),
        Binding("y", "copy", "Copy", id="facts.copy", tooltip="Copy this fact as JSON"),
    ]

    table = getters.query_one("#facts", KeyedTable)
    code = getters.query_one("#fact", CodeView)

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__()
        self.facts = {str(fact.n): fact for fact in facts}

    def compose(self) -> ComposeResult:
        """The facts, the selected one, keys."""
        yield Static(inked("Facts as they were read", "bold"), id="head")
        yield KeyedTable(_COLUMNS, id="facts")
        yield CodeView(id="fact")
        yield Keys()

    def on_mount(self) -> None:
        """List them."""
        self.table.styles.height = min(len(self.facts) + 1, 8)
        self.table.sync([_row(fact) for fact in self.facts.values()])
        self.table.focus()
        self.show_fact()

    @on(KeyedTable.Highlighted, "#facts")
    def show_fact(self) -> None:
        """Show the selected fact."""
        fact = self.facts.get(self.table.cursor_key or "")
        if fact:
            self.code.set_code(_text(fact), "json")

    def action_copy(self) -> None:
        """Copy the selected fact."""
        fact = self.facts.get(self.table.cursor_key or "")
        if fact:
            self.app.copy_to_clipboard(_text(fact))
            self.notify("Copied the fact as JSON", markup=False)

    def action_back(self) -> None:
        """Back to the playbook."""
        self.dismiss()


def _row(fact: Fact) -> Row:
    outcome = join(fact.outcome.value.replace("_", " "))
    return Row(str(fact.n), (f"[{fact.n}]", sanitize(fact.call), outcome, f"{fact.took_s * 1000:.0f} ms"))


def _text(fact: Fact) -> str:
    """A fact as JSON text; log lines and strings within are harmless, because JSON escapes control characters."""
    whole = {
        "service": fact.service,
        "operation": fact.operation,
        "region": fact.region,
        "parameters": fact.params,
        "outcome": fact.outcome.value,
        "error": fact.error,
        "answer": fact.value,
    }
    text = json.dumps(whole, indent=2, ensure_ascii=False, default=str)
    return sanitize(text if len(text) <= _MOST_CHARS else text[:_MOST_CHARS] + "\n… cut")
