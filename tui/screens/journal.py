"""The journal: every change made from here, how it ended, and the way back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from core.errors import PipemedicError
from core.journal import Entry, EntryState, undo_plan, why_no_undo
from core.place import PipelineRef
from core.text import sanitize
from tui import navigation
from tui.journal_file import check, read_entries
from tui.journal_view import JOURNAL_COLUMNS, entry_blocks, entry_row
from tui.medic import Keys, MedicScreen
from widgets.document_view import DocumentView
from widgets.ink import inked, join
from widgets.keyed_table import KeyedTable

if TYPE_CHECKING:
    from aws.journal import Journal
    from tui.desk import Desk

__all__ = ["JournalScreen"]


class JournalScreen(MedicScreen):
    """Changes, newest first."""

    CSS_PATH = "journal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="journal.back", tooltip="Back to where you came from"),
        Binding("u", "undo", "Undo", id="journal.undo", tooltip="Take the change back, through the wizard"),
        Binding("c", "check", "Check", id="journal.check", tooltip="Look whether the change is there"),
        Binding("r", "reload", "Refresh", show=False, id="journal.refresh", tooltip="Read the journal again"),
        Binding("y", "copy", "Copy request id", show=False, id="journal.copy", tooltip="Copy AWS's request id"),
    ]

    head = getters.query_one("#head", Static)
    table = getters.query_one("#entries", KeyedTable)
    about = getters.query_one("#about", DocumentView)

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Entry] = {}

    def compose(self) -> ComposeResult:
        """How many changes, the changes, what is known of the one under the cursor, keys."""
        yield Static(id="head")
        with Vertical(id="body"):
            yield KeyedTable(JOURNAL_COLUMNS, id="entries")
            yield DocumentView(id="about")
        yield Keys()

    def on_mount(self) -> None:
        """Read the journal."""
        self.table.focus()
        self.action_reload()

    def on_screen_resume(self) -> None:
        """Read it again after a change was made."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read the journal."""
        self.run_worker(
            self._read(),
            name="journal",
            group="journal",
            description="read the journal",
            exclusive=True,
            exit_on_error=False,
        )

    async def _read(self) -> None:
        desk = self.medic.desk
        found = await asyncio.to_thread(read_entries, _journal(desk), desk.clock())
        self.entries = {each.id: each for each in found}
        unknown = sum(each.unknown for each in found)
        note = f"   {unknown} unknown: check with c" if unknown else ""
        many = f"{len(found)} {'change' if len(found) == 1 else 'changes'}"
        words = many if found else "Nothing was changed from here yet"
        self.head.update(join(inked(f"Journal: {words}", "bold"), inked(note, "$text-warning")))
        now = desk.clock()
        self.table.sync([entry_row(each, now) for each in found])
        self.show_entry()

    @property
    def selected(self) -> Entry | None:
        """The change under the cursor."""
        return self.entries.get(self.table.cursor_key or "")

    @on(KeyedTable.Highlighted, "#entries")
    def show_entry(self) -> None:
        """Show the change under the cursor."""
        if entry := self.selected:
            self.about.show(entry_blocks(entry))
        self.refresh_bindings()

    def action_undo(self) -> None:
        """Plan to take the change back and open the wizard on it."""
        entry = self.selected
        if entry is None:
            return
        plan = undo_plan(entry)
        if plan is None:
            self.notify(sanitize(why_no_undo(entry)), severity="warning", markup=False)
            return
        navigation.open_plan(self.medic, PipelineRef(entry.place, entry.pipeline), plan)

    def action_check(self) -> None:
        """Look whether a change of which the result is not known is there, and write that down."""
        if entry := self.selected:
            self.run_worker(
                self._check(entry),
                name="check",
                group="check",
                description=f"look what came of: {entry.title}",
                exit_on_error=False,
            )

    async def _check(self, entry: Entry) -> None:
        try:
            words = await check(self.medic.desk.cloud, entry, self.medic.desk.clock())
        except PipemedicError as error:
            words = navigation.told(error)
        self.notify(sanitize(words), title=sanitize(entry.title), markup=False)
        await self._read()

    def action_copy(self) -> None:
        """Copy AWS's id of the request."""
        if (entry := self.selected) and entry.request_id:
            self.app.copy_to_clipboard(entry.request_id)
            self.notify("Copied the request id", markup=False)

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Undo shows where there is one and changes may be made; check where the result is not known."""
        del parameters
        if action not in {"undo", "check"}:
            return True
        entry = self.selected if self.is_mounted else None
        if entry is None:
            return False
        if action == "check":
            return entry.unknown or entry.state is EntryState.NOT_VERIFIED
        return not self.medic.desk.read_only(entry.place) and not why_no_undo(entry)


def _journal(desk: Desk) -> Journal:
    """The open account's journal; without one the same file, which needs neither AWS nor credentials."""
    if desk.is_open:
        return desk.cloud.journal
    from aws.journal import Journal  # noqa: PLC0415 (its room takes long to import)

    return Journal()
