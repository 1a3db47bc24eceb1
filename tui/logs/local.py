"""Local logs: a file or standard input, read in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from tui.logs.moments import LineTimes
from tui.logs.printer import LinePrinter

__all__ = ["blocks_of_lines", "print_file"]

_BLOCK = 1 << 20


def blocks_of_lines(stream: IO[bytes], block: int = _BLOCK) -> Iterator[list[str]]:
    """Give the lines of a byte stream, many at a time; invalid UTF-8 is replaced, a line ends at a newline only.

    What has come of a pipe is given as soon as its lines are whole.
    """
    read = getattr(stream, "read1", stream.read)
    rest: list[bytes] = []
    while data := read(block):
        whole, newline, after = data.rpartition(b"\n")
        if not newline:
            rest.append(data)
            continue
        text = b"".join([*rest, whole]).decode(errors="replace")
        rest = [after] if after else []
        yield text.split("\n")
    if rest:
        yield [b"".join(rest).decode(errors="replace")]


def print_file(stream: IO[bytes], printer: LinePrinter) -> None:
    """Write a local log; its lines have the times that they state themselves."""
    times = LineTimes()
    for lines in blocks_of_lines(stream):
        printer.write_lines(lines, [times.of(line) for line in lines] if printer.needs_times else [None] * len(lines))
