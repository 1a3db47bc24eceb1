"""What a keyed table shows: columns, rows, and how the columns share the width. No widget in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from widgets.ink import Ink

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key: Stable name, carried by messages.
        label: Literal text in the header.
        width: Cells. Of the flexible column: the least it is worth showing with.
        align: Of cells and header.
        flexible: Takes what the others leave. One column of a table; the last where several are.
        drop: 0 keeps the column whatever the width. Others leave while the flexible column is too narrow, the highest
            number first.
    """

    key: str
    label: str
    width: int
    align: Literal["left", "right", "center"] = "left"
    flexible: bool = False
    drop: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        key: Stable and unique in the table.
        cells: One a column, in the order of the columns; a `str` is literal text.
        dim: Old or unimportant, drawn faint.
        marked: Has a mark before it.
    """

    key: str
    cells: tuple[Ink, ...]
    dim: bool = False
    marked: bool = False


class RowLike(Protocol):
    """What a table needs of a row: a `Row`, or one that makes its cells when they are first asked for."""

    @property
    def key(self) -> str:
        """Stable and unique in the table."""
        ...

    @property
    def cells(self) -> tuple[Ink, ...]:
        """One a column."""
        ...

    @property
    def dim(self) -> bool:
        """Drawn faint."""
        ...

    @property
    def marked(self) -> bool:
        """Has a mark before it."""
        ...


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a column stands: its index in the row, its first cell from the left, its width in cells."""

    index: int
    x: int
    width: int


def lay_out(columns: Sequence[Column], width: int) -> tuple[Slot, ...]:
    """Share `width` cells among the columns; those that do not fit are dropped in the order of their `drop`."""
    shown = list(range(len(columns)))
    flexible = next((i for i in reversed(shown) if columns[i].flexible), None)

    def fixed() -> int:
        return sum(columns[i].width for i in shown if i != flexible) + GAP * max(len(shown) - 1, 0)

    def fits() -> bool:
        return width - fixed() >= (columns[flexible].width if flexible is not None else 0)

    while not fits():
        droppable = [i for i in shown if columns[i].drop and i != flexible]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda i: (columns[i].drop, i)))
    slots: list[Slot] = []
    x = 0
    rest = max(width - fixed(), 1)
    for i in shown:
        if x >= width:
            break
        cells = min(rest if i == flexible else columns[i].width, width - x)
        slots.append(Slot(i, x, cells))
        x += cells + GAP
    return tuple(slots)
