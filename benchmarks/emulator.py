"""The screen of a terminal: as much of a VT's behaviour as Textual's output uses, colours left out."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

__all__ = ["Emulator"]

# OSC and DCS strings, CSI sequences, other escapes, controls, text.
_TOKEN = re.compile(
    r"\x1b[\]PX^_].*?(?:\x07|\x1b\\)|\x1b\[(?P<parameters>[0-9;:<=>?]*)[ -/]*(?P<final>[@-~])|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)


class Emulator:
    """Cells of a screen, fed with what a program writes. Every character takes one cell."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._rest = ""
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> None:
        """Take what was written; a sequence that is cut off waits for its end."""
        text = self._rest + self._decode(data)
        at = 0
        while found := _TOKEN.match(text, at):
            at = found.end()
            if found["text"]:
                self._put(found["text"])
            elif found["final"]:
                self._sequence(found["final"], found["parameters"])
            elif found["control"]:
                self._control(found["control"])
        self._rest = text[at:]

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return ["".join(cells).rstrip() for cells in self._cells]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def line(self, number: int) -> str:
        """One line, from 0."""
        return "".join(self._cells[number])

    def _put(self, text: str) -> None:
        cells = self._cells[self._y]
        shown = text[: self._columns - self._x]
        cells[self._x : self._x + len(shown)] = shown
        self._x = min(self._x + len(text), self._columns - 1)

    def _control(self, control: str) -> None:
        if control == "\r":
            self._x = 0
        elif control == "\n":
            self._y = min(self._y + 1, self._rows - 1)

    def _sequence(self, final: str, parameters: str) -> None:
        numbers = [int(each) if each.isdigit() else 0 for each in parameters.split(";")]
        first = numbers[0] or 1
        if final in "Hf":
            self._y = min(first, self._rows) - 1
            self._x = min(numbers[1] or 1 if len(numbers) > 1 else 1, self._columns) - 1
        elif final in "AB":
            self._y = min(max(self._y + (first if final == "B" else -first), 0), self._rows - 1)
        elif final in "CD":
            self._x = min(max(self._x + (first if final == "C" else -first), 0), self._columns - 1)
        elif final == "J" and numbers[0] == 2:
            self._cells = [[" "] * self._columns for _ in range(self._rows)]
        elif final == "K" and numbers[0] == 0:
            self._put(" " * (self._columns - self._x))
