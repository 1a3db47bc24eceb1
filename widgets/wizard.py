"""The frame of a wizard: title, a rail that shows where one is, a card, and the ways on and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button, Static

from widgets.ink import as_content, inked, join
from widgets.status import MARKS, Tone

DEFAULT_STEPS = ("what", "where", "how", "confirm", "apply", "verified")


def rail(steps: Sequence[str], at: int, tone: Tone, width: int) -> Content:
    """Draw the rail: done steps ticked, the present one in its tone, later ones faint.

    Args:
        steps: Their names.
        at: Index of the present one.
        tone: Its state; idle while the reader reads it.
        width: Cells; where the names do not fit, only the present one's is shown.
    """
    full = sum(len(name) + 4 for name in steps) + 3 * (len(steps) - 1) <= width
    parts: list[Content] = []
    for i, name in enumerate(steps):
        if i:
            parts.append(inked(" ─ " if full else " ", "$foreground 35%"))
        label = f"{i + 1} {name}" if full or i == at else str(i + 1)
        if i < at:
            parts.append(inked(f"{MARKS[Tone.OK].glyph} {label if full else i + 1}", MARKS[Tone.OK].style))
        elif i == at:
            glyph = "▸" if tone is Tone.IDLE else MARKS[tone].glyph
            style = "bold reverse" if tone is Tone.IDLE else f"reverse {MARKS[tone].style}"
            parts.append(inked(f" {glyph} {label} ", style))
        else:
            parts.append(inked(label, "$foreground-muted"))
    return join(*parts)


class Wizard(Vertical, can_focus=True):
    """Shows one card at a time. It decides nothing: the screen answers its messages with the next card.

    It takes the keys itself until its card holds something that does: a key pressed while a card is put up
    must never land on a button.
    """

    DEFAULT_CSS = """
    Wizard {
        height: 1fr;
        padding: 1 2;
        & > #wizard-title { text-style: bold; height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #wizard-where { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #wizard-rail { height: 1; width: 1fr; margin: 1 0; }
        & > #wizard-card { height: 1fr; border: round $foreground 35%; padding: 0 1; }
        & > #wizard-card.-failed { border: round $error; }
        & > #wizard-buttons { height: 1; margin-top: 1; align-horizontal: right; }
        & > #wizard-buttons Button { margin-left: 2; min-width: 12; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "advance", "Next", id="wizard.next", tooltip="On to the next card"),
        Binding("backspace", "retreat", "Back", id="wizard.back", tooltip="Back to the card before"),
        Binding("escape", "cancel", "Cancel", id="wizard.cancel", tooltip="Leave; nothing more is changed"),
    ]

    at: reactive[int] = reactive(0, init=False)
    tone: reactive[Tone] = reactive(Tone.IDLE, init=False)
    ready: reactive[bool] = reactive(True, init=False)
    """Whether the way on is open."""

    @dataclass
    class Advanced(Message):
        """The reader wants the next card."""

        wizard: "Wizard"
        at: int

        @property
        def control(self) -> "Wizard":
            """The wizard it happened in."""
            return self.wizard

    @dataclass
    class Retreated(Message):
        """The reader wants the card before."""

        wizard: "Wizard"
        at: int

        @property
        def control(self) -> "Wizard":
            """The wizard it happened in."""
            return self.wizard

    @dataclass
    class Cancelled(Message):
        """The reader wants to leave."""

        wizard: "Wizard"
        at: int

        @property
        def control(self) -> "Wizard":
            """The wizard it happened in."""
            return self.wizard

    def __init__(
        self,
        title: str,
        steps: Sequence[str] = DEFAULT_STEPS,
        *,
        where: Content | str = "",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a wizard.

        Args:
            title: What is being done.
            steps: Names on the rail.
            where: Account and region, on a line of their own, so that a long title cannot push them out.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._heading, self._steps, self._where = title, tuple(steps), where
        self._next_label, self._cancel_label, self._can_retreat = "Next", "Cancel", True

    def compose(self) -> ComposeResult:
        """Title, rail, card, buttons."""
        yield Static(inked(self._heading, ""), id="wizard-title")
        yield Static(as_content(self._where), id="wizard-where")
        yield Static(id="wizard-rail")
        yield VerticalScroll(id="wizard-card", can_focus=False)
        with Horizontal(id="wizard-buttons"):
            yield Button("Cancel esc", id="wizard-cancel", compact=True)
            yield Button("Back ⌫", id="wizard-back", compact=True)
            yield Button("Next ↵", id="wizard-next", variant="primary", compact=True)

    def on_mount(self) -> None:
        """Draw the rail, and take the keys."""
        self._draw()
        self.focus()

    async def show_card(
        self,
        at: int,
        *widgets: Widget,
        tone: Tone = Tone.IDLE,
        next_label: str = "Next",
        cancel_label: str = "Cancel",
        ready: bool = True,
        can_retreat: bool = True,
    ) -> None:
        """Put up a card.

        Args:
            at: Index of its step on the rail.
            widgets: What it holds; the first that can take focus gets it.
            tone: State of the step.
            next_label: On the button that goes on; empty hides it.
            cancel_label: On the button that leaves; empty hides it, the key stays.
            ready: Whether the way on is open.
            can_retreat: Whether there is a way back.
        """
        card = self.query_one("#wizard-card", VerticalScroll)
        self._next_label, self._cancel_label, self._can_retreat = next_label, cancel_label, can_retreat
        self.at, self.tone, self.ready = at, tone, ready
        card.set_class(tone is Tone.FAILED, "-failed")
        async with self.batch():
            self.focus()
            await card.remove_children()
            if widgets:
                await card.mount_all(widgets)
        self._draw()
        self._focus_card()

    def _focus_card(self) -> None:
        """Give the keys to what the card holds, or to the card itself, so that it scrolls."""
        card = self.query_one("#wizard-card", VerticalScroll)
        inside = next((w for w in card.walk_children(Widget) if w.focusable), None)
        card.can_focus = inside is None
        (inside or card).focus(scroll_visible=False)
        self.call_after_refresh((inside or card).scroll_visible, animate=False)

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        width = self.content_size.width
        self.query_one("#wizard-rail", Static).update(rail(self._steps, self.at, self.tone, width))
        on_button = self.query_one("#wizard-next", Button)
        on_button.label = Content(f"{self._next_label} ↵")
        on_button.display = bool(self._next_label)
        on_button.disabled = not self.ready
        leave = self.query_one("#wizard-cancel", Button)
        leave.label, leave.display = Content(f"{self._cancel_label} esc"), bool(self._cancel_label)
        self.query_one("#wizard-back", Button).display = self._can_retreat and self.at > 0
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Fit the rail."""
        self._draw()

    def watch_at(self) -> None:
        """Draw the rail."""
        self._draw()

    def watch_tone(self) -> None:
        """Draw the rail."""
        self._draw()

    def watch_ready(self) -> None:
        """Open or close the way on."""
        self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out the way on while it is closed; hide the way back where there is none."""
        del parameters
        if action == "advance":
            return (self.ready or None) if self._next_label else False
        if action == "retreat":
            return self._can_retreat and self.at > 0
        return True

    def action_advance(self) -> None:
        """Ask for the next card."""
        self.post_message(self.Advanced(self, self.at))

    def action_retreat(self) -> None:
        """Ask for the card before."""
        self.post_message(self.Retreated(self, self.at))

    def action_cancel(self) -> None:
        """Ask to leave."""
        self.post_message(self.Cancelled(self, self.at))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        actions = {"wizard-next": "advance", "wizard-back": "retreat", "wizard-cancel": "cancel"}
        if (action := actions.get(event.button.id or "")) is not None:
            self.run_action_now(action)

    def run_action_now(self, action: str) -> None:
        """Do what a button stands for, if it is allowed."""
        if self.check_action(action, ()):
            getattr(self, f"action_{action}")()
