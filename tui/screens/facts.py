"""Facts as they were read: the call, its parameters, and what came back as highlighted JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core.age import age
from core.fact import Fact
from core.text import sanitize
from tui.medic import Keys, MedicScreen
from tui.playbook_view import STALE_S
from widgets.code_view import CodeView
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row

__all__ = ["FactsScreen"]

_COLUMNS = (
    Column("n", "FACT", 5, "right"),
    Column("call", "CALL", 24, flexible=True),
    Column("outcome", "OUTCOME", 10),
    Column("took", "TOOK", 8, "right", drop=1),
    Column("read", "READ", 10, "right"),
)
_AGES_S = 5.0
# Longer answers are cut for the screen; the call can be made again by hand.
_MOST_CHARS = 400_000


class FactsScreen(MedicScreen):
    """What a step rests on.

    Args:
        facts: in the order in which they are cited.
        again: makes the read of a fact anew, by number; None where that cannot be done.
    """

    CSS_PATH = "facts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="facts.back", tooltip="Back to the playbook"),
        Binding("y", "copy", "Copy", id="facts.copy", tooltip="Copy this fact as JSON"),
        Binding("r", "again", "Read again", id="facts.again", tooltip="Make this read anew, and judge by it"),
    ]

    table = getters.query_one("#facts", KeyedTable)
    code = getters.query_one("#fact", CodeView)

    def __init__(self, facts: Sequence[Fact], again: Callable[[int], Awaitable[Fact]] | None = None) -> None:
        super().__init__()
        self.facts = {str(fact.n): fact for fact in facts}
        self._again = again

    def compose(self) -> ComposeResult:
        """The facts, the selected one, keys."""
        yield Static(inked("Facts as they were read", "bold"), id="head")
        yield KeyedTable(_COLUMNS, id="facts")
        yield CodeView(id="fact")
        yield Keys()

    def on_mount(self) -> None:
        """List them."""
        self.table.styles.height = min(len(self.facts) + 2, 9)  # with header and border
        self._list()
        self.table.focus()
        self.show_fact()
        self.set_interval(_AGES_S, self._list)

    def _list(self) -> None:
        now = self.medic.desk.clock()
        self.table.sync([_row(fact, now) for fact in self.facts.values()])

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

    def action_again(self) -> None:
        """Make the selected fact's read anew."""
        fact = self.facts.get(self.table.cursor_key or "")
        if fact and self._again:
            self.run_worker(
                self._read(fact, self._again),
                name=f"fact {fact.n}",
                group=f"fact-{fact.n}",
                description=f"read {fact.service} {fact.operation} again",
                exclusive=True,
                exit_on_error=False,
            )

    async def _read(self, fact: Fact, again: Callable[[int], Awaitable[Fact]]) -> None:
        new = await again(fact.n)
        self.facts[str(fact.n)] = new
        self._list()
        self.show_fact()
        same = (new.outcome, new.value) == (fact.outcome, fact.value)
        self.notify("Read again: the same answer" if same else "Read again: the answer has changed", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Facts that cannot be read again do not offer it."""
        del parameters
        return action != "again" or self._again is not None

    def action_back(self) -> None:
        """Back to the playbook."""
        self.dismiss()


def _row(fact: Fact, now: float) -> Row:
    outcome = join(fact.outcome.value.replace("_", " "))
    old = now - fact.read_at > STALE_S
    read = inked(f"{age(fact.read_at, now)} ago", "$text-warning" if old else "") if fact.read_at else ""
    return Row(str(fact.n), (f"[{fact.n}]", sanitize(fact.call), outcome, f"{fact.took_s * 1000:.0f} ms", read))


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
