"""The executions of a pipeline, page by page."""

from __future__ import annotations

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from core.errors import PipemedicError
from core.pipeline import Execution
from core.place import PipelineRef
from core.text import sanitize
from tui import navigation
from tui.execution_rows import EXECUTION_COLUMNS, execution_row
from tui.medic import MedicWidget
from widgets.ink import inked
from widgets.keyed_table import KeyedTable

__all__ = ["History"]

_PAGE = 25
# The next page is asked for when the cursor comes this near to the end.
_AHEAD = 5


class History(Vertical, MedicWidget):
    """A table of executions; the next page comes when the cursor nears the end."""

    DEFAULT_CSS = """
    History > #history-foot { height: 1; color: $foreground-muted; padding: 0 1; }
    """

    table = getters.query_one("#history-table", KeyedTable)
    foot = getters.query_one("#history-foot", Static)

    def __init__(self, ref: PipelineRef, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self.ref = ref
        self.executions: list[Execution] = []
        self._next = ""
        self._loaded = False
        self._busy = False

    def compose(self) -> ComposeResult:
        """The table, and a line that says how much of it is here."""
        yield KeyedTable(EXECUTION_COLUMNS, id="history-table")
        yield Static("", id="history-foot")

    def load(self, *, again: bool = False) -> None:
        """Load the first page, once; `again` starts anew."""
        if again:
            self.executions, self._next, self._loaded = [], "", False
        if not self._loaded and not self._busy:
            self._fetch()

    def _fetch(self) -> None:
        self._busy = True
        self.run_worker(
            self._page(),
            name="history",
            group="history",
            description=f"read executions of {self.ref.name}",
            exit_on_error=False,
        )

    async def _page(self) -> None:
        try:
            reader = self.medic.desk.cloud.pipelines(self.ref.place)
            page = await reader.executions(self.ref.name, token=self._next, limit=_PAGE)
        except PipemedicError as error:
            self.foot.update(inked(sanitize(navigation.told(error)), "$text-error"))
            return
        finally:
            self._busy = False
        self._loaded = True
        known = {each.id for each in self.executions}
        self.executions += [each for each in page.items if each.id not in known]
        self._next = page.next_token
        self._show()

    def _show(self) -> None:
        now = self.medic.desk.clock()
        self.table.sync([execution_row(each, now) for each in self.executions])
        more = "older ones load as you go down" if self._next else "that is all there is"
        self.foot.update(
            inked(
                f"{len(self.executions)} executions · {more} · enter opens one · = compares it",
                "$foreground-muted",
            )
        )

    @property
    def selected(self) -> Execution | None:
        """The execution under the cursor."""
        return next((each for each in self.executions if each.id == self.table.cursor_key), None)

    @on(KeyedTable.Highlighted, "#history-table")
    def moved(self, event: KeyedTable.Highlighted) -> None:
        """Ask for the next page before the end is reached."""
        near = [each.id for each in self.executions[-_AHEAD:]]
        if self._next and not self._busy and event.key in near:
            self._fetch()

    @on(KeyedTable.Opened, "#history-table")
    def opened(self, event: KeyedTable.Opened) -> None:
        """Open one execution."""
        del event
        if execution := self.selected:
            navigation.open_execution(self.medic, self.ref, execution)
