"""One entry of the knowledge base: what a text looks like, and what it means.

KnowledgeError (ValueError)  an entry or file is wrong; says which file, which entry and what
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.causes import CAUSES

__all__ = ["FLAGS", "KINDS", "WHERE", "KnowledgeError", "Mark", "Signature"]

#: All patterns ignore case; classes such as ``\\w`` are ASCII, as logs' own words are.
FLAGS = re.IGNORECASE | re.ASCII
#: Where a pattern applies: the service's own message, the log, or both.
WHERE = frozenset({"any", "message", "log"})
#: ``statement``: the service says so itself. ``specific``: names the cause. ``generic``: says only that something
#: failed. ``hint``: goes with the cause but may mean nothing.
KINDS = frozenset({"statement", "specific", "generic", "hint"})

_KEYS = {
    "id", "cause", "match", "unless", "weight", "kind", "where", "providers", "stages", "also", "say", "apart", "next",
    "example", "counter", "source", "case",
}  # fmt: skip
_MARK_KEYS = {"id", "match", "clears", "factor", "example", "counter", "source"}


class KnowledgeError(ValueError):
    """A file of the knowledge base is wrong; the message names file, entry and fault."""


def _strings(row: Mapping[str, Any], key: str, where: str, *, needed: bool = False) -> tuple[str, ...]:
    value = row.get(key, ())
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, Sequence) or not all(isinstance(item, str) and item for item in value):
        raise KnowledgeError(f"{where}: {key} must be a string or a list of strings")
    if needed and not value:
        raise KnowledgeError(f"{where}: {key} is missing")
    return tuple(value)


def _text(row: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        raise KnowledgeError(f"{where}: {key} " + ("is missing" if value is None else "must be a string"))
    return value


def _share(row: Mapping[str, Any], key: str, where: str, default: float) -> float:
    value = row.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise KnowledgeError(f"{where}: {key} must be a number from 0 to 1")
    return float(value)


def _also(row: Mapping[str, Any], where: str) -> tuple[tuple[str, float], ...]:
    found = []
    for item in _strings(row, "also", where):
        cause, _, share = item.partition("=")
        if cause.strip() not in CAUSES:
            raise KnowledgeError(f"{where}: also names {cause.strip()!r}, which is no cause")
        try:
            found.append((cause.strip(), float(share or "0.4")))
        except ValueError:
            raise KnowledgeError(f"{where}: also must read 'cause=0.4', not {item!r}") from None
    return tuple(found)


def _compile(patterns: Sequence[str], where: str, flags: re.RegexFlag) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern, flags))
        except re.error as error:
            raise KnowledgeError(f"{where}: {error} in pattern {pattern!r}") from error
    return tuple(compiled)


@dataclass(frozen=True)
class Signature:
    """Patterns that mean one cause.

    Attributes:
        id: ``tool.symptom``, unique in the knowledge base.
        cause: id from the vocabulary.
        match: patterns, any of which is enough; named groups are extracted.
        unless: patterns that say no when the same line matches them.
        weight: how likely the cause is right when this is the failure, 0–1.
        kind: one of `KINDS`.
        where: one of `WHERE`.
        providers: providers it applies to (``?``: also when the provider is not known); empty for all.
        stages: stage names or categories it applies to (``source``); empty for all.
        also: other causes the text leaves open, each with its weight.
        say: sentence for the summary, with ``{group}`` placeholders.
        apart: what tells the causes of `also` apart.
        next: what to do, before the cause's own advice.
        example: texts that must match.
        counter: texts that must not.
        source: where the fact is from.
        origin: file and entry, for messages.
        case: whether upper and lower case differ.
    """

    id: str
    cause: str
    match: tuple[str, ...]
    unless: tuple[str, ...] = ()
    weight: float = 0.85
    kind: str = "specific"
    where: str = "any"
    providers: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    also: tuple[tuple[str, float], ...] = ()
    say: str = ""
    apart: str = ""
    next: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    counter: tuple[str, ...] = ()
    source: str = ""
    origin: str = field(default="", compare=False)
    case: bool = False

    @classmethod
    def parse(cls, row: Mapping[str, Any], file: str, number: int) -> Signature:
        """Build the entry from a TOML table; raises `KnowledgeError` naming file and entry."""
        where = f"{file}, entry {number} ({row.get('id', 'without id')})"
        if unknown := set(row) - _KEYS:
            raise KnowledgeError(f"{where}: unknown key {min(unknown)!r}")
        cause = _text(row, "cause", where)
        if cause not in CAUSES:
            raise KnowledgeError(f"{where}: {cause!r} is no cause of the vocabulary")
        kind, place = _text(row, "kind", where, "specific"), _text(row, "where", where, "any")
        if kind not in KINDS or place not in WHERE:
            raise KnowledgeError(f"{where}: kind must be one of {sorted(KINDS)}, where one of {sorted(WHERE)}")
        match = _strings(row, "match", where, needed=True)
        return cls(
            id=_text(row, "id", where),
            cause=cause,
            match=match,
            unless=_strings(row, "unless", where),
            weight=_share(row, "weight", where, 0.85),
            kind=kind,
            where=place,
            providers=frozenset(item.lower() for item in _strings(row, "providers", where)),
            stages=frozenset(item.lower() for item in _strings(row, "stages", where)),
            also=_also(row, where),
            say=_text(row, "say", where, ""),
            apart=_text(row, "apart", where, ""),
            next=_strings(row, "next", where),
            example=_strings(row, "example", where, needed=True),
            counter=_strings(row, "counter", where, needed=True),
            source=_text(row, "source", where),
            origin=where,
            case=bool(row.get("case", False)),
        )

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """The compiled patterns (compiled when first needed)."""
        return _compile(self.match, self.origin, re.ASCII if self.case else FLAGS)

    @cached_property
    def exceptions(self) -> tuple[re.Pattern[str], ...]:
        """The compiled patterns of `unless`."""
        return _compile(self.unless, self.origin, FLAGS)

    def search(self, text: str, which: Iterable[int] | None = None) -> re.Match[str] | None:
        """Return the first match in the text, or None; `unless` has its say.

        Args:
            text: one line.
            which: places in `match` of the patterns worth trying; all by default.
        """
        patterns = self.patterns
        for place in range(len(patterns)) if which is None else which:
            found = patterns[place].search(text)
            if found is not None:
                return None if any(no.search(text) for no in self.exceptions) else found
        return None

    def applies(self, provider: str, stage: str) -> bool:
        """Whether the entry applies to an action of this provider and stage (``?`` in a list: also when not known)."""
        if self.providers and (provider.lower() or "?") not in self.providers:
            return False
        return not self.stages or (stage.lower() or "?") in self.stages


@dataclass(frozen=True)
class Mark:
    """A pattern that judges lines without naming a cause: noise, or a recovery.

    Attributes:
        id: unique name.
        match: patterns, any of which is enough.
        clears: for a recovery, beginnings of entry ids whose earlier matches it makes void.
        factor: for noise, by what a match on such a line is multiplied.
    """

    id: str
    match: tuple[str, ...]
    clears: tuple[str, ...] = ()
    factor: float = 0.3
    example: tuple[str, ...] = ()
    counter: tuple[str, ...] = ()
    source: str = ""
    origin: str = field(default="", compare=False)

    @classmethod
    def parse(cls, row: Mapping[str, Any], file: str, number: int) -> Mark:
        """Build the mark from a TOML table; raises `KnowledgeError` naming file and entry."""
        where = f"{file}, entry {number} ({row.get('id', 'without id')})"
        if unknown := set(row) - _MARK_KEYS:
            raise KnowledgeError(f"{where}: unknown key {min(unknown)!r}")
        return cls(
            id=_text(row, "id", where),
            match=_strings(row, "match", where, needed=True),
            clears=_strings(row, "clears", where),
            factor=_share(row, "factor", where, 0.3),
            example=_strings(row, "example", where, needed=True),
            counter=_strings(row, "counter", where, needed=True),
            source=_text(row, "source", where, ""),
            origin=where,
        )

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """The compiled patterns (compiled when first needed)."""
        return _compile(self.match, self.origin, FLAGS)

    def search(self, text: str, which: Iterable[int] | None = None) -> bool:
        """Whether any pattern (of those at the places `which`) matches the text."""
        patterns = self.patterns if which is None else [self.patterns[place] for place in which]
        return any(pattern.search(text) for pattern in patterns)
