"""The log of an action's build: found from what AWS says, read whole, followed live, opened where it matters."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import ClassVar, Self

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from core.attention import FocusPoint
from core.build import Build, LogLocation
from core.errors import PipemedicError
from core.log_mask import mask_line
from core.logs import LogBatch, TailState
from core.place import PipelineRef, Place
from core.playbook import Subject
from core.secret_values import NO_VALUES
from core.signatures import Explanation, Failure
from core.text import sanitize, sanitize_ansi
from tui import navigation
from tui.logs.carry import CarryPart
from tui.logs.events import lines_and_times
from tui.logs.found import Offer
from tui.logs.moments import parse_moment, parse_window
from tui.logs.opening import Opened, build_batches, offers_of, open_offer, open_source
from tui.logs.outline_rows import outline_rows
from tui.logs.phases import PhaseFinder, PhaseLine, outline
from tui.logs.source import LogSource, SourceKind
from tui.logs.steps import StepFinder
from tui.logs.words import CauseReader
from tui.streams import closed_after
from widgets.ink import inked
from widgets.log_outline import LogOutline
from widgets.log_pane import LogPane, MarkKind, SourceState
from widgets.log_store import LogStore

__all__ = ["BuildLog"]

_STATES = {
    TailState.WAITING: SourceState.WAITING,
    TailState.LOADING: SourceState.LOADING,
    TailState.LIVE: SourceState.LIVE,
    TailState.RECONNECTING: SourceState.RECONNECTING,
    TailState.ENDED: SourceState.ENDED,
}
# A log that nobody sees is asked for new lines this much later, unless it comes into sight (looked for so often; s).
_OUT_OF_SIGHT_S, _LOOK_S = 6.0, 0.5
# The outline stands beside the log from this width on, unless the user says otherwise.
_ROOM_FOR_OUTLINE = 120


class BuildLog(CarryPart):
    """A log pane with an outline of its phases and the worker that fills it."""

    DEFAULT_CSS = """
    BuildLog {
        & > #log-note { height: auto; padding: 1 2; display: none; }
        & > #log-beside { height: 1fr; }
        & LogOutline { display: none; }
        &.-outlined LogOutline { display: block; }
        &.-nothing > #log-note { display: block; }
        &.-nothing > #log-beside { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "toggle_outline", "Phases", show=False, id="log.outline",
                tooltip="Show or hide the phases, and the steps of an image's build"),
        Binding("right_curly_bracket", "phase(1)", "Next phase", show=False, id="log.next-phase", key_display="}",
                tooltip="To where the next phase or step begins"),
        Binding("left_curly_bracket", "phase(-1)", "Previous phase", show=False, id="log.previous-phase",
                key_display="{", tooltip="To where the phase or step before began"),
    ]  # fmt: skip

    note = getters.query_one("#log-note", Static)
    beside = getters.query_one("#log-beside", Horizontal)
    outline_view = getters.query_one(LogOutline)
    outlined: reactive[bool] = reactive(False, toggle_class="-outlined")

    class Found(Message):
        """The log was found, or its build has moved on: how it stands now."""

        def __init__(self, build: Build) -> None:
            super().__init__()
            self.build = build

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self.where = LogLocation()
        self.build: Build | None = None
        self.explanation: Explanation | None = None
        self.phases: tuple[PhaseLine, ...] = ()
        self.offers: tuple[Offer, ...] = ()  # the logs of an action that runs no build
        self._labels: tuple[str, ...] = ()  # of the sources, where several are merged
        self._phase_finder = PhaseFinder()
        self._step_finder = StepFinder()
        self._causes: CauseReader | None = None
        self._patient = False
        self._reading_causes = False
        self._opened = False  # whether it stands where it is to stand: at the first error, or at the end of a live one
        self._outline_asked: bool | None = None  # by key; None leaves it to the room there is

    def compose(self) -> ComposeResult:
        """The outline, the pane, and a note for when there is no log to show."""
        yield Static(id="log-note")
        with Horizontal(id="log-beside"):
            yield LogOutline()
            yield self._new_pane()

    def _new_pane(self) -> LogPane:
        pane = LogPane("looking for the log …", cleaner=sanitize_ansi, mask=self._mask, id="log-pane")
        pane.jump_reader = self._read_place
        pane.window_reader = self._read_window
        pane.pattern_fault = _fault
        return pane

    def open_source(self, source: LogSource) -> None:
        """Show a source."""
        self._start(self._open(source), f"read {sanitize(source.name)}")

    def open_action(self, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
        """Show the log of an action; without a point, of what failed or runs."""
        self.open_source(LogSource.of_action(ref, point, execution_id))

    def open_stream(
        self,
        batches: AsyncIterator[LogBatch],
        where: LogLocation,
        name: str,
        *,
        live: bool,
        at_cause: bool = True,
        patient: bool = False,
    ) -> None:
        """Show any stream of lines; a live one is followed, another opened at its cause, or else at its first line.

        `patient` says that the stream is read by asking, and may be asked less often while nobody sees it.
        """
        self._patient = patient

        opened = Opened(batches, name, where, live=live, patient=patient)

        async def follow() -> None:
            await self._fresh_pane()
            try:
                await self._show(opened, at_cause=at_cause)
            except PipemedicError as error:
                self.say(navigation.told(error))

        self._start(follow(), f"read {sanitize(name)}")

    def stop(self) -> None:
        """Read no further; what came stays."""
        self.workers.cancel_group(self, "log")
        self.pane.set_state(SourceState.ENDED, "stopped")

    def _start(self, work: object, description: str) -> None:
        self.run_worker(
            work,  # type: ignore[arg-type]
            name="log",
            group="log",
            description=description,
            exclusive=True,
            exit_on_error=False,
        )

    async def _open(self, source: LogSource) -> None:
        """Find the log, then take what it brings until it ends."""
        await self._fresh_pane()
        try:
            if source.kind is SourceKind.ACTION:
                await self._follow_action(source)
            else:
                self.pane.set_source(sanitize(source.name))
                await self._show(await open_source(lambda: self.medic.desk.cloud, source))
        except PipemedicError as error:
            self.say(navigation.told(error))
        except OSError as error:
            self.say(f"{source.name} cannot be read: {error.strerror or error}.")

    async def _follow_action(self, source: LogSource) -> None:
        """Show a build's own log, or the first of the logs of what runs no build."""
        from tui.triage import at_latest_build, log_of, subject_of  # noqa: PLC0415 (imported by the desk in a thread)

        cloud, past = self.medic.desk.cloud, source.execution_id
        subject = await subject_of(cloud, source.ref, execution_id=past, stage=source.stage, action=source.action)
        if not (source.stage or past) and subject.action_state.status != "Failed":
            subject = at_latest_build(subject)
        if subject.action.provider == "CodeBuild":
            where, build = await log_of(cloud, subject)
            await self._follow_build(subject, where, build)
            return
        self.offers = tuple(await offers_of(cloud, subject))
        await self._show(await open_offer(cloud, subject, self.offers, past=bool(past)))

    async def _follow_build(self, subject: Subject, where: LogLocation, build: Build) -> None:
        self.where, self.build, self.hidden = where, build, build.hidden
        self._patient = True
        self.post_message(self.Found(build))
        if where.state == "disabled":
            self.say("This build writes no CloudWatch log: logging is switched off in its project.")
            return
        self.pane.set_source(sanitize(where.name or build.id))
        self._show_phases()
        place = Place(subject.ref.place.profile, subject.region)
        batches = build_batches(self.medic.desk.cloud, place, build, told=self._build_moved)
        failure = Failure(stage=subject.stage.name, provider="CodeBuild")
        await self._take_all(batches, failure, live=build.running)

    def _build_moved(self, build: Build) -> None:
        """The build stands otherwise than before."""
        self.build = build
        if build.log.name and build.log != self.where:
            self.where = build.log
            self.pane.set_source(sanitize(build.log.name))
        self.post_message(self.Found(build))
        self._show_phases()

    async def _show(self, opened: Opened, *, at_cause: bool = True) -> None:
        """Show what was opened."""
        self.where, self.hidden, self._patient, self._labels = (
            opened.where,
            opened.hidden,
            opened.patient,
            opened.labels,
        )
        self.pane.view.set_names(self._labels)
        self.pane.set_source(sanitize(opened.name))
        await self._take_all(opened.batches, opened.failure, live=opened.live, at_cause=at_cause)

    async def _take_all(
        self, batches: AsyncIterator[LogBatch], failure: Failure, *, live: bool, at_cause: bool = True
    ) -> None:
        self._opened = live or not at_cause
        if not live:
            self.pane.open_at(0)
        self._causes = CauseReader(self.pane.store, failure, self._explained, self._open_at_cause)
        # A local log comes as fast as it can be taken in: what it says is read once all of it is there.
        self._reading_causes = False
        if live or self.where.region:
            self._read_causes(self._causes)
        async with closed_after(batches) as each:
            async for batch in each:
                self._take(batch)
                if self._patient and batch.state is TailState.LIVE:
                    await self._pace()

    def _read_causes(self, causes: CauseReader) -> None:
        self._reading_causes = True
        self.run_worker(
            causes.run(), name="causes", group="log-causes", description="read what the log says",
            exclusive=True, exit_on_error=False,
        )  # fmt: skip

    @property
    def ready(self) -> bool:
        """Whether its pane stands."""
        return bool(self.query(LogPane))

    def focus(self, scroll_visible: bool = True) -> Self:
        """The keys go to the lines; a log that is only being made takes them once it stands."""
        if self.ready:
            self.pane.focus(scroll_visible)
        else:
            self.call_after_refresh(self._take_keys, scroll_visible)
        return self

    def _take_keys(self, scroll_visible: bool) -> None:
        """The keys were asked for before there was a pane; a slow machine takes more than one turn to make it."""
        if self.ready and self.pane.view.is_mounted:
            self.pane.focus(scroll_visible)
        elif self.is_attached:
            self.call_after_refresh(self._take_keys, scroll_visible)

    @property
    def in_sight(self) -> bool:
        """Whether it can be seen."""
        return self.app.screen is self.screen and self.display and bool(self.region)

    async def _pace(self) -> None:
        """Out of sight, ask rarely; in sight again, at once."""
        waited_s = 0.0
        while waited_s < _OUT_OF_SIGHT_S and not self.in_sight:
            await asyncio.sleep(_LOOK_S)
            waited_s += _LOOK_S

    async def _fresh_pane(self) -> None:
        """Begin with an empty pane: lines of another log must not stay."""
        self.remove_class("-nothing")
        self._causes, self.explanation, self._opened = None, None, False
        self.workers.cancel_group(self, "log-causes")
        self.build, self.phases, self.offers = None, (), ()
        self._phase_finder, self._step_finder = PhaseFinder(), StepFinder()
        self.hidden, self.where, self._patient, self._labels = NO_VALUES, LogLocation(), False, ()
        self._show_phases()
        if self.pane.line_count:
            focused = self.pane.view.has_focus
            await self.pane.remove()
            await self.beside.mount(self._new_pane())
            if focused:
                self.pane.focus()

    def _mask(self, line: str) -> str:
        return mask_line(line, self.hidden)

    def say(self, text: str) -> None:
        """Show a sentence in place of a log."""
        self.add_class("-nothing")
        self.note.update(inked(sanitize(text), "$foreground-muted"))

    def _take(self, batch: LogBatch) -> None:
        note = sanitize(" · ".join(filter(None, (batch.error, batch.note))))
        if batch.retry_in_s is not None:
            note += f" · again in {batch.retry_in_s:.0f} s"
        self.pane.set_state(_STATES[batch.state], note)
        lines, times = lines_and_times(batch.events, named=bool(self._labels))
        if lines:
            self.pane.append(lines, times)
            steps = self._step_finder.look(self.pane.store)
            if self._phase_finder.look(self.pane.store) or steps:
                self._show_phases()
        if self._causes is None:
            return
        if batch.state is TailState.ENDED:
            if not self._reading_causes:
                self._read_causes(self._causes)
            self._causes.end()
        else:
            self._causes.grown(at_rest=batch.state is TailState.LIVE)

    def _explained(self, found: Explanation) -> None:
        """Mark what the text engine sees."""
        self.explanation = found
        self.pane.set_marks(_marks(found))

    def _open_at_cause(self) -> None:
        """Show a finished log at the line that states the cause, else its first error, unless the reader has moved."""
        found = self.explanation
        line = (found.cause_line or found.first_error_line) if found else None
        if not self._opened and line is not None and self.pane.view.top == 0:
            self.pane.open_at(line - 1)
        self._opened = True

    # Phases

    def _show_phases(self) -> None:
        self.phases = outline(self._phase_finder, self.build.phases if self.build else ())
        self.outline_view.show(outline_rows(self.phases, self._step_finder.steps, self._mask))
        self._show_outline()

    def _show_outline(self) -> None:
        asked = self._outline_asked
        self.outlined = bool(self.outline_view.rows) and (
            self.size.width >= _ROOM_FOR_OUTLINE if asked is None else asked
        )

    def on_resize(self, event: Resize) -> None:
        """Show the outline where there is room."""
        del event
        self._show_outline()

    @on(LogOutline.Chosen)
    def phase_chosen(self, event: LogOutline.Chosen) -> None:
        """Go to where the phase begins."""
        event.stop()
        self.pane.open_at(event.line)
        self.pane.focus()

    def action_toggle_outline(self) -> None:
        """Show or hide the phases."""
        self._outline_asked = not self.outlined
        self._show_outline()
        if not self.outline_view.rows:
            self.tell("This log names no phases and no steps of an image's build.")

    def action_phase(self, step: int) -> None:
        """Go to where the next (1) phase begins, or the one before (-1)."""
        starts = sorted(row.line for row in self.outline_view.rows if row.line is not None)
        here = self.pane.view.here
        ahead = [line for line in starts if line > here] if step > 0 else [line for line in starts if line < here][::-1]
        if ahead:
            self.pane.open_at(ahead[0])

    def _read_place(self, text: str, store: LogStore) -> int | None:
        """A phase's name or a time, typed as a place to go to."""
        name = text.upper().replace(" ", "_")
        for phase in self.phases:
            if phase.line is not None and phase.name.startswith(name):
                return phase.line
        return store.line_at(int(parse_moment(text, self._end_of_log(store)) * 1000))

    def _read_window(self, text: str, store: LogStore, line: int) -> tuple[int | None, int | None]:
        """A time to be shown, typed."""
        here_ms, end = store.time_of(line), self._end_of_log(store)
        if here_ms is None:
            raise ValueError("the lines of this log have no times")
        since, until = parse_window(text, end, here_ms / 1000)
        return (None if since is None else int(since * 1000)), (None if until is None else int(until * 1000))

    @staticmethod
    def _end_of_log(store: LogStore) -> float:
        """What `5m` and `14:05` count from: the log's last line, or now where it has no times."""
        last_ms = store.time_of(len(store) - 1)
        return time.time() if last_ms is None else last_ms / 1000


def _fault(pattern: str) -> str:
    """Why a pattern is not searched for."""
    from core.signatures.safety import may_run_for_ever  # noqa: PLC0415 (the engine is imported when first needed)

    return "a repeat within a repeat could search for ever" if may_run_for_ever(pattern) else ""


def _marks(found: Explanation) -> dict[int, MarkKind]:
    """Marks by line number from 0: error lines, the first of them, the line that states the cause."""
    marks = dict.fromkeys((line - 1 for line in found.error_lines), MarkKind.ERROR)
    if found.first_error_line is not None:
        marks[found.first_error_line - 1] = MarkKind.ERROR
    if found.cause_line is not None:
        marks[found.cause_line - 1] = MarkKind.CAUSE
    return marks
