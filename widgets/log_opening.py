"""What of a log is opened in place: folds of repeated lines, JSON laid out, lines that are longer than the screen."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip

from widgets.log_rows import LogRows
from widgets.log_store import LogStore


class LogOpening(LogRows):
    """Rows that open and close. An opened line takes at most one page; the whole of it is for another view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "open", "Open", id="log.open",
                tooltip="Open the current line in place: repeats folded into it, its JSON, all of a long line"),
        Binding("E", "open_all", "All JSON", show=False, id="log.open-all",
                tooltip="Lay out the JSON of every line, or of none"),
        Binding("F", "fold_all", "Fold", show=False, id="log.fold",
                tooltip="Fold repeated lines and progress bars into one row each, or show every line"),
    ]  # fmt: skip

    laid_out: reactive[bool] = reactive(False, init=False)
    folding: reactive[bool] = reactive(True, init=False)

    def __init__(self, store: LogStore) -> None:
        super().__init__(store)
        self._opened: set[int] = set()

    @property
    def uneven(self) -> bool:
        """Whether a line may take several rows of the screen."""
        return self.wrap or self.laid_out or bool(self._opened)

    def parts_of(self, line: int) -> int:
        """How many rows a line takes."""
        return len(self.pieces(line))

    def pieces(self, line: int) -> list[Strip]:
        """Give the rows of a line, one page at most."""
        if self.is_open(line) and (opened := self.open_pieces(line)):
            return opened[: max(self.page_height - 1, 1)]
        return self.closed_pieces(line)

    def is_open(self, line: int) -> bool:
        """Whether a line is to be shown opened."""
        return line in self._opened or (self.laid_out and self.has_json(line))

    def has_json(self, line: int) -> bool:
        """Whether a line holds JSON. Subclasses say."""
        raise NotImplementedError

    def closed_pieces(self, line: int) -> list[Strip]:
        """Give the rows of a line that is not opened. Subclasses say."""
        raise NotImplementedError

    def open_pieces(self, line: int) -> list[Strip]:
        """Give the rows of an opened line; none where opening it shows nothing more. Subclasses say."""
        raise NotImplementedError

    # Keys

    def action_open(self) -> None:
        """Open or close what the reader stands on."""
        if not self.row_count:
            return
        line = self.here
        if self._turn_fold(line):
            return
        if line in self._opened:
            self._opened.discard(line)
        elif self.open_pieces(line):
            self._opened.add(line)
        else:
            self.notify("This line is all there: no repeats, no JSON, nothing cut.", markup=False)
            return
        self.following = False
        self._current = line
        self._measure_again()
        self._stand_on(self.row_of(line))

    def _turn_fold(self, line: int) -> bool:
        folds, fold = self.folds, self.fold_of(line)
        if folds is None or fold is None:
            return False
        top = self.top_line
        folds.turn(line)
        self._current = fold.first if fold.closed else fold.last
        self.following = False
        self._measure()
        self.jump_to(y=self.row_of(fold.first if fold.closed and top == fold.last else top))
        self._stand_on(self.row_of(self._current))
        return True

    def action_open_all(self) -> None:
        """Lay out all JSON, or none."""
        self.laid_out = not self.laid_out

    def action_fold_all(self) -> None:
        """Fold what repeats, or show every line."""
        self.folding = not self.folding

    def watch_laid_out(self) -> None:
        """Lay out anew."""
        self._opened.clear()
        self._measure_again()
        self.post_message(self.Moved(self))

    def watch_folding(self, folding: bool) -> None:
        """Open or close all folds; the line at the top stays there."""
        if (folds := self.folds) is None:
            return
        top = self.top_line
        folds.turn_all(closed=folding)
        self._measure()
        if self.following:
            self._to_end()
        else:
            self.jump_to(y=self.row_of(top))
        self.refresh()
        self.post_message(self.Moved(self))
