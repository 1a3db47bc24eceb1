"""Literals that a text must hold before a pattern can match it.

Patterns are tried on few lines only: a line that holds none of a pattern's needles cannot match. Needles hold no
digits, so lines that differ in digits only need be compared with them once. The reading is of the pattern's text, not
of its compiled form, because compiling hundreds of patterns costs more than one start may cost.
"""

from __future__ import annotations

import re

__all__ = ["MIN_NEEDLE", "needles_of"]

#: Shorter literals say too little to filter by.
MIN_NEEDLE = 4

_TOKEN = re.compile(
    r"\\x(?P<hex>[0-9a-fA-F]{2})|\\(?P<escaped>[^A-Za-z0-9])|\\(?P<klass>[A-Za-z0-9])"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:!=]|<[!=]|>))?)|(?P<close>\))"
    r"|(?P<bar>\|)|(?P<repeat>[*+?]|\{\d*,?\d*\})|(?P<anchor>[\^$])|(?P<dot>\.)"
    r"|(?P<plain>[A-Za-z !\"#%&',/:;<=>@_`~-]+(?![*+?{])|.)",
    re.DOTALL,
)
_OPTIONAL = re.compile(r"[*?]|\{0?,|\{0\}")


class _Level:
    """One open group: its alternatives so far and the literals required by the one being read."""

    __slots__ = ("alternatives", "best", "kind", "run")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.alternatives: list[tuple[str, ...]] = []
        self.best: tuple[str, ...] = ()
        self.run: list[str] = []

    def offer(self, needles: tuple[str, ...]) -> None:
        """Keep the needles if they filter better than those kept."""
        if needles and (not self.best or _worth(needles) > _worth(self.best)):
            self.best = needles

    def literal(self, text: str) -> None:
        if text.isascii() and not text.isdigit():
            self.run.append(text.lower())
        else:
            self.flush()

    def flush(self) -> None:
        if self.run:
            self.offer(("".join(self.run),))
            self.run = []

    def repeat(self, *, optional: bool) -> None:
        """Take a quantifier of the character just read (always a piece of its own): an optional one is not required."""
        if not self.run:
            return
        last = self.run.pop()
        self.flush()
        if not optional:
            self.offer((last,))

    def alternative(self) -> None:
        self.flush()
        self.alternatives.append(self.best)
        self.best = ()

    def result(self) -> tuple[str, ...]:
        """Any of these must be there; empty when nothing is required."""
        self.alternative()
        if not all(self.alternatives) or self.kind in {"(?!", "(?<!"}:
            return ()
        return tuple(dict.fromkeys(needle for needles in self.alternatives for needle in needles))


def _worth(needles: tuple[str, ...]) -> int:
    shortest = min(map(len, needles))
    return shortest * 8 - len(needles) if shortest >= MIN_NEEDLE else shortest - 100


def needles_of(pattern: str) -> tuple[str, ...]:
    """Return lower-case literals of which every text that the pattern matches holds at least one.

    Empty when the pattern requires no literal of at least `MIN_NEEDLE` characters.
    """
    levels = [_Level("")]
    closed: tuple[str, ...] | None = None
    for token in _TOKEN.finditer(pattern):
        level = levels[-1]
        if token.lastgroup == "repeat":
            optional = _OPTIONAL.match(token[0]) is not None
            if closed is None:
                level.repeat(optional=optional)
            elif not optional:
                level.offer(closed)
            closed = None
            continue
        if closed is not None:
            level.offer(closed)
            closed = None
        if token.lastgroup == "open":
            level.flush()
            levels.append(_Level(token[0]))
        elif token.lastgroup == "close" and len(levels) > 1:
            closed = levels.pop().result()
        else:
            _take(level, token)
    if closed is not None:
        levels[-1].offer(closed)
    found = levels[0].result()
    return found if found and min(map(len, found)) >= MIN_NEEDLE else ()


def _take(level: _Level, token: re.Match[str]) -> None:
    """Take a token that opens and closes nothing."""
    if token["plain"]:
        level.literal(token["plain"])
    elif token["escaped"]:
        level.literal(token["escaped"])
    elif token["hex"]:
        level.literal(chr(int(token["hex"], 16)))
    elif token["bar"]:
        level.alternative()
    elif token["klass"] not in {"b", "B"}:
        level.flush()
