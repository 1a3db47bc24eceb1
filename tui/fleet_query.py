"""The filter line's language: read once into a query, asked of each row. Pure.

Terms stand side by side and all must hold::

    text          somewhere in the row          ~text         its letters in this order, in the name
    /regex/       found in the row              !term         must not hold
    col:value     in that column                col:/regex/   found in that column
    tag:key=value the tag has that value        tag:key       the tag is there
    "two words"   one term
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["QUERY_COLUMNS", "Fields", "Query", "QueryError", "parse_query"]

# Columns that a filter may name, with the short words for them.
QUERY_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "status": "status",
        "is": "status",
        "name": "pipeline",
        "pipeline": "pipeline",
        "what": "what",
        "region": "region",
        "profile": "profile",
        "account": "account",
        "context": "context",
        "ctx": "context",
        "stage": "stage",
        "why": "why",
    }
)
_NO_TAGS: Mapping[str, str] = MappingProxyType({})
# A longer regular expression is refused, and so is a quantifier over a quantifier: the filter runs at each key.
_LONGEST_REGEX = 200
_RUNS_LONG = re.compile(r"\([^)]*[+*}][^)]*\)\s*[+*{]")
_TERM = re.compile(
    r"""(?P<not>!*+)(?P<column>[A-Za-z]+:)?+(?:/(?P<regex>(?:[^/\\]|\\.)*)/(?=\s|$)|(?P<fuzzy>~)?(?:"(?P<quoted>[^"]*)"?|(?P<word>\S+)))"""
)


class QueryError(ValueError):
    """A filter that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a filter looks through: lower-case text by column, all of it as one, and tags in lower case."""

    columns: Mapping[str, str]
    text: str
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)


_Test = Callable[[Fields], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was read; no terms let all rows through."""

    text: str = ""
    tests: tuple[_Test, ...] = ()
    uses_tags: bool = False

    def matches(self, row: Fields) -> bool:
        """Whether a row shows."""
        return all(test(row) for test in self.tests)


def parse_query(text: str) -> Query:
    """Read a filter.

    Raises:
        QueryError: a regular expression that is none, or could run long.
    """
    tests: list[_Test] = []
    uses_tags = False
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TERM.match(text, at)
        if found is None:  # a lone "!" or a colon without a value: still being typed
            at = _end_of_word(text, at)
            continue
        at = found.end()
        test = _test(found)
        if test is None:
            continue
        uses_tags = uses_tags or (found["column"] or "").lower() == "tag:"
        tests.append(_negated(test) if len(found["not"]) % 2 else test)
    return Query(text, tuple(tests), uses_tags)


def _end_of_word(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at


def _negated(test: _Test) -> _Test:
    return lambda row: not test(row)


def _test(found: re.Match[str]) -> _Test | None:
    column = (found["column"] or "").lower().removesuffix(":")
    word = (found["word"] or found["quoted"] or "").lower()
    if column == "tag":
        return _tag(word) if word else None
    known = QUERY_COLUMNS.get(column, "")
    if found["regex"] is not None:
        if column and not known:
            raise QueryError(f"there is no column {column!r}")
        return _regex(found["regex"], known)
    if column and not known:  # an ARN, an image, an address: a colon in plain text
        return _contains(f"{column}:{word}", "")
    if not word:
        return None
    if found["fuzzy"]:
        return _fuzzy(word, known or "pipeline")
    return _contains(word, known)


def _contains(word: str, column: str) -> _Test:
    if not column:
        return lambda row: word in row.text
    return lambda row: word in row.columns.get(column, "")


def _regex(pattern: str, column: str) -> _Test | None:
    if not pattern:
        return None
    if len(pattern) > _LONGEST_REGEX or _RUNS_LONG.search(pattern):
        raise QueryError("this regular expression could run long")
    try:
        search = re.compile(pattern, re.IGNORECASE).search
    except (re.error, OverflowError) as error:
        raise QueryError(f"not a regular expression: {error}") from error
    if not column:
        return lambda row: search(row.text) is not None
    return lambda row: search(row.columns.get(column, "")) is not None


def _fuzzy(word: str, column: str) -> _Test:
    def holds(row: Fields) -> bool:
        letters = iter(row.columns.get(column, ""))
        return all(letter in letters for letter in word)

    return holds


def _tag(word: str) -> _Test:
    key, equals, value = word.partition("=")
    if not equals:
        return lambda row: key in row.tags
    return lambda row: row.tags.get(key) == value
