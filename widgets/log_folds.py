"""Rows of a log in which runs of repeated lines take one row each. Folding is an index over the lines, which stay."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import sub
from typing import Protocol, overload

from widgets.log_alike import alike_runs

FEWEST = 3
"""Lines from which on a run is folded."""


class Foldable(Protocol):
    """What folding needs of a store."""

    def __len__(self) -> int:
        """Give the number of lines."""
        ...

    def __getitem__(self, number: int) -> str:
        """Give one line."""
        ...

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bool]]:
        """Give raw lines in blocks; see `LogStore.chunks`."""
        ...


@dataclass(frozen=True, slots=True)
class Fold:
    """A run of lines that say the same.

    Attributes:
        first: Number of its first line.
        last: Of its last one, which is shown for all.
        count: How many lines it has.
        closed: Whether it takes one row.
    """

    first: int
    last: int
    count: int
    closed: bool


def find_runs(store: Foldable, base: Sequence[int] | None, start: int, stop: int) -> list[tuple[int, int]]:
    """Give runs of alike lines among those shown, as places in `base` (places are line numbers where it is None).

    The line before `start` is looked at too, so that runs go on across slices.
    """
    begin = max(start - 1, 0)
    if base is None:
        return alike_runs((data for _, data, _ in store.chunks(begin, stop)), begin)
    data = "".join(f"{store[line]}\n" for line in base[begin:stop]).encode(errors="replace")
    return alike_runs((data,), begin)


class FoldIndex(Sequence[int]):
    """The lines that stand for their rows: of a closed fold the last one, else each.

    Attributes:
        base: Lines there are to fold, in order; None for all of the store.
        looked: How many of them were looked at.
    """

    def __init__(self, base: Sequence[int] | None = None) -> None:
        self.base = base
        self.looked = 0
        self._known = 0
        self._all_open = False
        self._turned: set[int] = set()  # folds, by their first place, that stand the other way than all
        self._firsts: array[int] = array("I")
        self._lasts: array[int] = array("I")
        self._rows: array[int] = array("I")  # the row at which each begins
        self._hidden: array[int] = array("I")  # rows saved up to and with each
        self._pending: tuple[int, int] | None = None  # a run at the end that is too short as yet

    @property
    def known(self) -> int:
        """Lines there are to show, folded or not."""
        return self._known if self.base is None else len(self.base)

    def grow(self, known: int) -> None:
        """Take notice of the lines of the store, where all of them are shown."""
        self._known = known

    def __len__(self) -> int:
        """Give the number of rows."""
        return self.known - (self._hidden[-1] if self._hidden else 0)

    @overload
    def __getitem__(self, row: int) -> int: ...
    @overload
    def __getitem__(self, row: slice) -> list[int]: ...
    def __getitem__(self, row: int | slice) -> int | list[int]:
        """Give the line of a row.

        Raises:
            IndexError: There is no such row.
        """
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        if not 0 <= row < len(self):
            raise IndexError(row)
        at = bisect_right(self._rows, row) - 1
        place = row + (self._hidden[at] if at >= 0 else 0)
        return place if self.base is None else self.base[place]

    def row_of(self, line: int) -> int:
        """Give the row that shows a line or stands for it, or the next row."""
        place = self._place(line)
        at = self._at(place)
        if at is None:
            before = bisect_right(self._firsts, place) - 1
            return place - (self._hidden[before] if before >= 0 else 0)
        return self._rows[at] if self._closed(at) else self._rows[at] + place - self._firsts[at]

    def _place(self, line: int) -> int:
        return line if self.base is None else bisect_left(self.base, line)

    def _at(self, place: int) -> int | None:
        at = bisect_right(self._firsts, place) - 1
        return at if at >= 0 and place <= self._lasts[at] else None

    def _closed(self, at: int) -> bool:
        return self._all_open is (self._firsts[at] in self._turned)

    def fold_at(self, line: int) -> Fold | None:
        """Give the fold that a line is part of."""
        at = self._at(self._place(line))
        if at is None:
            return None
        first, last = self._firsts[at], self._lasts[at]
        of = (lambda place: place) if self.base is None else self.base.__getitem__
        return Fold(of(first), of(last), last - first + 1, self._closed(at))

    # What changes it

    def extend(self, runs: Sequence[tuple[int, int]], upto: int) -> bool:
        """Take the runs found in the places up to and without `upto`; return whether rows have changed."""
        before = len(self)
        for first, last in runs:
            self._take(first, last)
        self.looked = upto
        if self._pending and self._pending[1] != upto - 1:
            self._pending = None
        return len(self) != before

    def _take(self, first: int, last: int) -> None:
        if self._firsts and self._lasts[-1] == first:
            grown = last - first
            self._lasts[-1] = last
            if self._closed(len(self._firsts) - 1):
                self._hidden[-1] += grown
            return
        if self._pending and self._pending[1] == first:
            first = self._pending[0]
        self._pending = None
        if last - first + 1 < FEWEST:
            self._pending = first, last
            return
        saved = self._hidden[-1] if self._hidden else 0
        self._firsts.append(first)
        self._lasts.append(last)
        self._rows.append(first - saved)
        self._hidden.append(saved + (last - first if self._closed(len(self._firsts) - 1) else 0))

    def turn(self, line: int) -> bool:
        """Open or close the fold that a line is part of; return whether there is one."""
        at = self._at(self._place(line))
        if at is None:
            return False
        saved = self._lasts[at] - self._firsts[at]
        change = -saved if self._closed(at) else saved
        self._turned ^= {self._firsts[at]}
        self._hidden[at:] = array("I", [rows + change for rows in self._hidden[at:]])
        self._rows[at + 1 :] = array("I", [row - change for row in self._rows[at + 1 :]])
        return True

    def turn_all(self, *, closed: bool) -> None:
        """Open or close all folds, those to come too."""
        self._all_open = not closed
        self._turned.clear()
        if closed:
            self._hidden = array("I", accumulate(map(sub, self._lasts, self._firsts)))
        else:
            self._hidden = array("I", bytes(4 * len(self._firsts)))
        self._rows = array("I", map(sub, self._firsts, chain((0,), self._hidden)))
