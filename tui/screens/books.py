"""All playbooks, to open any of them by hand: those that fit first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from core.playbook import Playbook, Subject
from core.text import sanitize
from widgets.ink import inked, join
from widgets.keyed_table import Column, KeyedTable, Row

__all__ = ["BooksScreen"]

_COLUMNS = (
    Column("title", "PLAYBOOK", 34),
    Column("fit", "FITS", 8),
    Column("summary", "WHAT IT DOES", 24, flexible=True, drop=1),
)


class BooksScreen(ModalScreen[str | None]):
    """Gives the id of the playbook chosen; None where the user went back."""

    DEFAULT_CSS = """
    BooksScreen { align: center middle; }
    BooksScreen > Vertical { width: 90%; max-width: 130; height: 80%; background: $panel; padding: 1 2 0 2; }
    BooksScreen Static { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="books.leave", tooltip="Back to the playbook that was open"),
    ]

    table = getters.query_one(KeyedTable)

    def __init__(self, books: Sequence[Playbook], subject: Subject) -> None:
        super().__init__()
        scored = [(book.applies(subject), book) for book in books]
        self._books = sorted(scored, key=lambda each: (-each[0], each[1].title))
        self._where = f"{subject.stage.name} / {subject.action.name}"

    def compose(self) -> ComposeResult:
        """Where it would be walked, the playbooks, keys."""
        with Vertical():
            yield Static(join(inked("Open a playbook on ", "bold"), inked(sanitize(self._where), "bold")))
            yield KeyedTable(_COLUMNS)
            yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin at the one that fits best."""
        self.table.sync([_row(book, fit) for fit, book in self._books])
        self.table.focus()

    @on(KeyedTable.Opened)
    def opened(self, event: KeyedTable.Opened) -> None:
        """Take the playbook under the cursor."""
        event.stop()
        self.dismiss(event.key)

    def action_leave(self) -> None:
        """Take none."""
        self.dismiss(None)


def _row(book: Playbook, fit: float) -> Row:
    word = "well" if fit >= 0.8 else "partly" if fit > 0 else "no"
    return Row(book.id, (sanitize(book.title), word, inked(sanitize(book.summary), "$foreground-muted")))
