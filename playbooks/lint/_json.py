"""JSON with positions: reads text that the standard library already accepted, so it need not check syntax."""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]

from ._node import Node, ScalarType
from .problem import Problems

__all__ = ["json_tree"]

_BLANK = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[^\s,\]}]+")


def json_tree(text: str, found: Problems, max_depth: int) -> Node:
    """Return the tree of a valid JSON text.

    Raises:
        RecursionError: it is nested deeper than `max_depth`.
    """
    return _Reader(text, found, max_depth).value(0)


class _Reader:
    def __init__(self, text: str, found: Problems, max_depth: int) -> None:
        self._text = text
        self._found = found
        self._max_depth = max_depth
        self._at = 1 if text.startswith("\ufeff") else 0
        self._line, self._line_start, self._seen = 1, self._at, self._at

    def _place(self) -> tuple[int, int]:
        """Line and column of the reading position, counted on from the last time."""
        passed = self._text.count("\n", self._seen, self._at)
        if passed:
            self._line += passed
            self._line_start = self._text.rfind("\n", self._seen, self._at) + 1
        self._seen = self._at
        return self._line, self._at - self._line_start + 1

    def _next(self) -> str:
        blank = _BLANK.match(self._text, self._at)
        if blank is not None:
            self._at = blank.end()
        return self._text[self._at]

    def _string(self) -> Node:
        line, column = self._place()
        value, self._at = scanstring(self._text, self._at + 1, True)
        return Node("scalar", line, column, "string", value)

    def value(self, depth: int) -> Node:
        """Read one value and stop behind it."""
        if depth > self._max_depth:
            raise RecursionError
        sign = self._next()
        if sign == '"':
            return self._string()
        line, column = self._place()
        if sign == "{":
            return Node("mapping", line, column, pairs=self._pairs(depth))
        if sign == "[":
            return Node("sequence", line, column, items=self._items(depth))
        word = _WORD.match(self._text, self._at)
        text = word[0] if word is not None else ""
        self._at += len(text)
        return Node("scalar", line, column, _type_of(text), text)

    def _items(self, depth: int) -> tuple[Node, ...]:
        self._at += 1
        items: list[Node] = []
        while self._next() != "]":
            if self._text[self._at] == ",":
                self._at += 1
            items.append(self.value(depth + 1))
        self._at += 1
        return tuple(items)

    def _pairs(self, depth: int) -> tuple[tuple[Node, Node], ...]:
        self._at += 1
        pairs: dict[str, tuple[Node, Node]] = {}
        while self._next() != "}":
            if self._text[self._at] == ",":
                self._at += 1
                self._next()
            key = self._string()
            self._next()
            self._at += 1
            if key.text in pairs:
                first = pairs[key.text][0].line
                self._found.error(
                    key, "twice", f"{key.text} is given twice (first on line {first})", "One of them is lost."
                )
            pairs[key.text] = key, self.value(depth + 1)
        self._at += 1
        return tuple(pairs.values())


def _type_of(word: str) -> ScalarType:
    if word in {"true", "false"}:
        return "boolean"
    if word == "null":
        return "null"
    return "number" if re.search(r"[.eEIN]", word) else "integer"
