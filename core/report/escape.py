"""Text of others inside Markdown (CommonMark with GitHub's additions): none of it may become markup, link or mention.

Three places, three ways: prose is escaped sign by sign; names and messages stand in code spans whose fence is longer
than any run of backticks within; blocks stand in code fences of which the same holds.
"""

from __future__ import annotations

import re

__all__ = ["code_block", "code_span", "prose"]

# Signs that mean something wherever they stand; an underscore does at the edge of a word, `&` before an entity's name.
_SIGNS = re.compile(r"([\\`*\[\]<>~$|]|(?<!\w)_|_(?!\w)|&(?=#?\w+;))")
# Those that do at the beginning of a line alone: heading, list, quotation, rule.
_FIRST = re.compile(r"^([#+=-])")
_LIST_NUMBER = re.compile(r"^(\d{1,9})([.)])")
# `@name` notifies people, `GH-1`, `owner/name#1` and bare addresses become links: a joiner of no width breaks them.
_MENTION = re.compile(r"@(?=\w)")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")
_REFERENCE = re.compile(r"(?i)(\bgh(?=-\d)|#(?=\d))")
_JOINER = "\u2060"
_TICKS = re.compile(r"`+")


def prose(text: str) -> str:
    """Return text that shows as it is within a paragraph or a list item; line breaks become spaces."""
    line = " ".join(text.split())
    escaped = _FIRST.sub(r"\\\1", _SIGNS.sub(r"\\\1", line))
    escaped = _LIST_NUMBER.sub(r"\1\\\2", escaped)
    escaped = _MENTION.sub(f"@{_JOINER}", escaped)
    escaped = _ADDRESS.sub(lambda found: f"{found[1] or found[3]}{_JOINER}{found[2] or found[4]}", escaped)
    return _REFERENCE.sub(rf"\1{_JOINER}", escaped)


def code_span(text: str) -> str:
    """Return text in a code span: inert, whatever it holds. Empty for empty text."""
    line = " ".join(text.split())
    if not line:
        return ""
    fence = "`" * (max(map(len, _TICKS.findall(line)), default=0) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def code_block(lines: list[str] | tuple[str, ...], language: str = "", *, indent: str = "") -> list[str]:
    """Return lines in a fence longer than any run of backticks in them."""
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    body = [part for line in lines for part in line.split("\n")]
    return [f"{indent}{fence}{language}", *(f"{indent}{line}" for line in body), f"{indent}{fence}"]
