"""The log of an action's build: found from what AWS says, read whole, followed live, opened where it matters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import getters
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from core.attention import FocusPoint
from core.build import Build, LogLocation
from core.errors import PipemedicError
from core.log_mask import mask_line
from core.logs import LogBatch, TailState
from core.place import PipelineRef
from core.signatures import Explanation, Failure, LogReader
from core.text import sanitize, sanitize_ansi
from tui import navigation
from tui.logs.events import lines_and_times
from tui.medic import MedicWidget
from widgets.ink import inked
from widgets.log_pane import LogPane, MarkKind, SourceState

__all__ = ["BuildLog"]

_STATES = {
    TailState.WAITING: SourceState.WAITING,
    TailState.LOADING: SourceState.LOADING,
    TailState.LIVE: SourceState.LIVE,
    TailState.RECONNECTING: SourceState.RECONNECTING,
    TailState.ENDED: SourceState.ENDED,
}
# While a log streams in, the text engine looks again after this many new lines at the least.
_LOOK_EVERY = 200


class BuildLog(Vertical, MedicWidget):
    """A log pane with the worker that fills it."""

    DEFAULT_CSS = """
    BuildLog > #log-note { height: auto; padding: 1 2; display: none; }
    BuildLog.-nothing > #log-note { display: block; }
    BuildLog.-nothing > LogPane { display: none; }
    """

    note = getters.query_one("#log-note", Static)
    pane = getters.query_one("#log-pane", LogPane)

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
        self._reader: LogReader | None = None
        self._unread = 0
        self._opened = False  # whether it stands where it is to stand: at the first error, or at the end of a live one

    def compose(self) -> ComposeResult:
        """The pane, and a note for when there is no log to show."""
        yield Static(id="log-note")
        yield LogPane("looking for the log …", cleaner=sanitize_ansi, mask=mask_line, id="log-pane")

    def open_action(self, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
        """Show the log of an action's build; without a point, of what failed or runs."""
        self.run_worker(
            self._follow(ref, point, execution_id),
            name="log",
            group="log",
            description=f"read the build log of {ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _follow(self, ref: PipelineRef, point: FocusPoint | None, execution_id: str) -> None:
        """Find the log, then take what the tail brings until it ends."""
        await self._fresh_pane()
        try:
            where, build = await navigation.find_log(self.medic, ref, point, execution_id)
        except PipemedicError as error:
            self.say(navigation.told(error))
            return
        self.where, self.build = where, build
        self.post_message(self.Found(build))
        if where.state == "disabled":
            self.say("This build writes no CloudWatch log: logging is switched off in its project.")
            return
        self.pane.set_source(sanitize(where.name or build.id))
        self._opened = build.running
        if not build.running:
            self.pane.open_at(0)
        self._reader = LogReader(Failure(stage=point.stage if point else "", provider="CodeBuild"))
        cloud = self.medic.desk.cloud

        async def finished() -> bool:
            builds = await cloud.builds(ref.place).builds([build.id])
            if builds and builds[0] != self.build:
                self.build = builds[0]
                self.post_message(self.Found(builds[0]))
            return not builds or not builds[0].running

        async for batch in cloud.tail(ref.place, where, finished=finished):
            await self._take(batch)

    async def _fresh_pane(self) -> None:
        """Begin with an empty pane: lines of another log must not stay."""
        self.remove_class("-nothing")
        self._reader, self.explanation, self._unread, self._opened = None, None, 0, False
        if self.pane.line_count:
            await self.pane.remove()
            await self.mount(LogPane("looking for the log …", cleaner=sanitize_ansi, mask=mask_line, id="log-pane"))

    def say(self, text: str) -> None:
        """Show a sentence in place of a log."""
        self.add_class("-nothing")
        self.note.update(inked(sanitize(text), "$foreground-muted"))

    async def _take(self, batch: LogBatch) -> None:
        note = sanitize(batch.error)
        if batch.retry_in_s is not None:
            note += f" · again in {batch.retry_in_s:.0f} s"
        self.pane.set_state(_STATES[batch.state], note)
        lines, times = lines_and_times(batch.events)
        if lines:
            self.pane.append(lines, times)
            self._unread += len(lines)
            await asyncio.to_thread(self._read, lines)
        whole = batch.state in {TailState.LIVE, TailState.ENDED}
        if self._unread >= _LOOK_EVERY or (whole and (self._unread or not self._opened)):
            self._unread = 0
            await self._look(whole=whole)

    def _read(self, lines: Sequence[str]) -> None:
        if self._reader:
            self._reader.feed_lines(lines)

    async def _look(self, *, whole: bool) -> None:
        """Mark what the text engine sees; open the finished log at its first error, not at its end."""
        if self._reader is None:
            return
        self.explanation = await asyncio.to_thread(self._reader.explanation)
        self.pane.set_marks(_marks(self.explanation))
        line = self.explanation.cause_line or self.explanation.first_error_line
        if whole and not self._opened and line is not None:
            self._opened = True
            self.pane.open_at(line - 1)


def _marks(found: Explanation) -> dict[int, MarkKind]:
    """Marks by line number from 0: error lines, the first of them, the line that states the cause."""
    marks = dict.fromkeys((line - 1 for line in found.error_lines), MarkKind.ERROR)
    if found.first_error_line is not None:
        marks[found.first_error_line - 1] = MarkKind.ERROR
    if found.cause_line is not None:
        marks[found.cause_line - 1] = MarkKind.CAUSE
    return marks
