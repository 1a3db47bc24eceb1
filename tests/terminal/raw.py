"""The program in a pseudo-terminal, and all bytes that it writes there, taken apart into text and control sequences."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

__all__ = ["Piece", "RawTerminal", "pieces"]

_ANSWER_S, _QUIET_S = 0.3, 0.08
_PATIENCE_S = 30.0
_SEQUENCE = re.compile(
    r"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<string>[PX^_])[^\x1b]*(?:\x1b\\)?"
    r"|\x1b(?P<other>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A control sequence by its kind: `CSI ?h`, `OSC 52`, `ESC 7`, `C0 07`; with what it carries."""

    kind: str
    carries: str = ""


def pieces(text: str) -> Iterator[Piece | str]:
    """Give what was written in order: text as it is, control sequences by their kind."""
    at = 0
    for found in _SEQUENCE.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        at = found.end()
        if (csi := found["csi"]) is not None:
            marks = "".join(each for each in csi[:-1] if not each.isdigit() and each not in ";:")
            yield Piece(f"CSI {marks}{csi[-1]}", csi)
        elif (osc := found["osc"]) is not None:
            yield Piece(f"OSC {osc.partition(';')[0]}", osc.partition(";")[2])
        elif found["string"] is not None:
            yield Piece(f"ESC {found['string']}", found.group())
        elif found["other"] is not None:
            yield Piece(f"ESC {found['other']}")
        else:
            yield Piece(f"C {ord(found['control']):02x}")
    yield text[at:]


def copied(piece: Piece) -> str:
    """What a sequence puts on the clipboard."""
    return base64.b64decode(piece.carries.rpartition(";")[2]).decode()


class RawTerminal:
    """A program in a pty of a given size; whatever it writes is kept."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], width: int = 120, height: int = 36
    ) -> None:
        self.written = b""
        self._pressed = 0  # what was written before the last key
        self._file, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, env=dict(environment), start_new_session=True
        )
        os.close(other)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._file)

    @property
    def text(self) -> str:
        """All that was written."""
        return self.written.decode(errors="surrogateescape")

    @property
    def running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    def until(self, words: str) -> None:
        """Wait until something was written since the last key; control sequences within do not count."""
        end = time.monotonic() + _PATIENCE_S
        while words not in self._since():
            assert time.monotonic() < end, f"{words!r} was not written:\n{self._since()[-3000:]!r}"
            self._read(0.1)

    def _since(self) -> str:
        text = self.written[self._pressed :].decode(errors="replace")
        return "".join(each for each in pieces(text) if isinstance(each, str))

    def press(self, keys: str) -> None:
        """Send keys, and take what is written until there is no more for a moment."""
        self._pressed = len(self.written)
        os.write(self._file, keys.encode())
        self._read(_ANSWER_S)

    def wait(self) -> int:
        """Wait for the program's end; return its exit code."""
        end = time.monotonic() + _PATIENCE_S
        while self.running:
            assert time.monotonic() < end, "it did not end"
            self._read(0.1)
        self._read(0.1)
        return self._process.returncode

    def _read(self, first_s: float) -> None:
        """Take what comes within that time, and what follows at once."""
        end, quiet_s = time.monotonic() + _PATIENCE_S, first_s
        while time.monotonic() < end and select.select([self._file], [], [], quiet_s)[0]:
            quiet_s = _QUIET_S
            try:
                data = os.read(self._file, 1 << 16)
            except OSError:  # the program has ended
                return
            if not data:
                return
            self.written += data
