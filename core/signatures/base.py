"""The knowledge base in memory: all entries, and a quick way from a line to the entries that may know it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from core.signatures.entry import KnowledgeError, Mark, Signature

__all__ = ["KnowledgeBase", "knowledge", "parse_file"]

# Words that lines about trouble hold. A needle that holds one of them is looked for only on lines with that word;
# a needle with none becomes a word itself. Rarer words come first: a needle belongs to the first one it holds.
_WORDS = (
    "npm err!", "toomanyrequests", "out of memory", "heap", "killed", "exit status", "exit code", "exited with",
    "certificate", "credential", "throttl", "limit", "quota", "timed out", "timeout", "time-out", "refused", "permission",
    "unauthorized", "authoriz", "forbidden", "denied", "conflict", "health", "role", "docker", "fatal", "unsupported",
    "unknown", "undefined", "missing", "invalid", "no such", "not found", "does not exist", "could not", "cannot",
    "can't", "can not", "unable", "exception", "rollback", "no space", "exceed", "expired", "already exist", "in use",
    "did not", "not ", "fail", "error", "success", "warn", "complete", "no ", "status", "retry",
)  # fmt: skip


@dataclass(frozen=True)
class KnowledgeBase:
    """All entries.

    Attributes:
        signatures: entries that name causes.
        noise: marks of lines that print an error and mean none.
        recoveries: marks of lines after which earlier errors are void.
    """

    signatures: tuple[Signature, ...]
    noise: tuple[Mark, ...] = ()
    recoveries: tuple[Mark, ...] = ()
    by_id: Mapping[str, Signature] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an id that two entries have."""
        by_id: dict[str, Signature] = {}
        for signature in self.signatures:
            if signature.id in by_id:
                raise KnowledgeError(f"{signature.origin}: the id is taken by {by_id[signature.id].origin}")
            by_id[signature.id] = signature
        object.__setattr__(self, "by_id", by_id)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Literals (lower case) of which a line must hold one for any entry to match it."""
        return tuple(self._groups)

    @cached_property
    def _groups(self) -> dict[str, tuple[tuple[str, int], ...]]:
        groups: dict[str, list[tuple[str, int]]] = {}
        entries: tuple[Signature | Mark, ...] = (*self.signatures, *self.recoveries)
        for index, item in enumerate(entries):
            for needle in item.needles:
                word = next((word for word in _WORDS if word in needle), needle)
                groups.setdefault(word, []).append((needle, index))
        return {word: tuple(needles) for word, needles in groups.items()}

    def candidates(self, low: str) -> tuple[int, ...]:
        """Return indexes of the entries that may match a text given in lower case.

        Indexes run over signatures first, recoveries after them.
        """
        found = {
            index for word, needles in self._groups.items() if word in low for needle, index in needles if needle in low
        }
        return tuple(sorted(found))


def parse_file(text: str, name: str) -> tuple[list[Signature], list[Mark], list[Mark]]:
    """Read one file of the knowledge base; raises `KnowledgeError` naming the file and the entry."""
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{name}: not valid TOML: {error}") from error
    if unknown := set(data) - {"signature", "noise", "recovery"}:
        raise KnowledgeError(f"{name}: unknown table {sorted(unknown)[0]!r}")
    return (
        [Signature.parse(row, name, number) for number, row in enumerate(data.get("signature", ()), 1)],
        [Mark.parse(row, name, number) for number, row in enumerate(data.get("noise", ()), 1)],
        [Mark.parse(row, name, number) for number, row in enumerate(data.get("recovery", ()), 1)],
    )


def from_texts(texts: Iterable[tuple[str, str]]) -> KnowledgeBase:
    """Build a knowledge base from pairs of file name and content."""
    signatures: list[Signature] = []
    noise: list[Mark] = []
    recoveries: list[Mark] = []
    for name, text in texts:
        some, quiet, back = parse_file(text, name)
        signatures += some
        noise += quiet
        recoveries += back
    return KnowledgeBase(tuple(signatures), tuple(noise), tuple(recoveries))


@cache
def knowledge() -> KnowledgeBase:
    """Return the knowledge base that the program ships with (read once)."""
    folder = files("core").joinpath("data", "signatures")
    return from_texts(
        (item.name, item.read_text("utf-8"))
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".toml")
    )
