"""What can be done to a pipeline now: each action with its consequence; what cannot be done says why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from core.actions import Action, Situation, actions_of
from core.actions.model import Answers
from core.attention import FocusPoint
from core.errors import PipemedicError
from core.fact import Fact
from core.place import PipelineRef
from core.plan import Call
from core.text import sanitize
from tui import navigation
from tui.medic import Keys, MedicScreen
from tui.screens.ask import AskScreen
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.status import Tone, status_text

__all__ = ["ActionsScreen"]

_COLUMNS = (
    Column("can", "", 1),
    Column("action", "ACTION", 62, flexible=True),
    Column("state", "", 44, drop=1),
)
_EXECUTIONS = 25


class ActionsScreen(MedicScreen):
    """The menu of actions on one pipeline, as it stands at this moment."""

    CSS_PATH = "actions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="actions.back", tooltip="Back; nothing is done"),
        Binding("r", "reload", "Refresh", id="actions.refresh", tooltip="Read the pipeline again"),
    ]

    head = getters.query_one("#head", Static)
    table = getters.query_one("#actions", KeyedTable)
    consequence = getters.query_one("#consequence", Static)

    def __init__(self, ref: PipelineRef, point: FocusPoint | None = None, begins: str = "") -> None:
        """Make the menu.

        Args:
            ref: the pipeline.
            point: the stage or action it is about.
            begins: of the id of the action that is wanted: its form opens by itself.
        """
        super().__init__()
        self.ref = ref
        self.point = point
        self._begins = begins
        self.actions: dict[str, Action] = {}
        self._busy = False

    def compose(self) -> ComposeResult:
        """Which pipeline, the actions, what the one under the cursor does, keys."""
        yield Static(id="head")
        yield KeyedTable(_COLUMNS, id="actions")
        yield Static(id="consequence")
        yield Keys()

    def on_mount(self) -> None:
        """Read how the pipeline stands."""
        self.table.focus()
        self.action_reload()

    def action_reload(self) -> None:
        """Read how the pipeline stands now."""
        name = sanitize(self.ref.name)
        self.head.update(join(inked(f"Actions on {name}", "bold"), inked("   reading …", "$foreground-muted")))
        self.run_worker(
            self._read(),
            name="actions",
            group="actions",
            description=f"read what can be done to {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _read(self) -> None:
        try:
            situation = await self._situation()
        except PipemedicError as error:
            self.consequence.update(inked(sanitize(navigation.told(error)), "$text-error"))
            return
        found = actions_of(situation, read_only=self.medic.desk.read_only(self.ref.place))
        self.actions = {each.id: each for each in found}
        where = " · ".join(filter(None, (situation.account, self.ref.place.region, self.ref.place.profile)))
        self.head.update(join(inked(f"Actions on {sanitize(self.ref.name)}", "bold"), f"   {sanitize(where)}"))
        self.table.sync([_row(each) for each in found])
        self.show_consequence()
        self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        """Open the form that was asked for, once; say so where it cannot be had."""
        begins, self._begins = self._begins, ""
        wanted = next((each for each in self.actions.values() if begins and each.id.startswith(begins)), None)
        if wanted is not None:
            self.table.move_to(wanted.id)
            self._choose(wanted)
        elif begins:
            self.notify("That is not to be had for this action: here is what is.", severity="warning", markup=False)

    async def _situation(self) -> Situation:
        desk, name = self.medic.desk, self.ref.name
        reader = desk.cloud.pipelines(self.ref.place)
        identity, state, definition, page = await asyncio.gather(
            desk.identity(self.ref.place),
            reader.state(name),
            reader.definition(name),
            reader.executions(name, limit=_EXECUTIONS),
        )
        return Situation(self.ref, identity.account, state, definition, page.items, self.point)

    @property
    def selected(self) -> Action | None:
        """The action under the cursor."""
        return self.actions.get(self.table.cursor_key or "")

    @on(KeyedTable.Highlighted, "#actions")
    def show_consequence(self) -> None:
        """Say what the action under the cursor does, or why it cannot be done."""
        if action := self.selected:
            lines = [inked(sanitize(action.title), "bold"), join(sanitize(action.consequence))]
            if action.why_not:
                lines.append(inked(f"Not now: {sanitize(action.why_not)}.", "$text-warning"))
            self.consequence.update(Content("\n").join(lines))

    @on(KeyedTable.Opened, "#actions")
    def chosen(self) -> None:
        """Go on with the action under the cursor: read, ask, then the wizard."""
        if self.selected is not None:
            self._choose(self.selected)

    def _choose(self, action: Action) -> None:
        if self._busy:
            return
        if action.why_not:
            self.notify(sanitize(f"Not now: {action.why_not}."), severity="warning", markup=False)
            return
        self._busy = True
        self.run_worker(
            self._prepare(action),
            name="prepare",
            group="prepare",
            description=f"prepare: {action.title}",
            exit_on_error=False,
        )

    async def _prepare(self, action: Action) -> None:
        evidence = self.medic.desk.cloud.evidence(self.ref.place)

        async def read(calls: Sequence[Call]) -> tuple[Fact, ...]:
            asked = (
                evidence.read(each.service, each.operation, each.params, region=each.region, pages=1) for each in calls
            )
            return tuple(await asyncio.gather(*asked))

        try:
            first = await read(action.reads)
            facts = (*first, *await read(action.more(first)))
            asks = action.asks(facts)
        except PipemedicError as error:
            self._refuse(error)
            return
        if not asks:
            self._plan(action, {}, facts)
            return

        def answered(given: dict[str, str] | None) -> None:
            self._busy = False
            if given is not None:
                self._plan(action, given, facts)

        self.app.push_screen(AskScreen(action.title, action.consequence, asks), answered)

    def _plan(self, action: Action, given: Answers, facts: tuple[Fact, ...]) -> None:
        self._busy = False
        try:
            plan = action.make(given, facts) if action.make else None
        except PipemedicError as error:
            self._refuse(error)
            return
        if plan is None:
            self.notify("What was read does not allow this now.", severity="warning", markup=False)
            return
        self.dismiss()
        navigation.open_plan(self.medic, self.ref, plan)

    def _refuse(self, error: PipemedicError) -> None:
        self._busy = False
        self.notify(sanitize(navigation.told(error)), severity="warning", markup=False)

    def action_back(self) -> None:
        """Leave without doing anything."""
        self.dismiss()


def _row(action: Action) -> Row:
    can = "" if action.possible else status_text(Tone.OFF)
    return Row(action.id, (can, sanitize(action.title), sanitize(action.why_not)), dim=not action.possible)
