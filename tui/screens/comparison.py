"""What changed since the last good execution."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core.comparison import Comparison
from core.errors import PipemedicError
from core.pipeline import Execution
from core.place import PipelineRef
from core.text import sanitize
from tui import navigation
from tui.comparison_read import compare_with_last_good
from tui.comparison_view import comparison_blocks
from tui.medic import Keys, MedicScreen
from widgets.document import paragraph
from widgets.document_view import DocumentView
from widgets.ink import inked, join

__all__ = ["ComparisonScreen"]


class ComparisonScreen(MedicScreen):
    """One execution beside the newest good one before it."""

    CSS_PATH = "comparison.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="comparison.back", tooltip="Back to where you came from"),
        Binding("y", "copy", "Copy diff", id="comparison.copy", tooltip="Copy the definition's change as a diff"),
    ]

    words = getters.query_one("#words", DocumentView)

    def __init__(self, ref: PipelineRef, execution: Execution) -> None:
        super().__init__()
        self.ref = ref
        self.execution = execution
        self.found: Comparison | None = None

    def compose(self) -> ComposeResult:
        """Whose comparison it is, the differences, keys."""
        about = f"{self.ref.name} ▸ what changed since the last good execution"
        yield Static(join(inked(sanitize(about), "bold")), id="head")
        yield DocumentView((paragraph("Reading both executions …", muted=True),), id="words")
        yield Keys()

    def on_mount(self) -> None:
        """Read both."""
        self.words.focus()
        self.run_worker(
            self._read(),
            name="comparison",
            group="comparison",
            description=f"compare execution {self.execution.id} with the last good one",
            exit_on_error=False,
        )

    async def _read(self) -> None:
        try:
            self.found = await compare_with_last_good(self.medic.desk.cloud, self.ref, self.execution)
        except PipemedicError as error:
            self.words.show([paragraph(sanitize(navigation.told(error)))])
            return
        self.words.show(comparison_blocks(self.found, self.medic.desk.clock()), top=True)
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Copy the definition's change."""
        if self.found and self.found.patch:
            self.app.copy_to_clipboard(self.found.patch)
            self.notify("Copied the diff of the definition", markup=False)

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a diff to copy only where the definition changed."""
        del parameters
        return action != "copy" or bool(self.found and self.found.patch)
