"""The parts of a log beside it: a name, a few words and how it went; enter or a click goes there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from widgets.ink import fit, inked, join
from widgets.status import MARKS, Tone

_NAME = 23


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One part.

    Attributes:
        name: What it is called.
        detail: A few words: how long it took.
        tone: How it went.
        line: Where it begins, from 0; None where that is not known.
    """

    name: str
    detail: str
    tone: Tone
    line: int | None


class LogOutline(OptionList):
    """Lists the parts; those whose place is not known cannot be chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Go there", id="log.outline-go", tooltip="Go to where the phase begins"),
        Binding("j", "cursor_down", "Down", show=False, id="log.outline-down", tooltip="The next phase"),
        Binding("k", "cursor_up", "Up", show=False, id="log.outline-up", tooltip="The phase before"),
    ]
    DEFAULT_CSS = """
    LogOutline {
        width: 37;
        height: 1fr;
        border: none;
        border-right: tall $panel;
        padding: 0;
        background: $surface;
    }
    """

    @dataclass
    class Chosen(Message):
        """A part was chosen."""

        outline: "LogOutline"
        line: int

        @property
        def control(self) -> "LogOutline":
            """The outline it happened in."""
            return self.outline

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, markup=False, compact=True)
        self.rows: tuple[OutlineRow, ...] = ()

    def show(self, rows: Sequence[OutlineRow]) -> None:
        """Show these parts; what has not changed is left as it stands."""
        rows = tuple(rows)
        if rows == self.rows:
            return
        at = self.highlighted
        self.rows = rows
        self.set_options([self._option(row) for row in rows])
        if at is not None and at < len(rows):
            self.highlighted = at

    @staticmethod
    def _option(row: OutlineRow) -> Option:
        mark = MARKS[row.tone]
        content = join(
            " ",
            inked(mark.glyph, mark.style),
            " ",
            fit(row.name, _NAME),
            fit(inked(row.detail, "$foreground-muted"), 8, "right"),
        )
        return Option(content, disabled=row.line is None)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self.rows[event.option_index].line
        if line is not None:
            self.post_message(self.Chosen(self, line))
