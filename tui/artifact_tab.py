"""The artifacts of the shown execution: who made them, who takes them, what the store holds of them."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from core.artifact_flow import ArtifactFlow, artifact_flows
from core.fact import Fact, Outcome
from core.pipeline import Definition
from core.place import PipelineRef
from core.text import sanitize
from tui.artifact_rows import ARTIFACT_COLUMNS, artifact_row
from tui.medic import MedicWidget
from widgets.ink import inked
from widgets.keyed_table import KeyedTable

__all__ = ["Artifacts"]


class Artifacts(Vertical, MedicWidget):
    """A table of artifacts; the line below tells where the one under the cursor lies, or why that is not known."""

    DEFAULT_CSS = """
    Artifacts > #artifact-foot { height: auto; max-height: 3; color: $foreground-muted; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy address", id="artifacts.copy", tooltip="Copy the artifact's s3:// address"),
    ]

    table = getters.query_one("#artifact-table", KeyedTable)
    foot = getters.query_one("#artifact-foot", Static)

    def __init__(self, ref: PipelineRef, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self.ref = ref
        self._shown: tuple[str, int] = ("", 0)
        self._flows: tuple[ArtifactFlow, ...] = ()
        self._heads: dict[str, Fact] = {}
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """The table, and a line on the artifact under the cursor."""
        yield KeyedTable(ARTIFACT_COLUMNS, id="artifact-table")
        yield Static("", id="artifact-foot")

    def load(self, definition: Definition | None, execution_id: str, *, again: bool = False) -> None:
        """Show the artifacts of one execution; what is shown already is read anew only `again`."""
        if definition is None or (not again and self._shown == (execution_id, definition.version)):
            return
        self._shown = (execution_id, definition.version)
        self._flows, self._heads, self._trouble = artifact_flows(definition), {}, ""
        self._show()
        self.run_worker(
            self._read(definition, execution_id),
            name="artifacts",
            group="artifacts",
            description=f"read the artifacts of {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _read(self, definition: Definition, execution_id: str) -> None:
        evidence = self.medic.desk.cloud.evidence(self.ref.place)
        asked = {"pipelineName": self.ref.name, "filter": {"pipelineExecutionId": execution_id}}
        fact = await evidence.read("codepipeline", "ListActionExecutions", asked)
        if not fact.ok:
            self._trouble = f"Where they lie is not known: {fact.call}: {fact.error or fact.outcome.value}"
        self._flows = artifact_flows(definition, fact.get("actionExecutionDetails", default=()))
        self._show()

        async def head(flow: ArtifactFlow) -> None:
            given = {"Bucket": flow.bucket, "Key": flow.key}
            self._heads[flow.name] = await evidence.read("s3", "HeadObject", given, region=flow.region)

        await asyncio.gather(*(head(flow) for flow in self._flows if flow.bucket))
        self._show()

    def _show(self) -> None:
        now = self.medic.desk.clock()
        self.table.sync([artifact_row(flow, self._heads.get(flow.name), now) for flow in self._flows])
        self._say()

    @property
    def _current(self) -> ArtifactFlow | None:
        return next((flow for flow in self._flows if flow.name == self.table.cursor_key), None)

    def _say(self) -> None:
        flow = self._current
        if self._trouble or flow is None:
            self.foot.update(inked(sanitize(self._trouble or "This pipeline hands on no artifacts."), "$text-warning"))
            return
        head = self._heads.get(flow.name)
        words = flow.uri or f"{self.ref.name} has not made it in this execution."
        if head is not None and head.outcome is Outcome.DENIED:
            words += f"  ·  not allowed to look: add {head.action or 's3:GetObject'}"
        elif head is not None and not head.ok:
            words += f"  ·  {head.error or head.outcome.value}"
        self.foot.update(inked(sanitize(words), "$foreground-muted"))

    @on(KeyedTable.Highlighted, "#artifact-table")
    def moved(self) -> None:
        """Tell of the artifact under the cursor."""
        self._say()

    def action_copy(self) -> None:
        """Copy the address of the artifact under the cursor."""
        if (flow := self._current) and flow.uri:
            self.app.copy_to_clipboard(flow.uri)
            self.notify("Copied the artifact's address", markup=False)
