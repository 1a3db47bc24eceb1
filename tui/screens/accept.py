"""The last yes before the audit does more than read: a finding accepted into a file, reports started in IAM."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from core.text import sanitize
from widgets.document import Block, gap, paragraph
from widgets.document_view import DocumentView
from widgets.ink import inked

__all__ = ["AcceptScreen"]


class AcceptScreen(ModalScreen[bool | None]):
    """Gives True on a yes."""

    DEFAULT_CSS = """
    AcceptScreen { align: center middle; }
    AcceptScreen > Vertical { width: 100; max-width: 96%; height: 18; background: $panel; padding: 1 2 0 2; }
    AcceptScreen Static { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", "Yes", id="accept.write", priority=True, tooltip="Do what is shown"),
        Binding("escape", "leave", "No", id="accept.leave", tooltip="Do nothing"),
    ]

    def __init__(self, question: str, about: str, text: str) -> None:
        super().__init__()
        self._question = question
        self._blocks: tuple[Block, ...] = (
            paragraph(sanitize(about)),
            gap(),
            paragraph(sanitize(text).rstrip(), indent=2),
        )

    def compose(self) -> ComposeResult:
        """What would be done, and the keys."""
        with Vertical():
            yield Static(inked(self._question, "bold"))
            yield DocumentView(self._blocks)
            yield Footer(compact=True)

    def action_write(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_leave(self) -> None:
        """No."""
        self.dismiss(None)
