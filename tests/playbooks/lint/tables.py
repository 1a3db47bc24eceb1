"""What the tables of cases are made of: a file with a mark before each place where a problem is expected.

``⟦severity rule⟧`` stands right before the first character of the problem's place; marks are taken out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import dedent

from playbooks.lint import Problem

__all__ = ["Told", "marked", "told"]

Told = tuple[int, int, str, str]
_MARK = re.compile(r"⟦(\w+) ([\w-]+)⟧")


def marked(text: str) -> tuple[str, list[Told]]:
    """The text without its marks, and (line, column, severity, rule) of each."""
    text = dedent(text).lstrip("\n")
    expected: list[Told] = []
    while found := _MARK.search(text):
        before = text[: found.start()]
        expected.append((before.count("\n") + 1, len(before) - before.rfind("\n"), found[1], found[2]))
        text = before + text[found.end() :]
    return text, expected


def told(problems: Sequence[Problem]) -> list[Told]:
    return [(each.line, each.column, str(each.severity), each.rule) for each in problems]
