"""Finds text in a log store: literal or regular expression, smart case, in slices that a thread can leave."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from widgets.ansi import strip_sgr

_LONGEST_SEARCHED = 20_000
ESCAPES = re.compile(rb"\x1b\[[0-9;:]*m")
SLICE_LINES = 20_000


class Searchable(Protocol):
    """What a search needs of a store."""

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bool]]:
        """Give the raw lines of `[start, stop)` in blocks; see `LogStore.chunks`."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Attributes:
        text: As typed.
        pattern: For the text as shown.
        literal: Bytes to look for where the query is literal, else None; in lower case where case does not count.
        ignore_case: True where the text holds no capital.
    """

    text: str
    pattern: re.Pattern[str]
    literal: bytes | None
    ignore_case: bool


class BadPatternError(ValueError):
    """A regular expression that does not compile; the message says why."""


def compile_query(text: str, *, regex: bool = False) -> Query:
    """Read what was typed. Smart case: capitals count once there is one.

    Args:
        text: Not empty.
        regex: Read it as a Python regular expression.

    Raises:
        BadPatternError: The expression does not compile.
    """
    ignore = text == text.lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pattern = re.compile(text if regex else re.escape(text), re.IGNORECASE if ignore else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPatternError(str(error)) from error
    literal = None
    if not regex and (text.isascii() or not ignore):
        literal = (text.lower() if ignore else text).encode(errors="replace")
    return Query(text, pattern, literal, ignore)


def find_lines(store: Searchable, query: Query, start: int, stop: int) -> list[int]:
    """Give the numbers of the lines in `[start, stop)` that hold a match, in order."""
    found: list[int] = []
    for first, data, has_control in store.chunks(start, stop):
        text = ESCAPES.sub(b"", data) if has_control and b"\x1b" in data else data
        if query.literal is not None:
            found += _literal(text, first, query.literal, ignore_case=query.ignore_case)
        else:
            found += _by_line(text, first, query.pattern)
    return found


def _literal(data: bytes, first: int, needle: bytes, *, ignore_case: bool) -> Iterator[int]:
    haystack = data.lower() if ignore_case else data
    number, counted = first, 0
    at = haystack.find(needle)
    while at >= 0:
        number += haystack.count(b"\n", counted, at)
        yield number
        end = haystack.find(b"\n", at)
        number, counted = number + 1, end + 1
        at = haystack.find(needle, end + 1)


def _by_line(data: bytes, first: int, pattern: re.Pattern[str]) -> Iterator[int]:
    search = pattern.search
    for number, line in enumerate(data.decode(errors="replace").split("\n")[:-1], first):
        if search(line, 0, _LONGEST_SEARCHED):
            yield number


def search_all(store: Searchable, query: Query, start: int, stop: int, found: Callable[[int, list[int]], bool]) -> None:
    """Search slice by slice.

    Args:
        store: Where.
        query: What.
        start: First line.
        stop: One past the last line.
        found: Called after each slice with the line up to which all is searched and the slice's matches; False ends
            the search.
    """
    for begin in range(start, stop, SLICE_LINES):
        end = min(begin + SLICE_LINES, stop)
        if not found(end, find_lines(store, query, begin, end)):
            return


def spans_in(line: str, query: Query, limit: int = 100) -> list[tuple[int, int]]:
    """Give where the query matches in a line as shown: at most `limit` non-empty spans."""
    spans: list[tuple[int, int]] = []
    for match in query.pattern.finditer(strip_sgr(line)[:_LONGEST_SEARCHED]):
        if match.end() > match.start():
            spans.append(match.span())
        if len(spans) >= limit:
            break
    return spans
