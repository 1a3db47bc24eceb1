"""Where a log stands on the screen: lines and rows, following the end, moving, keeping the place."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from widgets.line_view import LineView
from widgets.log_folds import Fold, FoldIndex
from widgets.log_store import LogStore

_JUMP = Binding.Group("Jump", compact=True)
_CONTEXT = 3
"""An opened line stands a third from the top: what led to it is above."""


class LogRows(LineView):
    """Rows of a log: all its lines, or those that a filter and folds let through. Lines keep their numbers either way.

    Where lines take several rows of the screen, the view still scrolls by whole lines, so that nothing depends on
    heights of lines never seen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("G,end", "follow", "Follow", id="log.follow", tooltip="To the end; follow new lines again"),
        Binding("g,home", "top", "Top", show=False, id="log.top", tooltip="To the first line"),
        Binding("up,k", "line(-1)", "Up", show=False, id="log.up", tooltip="One line up"),
        Binding("down,j", "line(1)", "Down", show=False, id="log.down", tooltip="One line down"),
        Binding("left,h", "sideways(-8)", "Left", show=False, id="log.left", tooltip="To the left"),
        Binding("right", "sideways(8)", "Right", show=False, id="log.right", tooltip="To the right"),
        Binding("pageup,b", "page(-1)", "Page up", show=False, id="log.page-up", tooltip="One page up"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, id="log.page-down", tooltip="One page down"),
        Binding(
            "right_square_bracket", "mark(1)", "Next mark", id="log.next-mark", key_display="]", group=_JUMP,
            tooltip="To the next error or mark: what speaks of an error, the cause, a phase",
        ),
        Binding(
            "left_square_bracket", "mark(-1)", "Previous mark", id="log.previous-mark", key_display="[", group=_JUMP,
            tooltip="To the error or mark before",
        ),
        Binding("w", "toggle_wrap", "Wrap", id="log.wrap", tooltip="Break long lines, or let them run on"),
    ]  # fmt: skip

    wrap: reactive[bool] = reactive(False, init=False)
    following: reactive[bool] = reactive(True, init=False, repaint=False)

    @dataclass
    class Moved(Message):
        """What the header tells has changed: following, or the lines not yet seen."""

        view: "LogRows"

        @property
        def control(self) -> "LogRows":
            """The view it happened in."""
            return self.view

    @dataclass
    class Scrolled(Message):
        """The first row on the screen is another one; sent where `tells_scroll` is set."""

        view: "LogRows"

        @property
        def control(self) -> "LogRows":
            """The view it happened in."""
            return self.view

    @dataclass
    class MarkJumped(Message):
        """The view went to a marked line."""

        view: "LogRows"
        line: int

        @property
        def control(self) -> "LogRows":
            """The view it happened in."""
            return self.view

    def __init__(self, store: LogStore) -> None:
        """Make rows.

        Args:
            store: The lines; grown by the pane alone, which then calls `grown`.
        """
        super().__init__()
        self.tells_scroll = False
        self._store = store
        self._shown: Sequence[int] | None = None
        self._mark_lines: list[int] = []
        self._known = 0
        self._seen = 0
        self._current: int | None = None
        self._wanted: int | None = None
        self._measured = Size(0, 0)
        self._rows: list[tuple[int, int, int]] = []  # of the screen: row, line, part of the line

    # Lines and rows

    @property
    def current(self) -> int | None:
        """The line that the reader stands on; None before any was chosen."""
        return self._current

    @property
    def folds(self) -> FoldIndex | None:
        """What is folded; None where nothing can be."""
        return self._shown if isinstance(self._shown, FoldIndex) else None

    @property
    def steady(self) -> bool:
        """Whether the current line moves over a log that stands still, not the log beneath it."""
        return False

    @property
    def uneven(self) -> bool:
        """Whether a line may take several rows of the screen."""
        return self.wrap

    @property
    def unseen(self) -> int:
        """Lines that came since the view was paused."""
        return 0 if self.following else max(len(self._store) - self._seen, 0)

    @property
    def top(self) -> int:
        """The first row on the screen."""
        return self.scroll_offset.y

    @property
    def top_line(self) -> int:
        """The line that the first row of the screen shows; 0 where there is none."""
        return self.line_of(self.top) if self.row_count else 0

    @property
    def here(self) -> int:
        """The line that keys act on: the current one if on the screen, else the end if followed, or the top."""
        if self._current is not None and (not self._rows or self._rows[0][1] <= self._current <= self._rows[-1][1]):
            return self._current
        if not self.row_count:
            return 0
        return self.line_of(self.row_count - 1) if self.following else self.top_line

    @property
    def on_screen(self) -> list[int]:
        """Numbers of the lines on the screen, in order."""
        return list(dict.fromkeys(line for _, line, _ in self._rows))

    @property
    def row_count(self) -> int:
        """Rows there are."""
        return self._known if self._shown is None else len(self._shown)

    def line_of(self, row: int) -> int:
        """Give the line that a row shows; rows beyond the last one stand for it."""
        row = max(min(row, self.row_count - 1), 0)
        return row if self._shown is None else self._shown[row]

    def row_of(self, line: int) -> int:
        """Give the row that shows a line, or the next line that is shown."""
        if self._shown is None:
            return line
        row = self._shown.row_of(line) if isinstance(self._shown, FoldIndex) else bisect_left(self._shown, line)
        return min(row, max(len(self._shown) - 1, 0))

    def show_lines(self, shown: Sequence[int] | None) -> None:
        """Show only these lines (in order; the sequence may grow in place, `grown` then shows it); None for all."""
        line = self.here
        self._shown = shown
        if isinstance(shown, FoldIndex):
            shown.grow(self._known)
        self._measure()
        if self.following:
            self._to_end()
        elif self.row_count:
            self._stand_at(self.row_of(line))
        self.refresh()

    def grown(self) -> None:
        """Show what the store and the lines chosen hold by now."""
        old, self._known = self._known, len(self._store)
        if (folds := self.folds) is not None:
            folds.grow(self._known)
        if old == self._known and (self._shown is None or (folds is not None and folds.base is None)):
            return
        self._measure()
        if self._take_wanted():
            self.count_from_here()
        elif self.following:
            self._to_end()
        if self._shown is not None or old < self.top + self.page_height or self.following:
            self.refresh()
        self.post_message(self.Moved(self))

    def go_to(self, line: int, *, unfold: bool = True) -> None:
        """Show a line a third from the top and stand on it; one that has not come yet is shown when it comes.

        A fold that hides the line is opened, or else its row stands for the line.
        """
        self._wanted = None
        if line >= self._known or not self.size.height:
            self._wanted = line
            self.following = False
            return
        line = max(line, 0)
        if unfold:
            self._unfold(line)
        self._current = line = self.line_of(self.row_of(line)) if self._is_folded(line) else line
        self.following = False
        row = self.row_of(line)
        if not self.top + 1 <= row < self.top + self.page_height - 2:
            self._stand_at(row)
        self.refresh()

    def fold_of(self, line: int) -> Fold | None:
        """Give the fold that a line is part of."""
        return self.folds.fold_at(line) if self.folds else None

    def _is_folded(self, line: int) -> bool:
        fold = self.fold_of(line)
        return fold is not None and fold.closed

    def _unfold(self, line: int) -> None:
        """Open the fold that hides a line."""
        fold = self.fold_of(line)
        if self.folds and fold and fold.closed and line != fold.last:
            self.folds.turn(line)
            self._measure()

    def origin(self, step: int) -> int:
        """The line from which a jump forwards (1) or backwards (-1) starts; a closed fold is left as a whole."""
        line = self.here
        fold = self.fold_of(line) if step < 0 else None
        return fold.first if fold is not None and fold.closed else line

    def refold(self, runs: Sequence[tuple[int, int]], upto: int) -> None:
        """Fold what was found in the places up to and without `upto`; what stands at the top stays there."""
        if (folds := self.folds) is None:
            return
        top = self.top_line
        if not folds.extend(runs, upto):
            return
        self._measure()
        if self.following:
            self._to_end()
        else:
            self.jump_to(y=self.row_of(top))
        self.refresh()

    def _stand_at(self, row: int) -> None:
        self.jump_to(y=max(row - self.page_height // _CONTEXT, 0))

    def _take_wanted(self) -> bool:
        """Go to the line that was asked for before it had come, or before there was a place to show it."""
        if self._wanted is None or self._wanted >= self._known or not self.size.height:
            return False
        self.go_to(self._wanted)
        return True

    # Sizes

    @property
    def _window(self) -> Size:
        return self.scrollable_content_region.size

    def line_width(self) -> int:
        """Cells of the widest line with its gutter. Subclasses say."""
        raise NotImplementedError

    def parts_of(self, line: int) -> int:
        """How many rows of the screen a line takes when it is broken. Subclasses say."""
        raise NotImplementedError

    def _measure(self) -> None:
        self._measured = self._window
        height = self.row_count
        if self.uneven:
            height += self.page_height - self._fitting_at_end()
        size = Size(0 if self.wrap else self.line_width(), height)
        if size == self.virtual_size:
            return
        if not self.size.height:
            self.virtual_size = size
            return
        # Setting it would lay out the whole screen, 20 times a second; only the scrollbars have to know.
        self.set_reactive(LogRows.virtual_size, size)
        self._scroll_update(size)

    def _fitting_at_end(self) -> int:
        """How many whole lines from the end on fill one page."""
        room, row = self.page_height, self.row_count
        while row > 0:
            room -= self.parts_of(self.line_of(row - 1))
            if room < 0:
                break
            row -= 1
        return max(self.row_count - row, 1)

    def _layout_rows(self) -> None:
        """Say for each row of the screen which line, and which part of it, it shows."""
        uneven = self.uneven
        if uneven and self._measured != self._window:
            self.call_later(self._measure_again)
        rows: list[tuple[int, int, int]] = []
        row, height = self.top, self.size.height
        while len(rows) < height and row < self.row_count:
            line = self.line_of(row)
            rows += [(row, line, part) for part in range(self.parts_of(line) if uneven else 1)]
            row += 1
        self._rows = rows[:height]

    def _measure_again(self) -> None:
        """Lay out for the present window; the top line stays, or the end where it is followed."""
        self._measure()
        if self.following:
            self._to_end()
        self.refresh()

    def watch_wrap(self) -> None:
        """Lay out anew."""
        self._measure_again()

    def on_resize(self, event: events.Resize) -> None:
        """Stay at the end while following."""
        del event
        self._measure_again()
        self._take_wanted()

    # Following and moving

    def count_from_here(self) -> None:
        """Take all lines known by now as seen."""
        self._seen = self._known

    def _to_end(self) -> None:
        self.jump_to(y=self.max_scroll_y)

    def _hold(self) -> None:
        """Pause where the view stands above the end; the lines known by now count as seen."""
        if self.following and self.top < self.max_scroll_y:
            self.following = False

    def watch_following(self, following: bool) -> None:
        """Count new lines from here on, or go to the end."""
        self._seen = self._known
        if following:
            self._to_end()
        self.post_message(self.Moved(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Pause when the reader leaves the end by whatever means."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value:
            self._hold()
        if self.tells_scroll:
            self.post_message(self.Scrolled(self))

    def action_follow(self) -> None:
        """Go to the end and follow."""
        self._current = None
        self.following = True
        self._to_end()

    def action_top(self) -> None:
        """Go to the first line."""
        self.following = False
        self.jump_to(y=0)
        self._stand_on(0)

    def action_line(self, lines: int) -> None:
        """Go on by lines: the current one stays where it is on the screen and the log moves, until it cannot."""
        row = self.row_of(self.here)
        if lines < 0:
            self.following = False
        if not self.steady:
            self.jump_to(y=self.top + lines)
        self._stand_on(row + lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages, one line of the old one left; the current line stays where it is on the screen."""
        step = max(self.page_height - 1, 1)
        if self.uneven and pages > 0 and self._rows:
            step = max(self._rows[-1][0] - self.top, 1)
        before, row = self.top, self.row_of(self.here)
        if pages < 0:
            self.following = False
        self.jump_to(y=self.top + pages * step)
        if self._current is not None:
            moved = self.top - before
            self._stand_on(row + moved if abs(moved) == step else row + pages * step)

    def _stand_on(self, row: int) -> None:
        """Make the line of a row the current one, and see that it is on the screen."""
        if not self.row_count:
            return
        row = max(min(row, self.row_count - 1), 0)
        self._current = self.line_of(row)
        self._layout_rows()
        while self._rows and row > self._rows[-1][0] and self.top < self.max_scroll_y:
            self.jump_to(y=self.top + 1)
            self._layout_rows()
        if row < self.top:
            self.jump_to(y=row)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Stand on the line that was clicked."""
        self.clicked(event)

    def clicked(self, event: events.Click) -> None:
        """Make the line that was clicked the current one. (Textual calls `on_click` of every class there is.)"""
        if 0 <= event.y < len(self._rows):
            self._current = self._rows[event.y][1]
            self.refresh()

    def action_sideways(self, cells: int) -> None:
        """Scroll to the side."""
        self.jump_to(x=self.scroll_offset.x + cells)

    def action_mark(self, step: int) -> None:
        """Go to the next (1) or previous (-1) marked line."""
        line = self.mark_beside(self.origin(step), step)
        if line is not None:
            self.go_to(line, unfold=False)
            self.post_message(self.MarkJumped(self, line))

    def mark_beside(self, line: int, step: int) -> int | None:
        """Give the next (1) or previous (-1) marked line seen from a line."""
        return beside(self._mark_lines, line, step)

    def action_toggle_wrap(self) -> None:
        """Break long lines, or let them run on."""
        self.wrap = not self.wrap


def beside(lines: Sequence[int], line: int, step: int) -> int | None:
    """Give the next (1) or previous (-1) of some lines, which are in order, seen from a line; None where none is."""
    at = bisect_right(lines, line) if step > 0 else bisect_left(lines, line) - 1
    return lines[at] if 0 <= at < len(lines) else None
