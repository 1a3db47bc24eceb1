"""The inbox: every approval that waits, in all places, with what an answer would send out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from core.actions import Ask
from core.approvals import Waiting, waiting_in, warnings_of
from core.pipeline import Definition, Execution
from core.place import PipelineRef
from core.plan import Plan
from core.plans.pipeline import answer_approval
from tui import navigation
from tui.approval_view import APPROVAL_COLUMNS, approval_blocks, approval_row
from tui.fleet_status import bar_of
from tui.medic import Keys, MedicScreen
from tui.screens.ask import AskScreen
from tui.screens.batch import BatchScreen
from tui.top_bar import TopBar
from widgets.document_view import DocumentView
from widgets.empty_state import EmptyState
from widgets.keyed_table import KeyedTable

__all__ = ["ApprovalsScreen"]

_CONSEQUENCES = {
    True: "The execution goes on at once.",
    False: "The stage fails; the execution does not go on.",
}
_EXECUTIONS = 50
# Definitions and executions of so many pipelines are read side by side.
_AT_ONCE = 4


class ApprovalsScreen(MedicScreen):
    """Approvals over all places."""

    CSS_PATH = "approvals.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="approvals.back", tooltip="Back to where you came from"),
        Binding("space", "mark", "Mark", id="approvals.mark", tooltip="Mark, and go on; a and X answer all marked"),
        Binding("a", "answer(True)", "Approve", id="approvals.approve", tooltip="Approve what is marked, or this one"),
        Binding("X", "answer(False)", "Reject", id="approvals.reject", tooltip="Reject what is marked, or this one"),
        Binding("r", "reload", "Refresh", show=False, id="approvals.refresh", tooltip="Read all pipelines again"),
        Binding("u", "review", "Review", id="approvals.review", tooltip="Open the address to review it at"),
        Binding("o", "console", "Console", show=False, id="approvals.console", tooltip="Open it in the AWS console"),
    ]

    top_bar = getters.query_one("#bar", TopBar)
    table = getters.query_one("#approvals", KeyedTable)
    about = getters.query_one("#about", DocumentView)
    empty = getters.query_one("#empty", EmptyState)

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, Waiting] = {}
        self.marks: set[str] = set()
        self._read: dict[str, tuple[str, Definition, tuple[Execution, ...]]] = {}
        self._reading: set[str] = set()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def compose(self) -> ComposeResult:
        """Bar, the approvals, what is known of the one under the cursor, keys."""
        yield TopBar(id="bar")
        with Horizontal(id="body"):
            yield KeyedTable(APPROVAL_COLUMNS, id="approvals")
            yield DocumentView(id="about")
        yield EmptyState("No approval waits", ("No pipeline in the places asked waits for a person.",), id="empty")
        yield Keys()

    def on_mount(self) -> None:
        """Follow the fleet, and the clock for what is left."""
        self.medic.fleet_changed.subscribe(self, lambda _: self.show_waiting())
        self.set_interval(1.0, self.show_waiting)
        self.table.focus()
        self.show_waiting()

    def show_waiting(self) -> None:
        """Bring the list up to what the book says."""
        if not self.is_current:
            return
        desk = self.medic.desk
        now = desk.clock()
        self.top_bar.bar = bar_of(desk, now)
        found: list[Waiting] = []
        for entry in desk.book.entries(now, resort=False):
            if entry.snapshot and entry.snapshot.state:
                known = self._read.get(entry.ref.key)
                held = waiting_in(entry.ref, entry.snapshot.state, *(known[1:] if known else ()))
                found += held
                if held:
                    newest = entry.snapshot.execution.id if entry.snapshot.execution else ""
                    self._read_soon(entry.ref, f"{newest} {held[0].execution_id}")
        found.sort(key=lambda each: each.until or 0.0)
        self.waiting = {each.key: each for each in found}
        self.marks &= self.waiting.keys()
        self.empty.display = not found
        self.query_one("#body").display = bool(found)
        self.table.sync([approval_row(each, now, marked=each.key in self.marks) for each in found])
        self.show_about()

    def _read_soon(self, ref: PipelineRef, mark: str) -> None:
        """Read a pipeline's definition and executions once for each state of them."""
        known = self._read.get(ref.key)
        if ref.key in self._reading or (known and known[0] == mark) or not self.medic.desk.is_open:
            return
        self._reading.add(ref.key)
        self.run_worker(
            self._look(ref, mark),
            name=f"approval {ref.name}",
            group=f"approval {ref.key}",
            description=f"read what waits for approval in {ref.name}",
            exit_on_error=False,
        )

    async def _look(self, ref: PipelineRef, mark: str) -> None:
        reader = self.medic.desk.cloud.pipelines(ref.place)
        try:
            async with self._gate:
                definition, page = await asyncio.gather(
                    reader.definition(ref.name), reader.executions(ref.name, limit=_EXECUTIONS)
                )
            self._read[ref.key] = (mark, definition, page.items)
        finally:
            self._reading.discard(ref.key)
        self.show_waiting()

    @property
    def selected(self) -> Waiting | None:
        """The approval under the cursor."""
        return self.waiting.get(self.table.cursor_key or "")

    @on(KeyedTable.Highlighted, "#approvals")
    def show_about(self) -> None:
        """Show all that is known of the approval under the cursor."""
        waiting = self.selected
        self.about.show(approval_blocks(waiting, self.medic.desk.clock()) if waiting else ())

    @on(KeyedTable.Opened, "#approvals")
    def open_pipeline(self) -> None:
        """Open the pipeline."""
        if waiting := self.selected:
            navigation.open_pipeline(self.medic, waiting.ref)

    def action_mark(self) -> None:
        """Mark the approval under the cursor, or take the mark off, and go on to the next."""
        if key := self.table.cursor_key:
            self.marks ^= {key}
            self.show_waiting()
            self.table.action_move(1)

    def action_answer(self, approve: bool) -> None:
        """Ask for the comment, then confirm in the wizard; several marked ones are listed in one confirmation."""
        desk, one = self.medic.desk, self.selected
        marked = [each for key, each in self.waiting.items() if key in self.marks]
        chosen = [each for each in marked or ([one] if one else []) if not desk.read_only(each.ref.place)]
        if not chosen:
            return
        word = "Approve" if approve else "Reject"
        consequence = _CONSEQUENCES[approve]
        said = " ".join(f"{_of(each, chosen)}{text}" for each in chosen for text in warnings_of(each, desk.clock()))

        def answered(given: dict[str, str] | None) -> None:
            if given is None:
                return
            plans = [(each.ref, self._plan(each, approve=approve, comment=given["comment"])) for each in chosen]
            if len(plans) == 1:
                navigation.open_plan(self.medic, *plans[0])
            else:
                self.app.push_screen(BatchScreen(f"{word} {len(plans)} approvals", plans))

        ask = Ask("comment", "Comment for everyone who looks", "why", required=True, limit=512)
        first = chosen[0]
        title = (
            f"{word} {first.action} in stage {first.stage} of {first.ref.name}"
            if len(chosen) == 1
            else f"{word} {len(chosen)} approvals: {', '.join(f'{each.ref.name} {each.stage}' for each in chosen)}"
        )
        self.app.push_screen(AskScreen(title, f"{consequence} {said}".strip(), (ask,)), answered)

    def _plan(self, waiting: Waiting, *, approve: bool, comment: str) -> Plan:
        """The answer to one approval, with what the approver must know of it."""
        names = (waiting.stage, waiting.action, waiting.token)
        account = navigation.account_of(self.medic, waiting.ref)
        plan = answer_approval(waiting.ref, account, *names, approve=approve, summary=comment)
        note = " ".join((_CONSEQUENCES[approve], *warnings_of(waiting, self.medic.desk.clock())))
        return replace(plan, risk_note=note)

    def action_reload(self) -> None:
        """Read all pipelines again now."""
        if fleet := self.medic.desk.fleet:
            fleet.poke(None)

    def action_review(self) -> None:
        """Open the address that the pipeline names for the review; it is copied too."""
        if (waiting := self.selected) and waiting.review_url.startswith(("https://", "http://")):
            self.app.copy_to_clipboard(waiting.review_url)
            self.app.open_url(waiting.review_url)
            self.notify("Opened and copied the address", markup=False)

    def action_console(self) -> None:
        """Open the pipeline in the AWS console."""
        if waiting := self.selected:
            navigation.open_console(self.medic, waiting.ref)

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What writes is gone in read-only mode."""
        del parameters
        if action != "answer":
            return True
        waiting = self.selected if self.is_mounted else None
        return not (waiting and self.medic.desk.read_only(waiting.ref.place)) and not self.medic.desk.options.read_only


def _of(waiting: Waiting, chosen: Sequence[Waiting]) -> str:
    """Whose warning it is, where there are several."""
    return f"{waiting.ref.name}: " if len(chosen) > 1 else ""
