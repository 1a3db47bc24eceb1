"""Which lines of a log are shown: those that match, with lines around them. An index over the store, which stays."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from widgets.log_search import ESCAPES, Query, Searchable, find_lines
from widgets.log_stamps import clock_time

# `Failures: 0`, `0 errors` and `failed=0` speak of none, a part of a path is a name; 50 and 60 are pino's and bunyan's.
_SEVERE = (
    r"(?<!\b0 )(?<!\bno )(?<![/#])\b(?:[a-z_]{0,40}(?:error|exception|denied)|errors|fatal|panic(?:ked)?|traceback"
    r"|failed|failures?|critical|not authorized|did not exit successfully)\b(?!\"?\s?[:=]\s?0\b)|\bERR!"
    r"|\"level\":[56]0\b"
)
_HINTS = (
    b"error", b"exception", b"denied", b"fatal", b"panic", b"traceback", b"fail", b"critical", b"not authorized",
    b"did not exit successfully", b"err!", b'"level":50', b'"level":60',
)  # fmt: skip
_WITHIN = 400
SEVERITIES = (
    ("error", re.compile(_SEVERE, re.IGNORECASE)),
    ("warning", re.compile(r"\bwarn(?:ing)?\b", re.IGNORECASE)),
)
"""What a line's words say of it: the first of these that is found within its first 400 characters."""


class Severity(StrEnum):
    """The least that a line must say of itself to be shown."""

    ALL = "all"
    WARNING = "warnings and errors"
    ERROR = "errors"

    @property
    def following(self) -> "Severity":
        """The next in turn."""
        every = list(Severity)
        return every[(every.index(self) + 1) % len(every)]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines are wanted.

    Attributes:
        include: A wanted line matches all of these.
        exclude: And none of these.
        severity: And says at least this of itself.
        context: Lines before and after a wanted one that are shown with it.
        since_ms: Lines that are older are not wanted; epoch milliseconds.
        until_ms: Neither are those of that time and later.
        inverted: What matches is left out and what does not is wanted; times are not turned about.
    """

    include: tuple[Query, ...] = ()
    exclude: tuple[Query, ...] = ()
    severity: Severity = Severity.ALL
    context: int = 0
    since_ms: int | None = None
    until_ms: int | None = None
    inverted: bool = False

    @property
    def chooses(self) -> bool:
        """Whether it chooses by what lines say."""
        return bool(self.include or self.exclude or self.severity is not Severity.ALL)

    @property
    def shows_all(self) -> bool:
        """Whether every line is wanted."""
        return not self.chooses and self.since_ms is None and self.until_ms is None

    @property
    def words(self) -> str:
        """The filter in a few words; empty where it shows all."""
        if self.shows_all:
            return ""
        parts = [query.text for query in self.include]
        parts += [f"not {query.text}" for query in self.exclude]
        if self.severity is not Severity.ALL:
            parts.append(self.severity.value)
        if self.inverted and self.chooses:
            parts = [f"all but ({' · '.join(parts)})"]
        if self.since_ms is not None or self.until_ms is not None:
            since, until = (
                clock_time(at_ms)[:8] if at_ms is not None else "" for at_ms in (self.since_ms, self.until_ms)
            )
            parts.append(f"{since}–{until}")
        return " · ".join(parts) + (f" ±{self.context}" if self.context else "")


class Timed(Searchable, Protocol):
    """A store whose lines have times."""

    def time_of(self, number: int) -> int | None:
        """Give a line's time."""
        ...


def find_wanted(store: Timed, wanted: LogFilter, start: int, stop: int) -> list[int]:
    """Give the numbers of the wanted lines in `[start, stop)`, in order, without their context."""
    lines: Sequence[int] = _matching(store, wanted, start, stop) if wanted.chooses else range(start, stop)
    if wanted.inverted and wanted.chooses:
        out = set(lines)
        lines = [line for line in range(start, stop) if line not in out]
    if wanted.since_ms is not None or wanted.until_ms is not None:
        lines = [line for line in lines if _in_time(store.time_of(line), wanted)]
    return list(lines)


def _matching(store: Timed, wanted: LogFilter, start: int, stop: int) -> list[int]:
    """Give the lines that what the filter says of their words lets through."""
    found: list[int] | None = None
    for query in wanted.include:
        hits = find_lines(store, query, start, stop)
        found = hits if found is None else _both(found, hits)
        if not found:
            return []
    if wanted.severity is not Severity.ALL:
        hits = find_severe(store, start, stop, warnings=wanted.severity is Severity.WARNING)
        found = hits if found is None else _both(found, hits)
    lines: Sequence[int] = range(start, stop) if found is None else found
    for query in wanted.exclude:
        out = set(find_lines(store, query, start, stop))
        lines = [line for line in lines if line not in out]
    return list(lines)


def _both(first: list[int], second: list[int]) -> list[int]:
    also = set(second)
    return [line for line in first if line in also]


def _in_time(at_ms: int | None, wanted: LogFilter) -> bool:
    if at_ms is None:
        return False
    late_enough = wanted.since_ms is None or at_ms >= wanted.since_ms
    return late_enough and (wanted.until_ms is None or at_ms < wanted.until_ms)


def severity_of(line: str, start: int = 0) -> tuple[str, re.Match[str]] | None:
    """Give what a line's words say of it (``error``, ``warning``) and which word does, or None."""
    for name, pattern in SEVERITIES:
        if (match := pattern.search(line, start, _WITHIN)) is not None:
            return name, match
    return None


def find_severe(store: Searchable, start: int, stop: int, *, warnings: bool) -> list[int]:
    """Give the lines in `[start, stop)` whose words speak of an error, or of a warning too."""
    hints = (*_HINTS, b"warn") if warnings else _HINTS
    names = {"error", "warning"} if warnings else {"error"}
    found: list[int] = []
    for first, data, has_control in store.chunks(start, stop):
        text = ESCAPES.sub(b"", data) if has_control and b"\x1b" in data else data
        for number, line in _lines_with(text, hints, first):
            said = severity_of(line)
            if said is not None and said[0] in names:
                found.append(number)
    return found


def _lines_with(data: bytes, hints: Sequence[bytes], first: int) -> list[tuple[int, str]]:
    """Lines that hold one of the hints in any case: number and text."""
    lowered = data.lower()
    spans: dict[int, int] = {}
    for hint in hints:
        at = lowered.find(hint)
        while at >= 0:
            end = lowered.find(b"\n", at)
            spans[lowered.rfind(b"\n", 0, at) + 1] = end
            at = lowered.find(hint, end)
    lines = []
    number, counted = first, 0
    for begin, end in sorted(spans.items()):
        number += data.count(b"\n", counted, begin)
        counted = begin
        lines.append((number, data[begin:end].decode(errors="replace")))
    return lines


class FilterIndex:
    """The numbers of the lines that are shown, in order; grows as the log is looked through."""

    def __init__(self, context: int = 0) -> None:
        self.rows: array[int] = array("I")
        self._context = context
        self._next = 0  # the first line not decided upon
        self._until = 0  # lines before it follow a wanted one closely enough

    def extend(self, wanted: Sequence[int], upto: int) -> None:
        """Take the wanted lines up to and without `upto`, in order; they come along with their context."""
        for line in wanted:
            start = max(line - self._context, self._next)
            self._take(self._next, min(self._until, start))
            self._take(start, line + 1)
            self._next = line + 1
            self._until = line + self._context + 1
        end = max(min(self._until, upto), self._next)
        self._take(self._next, end)
        self._next = end if end == self._until else max(upto - self._context, end)

    def _take(self, start: int, stop: int) -> None:
        if start < stop:
            self.rows.extend(range(start, stop))
