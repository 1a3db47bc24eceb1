"""Several changes at once: one confirmation that lists them all, then how each one goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core.place import PipelineRef
from core.plan import ApplyStep, Plan
from core.text import first_line, sanitize
from tui.changes import Change
from tui.fix_cards import OUTCOME_TONES
from tui.medic import Keys, MedicScreen
from widgets.confirm_card import ConfirmCard
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.status import Tone, status_text

__all__ = ["BatchScreen"]

_COLUMNS = (
    Column("pipeline", "PIPELINE", 22),
    Column("place", "PLACE", 18, drop=1),
    Column("change", "CHANGE", 24, flexible=True),
    Column("risk", "RISK", 7),
    Column("state", "STATE", 16),
)


class _Plans(KeyedTable):
    """The changes: enter makes them all, and says so; once they are made it does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Apply all", id="batch.enter", tooltip="Make all these changes")
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """They can be made once."""
        del parameters
        return action != "open" or bool(self.screen.check_action("apply", ()))


class BatchScreen(MedicScreen):
    """Plans for several pipelines, confirmed together."""

    CSS_PATH = "batch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="batch.back", tooltip="Back; what was begun goes on"),
        Binding("ctrl+s", "apply", "Apply all", show=False, id="batch.apply", tooltip="Make all these changes"),
    ]

    table = getters.query_one("#plans", KeyedTable)
    head = getters.query_one("#head", Static)

    def __init__(self, title: str, plans: Sequence[tuple[PipelineRef, Plan]]) -> None:
        super().__init__()
        self._heading = title
        self._given = tuple(plans)
        self.plans: dict[str, tuple[PipelineRef, Plan]] = {}
        self.changes: dict[str, Change] = {}

    def compose(self) -> ComposeResult:
        """What is about to happen, to which pipelines, the question, keys."""
        desk = self.medic.desk
        # A pipeline may have several changes here, so that its own key does not name a row.
        self.plans = {
            f"{ref.key}#{number}": (ref, desk.guarded(plan)) for number, (ref, plan) in enumerate(self._given)
        }
        protected = any(desk.guarded(plan).typed for _, plan in self._given)
        yield Static(id="head")
        yield _Plans(_COLUMNS, id="plans")
        count = f"{len(self.plans)} {'change' if len(self.plans) == 1 else 'changes'}"
        question = f"{self._heading}: {count}. Enter or ctrl+s makes them all."
        yield Static(id="told")
        yield ConfirmCard(question, count if protected else "", id="question")
        yield Keys()

    def on_mount(self) -> None:
        """List the changes."""
        self.head.update(inked(sanitize(self._heading), "bold"))
        self.show_plans()
        inputs = self.query("ConfirmCard Input")
        (inputs.first() if inputs else self.table).focus()

    def show_plans(self) -> None:
        """Draw each change with how it goes."""
        self.table.sync([self._row(key, ref, plan) for key, (ref, plan) in self.plans.items()])

        self.show_told()

    @on(KeyedTable.Highlighted, "#plans")
    def show_told(self) -> None:
        """Say of the change under the cursor what it means, then how it went."""
        key = self.table.cursor_key or ""
        change = self.changes.get(key)
        if change and change.steps:
            self.query_one("#told", Static).update(join(sanitize(change.steps[-1].detail)))
        elif key in self.plans:
            plan = self.plans[key][1]
            note = inked(f"   {sanitize(plan.risk_note)}", "$foreground-muted")
            self.query_one("#told", Static).update(join(sanitize(plan.title), note))

    def _row(self, key: str, ref: PipelineRef, plan: Plan) -> Row:
        change = self.changes.get(key)
        last = change.steps[-1] if change and change.steps else None
        if change is None:
            state = status_text(Tone.IDLE, "not made yet")
        elif last is None or last.outcome is None:
            state = status_text(Tone.RUNNING, last.name if last else "begins")
        else:
            state = status_text(OUTCOME_TONES[last.outcome], last.outcome.value)
        cells = (sanitize(ref.name), str(ref.place), first_line(sanitize(plan.title)), plan.risk.value, state)
        return Row(key, cells)

    @on(KeyedTable.Opened, "#plans")
    @on(ConfirmCard.Confirmed)
    def confirmed(self) -> None:
        """Enter makes all the changes, where nothing is left to type."""
        self.action_apply()

    def action_apply(self) -> None:
        """Make all the changes, side by side."""
        if self.changes or not self.query_one(ConfirmCard).confirmed:
            return
        self.query_one(ConfirmCard).display = False
        self.table.focus()
        for key, (ref, plan) in self.plans.items():
            change = self.changes[key] = self.medic.apply(plan)
            change.on_step = self._listener(ref)
        self.show_plans()

    def _listener(self, ref: PipelineRef) -> Callable[[ApplyStep], None]:
        def told(step: ApplyStep) -> None:
            self.show_plans()
            if step.outcome is not None:
                self.medic.desk.forget_diagnosis(ref)
                if fleet := self.medic.desk.fleet:
                    fleet.poke(ref)
                self._say_ended()

        return told

    def _say_ended(self) -> None:
        ended = [each.outcome for each in self.changes.values() if each.outcome]
        if len(ended) == len(self.changes):
            good = sum(outcome.value == "verified" for outcome in ended)
            words = f"   {good} of {len(ended)} verified"
            tone = "$text-success" if good == len(ended) else "$text-warning"
            self.head.update(join(inked(sanitize(self._heading), "bold"), inked(words, tone)))

    def action_back(self) -> None:
        """Leave; changes under way go on, and tell their outcome."""
        for change in self.changes.values():
            if change.outcome is None:
                change.on_step = self.medic.tell_outcome(change)
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """They can be made once."""
        del parameters
        return not self.changes if action == "apply" else True
