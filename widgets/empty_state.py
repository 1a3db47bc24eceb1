"""A panel in the middle of where data would be: what is the matter, why, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from widgets.ink import Ink, as_content, inked, join
from widgets.status import Tone, status


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something that can be done.

    Attributes:
        id: Carried by the message when it is clicked.
        key: The key that does it, as shown; the screen binds it.
        label: What it does.
    """

    id: str
    key: str
    label: str


class _Step(Static):
    """A next step that can be clicked."""

    def __init__(self, step: NextStep) -> None:
        super().__init__(join("  ", inked(f"{step.key:>5}", "bold $text-accent"), "  ", inked(step.label, "")))
        self.step = step


class EmptyState(VerticalScroll):
    """Title, explanation, next steps. A `str` among the lines is literal."""

    DEFAULT_CSS = """
    EmptyState {
        align: center middle;
        height: 1fr;
        & > .panel {
            width: 76;
            max-width: 100%;
            height: auto;
            padding: 1 3;
            border: round $foreground 35%;
            & > .title { text-style: bold; margin-bottom: 1; }
            & > .line { color: $foreground; }
            & > .steps { height: auto; margin-top: 1; }
        }
    }
    EmptyState _Step { width: 1fr; }
    EmptyState _Step:hover { background: $foreground 10%; }
    """

    @dataclass
    class Chosen(Message):
        """A next step was clicked."""

        panel: "EmptyState"
        step_id: str

        @property
        def control(self) -> "EmptyState":
            """The panel it happened in."""
            return self.panel

    def __init__(
        self,
        title: str,
        lines: Sequence[Ink] = (),
        steps: Sequence[NextStep] = (),
        *,
        tone: Tone = Tone.IDLE,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a panel.

        Args:
            title: What is the matter, in one line.
            lines: Why, what was looked for and where.
            steps: What can be done.
            tone: Its glyph stands before the title.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._tone, self._heading, self._about, self._steps = tone, title, tuple(lines), tuple(steps)

    def compose(self) -> ComposeResult:
        """Everything in one panel."""
        with Vertical(classes="panel"):
            yield Static(status(self._tone, self._heading), classes="title")
            for line in self._about:
                yield Static(as_content(line), classes="line")
            if self._steps:
                with Vertical(classes="steps"):
                    for step in self._steps:
                        yield _Step(step)

    async def show(
        self, title: str, lines: Sequence[Ink] = (), steps: Sequence[NextStep] = (), *, tone: Tone = Tone.IDLE
    ) -> None:
        """Say something else; see the constructor."""
        self._tone, self._heading, self._about, self._steps = tone, title, tuple(lines), tuple(steps)
        await self.recompose()

    def on_click(self, event: events.Click) -> None:
        """Tell which step was clicked."""
        if isinstance(event.widget, _Step):
            event.stop()
            self.post_message(self.Chosen(self, event.widget.step.id))
