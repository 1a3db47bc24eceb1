"""The steps of a playbook: state, number, question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from widgets.ink import visible
from widgets.keyed_table import KeyedTable
from widgets.status import Tone, status_text
from widgets.table_model import Column, Row

_DONE = frozenset({Tone.OK, Tone.FAILED, Tone.UNKNOWN, Tone.DENIED, Tone.SKIPPED, Tone.WARNING})


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step.

    Attributes:
        key: Stable and unique in the list.
        question: What it asks.
        tone: Idle before it ran, running, then its answer.
        note: A word at the right: `denied`, `1.2 s`.
        counted: Whether it is one of the steps; a row that sums them up has no number.
    """

    key: str
    question: str
    tone: Tone = Tone.IDLE
    note: str = ""
    counted: bool = True


class StepList(KeyedTable):
    """Steps under a line that tells how far they are. Posts `Highlighted` and `Opened` as any keyed table."""

    DEFAULT_CSS = """
    StepList { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Run step", id="steps.run", tooltip="Ask the question under the cursor"),
    ]
    _note_width: ClassVar[int] = 8

    def sync_steps(self, steps: Sequence[StepRow], summary: str = "") -> None:
        """Show these steps.

        Args:
            steps: In their order.
            summary: Behind the progress: `14 calls · 1.2 s`.
        """
        counted = [step for step in steps if step.counted]
        done = sum(step.tone in _DONE for step in counted)
        progress = f"{done} of {len(counted)} steps" + (f" · {summary}" if summary else "")
        digits = len(str(len(counted)))
        self.set_columns((
            Column("state", "", digits + 2),
            Column("question", visible(progress), 20, flexible=True),
            Column("note", "", self._note_width if any(step.note for step in steps) else 1, "right", drop=1),
        ))  # fmt: skip
        self.sync([self._row(number, step, digits) for number, step in enumerate(steps, 1)])

    @staticmethod
    def _row(number: int, step: StepRow, digits: int) -> Row:
        state = status_text(step.tone)
        state.append(f" {number if step.counted else '':>{digits}}", "$foreground-muted")
        quiet = step.tone is Tone.IDLE
        question = Text(visible(step.question), "$foreground-muted" if quiet else "", no_wrap=True, end="")
        return Row(step.key, (state, question, Text(visible(step.note), "$foreground-muted", no_wrap=True, end="")))
