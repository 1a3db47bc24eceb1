"""Long logs searched without holding the screen up: cheap literals first, patterns only on lines that hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.signatures import Explanation, Failure, examine

__all__ = ["Pattern", "examined", "first", "hits"]


class Pattern:
    """A pattern with literals (lower case) of which every line that it matches holds at least one."""

    __slots__ = ("literals", "regex")

    def __init__(self, regex: str, *literals: str) -> None:
        self.regex = re.compile(regex, re.IGNORECASE)
        self.literals = literals

    def search(self, line: str) -> re.Match[str] | None:
        """Search one line."""
        lower = line.lower()
        return self.regex.search(line) if any(each in lower for each in self.literals) else None


def hits(pattern: Pattern, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that match, with their numbers from 1."""
    whole = "\n".join(lines).lower()
    if not any(each in whole for each in pattern.literals):
        return
    for number, line in enumerate(lines, start=1):
        if pattern.search(line):
            yield number, line


def first(pattern: Pattern, lines: Sequence[str]) -> tuple[int, str] | None:
    """The first line that matches, with its number from 1; None for none."""
    return next(hits(pattern, lines), None)


@lru_cache(maxsize=8)
def examined(stage: str, provider: str, message: str, log: tuple[str, ...]) -> Explanation:
    """What the text engine makes of a failure; kept, so that a reading made in a thread is there for the judgement."""
    return examine(Failure(stage=stage, provider=provider, message=message, log=log))
