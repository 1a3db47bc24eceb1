"""Local logs: a file or standard input, read in blocks, and on as it grows."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import IO, Protocol

from tui.logs.moments import LineTimes
from tui.logs.printer import LinePrinter

__all__ = ["LocalLog", "blocks_of_lines", "print_file"]

_BLOCK = 1 << 20
_LOOK_S = 0.2


class _Bytes(Protocol):
    """What lines are cut from; `read1` gives what there is, nothing at the end."""

    def read1(self, size: int, /) -> bytes: ...


class LocalLog:
    """The bytes of a file, or of a pipe as they are written; followed, a file is read on as it grows.

    A file that is followed is opened anew where another one has taken its place, or it was cut off.

    Args:
        path: Of the file or pipe; `-` is standard input.
        follow: Go on at the end of a file.
        sleep: Waits so many seconds.
    """

    def __init__(self, path: Path | str, *, follow: bool = False, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path = str(path)
        self._follow = follow
        self._sleep = sleep
        self._stopped = False
        self._reading = Lock()
        self._stream = self._open()
        self.is_file = stat.S_ISREG(os.fstat(self._stream.fileno()).st_mode)

    def _open(self) -> IO[bytes]:
        if self._path == "-":
            return os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        return Path(self._path).open("rb", buffering=0)

    @property
    def grows(self) -> bool:
        """Whether more may come after what is there now."""
        return self._follow or not self.is_file

    def read1(self, size: int) -> bytes:
        """Return what comes next, at most `size` bytes; nothing at the end, or once it was stopped. Raises OSError."""
        with self._reading:
            while not self._stopped:
                if not self.is_file and not select.select([self._stream], [], [], _LOOK_S)[0]:
                    continue
                data = self._stream.read(size)
                if data or not (self._follow and self.is_file):
                    return data
                self._sleep(_LOOK_S)
                self._look_again()
            self._stream.close()
            return b""

    def _look_again(self) -> None:
        """Take up the file that stands there now."""
        try:
            now = Path(self._path).stat()
        except OSError:
            return  # between two files
        held = os.fstat(self._stream.fileno())
        if (now.st_ino, now.st_dev) != (held.st_ino, held.st_dev):
            self._stream.close()
            self._stream = self._open()
        elif now.st_size < self._stream.tell():
            self._stream.seek(0)

    def close(self) -> None:
        """Close it, from any thread; a read that waits comes back with nothing."""
        self._stopped = True
        if self._reading.acquire(blocking=False):
            self._stream.close()
            self._reading.release()


def blocks_of_lines(stream: _Bytes, block: int = _BLOCK) -> Iterator[list[str]]:
    """Give the lines of a byte stream, many at a time; invalid UTF-8 is replaced, a line ends at a newline only.

    What has come of a pipe is given as soon as its lines are whole.
    """
    rest: list[bytes] = []
    while data := stream.read1(block):
        whole, newline, after = data.rpartition(b"\n")
        if not newline:
            rest.append(data)
            continue
        text = b"".join([*rest, whole]).decode(errors="replace")
        rest = [after] if after else []
        yield text.split("\n")
    if rest:
        yield [b"".join(rest).decode(errors="replace")]


def print_file(path: str, printer: LinePrinter, *, follow: bool = False) -> None:
    """Write a local log (`-` is standard input); lines have the times that they state themselves. Raises OSError."""
    times = LineTimes()
    log = LocalLog(path, follow=follow)
    try:
        for lines in blocks_of_lines(log):
            known = [times.of(line) for line in lines] if printer.needs_times else [None] * len(lines)
            printer.write_lines(lines, known)
    finally:
        log.close()
