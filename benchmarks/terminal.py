"""A program in a real terminal (a pty): its output with the moment it came, keys, and what the screen then shows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.emulator import Emulator

__all__ = ["COLUMNS", "ROWS", "NeverShownError", "Terminal", "python"]

COLUMNS, ROWS = 160, 45
_PATIENCE_S = 60.0
# What a terminal answers to Textual's questions for synchronised output (it can) and resizes in band (it cannot).
_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}


class NeverShownError(AssertionError):
    """What was waited for did not come; the text holds the screen."""


class Terminal:
    """A running program. Times are `time.monotonic`, which all processes of the machine share.

    Attributes:
        began: when the program was executed.
        screen: what it shows.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.screen = Emulator(COLUMNS, ROWS)
        self.began = time.monotonic()
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execvpe(command[0], list(command), dict(environment))  # noqa: S606 (the program that is measured)
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def press(self, keys: str) -> float:
        """Send keys; return when."""
        at = time.monotonic()
        os.write(self._file, keys.encode())
        return at

    def until(self, shown: Callable[[Emulator], object], patience_s: float = _PATIENCE_S) -> float:
        """Wait until the screen is as wanted; return when the output that made it so came.

        Raises:
            NeverShownError: it did not come to be.
        """
        at = time.monotonic()
        end = at + patience_s
        while not shown(self.screen):
            at = self._read(end)
        return at

    def cpu_s(self) -> float:
        """CPU time of the program's threads so far (s); it does not mind what else the machine does. Linux only."""
        spent = 0
        for thread in Path(f"/proc/{self._pid}/task").glob("*/schedstat"):
            spent += int(thread.read_text().split()[0])
        return spent / 1e9

    def resident(self) -> int:
        """Memory that the program holds (bytes). Linux only."""
        pages = Path(f"/proc/{self._pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")

    def watch(self, seconds: float) -> None:
        """Let the program run, and take what it writes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._file], [], [], left)[0]:
                self._read(end)

    def end(self, keys: str = "", within_s: float = 5.0) -> None:
        """End the program: by keys if there are any, by a signal if it does not go."""
        if self._ended:
            return
        self._ended = True
        if keys:
            self.press(keys)
            deadline = time.monotonic() + within_s
            with contextlib.suppress(NeverShownError, ChildProcessError):
                while os.waitpid(self._pid, os.WNOHANG) == (0, 0):
                    self._read(deadline)
                os.close(self._file)
                return
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._file)

    def _read(self, end: float) -> float:
        ready, _, _ = select.select([self._file], [], [], max(end - time.monotonic(), 0))
        at = time.monotonic()
        try:
            data = os.read(self._file, 1 << 16) if ready else b""
        except OSError:  # the program has ended
            data = b""
        if not data:
            raise NeverShownError(f"not shown:\n{self.screen.text}")
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._file, answer)
        self.screen.feed(data)
        return at


def python(*arguments: str) -> list[str]:
    """This interpreter with arguments."""
    return [sys.executable, *arguments]
