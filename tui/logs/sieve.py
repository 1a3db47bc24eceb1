"""Keeps the lines of a stream that match, with lines around them, as grep does; numbers stay those of the log."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

__all__ = ["LogLine", "Sieve", "compile_pattern"]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line on its way out.

    Attributes:
        number: From 1, in the whole log.
        at_ms: Epoch milliseconds, or None where unknown.
        text: Without its line end.
        gap: Whether lines before it were left out since the last one given.
        stream: Where it came from; empty for a log of one stream.
    """

    number: int
    at_ms: int | None
    text: str
    gap: bool = False
    stream: str = ""


def compile_pattern(text: str, *, fixed: bool = False) -> re.Pattern[str]:
    """Compile a pattern; capitals count once it holds one.

    Raises:
        re.error: it is no regular expression.
    """
    return re.compile(re.escape(text) if fixed else text, re.IGNORECASE if text == text.lower() else 0)


class Sieve:
    """Passes on lines that hold one of the patterns and none of the excluded ones, with context around them.

    Args:
        patterns: a line is wanted where any of them is found; none at all want every line.
        exclude: a line in which any of them is found is not wanted.
        context: how many lines before and after a wanted one come along.
    """

    def __init__(
        self, patterns: Sequence[re.Pattern[str]] = (), exclude: Sequence[re.Pattern[str]] = (), context: int = 0
    ) -> None:
        self._patterns = patterns
        self._exclude = exclude
        self._context = context
        self._before: deque[LogLine] = deque(maxlen=context)
        self._after = 0
        self._given = 0  # the number of the last line given

    def pass_on(self, lines: Iterable[LogLine]) -> Iterator[LogLine]:
        """Give those of the next lines that are wanted, in order."""
        for line in lines:
            if self._wanted(line.text):
                yield from (self._out(each) for each in self._before)
                self._before.clear()
                self._after = self._context
                yield self._out(line)
            elif self._after:
                self._after -= 1
                yield self._out(line)
            else:
                self._before.append(line)

    def _wanted(self, text: str) -> bool:
        if self._patterns and not any(pattern.search(text) for pattern in self._patterns):
            return False
        return not any(pattern.search(text) for pattern in self._exclude)

    def _out(self, line: LogLine) -> LogLine:
        gap = self._given > 0 and line.number != self._given + 1
        self._given = line.number
        return replace(line, gap=True) if gap else line
