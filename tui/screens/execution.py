"""One execution out of the history: its actions, their errors, and the way to their logs and playbooks."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from core.age import age, duration
from core.attention import FocusPoint
from core.delivery import delivery
from core.errors import PipemedicError
from core.pipeline import ActionExecution, Execution
from core.place import PipelineRef
from core.text import first_line, sanitize
from tui import navigation
from tui.medic import Keys, MedicScreen
from tui.tones import execution_tone
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row
from widgets.status import status, status_text

__all__ = ["ExecutionScreen"]

_COLUMNS = (
    Column("status", "STATUS", 12),
    Column("stage", "STAGE", 16),
    Column("action", "ACTION", 18),
    Column("provider", "PROVIDER", 14, drop=1),
    Column("took", "TOOK", 8, "right", drop=2),
    Column("says", "SAYS", 20, flexible=True),
)


class ExecutionScreen(MedicScreen):
    """The actions of one execution."""

    CSS_PATH = "execution.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="execution.back", tooltip="Back to the pipeline"),
        Binding("l", "log", "Log", id="execution.log", tooltip="Open the log of the selected action's build"),
        Binding(
            "equals_sign",
            "compare",
            "Compare",
            key_display="=",
            id="execution.compare",
            tooltip="What changed since the last good one",
        ),
    ]

    table = getters.query_one("#actions", KeyedTable)
    detail = getters.query_one("#detail", Static)

    def __init__(self, ref: PipelineRef, execution: Execution) -> None:
        super().__init__()
        self.ref = ref
        self.execution = execution
        self.actions: tuple[ActionExecution, ...] = ()

    def compose(self) -> ComposeResult:
        """Which execution, its actions, the selected one's words, keys."""
        yield Static(id="head")
        yield KeyedTable(_COLUMNS, id="actions")
        with VerticalScroll(id="detail-scroll", can_focus=False):
            yield Static(id="detail")
        yield Keys()

    def on_mount(self) -> None:
        """Read the actions."""
        execution, now = self.execution, self.medic.desk.clock()
        head = join(
            inked(sanitize(f"{self.ref.name} ▸ execution {execution.id[:8]}"), "bold"),
            "   ",
            status(execution_tone(execution.status), execution.status.lower()),
            f"   {delivery(execution)}",
            inked(f"   started {age(execution.started_at, now)} ago", "$foreground-muted"),
        )
        self.query_one("#head", Static).update(head)
        self.detail.update(inked("reading the actions …", "$foreground-muted"))
        self.run_worker(
            self._read(),
            name="actions",
            group="actions",
            description=f"read the actions of execution {execution.id}",
            exit_on_error=False,
        )

    async def _read(self) -> None:
        reader = self.medic.desk.cloud.pipelines(self.ref.place)
        try:
            actions = await reader.action_executions(self.ref.name, self.execution.id)
        except PipemedicError as error:
            self.detail.update(inked(sanitize(navigation.told(error)), "$text-error"))
            return
        self.actions = tuple(sorted(actions, key=lambda each: each.started_at or 0.0))
        self.detail.update("" if actions else inked("This execution ran no action.", "$foreground-muted"))
        self.table.sync([_row(each) for each in self.actions])
        failed = next((each for each in self.actions if each.status == "Failed"), None)
        if failed:
            self.table.move_to(failed.id)

    @property
    def selected(self) -> ActionExecution | None:
        """The action under the cursor."""
        return next((each for each in self.actions if each.id == self.table.cursor_key), None)

    @on(KeyedTable.Highlighted, "#actions")
    def show_action(self) -> None:
        """Show the selected action's own words."""
        if action := self.selected:
            text = action.error_message or action.summary or "It said nothing."
            code = f"{action.error_code}: " if action.error_code else ""
            self.detail.update(join(inked(sanitize(code), "bold $text-error"), sanitize(first_line(text))))

    @on(KeyedTable.Opened, "#actions")
    def open_action(self) -> None:
        """Open the selected action's log."""
        self.action_log()

    def action_log(self) -> None:
        """Open the selected action's log."""
        if action := self.selected:
            navigation.open_log(self.medic, self.ref, FocusPoint(action.stage, action.action), self.execution.id)

    def action_compare(self) -> None:
        """Show what changed since the last good execution before this one."""
        navigation.open_comparison(self.medic, self.ref, self.execution)

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()


def _row(action: ActionExecution) -> Row:
    took = duration(action.updated_at - action.started_at) if action.updated_at and action.started_at else ""
    cells = (
        status_text(execution_tone(action.status), action.status.lower()),
        sanitize(action.stage),
        sanitize(action.action),
        sanitize(action.provider),
        took,
        first_line(sanitize(action.error_message or action.summary)),
    )
    return Row(action.id, cells)
