"""What is looked for behind the lines of a log: repeats to fold, words of errors. In slices, off the loop."""

import time
from array import array
from dataclasses import dataclass

from textual import on, work
from textual.containers import Vertical
from textual.message import Message
from textual.worker import get_current_worker

from widgets.log_filter import find_severe
from widgets.log_folds import FoldIndex, find_runs
from widgets.log_store import LogStore
from widgets.log_view import LogView

_SLICE = 2_500
_BREATH_S = 0.001
"""After each slice the loop has the interpreter: what waits there is a key, this is not."""
_PATIENCE_S = 0.25
"""Lines that come together are looked at together, after those that are on their way have a place on the screen."""
_AT_ONCE = 300
"""Lines that are looked at without a thread: less than a millisecond."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Places from `start` up to and without `stop`."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    def slices(self) -> "list[_Span]":
        return [_Span(at, min(at + _SLICE, self.stop)) for at in range(self.start, self.stop, _SLICE)]


class LookPart(Vertical):
    """Looks at each line once for errors, and once for folds in every filter."""

    store: LogStore
    view: LogView

    @dataclass
    class _Looked(Message):
        """A slice was looked at. Posted from the thread."""

        folds: FoldIndex | None
        runs: list[tuple[int, int]]
        errors: list[int]
        upto: int

    def __init__(self, *, name: str | None, id: str | None, classes: str | None) -> None:  # noqa: A002 (Textual's)
        super().__init__(name=name, id=id, classes=classes)
        self._errors: array[int] = array("I")
        self._errors_upto = 0
        self._look_under_way = False

    @property
    def error_lines(self) -> tuple[int, ...]:
        """Numbers of the lines whose words speak of an error, as far as looked."""
        return tuple(self._errors)

    @property
    def look_done(self) -> bool:
        """Whether all lines known by now have been looked at."""
        errors, folds = self._to_do()
        return not errors.length and not folds.length

    def folded(self, lines: "FoldIndex") -> FoldIndex:
        """Make folds of a new choice of lines stand as the reader wants them."""
        if not self.view.folding:
            lines.turn_all(closed=False)
        return lines

    def _to_do(self) -> tuple[_Span, _Span]:
        folds = self.view.folds
        places = _Span(0, 0) if folds is None else _Span(folds.looked, folds.known)
        return _Span(self._errors_upto, len(self.store)), places

    def look_on(self) -> None:
        """Look at what has come since, unless that is under way."""
        if self._look_under_way:
            return
        errors, places = self._to_do()
        folds = self.view.folds
        if errors.length + places.length <= _AT_ONCE:
            if errors.length:
                self._take(self._errors_in(errors))
            if places.length and folds is not None:
                self._take(self._runs_in(folds, places))
            return
        self._look_under_way = True
        self.set_timer(_PATIENCE_S, self._begin_look)

    def _begin_look(self) -> None:
        errors, places = self._to_do()
        self._look(errors, self.view.folds, places)

    def _errors_in(self, span: _Span) -> "LookPart._Looked":
        found = find_severe(self.store, span.start, span.stop, warnings=False)
        return self._Looked(None, [], found, span.stop)

    def _runs_in(self, folds: FoldIndex, span: _Span) -> "LookPart._Looked":
        return self._Looked(folds, find_runs(self.store, folds.base, span.start, span.stop), [], span.stop)

    @work(thread=True, exclusive=True, group="log-look", exit_on_error=False, description="Look for repeats and errors")
    def _look(self, errors: _Span, folds: FoldIndex | None, places: _Span) -> None:
        worker = get_current_worker()
        for span in places.slices():
            if worker.is_cancelled or folds is None or folds is not self.view.folds:
                break
            self.post_message(self._runs_in(folds, span))
            time.sleep(_BREATH_S)
        for span in errors.slices():
            if worker.is_cancelled:
                break
            self.post_message(self._errors_in(span))
            time.sleep(_BREATH_S)
        self.post_message(self._Looked(None, [], [], -1))

    @on(_Looked)
    def _take_looked(self, event: _Looked) -> None:
        event.stop()
        if event.upto < 0:
            self._look_under_way = False
            self.look_on()
        else:
            self._take(event)

    def _take(self, found: "LookPart._Looked") -> None:
        if found.folds is None:
            self._errors_upto = found.upto
            if found.errors:
                self._errors.extend(found.errors)
                self.view.set_errors(self._errors)
        elif found.folds is self.view.folds:
            self.view.refold(found.runs, found.upto)
