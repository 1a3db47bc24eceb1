"""Before and after as lines of a diff, with the changed spans of lines that were rewritten. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_LARGE = 3_000
"""Lines above which difflib's shortcut for frequent lines is worth its lesser diffs."""
_ALIKE = 0.4


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a row.

    Attributes:
        kind: What became of the line.
        number: Of the line on its side, from 1; of a gap: how many lines it leaves out.
        spans: Character ranges that changed within a line that was rewritten; empty where all of it did.
    """

    kind: Kind
    number: int
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A row with both sides; None where a side has nothing to show."""

    left: Half | None
    right: Half | None


def _changed(before: str, after: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.ratio() < _ALIKE:
        return (), ()
    opcodes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        tuple((i1, i2) for _, i1, i2, _, _ in opcodes if i2 > i1),
        tuple((j1, j2) for _, _, _, j1, j2 in opcodes if j2 > j1),
    )


def _replaced(before: Sequence[str], after: Sequence[str], i: int, j: int) -> Iterator[Pair]:
    for k in range(max(len(before), len(after))):
        left = right = None
        spans: tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]] = ((), ())
        if k < len(before) and k < len(after) and len(before[k]) + len(after[k]) < _LARGE:
            spans = _changed(before[k], after[k])
        if k < len(before):
            left = Half(Kind.REMOVED, i + k + 1, spans[0])
        if k < len(after):
            right = Half(Kind.ADDED, j + k + 1, spans[1])
        yield Pair(left, right)


def diff_pairs(before: Sequence[str], after: Sequence[str], context: int = 3) -> tuple[Pair, ...]:
    """Compare two texts line by line.

    Args:
        before: Lines.
        after: Lines.
        context: Equal lines kept around each change; what lies between becomes one gap. Below 0 keeps all.

    Returns:
        Rows in order, rewritten lines side by side. Empty where nothing differs.
    """
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > _LARGE)
    opcodes = matcher.get_opcodes()
    if all(tag == "equal" for tag, *_ in opcodes):
        return ()
    pairs: list[Pair] = []
    for n, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        if tag != "equal":
            pairs += _replaced(before[i1:i2], after[j1:j2], i1, j1)
            continue
        same = [Pair(Half(Kind.SAME, i + 1), Half(Kind.SAME, i - i1 + j1 + 1)) for i in range(i1, i2)]
        head = context if n > 0 else 0
        tail = context if n < len(opcodes) - 1 else 0
        hidden = len(same) - head - tail
        if context >= 0 and hidden > 1:
            gap = Half(Kind.GAP, hidden)
            same = [*same[:head], Pair(gap, gap), *same[len(same) - tail :]]
        pairs += same
    return tuple(pairs)


def unified(pairs: Sequence[Pair]) -> Iterator[tuple[Half, Half | None]]:
    """Give the rows one below the other: what was removed before what was added in each run of changes.

    Gives pairs of the half shown and, for equal lines, its counterpart on the right.
    """
    added: list[Half] = []
    for pair in pairs:
        if pair.left is not None and pair.left.kind in {Kind.SAME, Kind.GAP}:
            yield from ((half, None) for half in added)
            added = []
            yield pair.left, pair.right
            continue
        if pair.left is not None:
            yield pair.left, None
        if pair.right is not None:
            added.append(pair.right)
    yield from ((half, None) for half in added)
