"""Literals that a text must hold before a pattern can match it.

Patterns are tried on few lines only: a line that holds none of a pattern's needles cannot match. The reading is of the
pattern's text, not of its compiled form, because compiling hundreds of patterns costs more than one start may cost.
"""

from __future__ import annotations

import re

__all__ = ["MIN_NEEDLE", "needles_of"]

#: Shorter literals say too little to filter by.
MIN_NEEDLE = 3

_TOKEN = re.compile(
    r"\\x(?P<hex>[0-9a-fA-F]{2})|\\(?P<escaped>[^A-Za-z0-9])|\\(?P<klass>[A-Za-z0-9])"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:!=]|<[!=]|>))?)|(?P<close>\))"
    r"|(?P<bar>\|)|(?P<repeat>[*+?]|\{\d*,?\d*\})|(?P<anchor>[\^$])|(?P<dot>\.)|(?P<plain>.)",
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

    def flush(self) -> None:
        if self.run:
            self.offer(("".join(self.run),))
            self.run = []

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
    return min(map(len, needles)) * 8 - len(needles)


def needles_of(pattern: str) -> tuple[str, ...]:
    """Return lower-case literals of which every text that the pattern matches holds at least one.

    Empty when the pattern requires no literal of at least `MIN_NEEDLE` characters.
    """
    levels = [_Level("")]
    pending: tuple[str, ...] | None = None
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        text = token[0]
        level = levels[-1]
        if kind == "repeat":
            optional = _OPTIONAL.match(text) is not None
            if pending is not None:
                if not optional:
                    level.offer(pending)
            elif level.run:
                last = level.run.pop()
                level.flush()
                if not optional:
                    level.run = [last]
                    level.flush()
            pending = None
            continue
        if pending is not None:
            level.offer(pending)
            pending = None
        if kind in {"plain", "escaped", "hex"}:
            char = text if kind == "plain" else token["escaped"] or chr(int(token["hex"], 16))
            level.run.append(char.lower())
        elif kind == "bar":
            level.alternative()
        elif kind == "open":
            level.flush()
            levels.append(_Level(text))
        elif kind == "close" and len(levels) > 1:
            pending = levels.pop().result()
        elif not (kind == "klass" and token["klass"] in "bB"):
            level.flush()
    if pending is not None:
        levels[-1].offer(pending)
    found = levels[0].result()
    return found if found and min(map(len, found)) >= MIN_NEEDLE and all(map(str.isascii, found)) else ()
