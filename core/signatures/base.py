"""The knowledge base in memory: all entries, and a quick way from a line to the entries that may know it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from core.signatures import plain_toml
from core.signatures.entry import KnowledgeError, Mark, Signature
from core.signatures.needles import MIN_NEEDLE, needles_of
from core.signatures.normalise import MAX_LINE

__all__ = ["Candidates", "KnowledgeBase", "extended", "from_texts", "knowledge", "parse_file"]

# A line is cut into pieces of this many characters; a needle is found by the rarest of its own.
_GRAM = MIN_NEEDLE
_GRAM_REACH = 20


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
    def _grams(self) -> dict[str, tuple[tuple[str, int, int], ...]]:
        """Needles by the rarest piece of each, with the entry and the place of the pattern that needs them."""
        entries: tuple[Signature | Mark, ...] = (*self.signatures, *self.recoveries)
        needles = []
        for index, entry in enumerate(entries):
            for place, pattern in enumerate(entry.match):
                found_needles = needles_of(pattern)
                if not found_needles:
                    raise KnowledgeError(f"{entry.origin}: pattern {pattern!r} requires no literal of four letters")
                needles += [(needle, index, place) for needle in found_needles]
        pieces = {needle: list(_pieces(needle[:_GRAM_REACH])) for needle, _, _ in needles}
        common = Counter(gram for grams in pieces.values() for gram in grams)
        grams: dict[str, list[tuple[str, int, int]]] = {}
        for found in needles:
            grams.setdefault(min(pieces[found[0]], key=common.__getitem__), []).append(found)
        return {gram: tuple(found) for gram, found in grams.items()}

    def candidates(self, low: str) -> Candidates:
        """Return what may match a text given in lower case: indexes of entries, each with places of its patterns.

        Indexes run over signatures first, recoveries after them.
        """
        grams = self._grams
        found: dict[int, set[int]] = {}
        for gram in grams.keys() & set(_pieces(low)):
            for needle, index, place in grams[gram]:
                if needle in low:
                    found.setdefault(index, set()).add(place)
        return tuple((index, tuple(sorted(found[index]))) for index in sorted(found))

    @cached_property
    def hints(self) -> frozenset[int]:
        """Indexes of the entries of kind ``hint``."""
        return frozenset(index for index, entry in enumerate(self.signatures) if entry.kind == "hint")

    @cached_property
    def _quiet(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.noise if mark.factor <= _SILENT and not any(map(_digits_in, mark.match)))

    def is_silent(self, text: str) -> bool:
        """Whether the line, whatever its digits, is one that means no trouble (a passed test)."""
        return any(mark.search(text) for mark in self._quiet)

    def digits_matter(self, index: int, places: Iterable[int]) -> bool:
        """Whether lines that differ in digits only may differ in what these patterns say of them."""
        entries: tuple[Signature | Mark, ...] = (*self.signatures, *self.recoveries)
        return any(_digits_in(entries[index].match[place]) for place in places)


#: Entries by index, each with the places of its patterns that are worth trying.
Candidates = tuple[tuple[int, tuple[int, ...]], ...]

#: Noise of at most this factor silences a line altogether.
_SILENT = 0.1
_DIGIT = re.compile(r"\d")
_NOT_DIGITS = re.compile(r"\\x..|\{\d*,?\d*\}|\(\?P<\w+>")


def _digits_in(pattern: str) -> bool:
    """Whether the pattern tells one digit from another."""
    return _DIGIT.search(_NOT_DIGITS.sub("", pattern)) is not None


_SLICES = tuple(slice(start, start + _GRAM) for start in range(MAX_LINE + _GRAM))


def _pieces(text: str) -> Iterable[str]:
    """All pieces of `_GRAM` characters; of a text longer than `MAX_LINE` those of its beginning."""
    return map(text.__getitem__, _SLICES[: max(len(text) - _GRAM + 1, 0)])


def parse_file(text: str, name: str) -> tuple[list[Signature], list[Mark], list[Mark]]:
    """Read one file of the knowledge base; raises `KnowledgeError` naming the file and the entry."""
    try:
        data = plain_toml.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{name}: not valid TOML: {error}") from error
    if unknown := set(data) - {"signature", "noise", "recovery"}:
        raise KnowledgeError(f"{name}: unknown table {min(unknown)!r}")
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
    return from_texts(_texts(files("core").joinpath("data", "signatures")))


def extended(folder: Traversable) -> KnowledgeBase:
    """Return the program's own knowledge base and what the TOML files of a folder add to it."""
    own = _texts(files("core").joinpath("data", "signatures"))
    return from_texts([*own, *_texts(folder)])


def _texts(folder: Traversable) -> list[tuple[str, str]]:
    names = sorted(folder.iterdir(), key=lambda item: item.name)
    return [(item.name, item.read_text("utf-8")) for item in names if item.name.endswith(".toml")]
