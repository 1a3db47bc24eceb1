"""The timeline of one execution: its actions and build phases over time, against what is usual."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.age import age, duration
from core.errors import PipemedicError
from core.place import PipelineRef
from core.profile.model import History, PastRun
from core.profile.numbers import series_of
from core.text import sanitize
from tui import navigation
from tui.medic import MedicWidget
from tui.profile_view import LEGEND, gantt_rows, longest_wait, run_bars
from tui.tones import execution_tone
from widgets.gantt import Gantt
from widgets.histogram import RunStrip
from widgets.ink import inked, join
from widgets.status import status

__all__ = ["Timeline"]

# So many of the newest executions say what is usual.
_USUAL_OF = 30
# What runs is drawn again, and read again, so often (s).
_GROW_S, _AGAIN_S = 2.0, 15.0
_ROOM_FOR_STRIP = 18  # lines


class Timeline(Vertical, MedicWidget):
    """A Gantt chart; older and newer executions by key."""

    DEFAULT_CSS = """
    Timeline { height: 1fr; }
    Timeline RunStrip { height: 5; padding: 0 1; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left_square_bracket", "step(1)", "Older", key_display="[", id="timeline.older", tooltip="The run before"
        ),
        Binding(
            "right_square_bracket", "step(-1)", "Newer", key_display="]", id="timeline.newer", tooltip="The run after"
        ),
    ]

    gantt = getters.query_one("#gantt", Gantt)
    past = getters.query_one("#past", RunStrip)

    def __init__(self, ref: PipelineRef, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name for it)
        super().__init__(id=id)
        self.ref = ref
        self.history: History | None = None
        self._at = 0
        self._busy = False

    def compose(self) -> ComposeResult:
        """The chart, and where its execution stands among the newest."""
        yield Gantt(words=duration, id="gantt")
        yield RunStrip("The newest executions; [ and ] go from one to the next", words=duration, id="past")

    @property
    def run(self) -> PastRun | None:
        """The execution shown."""
        runs = self.history.runs if self.history else ()
        return runs[self._at] if self._at < len(runs) else None

    def on_mount(self) -> None:
        """Let what runs grow while it is looked at."""
        self.set_interval(_GROW_S, self._grow)

    def on_resize(self) -> None:
        """Show the strip where the chart keeps enough room."""
        self.past.display = self.size.height >= _ROOM_FOR_STRIP

    def _grow(self) -> None:
        run = self.run
        if run is None or run.over or not self.gantt.is_on_screen or not self.screen.is_current:
            return
        now = self.medic.desk.clock()
        if self.history is not None and now - self.history.read_at > _AGAIN_S:
            self.load(again=True)
        else:
            self._show()

    def load(self, *, again: bool = False) -> None:
        """Read the newest executions, once; `again` reads anew."""
        if self._busy or (self.history is not None and not again):
            return
        self._busy = True
        if self.history is None:
            self.gantt.show((), (), inked("Reading the newest executions …", "$foreground-muted"))
        self.run_worker(
            self._read(),
            name="timeline",
            group="timeline",
            description=f"read the timeline of {self.ref.name}",
            exit_on_error=False,
        )

    async def _read(self) -> None:
        from tui.profile_read import read_history  # noqa: PLC0415 (imported when first looked at)

        desk = self.medic.desk
        try:
            _, self.history = await read_history(desk.cloud, self.ref, last=_USUAL_OF, clock=desk.clock)
        except PipemedicError as error:
            self.gantt.show((), (), inked(sanitize(navigation.told(error)), "$text-error"))
            return
        finally:
            self._busy = False
        self._show()

    def _show(self) -> None:
        history, run = self.history, self.run
        if history is None or run is None:
            self.gantt.show((), (), inked("It has never run.", "$foreground-muted"))
            return
        now = self.medic.desk.clock()
        good = series_of([(each.started_at, each.took_s) for each in history.good if each.id != run.id])
        took = run.took_s if run.over else now - run.started_at
        usual = f", usually {duration(good.median_s)}" if good else ""
        head = join(
            inked(f"Execution {sanitize(run.id[:8])} ", "bold"),
            status(execution_tone(run.status), run.status.lower().replace("inp", "in p")),
            f"  {duration(took)}{usual}",
            inked(f"   {age(run.started_at, now)} ago   {self._at + 1} of {len(history.runs)}", "$foreground-muted"),
        )
        self.gantt.show(gantt_rows(run, history, now), LEGEND, head, squeezed=longest_wait(run, now))
        ended = [each for each in history.runs if each.over]
        self.past.show(run_bars(ended), len(ended) - 1 - ended.index(run) if run.over else -1)

    def action_step(self, runs: int) -> None:
        """Go to an older (1) or newer (-1) execution."""
        count = len(self.history.runs) if self.history else 0
        wanted = min(max(self._at + runs, 0), max(count - 1, 0))
        if wanted != self._at:
            self._at = wanted
            self._show()
