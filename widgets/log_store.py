"""The lines of a log in memory: appended only, numbered from 0 for good, kept as UTF-8 in blocks."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

_BLOCK_BYTES = 1 << 20
_NEWLINE = b"\n"
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNKNOWN_MS = -(1 << 62)
_KEY = b"PRIVATE KEY-----"
_LONGEST_KEY = 200  # lines
# Lines of at most a megabyte (CloudWatch Logs) must not fill a block beyond what a 4-byte offset can say.
_BATCH = 1024


class _Block:
    """Some lines, each ended by a newline, and where each begins."""

    __slots__ = ("data", "first", "has_control", "starts")

    def __init__(self, first: int) -> None:
        self.first = first
        self.data: bytearray | bytes = bytearray()
        self.starts = array("I")
        self.has_control = False


class LogStore:
    """An append-only sequence of lines; about 4 bytes a line above the log's own UTF-8 bytes, 12 where it has times."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._firsts: list[int] = []
        self._count = 0
        self._longest = 0
        self._times: array[int] | None = None
        self._keys: list[int] = []  # lines at which a private key in PEM form begins or ends

    def __len__(self) -> int:
        """Give the number of lines."""
        return self._count

    @property
    def longest(self) -> int:
        """Characters of the longest line, colour sequences counted."""
        return self._longest

    @property
    def size_bytes(self) -> int:
        """Bytes held: text and index."""
        return sum(len(block.data) + 4 * len(block.starts) for block in self._blocks) + (
            8 * len(self._times) if self._times is not None else 0
        )

    def append(self, lines: Sequence[str], times: Sequence[int] | None = None) -> None:
        """Add lines at the end.

        Args:
            lines: Raw text without line ends; a newline inside a line is kept as a space. Lone surrogates are
                replaced.
            times: Epoch milliseconds, one a line; None where they are not known.
        """
        if not lines:
            return
        if times is not None or self._times is not None:
            self._append_times(times, len(lines))
        for start in range(0, len(lines), _BATCH):
            self._append(lines[start : start + _BATCH])

    def _append_times(self, times: Sequence[int] | None, count: int) -> None:
        if times is not None and len(times) != count:
            raise ValueError(f"{count} lines, {len(times)} times")
        if self._times is None:
            self._times = array("q", [_UNKNOWN_MS]) * self._count
        self._times.extend(array("q", [_UNKNOWN_MS]) * count if times is None else times)

    def time_of(self, number: int) -> int | None:
        """Give a line's time in epoch milliseconds, or None where it is not known (0 is none)."""
        if self._times is None or not 0 <= number < len(self._times):
            return None
        at_ms = self._times[number]
        return None if at_ms in {_UNKNOWN_MS, 0} else at_ms

    def line_at(self, at_ms: int) -> int | None:
        """Give the first line of that time or later; the last line where all are older, None without times."""
        if self._times is None or not self._times:
            return None
        return min(bisect_left(self._times, at_ms), self._count - 1)

    def in_key(self, number: int) -> bool:
        """Whether a line is part of a private key's body: between the lines that begin and end it."""
        at = bisect_left(self._keys, number) - 1
        if at < 0 or (at + 1 < len(self._keys) and self._keys[at + 1] == number):
            return False
        before = self._keys[at]
        line = self[before]
        return number - before <= _LONGEST_KEY and "-----BEGIN " in line and "-----END " not in line

    def _append(self, lines: Sequence[str]) -> None:
        text = "\n".join(lines)
        if text.count("\n") != len(lines) - 1:
            lines = [line.replace("\n", " ") for line in lines]
            text = "\n".join(lines)
        try:
            data = text.encode()
        except UnicodeEncodeError:
            text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
            lines = text.split("\n")
            data = text.encode()
        block = self._open_block()
        base = len(block.data)
        lengths: Iterator[int]
        lengths = map(len, lines) if len(data) == len(text) else (len(line) for line in data.split(_NEWLINE))
        starts = array("I", accumulate((length + 1 for length in lengths), initial=base))
        starts.pop()
        block.starts.extend(starts)
        if _KEY in data:
            self._keys += [self._count + at for at, line in enumerate(data.split(_NEWLINE)) if _KEY in line]
        block.data += data
        block.data += _NEWLINE
        if not block.has_control:
            block.has_control = b"\x1b" in data or b"\r" in data
        self._longest = max(self._longest, *map(len, lines))
        self._count += len(lines)

    def _open_block(self) -> _Block:
        if not self._blocks or len(self._blocks[-1].data) >= _BLOCK_BYTES:
            if self._blocks:
                self._blocks[-1].data = bytes(self._blocks[-1].data)  # without the room that grown arrays keep
            self._blocks.append(_Block(self._count))
            self._firsts.append(self._count)
        return self._blocks[-1]

    def __getitem__(self, number: int) -> str:
        """Give one line.

        Raises:
            IndexError: There is no such line.
        """
        if not 0 <= number < self._count:
            raise IndexError(number)
        block = self._blocks[bisect_right(self._firsts, number) - 1]
        at = number - block.first
        start = block.starts[at]
        end = block.starts[at + 1] if at + 1 < len(block.starts) else len(block.data)
        return block.data[start : end - 1].decode()

    def lines(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """Give the lines from `start` up to and without `stop`."""
        for number in range(max(start, 0), min(self._count if stop is None else stop, self._count)):
            yield self[number]

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bool]]:
        """Give the raw bytes of the lines in `[start, stop)`, block by block.

        Gives for each block the number of its first line, its lines each ended by a newline, and whether there may be
        control characters among them. Safe to read from a thread while lines are appended: what is given is a copy.
        """
        stop = min(stop, self._count)
        while start < stop:
            block = self._blocks[bisect_right(self._firsts, start) - 1]
            at = start - block.first
            until = min(stop - block.first, len(block.starts))
            begin = block.starts[at]
            end = block.starts[until] if until < len(block.starts) else len(block.data)
            yield start, bytes(block.data[begin:end]), block.has_control
            start = block.first + until
