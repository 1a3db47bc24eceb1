"""How much work a pattern can cause: refuses those that hostile text could make run for very long.

Python's `re` backtracks. A repeat inside a repeat can take exponential time; repeats in a row that can share a text
take the product of their lengths. Lines are cut at `normalise.MAX_LINE` characters, so what must be small is the work
that one such line can cause. The estimate reads the parsed pattern (`re._parser`, the parser of `re` itself).
"""

from __future__ import annotations

from collections.abc import Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from core.signatures.normalise import MAX_LINE

__all__ = ["MAX_WORK", "fault_of", "may_run_for_ever", "work_of"]

#: Most steps that one pattern may take on one line, by the estimate. A step takes some ten nanoseconds.
MAX_WORK = 15_000_000
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}
_FEW = 4
_ASCII = frozenset(range(128))
_OTHER = 128
_ANY = _ASCII | {_OTHER}
_CLASSES = {
    _constants.CATEGORY_DIGIT: frozenset(b"0123456789"),
    _constants.CATEGORY_SPACE: frozenset(b" \t\n\r\f\v"),
    _constants.CATEGORY_WORD: frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
}
_NEGATED = {
    _constants.CATEGORY_NOT_DIGIT: _constants.CATEGORY_DIGIT,
    _constants.CATEGORY_NOT_SPACE: _constants.CATEGORY_SPACE,
    _constants.CATEGORY_NOT_WORD: _constants.CATEGORY_WORD,
}
_Items = Sequence[tuple[Any, Any]]


def fault_of(pattern: str) -> str:
    """Return why the pattern must not be used, or nothing when it may."""
    if may_run_for_ever(pattern):
        return "a repeat inside a repeat"
    work = work_of(pattern)
    return f"up to {work:.0e} steps on one line, more than {MAX_WORK:.0e}" if work > MAX_WORK else ""


def may_run_for_ever(pattern: str) -> bool:
    """Whether the pattern has a repeat inside a repeat, which can take exponential time on a hostile line."""
    return _nested(list(_parser.parse(pattern)), 1)


def work_of(pattern: str) -> float:
    """Return about how many steps a search can take at most on a line of `MAX_LINE` characters."""
    parsed = list(_parser.parse(pattern))
    anchored = bool(parsed) and parsed[0] == (_constants.AT, _constants.AT_BEGINNING)
    starts = 1.0 if anchored else MAX_LINE / max(_prefix(parsed), 1)
    return MAX_LINE + starts * _cost(parsed)


def _cost(items: _Items) -> float:
    """Steps to find that a sequence does not match from one place on."""
    cost = 1.0
    for place in range(len(items) - 1, -1, -1):
        kind, value = items[place]
        rest = items[place + 1 :]
        if kind in _REPEATS:
            cost = _repeat_cost(value, rest, cost)
        elif kind is _constants.BRANCH:
            cost = sum(_cost(list(branch)) + cost for branch in value[1])
        elif kind is _constants.SUBPATTERN:
            cost = _cost([*value[3], *rest])
        elif kind in {_constants.ASSERT, _constants.ASSERT_NOT}:
            cost += _cost(list(value[1]))
        else:
            cost += 1
    return cost


def _repeat_cost(value: Any, rest: _Items, cost: float) -> float:
    low, high, inner = value
    count = min(int(high), MAX_LINE) - int(low) + 1
    body = _cost(list(inner))
    if not rest:
        return cost  # nothing can fail after it
    if not (_first(inner) & _first(rest)):
        return count * body + cost  # every shorter try fails at once
    return count * body + count / max(_prefix(rest), 1) * cost


def _prefix(items: _Items) -> int:
    """Length of the literal that the sequence begins with: places where it can match are at least that far apart."""
    length = 0
    for kind, value in items:
        if kind is _constants.LITERAL:
            length += 1
        elif kind is _constants.SUBPATTERN and not length:
            return _prefix(list(value[3]))
        elif kind is _constants.BRANCH and not length:
            return min(_prefix(list(branch)) for branch in value[1])
        elif kind is not _constants.AT:
            break
    return length


def _first(items: _Items) -> frozenset[int]:
    """Characters (ASCII codes, `_OTHER` for the rest) that a match of the sequence can begin with."""
    found: frozenset[int] = frozenset()
    for kind, value in items:
        if kind in {_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT}:
            continue
        if kind in _REPEATS:
            found |= _first(list(value[2]))
            if int(value[0]) > 0:
                return found
            continue
        if kind is _constants.SUBPATTERN:
            return found | _first(list(value[3]))
        if kind is _constants.BRANCH:
            return found.union(*(_first(list(branch)) for branch in value[1]))
        return found | _chars(kind, value)
    return _ANY  # the sequence may be empty


def _chars(kind: Any, value: Any) -> frozenset[int]:
    if kind is _constants.LITERAL:
        char = chr(value)
        return frozenset({min(ord(char.lower()), _OTHER), min(ord(char.upper()), _OTHER)})
    if kind is _constants.IN:
        found: frozenset[int] = frozenset().union(
            *(_chars(*item) for item in value if item[0] is not _constants.NEGATE)
        )
        return _ANY - found if value[0][0] is _constants.NEGATE else found
    if kind is _constants.RANGE:
        return frozenset(min(code, _OTHER) for code in range(value[0], value[1] + 1))
    if kind is _constants.CATEGORY:
        return _CLASSES[value] if value in _CLASSES else _ANY - _CLASSES[_NEGATED[value]]
    return _ANY


def _nested(items: _Items, most: int) -> bool:
    """Whether a repeat of more than a few stands inside another one."""
    for kind, value in items:
        if kind in _REPEATS:
            many = int(value[1]) > _FEW
            if (many and (most > _FEW or _ambiguous(list(value[2])))) or _nested(
                list(value[2]), int(value[1]) if many else most
            ):
                return True
        elif any(_nested(part, most) for part in _parts(kind, value)):
            return True
    return False


def _ambiguous(items: _Items) -> bool:
    """Whether alternatives in a repeated sequence can begin alike: then a text can be read in many ways."""
    for kind, value in items:
        if kind is _constants.BRANCH:
            firsts = [_first(list(branch)) for branch in value[1]]
            if sum(map(len, firsts)) > len(frozenset().union(*firsts)):
                return True
        elif any(_ambiguous(part) for part in _parts(kind, value)):
            return True
    return False


def _parts(kind: Any, value: Any) -> list[_Items]:
    if kind is _constants.BRANCH:
        return [list(branch) for branch in value[1]]
    if kind is _constants.SUBPATTERN:
        return [list(value[3])]
    if kind in {_constants.ASSERT, _constants.ASSERT_NOT}:
        return [list(value[1])]
    return []
