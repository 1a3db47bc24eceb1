"""A log on the screen: header, lines with a gutter, search box; appended to at any rate, drawn at 20 a second."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import get_current_worker

from widgets.ink import Cleaner, as_is
from widgets.log_choice import ChoicePart
from widgets.log_folds import FoldIndex
from widgets.log_header import LIVE_STATES, HeaderFacts, LineRate, LogHeader, SourceState
from widgets.log_lines import MarkKind
from widgets.log_search import BadPatternError, Query, search_all
from widgets.log_search_bar import LogSearchBar
from widgets.log_stamps import WORDS, Stamps
from widgets.log_store import LogStore
from widgets.log_view import LogView

__all__ = ["LogPane", "MarkKind", "SourceState"]

_FLUSH_S = 0.05


class LogPane(ChoicePart):
    """A log with its header and search."""

    DEFAULT_CSS = """
    LogPane {
        height: 1fr;
        & > #log-header { height: 1; width: 1fr; background: $panel; color: $foreground; text-wrap: nowrap; }
        &:focus-within > #log-header { background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="log.search", key_display="/", tooltip="Search in this log"),
        Binding("n", "match(1)", "Next match", show=False, id="log.next-match", tooltip="To the next match"),
        Binding("N", "match(-1)", "Previous match", show=False, id="log.previous-match", tooltip="To the one before"),
        Binding("escape", "end_search", "End search", show=False, id="log.search-end", tooltip="End the search"),
    ]

    @dataclass
    class FollowChanged(Message):
        """The pane began or ceased to follow the end of its log."""

        pane: "LogPane"
        following: bool

        @property
        def control(self) -> "LogPane":
            """The pane it happened in."""
            return self.pane

    @dataclass
    class MarkJumped(Message):
        """The pane went to a marked line."""

        pane: "LogPane"
        line: int

        @property
        def control(self) -> "LogPane":
            """The pane it happened in."""
            return self.pane

    @dataclass
    class _Found(Message):
        """A slice was searched. Posted from the search thread."""

        generation: int
        upto: int
        lines: list[int]

    def __init__(
        self,
        source: str = "",
        *,
        cleaner: Cleaner = as_is,
        mask: Cleaner | None = None,
        state: SourceState = SourceState.LOADING,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Make a pane.

        Args:
            source: What the lines come from, for the header.
            cleaner: Drops all control sequences but colour (SGR) from a raw line. What the default
                leaves is shown as visible signs.
            mask: Hides what is secret in a cleaned line; a key shows it.
            state: What the source is doing.
            name: As of any widget.
            id: As of any widget.
            classes: As of any widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._source = source
        self._state = state
        self._note = ""
        self._pane_place = ""
        self.store = LogStore()
        self.view = LogView(self.store, cleaner, mask)
        self.bar = LogSearchBar()
        self._flush_due = False
        self._rate = LineRate()
        self._was_following = True
        self._query: Query | None = None
        self._matches: array[int] = array("I")
        self._searched = 0
        self._searching = 0
        self._origin = 0
        self._generation = 0

    def compose(self) -> ComposeResult:
        """Header, lines, search."""
        yield LogHeader(id="log-header")
        yield self.view
        yield self.bar
        yield self.prompt

    def on_mount(self) -> None:
        """Draw the header before the first line comes, and keep its rate true."""
        self.view.show_lines(FoldIndex())
        self._draw_header()
        self.set_interval(1, self._draw_header, name="log-header")

    # What comes in

    def append(self, lines: Iterable[str], times: Sequence[int] | None = None) -> None:
        """Add raw lines at the end, with their times (epoch milliseconds) where they have any.

        They are drawn with the next of 20 beats a second.
        """
        batch = lines if isinstance(lines, (list, tuple)) else list(lines)
        if not batch:
            return
        self.store.append(batch, times)
        self._rate.came(len(batch))
        if not self._flush_due and self.is_attached:
            self._flush_due = True
            self.set_timer(_FLUSH_S, self._flush, name="log-flush")

    def on_show(self) -> None:
        """Show at once what was appended before the pane stood on the screen."""
        self._flush()

    def _flush(self) -> None:
        self._flush_due = False
        self.view.grown()
        if self._state not in LIVE_STATES:
            self.view.count_from_here()
        self._draw_header()
        self._search_on()
        self.filter_on()
        self.look_on()

    def set_source(self, source: str) -> None:
        """Name what the lines come from."""
        self._source = source
        self._draw_header()

    def set_state(self, state: SourceState, note: str = "") -> None:
        """Say what the source is doing, with a few words (`in 3 s`, `12,000 of 20,000`)."""
        self._state, self._note = state, note
        self._draw_header()

    def set_place(self, place: str) -> None:
        """Say which of several panes this is (`1 of 3`); empty where all are shown."""
        self._pane_place = place
        self._draw_header()

    def set_marks(self, marks: Mapping[int, MarkKind]) -> None:
        """Mark lines in the gutter, by absolute number from 0."""
        self.view.set_marks(marks)

    def open_at(self, line: int) -> None:
        """Show a line by absolute number from 0 and stop following; a line still to come is shown when it comes."""
        self.view.go_to(line)

    @property
    def state(self) -> SourceState:
        """What the source is doing."""
        return self._state

    @property
    def following(self) -> bool:
        """Whether the pane stays at the end."""
        return self.view.following

    @property
    def line_count(self) -> int:
        """Lines held."""
        return len(self.store)

    # Header

    def choice_changed(self) -> None:
        """Tell what is shown."""
        self._draw_header()

    def _draw_header(self) -> None:
        if not self.is_mounted:
            return
        view = self.view
        extras = [WORDS[view.stamps]] if view.stamps is not Stamps.NONE else []
        if not view.masked:
            extras.append("secrets shown")
        if not view.folding:
            extras.append("unfolded")
        if view.laid_out:
            extras.append("JSON open")
        if (picked := view.picked) is not None:
            extras.append(f"selected {picked[0] + 1:,}–{picked[1] + 1:,}")
        chosen = self.filter.words + ("" if self.filter_done else " …") if self.filter.words else ""
        self.query_one("#log-header", LogHeader).tell(
            HeaderFacts(
                self._source,
                self._state,
                self._note,
                len(self.store),
                self._rate.per_second,
                view.following,
                view.unseen,
                chosen,
                self.shown_count,
                tuple(extras),
                self._pane_place,
            )
        )

    @on(LogView.Moved)
    def _view_moved(self, event: LogView.Moved) -> None:
        event.stop()
        self._draw_header()
        if self.view.following != self._was_following:
            self._was_following = self.view.following
            self.post_message(self.FollowChanged(self, self._was_following))

    @on(LogView.MarkJumped)
    def _mark_jumped(self, event: LogView.MarkJumped) -> None:
        event.stop()
        self.post_message(self.MarkJumped(self, event.line))

    def on_resize(self) -> None:
        """Fit the header."""
        self._draw_header()

    # Search

    @property
    def matches(self) -> tuple[int, ...]:
        """Numbers of the lines that match, as far as searched."""
        return tuple(self._matches)

    @property
    def search_done(self) -> bool:
        """Whether all lines known by now have been searched; true without a search."""
        return self._query is None or self._searched >= len(self.store)

    def search(self, text: str, *, regex: bool = False) -> None:
        """Look for a text; an empty one ends the search. Results come while the screen lives on."""
        self._generation += 1
        self._matches, self._searched, self._searching = array("I"), 0, 0
        self._query = None
        if text:
            try:
                self._query = self.query_of(text, regex=regex)
            except BadPatternError as error:
                self.bar.show_error(str(error))
        self.view.set_query(self._query)
        self.view.set_matched(self._matches)
        if self._query is not None:
            self._search_on()
        elif not text:
            self.bar.show_count(0, 0, done=True)

    def _search_on(self) -> None:
        """Search what is not searched yet, unless a search is under way."""
        if self._query is None or self._searching > self._searched or self._searched >= len(self.store):
            return
        self._searching = len(self.store)
        self._search(self._query, self._generation, self._searched, self._searching)

    @work(thread=True, exclusive=True, group="log-search", exit_on_error=False, description="Search in the log")
    def _search(self, query: Query, generation: int, start: int, stop: int) -> None:
        worker = get_current_worker()

        def found(upto: int, lines: list[int]) -> bool:
            self.post_message(self._Found(generation, upto, lines))
            return not worker.is_cancelled

        search_all(self.store, query, start, stop, found)

    @on(_Found)
    def _show_found(self, event: _Found) -> None:
        event.stop()
        if event.generation != self._generation or event.upto <= self._searched:
            return
        first = not self._matches and bool(event.lines)
        self._searched = event.upto
        self._matches.extend(event.lines)
        if first and self.bar.typing:
            self._go_to_match(1, self._origin - 1)
        self.view.refresh()
        self._show_count()
        self._search_on()

    def _show_count(self) -> None:
        at = self.view.current
        found = bisect_left(self._matches, at) if at is not None else len(self._matches)
        place = found + 1 if found < len(self._matches) and self._matches[found] == at else 0
        self.bar.show_count(place, len(self._matches), done=self.search_done)

    def _go_to_match(self, step: int, here: int) -> None:
        if self._matches:
            at = bisect_right(self._matches, here) if step > 0 else bisect_left(self._matches, here) - 1
            self.view.go_to(self._matches[at % len(self._matches)], unfold=False)
        self._show_count()

    def action_search(self) -> None:
        """Open the search box."""
        self._origin = self.view.here
        self.bar.open()

    def action_end_search(self) -> None:
        """End the search from within the lines."""
        self.bar.action_close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys of a search to others while there is none."""
        del parameters
        if action == "end_search":
            return self.bar.opened
        if action == "match":
            return self._query is not None
        return True

    def action_match(self, step: int) -> None:
        """Go to the next (1) or previous (-1) match, around the ends."""
        self._go_to_match(step, self.view.origin(step))

    @on(LogSearchBar.Changed)
    def _search_changed(self, event: LogSearchBar.Changed) -> None:
        event.stop()
        self.search(event.text, regex=event.regex)

    @on(LogSearchBar.Accepted)
    def _search_accepted(self, event: LogSearchBar.Accepted) -> None:
        event.stop()
        self.view.focus()

    @on(LogSearchBar.Closed)
    def _search_closed(self, event: LogSearchBar.Closed) -> None:
        event.stop()
        self.search("")
        self.view.focus()

    def focus(self, scroll_visible: bool = True) -> "LogPane":
        """Focus the lines."""
        self.view.focus(scroll_visible)
        return self
