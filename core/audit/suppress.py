"""Findings that are accepted for a time: a TOML file, read with all its mistakes, and matched. Pure.

The file holds tables ``[[suppress]]`` with `reason` and `until` (both required) and at least one of `cause`, `rule`,
`resource`, `pipeline` and `regex`.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from core.audit.model import AuditFinding, Suppression
from core.audit.rules import discover
from core.causes import CAUSES

__all__ = ["Applied", "Mistake", "Read", "apply", "as_toml", "read"]

_MATCHERS = ("cause", "rule", "resource", "pipeline", "regex")
_MEMBERS = (*_MATCHERS, "reason", "until")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_HEADER = re.compile(r"\s*\[\[\s*(?:suppress|\"suppress\"|'suppress')\s*\]\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*["']?(?P<name>[A-Za-z0-9_-]+)["']?\s*=""")
_LONGEST_REGEX = 500


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with the file, and on which line (0: it cannot be told)."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: the entries that are right, and the mistakes of the others."""

    entries: tuple[Suppression, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def read(text: str) -> Read:
    """Read the text of a file of suppressions."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        return Read((), (Mistake(line, _AT_LINE.sub("", str(error)).strip()),))
    mistakes = [Mistake(_line_of(text, name), f"there is no such table: {name}") for name in data if name != "suppress"]
    tables = data.get("suppress", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        return Read(
            (), (*mistakes, Mistake(_line_of(text, "suppress"), "suppress must be a list of tables: [[suppress]]"))
        )
    entries: list[Suppression] = []
    lines = _lines(text)
    for number, table in enumerate(tables):
        where = lines[number] if number < len(lines) else {"": 0}
        wrong = list(_wrong(table, where))
        mistakes += wrong
        if not wrong:
            values = {name: str(table[name]) for name in _MEMBERS if name in table}
            entries.append(Suppression(**values, line=where.get("", 0)))
    return Read(tuple(entries), tuple(sorted(mistakes, key=lambda each: each.line)))


def _line_of(text: str, name: str) -> int:
    return next((number for number, line in enumerate(text.split("\n"), 1) if name in line), 0)


def _lines(text: str) -> list[dict[str, int]]:
    """Lines of each ``[[suppress]]`` table: of its header under the empty name, and of its members."""
    found: list[dict[str, int]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if _HEADER.match(line):
            found.append({"": number})
        elif found and (key := _KEY.match(line)):
            found[-1].setdefault(key["name"], number)
    return found


def _wrong(table: Mapping[str, Any], where: Mapping[str, int]) -> Iterable[Mistake]:
    head = where.get("", 0)
    for name, value in table.items():
        line = where.get(name, head)
        if name not in _MEMBERS:
            near = difflib.get_close_matches(name, _MEMBERS, n=1)
            yield Mistake(line, f"there is no such member: {name}{f'; is {near[0]} meant?' if near else ''}")
        elif name == "until":
            if isinstance(value, datetime) or not isinstance(value, date):
                yield Mistake(line, "until must be a date without quotes: until = 2027-03-31")
        elif not isinstance(value, str) or not value.strip():
            yield Mistake(line, f"{name} must be a text that is not empty")
    if "reason" not in table:
        yield Mistake(head, "reason is missing: say why this is accepted")
    if "until" not in table:
        yield Mistake(head, "until is missing: the last day on which this is accepted, until = 2027-03-31")
    if not any(name in table for name in _MATCHERS):
        yield Mistake(head, f"it would accept everything: name one of {', '.join(_MATCHERS)}")
    yield from _meaning(table, where)


def _meaning(table: Mapping[str, Any], where: Mapping[str, int]) -> Iterable[Mistake]:
    """Names that are not there, and a pattern that cannot be read."""
    head = where.get("", 0)
    cause, rule, regex = (table.get(name) for name in ("cause", "rule", "regex"))
    if isinstance(cause, str) and cause and not any(fnmatch.fnmatchcase(each, cause) for each in CAUSES):
        yield Mistake(where.get("cause", head), f"there is no cause {cause}{_near(cause, CAUSES)}")
    known = [each.id for each in discover()]
    if isinstance(rule, str) and rule and not any(fnmatch.fnmatchcase(each, rule) for each in known):
        yield Mistake(where.get("rule", head), f"there is no rule {rule}{_near(rule, known)}")
    if isinstance(regex, str) and regex:
        if len(regex) > _LONGEST_REGEX:
            yield Mistake(where.get("regex", head), f"regex is longer than {_LONGEST_REGEX} characters")
            return
        try:
            re.compile(regex)
        except re.error as error:
            yield Mistake(where.get("regex", head), f"regex cannot be read: {error}")


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; is {near[0]} meant?" if near else ""


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings with what accepts them, and entries that have ended or fit nothing."""

    findings: tuple[AuditFinding, ...]
    expired: tuple[Suppression, ...] = ()
    unused: tuple[Suppression, ...] = ()


def apply(findings: Sequence[AuditFinding], entries: Sequence[Suppression], today: str) -> Applied:
    """Mark the findings that an entry accepts; `today` is ISO 8601.

    An entry that names a pipeline accepts a finding for that pipeline alone: where others share it, the finding stands
    for the rest and its accepted part stands beside it.
    """
    expired = tuple(each for each in entries if each.until < today)
    valid = [each for each in entries if each.until >= today]
    used: set[int] = set()
    marked: list[AuditFinding] = []
    for finding in findings:
        rest = finding
        for number, entry in enumerate(valid):
            accepted = tuple(ref for ref in rest.pipelines if _fits(entry, rest, ref.name))
            if not accepted:
                continue
            used.add(number)
            left = tuple(ref for ref in rest.pipelines if ref not in accepted)
            marked.append(replace(rest, pipelines=accepted, suppressed=entry))
            rest = replace(rest, pipelines=left)
            if not left:
                break
        if rest.pipelines:
            marked.append(rest)
    unused = tuple(each for number, each in enumerate(valid) if number not in used)
    return Applied(tuple(marked), expired, unused)


def _fits(entry: Suppression, finding: AuditFinding, pipeline: str) -> bool:
    texts = ((entry.cause, finding.cause), (entry.rule, finding.rule), (entry.resource, finding.resource))
    if not all(not wanted or _like(have, wanted) for wanted, have in (*texts, (entry.pipeline, pipeline))):
        return False
    return not entry.regex or bool(re.search(entry.regex, f"{finding.title}\n{finding.resource}"))


def _like(text: str, pattern: str) -> bool:
    """Whether text fits a pattern in which ``*`` alone stands for anything."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def as_toml(entry: Suppression) -> str:
    """Return an entry as it stands in a file."""
    members = [(name, _quoted(getattr(entry, name))) for name in (*_MATCHERS, "reason") if getattr(entry, name)]
    lines = ["[[suppress]]", *(f"{name} = {value}" for name, value in members), f"until = {entry.until}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML; whatever is no plain character is escaped."""
    made = []
    for char in text:
        if char in '"\\':
            made.append(f"\\{char}")
        elif char.isprintable():
            made.append(char)
        else:
            made.append(f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}")
    return f'"{"".join(made)}"'
