"""Lines of a log selected by keyboard: from where the selection began to where the reader stands."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from widgets.log_opening import LogOpening
from widgets.log_store import LogStore


class LogPick(LogOpening):
    """Whole lines are selected; keys that move grow the selection."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("V", "pick", "Select", show=False, id="log.select",
                tooltip="Select lines: keys that move grow the selection, y copies it, S saves it, esc ends it"),
        Binding("escape", "end_pick", "End selection", show=False, id="log.select-end", tooltip="End the selection"),
    ]  # fmt: skip

    def __init__(self, store: LogStore) -> None:
        super().__init__(store)
        self._anchor: int | None = None

    @property
    def picked(self) -> tuple[int, int] | None:
        """The first and the last selected line; None where none is selected."""
        if self._anchor is None:
            return None
        current = self._anchor if self._current is None else self._current
        return min(self._anchor, current), max(self._anchor, current)

    @property
    def steady(self) -> bool:
        """What is being selected stays in sight."""
        return self._anchor is not None

    @property
    def picked_lines(self) -> Sequence[int]:
        """Numbers of the selected lines, those within folds too; what a filter hides is not among them."""
        if (picked := self.picked) is None:
            return ()
        first, last = picked
        folds = self.folds
        if folds is None or folds.base is None:
            return range(first, last + 1)
        return folds.base[bisect_left(folds.base, first) : bisect_right(folds.base, last)]

    def action_pick(self) -> None:
        """Begin a selection at the current line, or end it."""
        if self._anchor is not None:
            self.action_end_pick()
        elif self.row_count:
            line = self.here
            fold = self.fold_of(line)
            self._anchor = fold.first if fold and fold.closed else line
            self.following = False
            self._stand_on(self.row_of(line))

    def action_end_pick(self) -> None:
        """Select nothing."""
        self._anchor = None
        self.refresh()
        self.post_message(self.Moved(self))

    def action_follow(self) -> None:
        """Go to the end: with a selection to its last line, else to follow."""
        if self._anchor is None:
            super().action_follow()
        elif self.row_count:
            self.jump_to(y=self.max_scroll_y)
            self._stand_on(self.row_count - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to others where nothing is selected."""
        del parameters
        return self._anchor is not None if action == "end_pick" else True

    def _stand_on(self, row: int) -> None:
        super()._stand_on(row)
        if self._anchor is not None:
            self.post_message(self.Moved(self))
