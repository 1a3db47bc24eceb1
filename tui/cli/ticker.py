"""What a command says while it works: one line on a terminal's stderr, nothing elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Self

from core.diagnosis import Checked
from core.text import clip, sanitize
from tui.output import terminal_width

__all__ = ["Ticker"]


class Ticker:
    """One line on a terminal's stderr that says which check was answered last; nothing elsewhere."""

    def __init__(self) -> None:
        self._count = 0
        self._shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._write("")

    @property
    def progress(self) -> Callable[[Checked], None]:
        """Takes each check as it is answered."""
        return self._take

    def say(self, words: str) -> None:
        """Show what is being done."""
        self._write(sanitize(words))

    def _take(self, checked: Checked) -> None:
        self._count += 1
        self._write(f"{self._count} checked · {sanitize(checked.step.question)}")

    def _write(self, text: str) -> None:
        if self._shown:
            width = (terminal_width() or 80) - 1
            sys.stderr.write(f"\r\x1b[K{clip(text, width)}")
            sys.stderr.flush()
