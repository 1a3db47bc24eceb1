"""Code to read: line numbers and colours of the theme; large files show at once and are coloured when that is done."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.style import Style

from widgets.code_lines import code_lines, plain_lines
from widgets.ink import inked, join
from widgets.text_view import TextView

_AT_ONCE = 4_000
"""Characters that are coloured without a thread: a few milliseconds."""


class CodeView(TextView):
    """Read-only code with line numbers."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"code-view--marked"}
    DEFAULT_CSS = """
    CodeView {
        & > .code-view--marked { background: $warning 20%; }
    }
    """

    @dataclass
    class _Coloured(Message):
        """A thread has coloured the code."""

        generation: int
        lines: list[Content]

    def __init__(
        self,
        code: str = "",
        language: str = "",
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a view.

        Args:
            code: What it shows; `set_code` changes it.
            language: A pygments alias such as `json`.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._code, self._language = code, language
        self._generation = 0
        self._marked: frozenset[int] = frozenset()

    @property
    def code(self) -> str:
        """The code as given."""
        return self._code

    def on_mount(self) -> None:
        """Show what the constructor was given."""
        self.set_code(self._code, self._language)

    def set_code(self, code: str, language: str = "") -> None:
        """Show code; a language that pygments does not know shows it uncoloured."""
        self._code, self._language = code, language
        self._generation += 1
        if len(code) <= _AT_ONCE:
            self._number(code_lines(code, language))
            return
        self._number(plain_lines(code))
        if language:
            self._colour(code, language, self._generation)

    def mark_lines(self, lines: frozenset[int]) -> None:
        """Tint lines, counted from 0, and go to the first of them."""
        self._marked = lines
        self.clear_drawn()
        self.refresh()
        if lines:
            self.go_to(min(lines))

    def line_style(self, number: int) -> Style:
        """Give marked lines their tint."""
        return self.get_visual_style("code-view--marked") if number in self._marked else self.base_style

    def _number(self, lines: list[Content]) -> None:
        width = max(len(str(len(lines))), 3)
        self.show_lines([join(inked(f"{n:>{width}} ", "$foreground 35%"), line) for n, line in enumerate(lines, 1)])

    @work(thread=True, exclusive=True, group="code-colour", exit_on_error=False, description="Colour the code")
    def _colour(self, code: str, language: str, generation: int) -> None:
        self.post_message(self._Coloured(generation, code_lines(code, language)))

    @on(_Coloured)
    def _show_coloured(self, event: _Coloured) -> None:
        event.stop()
        if event.generation == self._generation:
            self._number(event.lines)
