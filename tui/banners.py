"""One banner for each place in trouble, kept in step with the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical

from widgets.banner import Banner, Level

__all__ = ["BannerRow", "Banners"]

# More troubled places than this share one last line.
_MOST = 4


@dataclass(frozen=True, slots=True)
class BannerRow:
    """What one banner says.

    Attributes:
        retry_in_s: seconds until it is tried again; None where that is not known.
    """

    key: str
    level: Level
    text: str
    next_step: str = ""
    retry_in_s: float | None = None


class Banners(Vertical):
    """A stack of banners, as high as it has to be."""

    DEFAULT_CSS = """
    Banners { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self._shown: tuple[BannerRow, ...] = ()

    def compose(self) -> ComposeResult:
        """Hidden lines; `sync` fills them."""
        yield from (Banner() for _ in range(_MOST + 1))

    def sync(self, rows: Sequence[BannerRow]) -> None:
        """Show these; a banner that says the same goes on counting down."""
        rows = tuple(rows)
        if rows == self._shown:
            return
        self._shown = rows
        lines = list(self.query(Banner))
        for line, row in zip(lines, rows[:_MOST], strict=False):
            line.show(row.level, row.text, row.next_step, due_in_s=row.retry_in_s)
        rest = len(rows) - _MOST
        used = min(len(rows), _MOST)
        if rest > 0:
            lines[_MOST].show(Level.WARNING, f"{rest} more places are in trouble.")
            used += 1
        for line in lines[used:]:
            line.dismiss()
