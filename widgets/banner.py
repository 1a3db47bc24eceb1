"""One line across the screen that says what is wrong, what comes next, and when."""

from enum import StrEnum
from math import ceil
from time import monotonic

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from widgets.ink import fit, inked, join

_BEAT_S = 0.5


class Level(StrEnum):
    """How grave it is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_GLYPHS = {Level.ERROR: "✗", Level.WARNING: "!", Level.INFO: "i"}


class Banner(Static):
    """Hidden until it has something to say."""

    DEFAULT_CSS = """
    Banner {
        display: none;
        height: 1;
        width: 1fr;
        padding: 0 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-shown { display: block; }
        &.-error { background: $error-muted; color: $text-error; }
        &.-warning { background: $warning-muted; color: $text-warning; }
        &.-info { background: $panel; color: $foreground; }
        &:ansi { background: transparent; text-style: reverse; }
    }
    """

    shown: reactive[bool] = reactive(False, toggle_class="-shown")

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a hidden banner; the arguments are those of any widget."""
        super().__init__(name=name, id=id, classes=classes)
        self._level = Level.INFO
        self._text = ""
        self._next = ""
        self._due: float | None = None

    def show(self, level: Level, text: str, next_step: str = "", *, due_in_s: float | None = None) -> None:
        """Say something.

        Args:
            level: How grave it is.
            text: What is wrong. Literal; cut with `…` where it does not fit.
            next_step: What the reader can do, or what the program does next. Never cut before the text is.
            due_in_s: Seconds until that happens; counted down behind it.
        """
        self._level, self._text, self._next = level, text, next_step
        self._due = None if due_in_s is None else monotonic() + due_in_s
        for each in Level:
            self.set_class(each is level, f"-{each.value}")
        self.shown = True
        self._draw()

    def dismiss(self) -> None:
        """Hide it."""
        self.shown = False

    def on_mount(self) -> None:
        """Count down while there is something to count."""
        self.set_interval(_BEAT_S, self._beat, name="banner")

    def _beat(self) -> None:
        if self.shown and self._due is not None:
            self._draw()

    def on_resize(self) -> None:
        """Fit the line."""
        self._draw()

    def _draw(self) -> None:
        tail = self._next
        if self._due is not None:
            left = max(ceil(self._due - monotonic()), 0)
            tail = f"{tail} in {left} s" if left else f"{tail} now"
        after = inked(f" · {tail}" if tail else "", "bold")
        head = join(inked(f"{_GLYPHS[self._level]} ", "bold"), inked(self._text, ""))
        room = self.content_size.width - after.cell_length
        line: Content = join(head if head.cell_length <= room else fit(head, max(room, 1)), after)
        self.update(line)
