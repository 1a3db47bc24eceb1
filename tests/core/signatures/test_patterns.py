"""Texts made from the patterns themselves: none is read past, and none is void because of what its entry refuses."""

from __future__ import annotations

import random
import re
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from core.signatures.base import knowledge
from core.signatures.entry import Signature

_BASE = knowledge()
_LIKED = "aB3x -_./:=\"'()[]{}<>,;|@#%&*+!?~^$\\`\n"
_CATEGORY = {
    c.CATEGORY_DIGIT: "7",
    c.CATEGORY_NOT_DIGIT: "a",
    c.CATEGORY_SPACE: " ",
    c.CATEGORY_NOT_SPACE: "a",
    c.CATEGORY_WORD: "a",
    c.CATEGORY_NOT_WORD: " ",
}


def _text(parsed: Any, rng: random.Random) -> str:
    return "".join(_piece(kind, value, rng) for kind, value in parsed)


def _piece(kind: Any, value: Any, rng: random.Random) -> str:
    if kind in {c.LITERAL, c.NOT_LITERAL, c.IN, c.ANY}:
        return _char(kind, value, rng)
    if kind is c.BRANCH:
        return _text(rng.choice(value[1]), rng)
    if kind is c.SUBPATTERN:
        return _text(value[3], rng)
    if kind in {c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT}:
        least, most, inner = value
        return "".join(_text(inner, rng) for _ in range(rng.choice((least, min(most, max(least, 1))))))
    return ""


def _char(kind: Any, value: Any, rng: random.Random) -> str:
    if kind is c.LITERAL:
        return chr(value)
    if kind is c.IN:
        return _one_of(value, rng)
    return rng.choice("z ") if kind is c.ANY else rng.choice([char for char in "qz" if ord(char) != value])


def _one_of(items: Any, rng: random.Random) -> str:
    if items[0][0] is c.NEGATE:
        allowed = [char for char in _LIKED if not any(_is_in(char, item) for item in items[1:])]
        return rng.choice(allowed[:10])
    kind, value = rng.choice(items)
    if kind is c.LITERAL:
        return chr(value)
    if kind is c.RANGE:
        return chr(rng.randint(*value))
    return rng.choice("37") if value is c.CATEGORY_DIGIT else _CATEGORY[value]


def _is_in(char: str, item: Any) -> bool:
    kind, value = item
    if kind is c.LITERAL:
        return char == chr(value)
    if kind is c.RANGE:
        return ord(char) in range(value[0], value[1] + 1)
    return re.match({"7": r"\d", " ": r"\s", "a": r"\w"}[_CATEGORY[value]], char) is not None


def _branches(parsed: Any) -> int:
    found = 0
    for kind, value in parsed:
        if kind is c.BRANCH:
            found += sum(1 + _branches(branch) for branch in value[1])
        elif kind is c.SUBPATTERN:
            found += _branches(value[3])
        elif kind in {c.MAX_REPEAT, c.MIN_REPEAT}:
            found += _branches(value[2])
    return found


@pytest.mark.parametrize("index", range(len(_BASE.signatures)), ids=[entry.id for entry in _BASE.signatures])
def test_each_pattern_is_found_and_not_all_of_it_refused(index: int) -> None:
    entry: Signature = _BASE.signatures[index]
    for number, compiled in enumerate(entry.patterns):
        parsed = _parser.parse(entry.match[number], compiled.flags & re.IGNORECASE)
        rng = random.Random(entry.match[number])  # noqa: S311 (texts made again the same way)
        made = kept = 0
        for _ in range(12 + 2 * _branches(parsed)):
            text = _text(parsed, rng)
            if compiled.search(text):
                made += 1
                kept += entry.search(text) is not None or entry.search(f"{text} and so on") is not None
                assert index in dict(_BASE.candidates(text.lower())), (entry.match[number], text)
        assert made, f"no text could be made of {entry.match[number]!r}"
        assert kept, f"unless refuses all that {entry.match[number]!r} matches"
