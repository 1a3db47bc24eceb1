"""What a log pane shows of its log: filters, coloured terms, jumps. The part of the pane that asks at its foot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import get_current_worker

from widgets.log_filter import FilterIndex, LogFilter, find_wanted
from widgets.log_folds import FoldIndex
from widgets.log_look import LookPart
from widgets.log_prompt import LogPrompt
from widgets.log_search import SLICE_LINES, BadPatternError, Query, compile_query
from widgets.log_store import LogStore

_MOST_CONTEXT = 100
_FIRST_SLICE = 2_000
JumpReader = Callable[[str, LogStore], int | None]
"""Reads where to go from what was typed: a line number from 0, or None where it says nothing. May raise ValueError."""

WindowReader = Callable[[str, LogStore, int], tuple[int | None, int | None] | None]
"""Reads from what was typed which time is wanted, seen from a line: since and until. May raise ValueError."""
SPANS_S = (3600, 900, 300, 60)
"""Windows that have keys."""


class ChoicePart(LookPart):
    """Filtering, colouring and jumping. `LogPane` is what is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ampersand", "ask_filter", "Filter", id="log.filter", key_display="&",
            tooltip="Show only lines that match; !text leaves matching lines out; nothing ends the filter",
        ),
        Binding("plus", "context(1)", "More around", show=False, id="log.context-more", key_display="+",
                tooltip="One more line before and after each that the filter shows"),
        Binding("minus", "context(-1)", "Less around", show=False, id="log.context-less", key_display="-",
                tooltip="One line less around each that the filter shows"),
        Binding("s", "severity", "Severity", show=False, id="log.severity",
                tooltip="Show all lines, warnings and errors, errors"),
        Binding("exclamation_mark", "invert", "Invert", show=False, id="log.invert", key_display="!",
                tooltip="Show the lines that the filter leaves out, and leave out those it shows"),
        Binding("W", "ask_window", "Time window", show=False, id="log.window",
                tooltip="Only lines of a time: 5m before the end, ~2m around this line, 14:05..14:20, nothing for all"),
        Binding("less_than_sign", "narrow(1)", "Shorter", show=False, id="log.window-shorter", key_display="<",
                tooltip="Only the last hour, 15, 5 or 1 minutes before the end"),
        Binding("greater_than_sign", "narrow(-1)", "Longer", show=False, id="log.window-longer", key_display=">",
                tooltip="More time before the end, up to all"),
        Binding("asterisk", "ask_term", "Colour", show=False, id="log.colour", key_display="*",
                tooltip="Colour a term wherever it stands; each has its own colour; nothing ends it"),
        Binding("ctrl+g", "ask_place", "Go to", show=False, id="log.go-to",
                tooltip="Go to a line number, a share (50%), a time (14:05, 5m ago) or a phase"),
    ]  # fmt: skip

    @dataclass
    class _Filtered(Message):
        """A slice was looked through. Posted from the filter's thread."""

        generation: int
        upto: int
        lines: list[int]

    @dataclass
    class SaveAsked(Message):
        """The reader named a file to save to, and chose one of the leads."""

        pane: "ChoicePart"
        path: str
        turn: int = 0

        @property
        def control(self) -> "ChoicePart":
            """The pane it happened in."""
            return self.pane

    def __init__(self, *, name: str | None, id: str | None, classes: str | None) -> None:  # noqa: A002 (Textual's)
        super().__init__(name=name, id=id, classes=classes)
        self.prompt = LogPrompt()
        self.filter = LogFilter()
        self.jump_reader: JumpReader | None = None
        self.window_reader: WindowReader | None = None
        self.pattern_fault: Callable[[str], str] | None = None
        self._span_s: int | None = None  # before the end, as the keys set it
        self._index: FilterIndex | None = None
        self._looked = 0  # lines that the filter has decided upon
        self._looking = 0
        self._filter_generation = 0
        self._anchor = 0  # the line that stood at the top when the filter was set

    # What is filtered

    @property
    def filter_done(self) -> bool:
        """Whether the filter has looked at all lines there are by now; true without one."""
        return self._index is None or self._looked >= len(self.store)

    @property
    def shown_count(self) -> int:
        """Lines that are shown, those within folds too."""
        return len(self.store) if self._index is None else len(self._index.rows)

    @property
    def shown_lines(self) -> Sequence[int]:
        """Numbers of the lines that are shown, those within folds too."""
        return range(len(self.store)) if self._index is None else self._index.rows[:]

    def set_filter(self, wanted: LogFilter) -> None:
        """Show only what is wanted; the lines keep their numbers, and the view its place."""
        self.filter = wanted
        self._filter_generation += 1
        self._looked = self._looking = 0
        if wanted.shows_all:
            self._index = None
            self.view.show_lines(self.folded(FoldIndex()))
        else:
            self._index = FilterIndex(wanted.context)
            self._anchor = self.view.here
            self.view.show_lines(self.folded(FoldIndex(self._index.rows)))
            self.filter_on()
        self.look_on()
        self.choice_changed()

    def choice_changed(self) -> None:
        """Tell the header. The pane does."""

    def filter_on(self) -> None:
        """Look through what has come since, unless that is under way."""
        if self._index is None or self._looking > self._looked or self._looked >= len(self.store):
            return
        self._looking = len(self.store)
        self._look_through(self.filter, self._filter_generation, self._looked, self._looking)

    @work(thread=True, exclusive=True, group="log-filter", exit_on_error=False, description="Filter the log")
    def _look_through(self, wanted: LogFilter, generation: int, start: int, stop: int) -> None:
        worker = get_current_worker()
        begin, size = start, _FIRST_SLICE
        while begin < stop and not worker.is_cancelled:
            end = min(begin + size, stop)
            self.post_message(self._Filtered(generation, end, find_wanted(self.store, wanted, begin, end)))
            begin, size = end, SLICE_LINES

    @on(_Filtered)
    def _show_filtered(self, event: _Filtered) -> None:
        event.stop()
        if event.generation != self._filter_generation or self._index is None or event.upto <= self._looked:
            return
        self._index.extend(event.lines, event.upto)
        passed = self._looked <= self._anchor < event.upto
        self._looked = event.upto
        self.view.grown()
        if passed and not self.view.following:
            self.view.jump_to(y=max(self.view.row_of(self._anchor) - 3, 0))
        self.choice_changed()
        self.filter_on()
        self.look_on()

    def action_context(self, step: int) -> None:
        """Show one line more (1) or less (-1) around each that the filter shows."""
        context = min(max(self.filter.context + step, 0), _MOST_CONTEXT)
        if context != self.filter.context:
            self.set_filter(replace(self.filter, context=context))

    def action_severity(self) -> None:
        """Show all, or only what speaks of warnings and errors, or of errors."""
        self.set_filter(replace(self.filter, severity=self.filter.severity.following))

    def action_invert(self) -> None:
        """Turn the filter into its opposite; the time stays."""
        if self.filter.chooses:
            self.set_filter(replace(self.filter, inverted=not self.filter.inverted))

    # The time that is shown

    def set_window(self, since_ms: int | None, until_ms: int | None) -> None:
        """Show only lines of that time (epoch milliseconds, the end not included); None for no bound."""
        self._span_s = None
        self.set_filter(replace(self.filter, since_ms=since_ms, until_ms=until_ms))

    def action_narrow(self, step: int) -> None:
        """Show less (1) or more (-1) of the time before the log's end."""
        spans = (None, *SPANS_S)
        at = min(max(spans.index(self._span_s) + step, 0), len(spans) - 1) if self._span_s in spans else 0
        self._show_last(spans[at])

    def _show_last(self, span_s: int | None) -> None:
        last_ms = self.store.time_of(len(self.store) - 1)
        if span_s is not None and last_ms is None:
            self.notify("The lines of this log have no times.", markup=False)
            return
        self.set_window(None if span_s is None or last_ms is None else last_ms - span_s * 1000, None)
        self._span_s = span_s

    # What is asked

    def action_ask_filter(self) -> None:
        """Ask for a filter."""
        self.prompt.ask("filter", "&", "text · /regex/ · !text leaves out · empty shows all again")

    def action_ask_term(self) -> None:
        """Ask for a term to colour."""
        self.prompt.ask("term", "*", "text · /regex/ · empty ends all colours")

    def action_ask_window(self) -> None:
        """Ask for a time."""
        self.prompt.ask("window", "time", "1m · 5m · 15m · 1h · ~2m around · 14:05..14:20 · 07:30.. · empty: all")

    def action_ask_place(self) -> None:
        """Ask where to go."""
        self.prompt.ask("place", "go to", "line number · 50% · 14:05:30 · 5m · phase")

    @on(LogPrompt.Answered)
    def _answered(self, event: LogPrompt.Answered) -> None:
        event.stop()
        try:
            getattr(self, f"_take_{event.about}")(event.text)
        except ValueError as error:
            self.prompt.refuse(str(error))
            return
        self.prompt.close()
        self.view.focus()

    @on(LogPrompt.Closed)
    def _given_up(self, event: LogPrompt.Closed) -> None:
        event.stop()
        self.view.focus()

    def query_of(self, text: str, *, regex: bool) -> Query:
        """Read what is looked for.

        Raises:
            BadPatternError: It is no regular expression, or one that could search for ever.
        """
        query = compile_query(text, regex=regex)
        if regex and self.pattern_fault is not None and (fault := self.pattern_fault(text)):
            raise BadPatternError(fault)
        return query

    def _typed(self, text: str) -> Query:
        regex = len(text) > 2 and text[0] == text[-1] == "/"
        return self.query_of(text[1:-1] if regex else text, regex=regex)

    def _take_filter(self, text: str) -> None:
        out = text.startswith("!") and len(text) > 1
        if not text:
            self.set_filter(LogFilter(context=self.filter.context))
        elif out:
            self.set_filter(replace(self.filter, exclude=(*self.filter.exclude, self._typed(text[1:]))))
        else:
            self.set_filter(replace(self.filter, include=(*self.filter.include, self._typed(text))))

    def _take_term(self, text: str) -> None:
        self.view.set_terms((*self.view.terms, self._typed(text)) if text else ())

    def _take_window(self, text: str) -> None:
        if not text:
            self.set_window(None, None)
            return
        window = self.window_reader(text, self.store, self.view.here) if self.window_reader else None
        if window is None:
            raise ValueError(f"{text!r} is no time")
        self.set_window(*window)

    def _take_save(self, text: str) -> None:
        if text:
            self.post_message(self.SaveAsked(self, text, self.prompt.turn))

    def _take_place(self, text: str) -> None:
        count = len(self.store)
        if not text or not count:
            return
        digits = text.replace(",", "")
        if digits.isascii() and digits.isdigit() and len(digits) < 9:
            line: int | None = min(max(int(digits), 1), count) - 1
        elif text.endswith("%") and text[:-1].isascii() and text[:-1].isdigit():
            line = min(int(text[:-1]), 100) * (count - 1) // 100
        else:
            line = self.jump_reader(text, self.store) if self.jump_reader else None
        if line is None:
            raise ValueError(f"{text!r} is no line, share, time or phase of this log")
        self.view.go_to(line)
