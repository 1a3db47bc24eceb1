"""The log of one build, full-screen."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from core.age import duration
from core.attention import FocusPoint
from core.build import Build
from core.console import log_url
from core.errors import PipemedicError
from core.log_mask import mask_line
from core.place import PipelineRef, Place
from core.signatures import Explanation
from core.text import sanitize
from tui import navigation
from tui.build_log import BuildLog
from tui.log_panes import LogPanes
from tui.logs.opening import offers_of
from tui.logs.source import LogSource, SourceKind
from tui.medic import Keys, MedicScreen
from widgets.ink import inked, join
from widgets.status import Tone, status

__all__ = ["LogScreen"]

_BUILD_TONES = {"SUCCEEDED": Tone.OK, "IN_PROGRESS": Tone.RUNNING, "STOPPED": Tone.STOPPED}


class LogScreen(MedicScreen):
    """A build's log with the pipeline and build it belongs to."""

    CSS_PATH = "log.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="log-screen.back", tooltip="Back to where you were"),
        Binding("d", "diagnose", "Diagnose", id="log-screen.diagnose", tooltip="Walk the playbook for this action"),
        Binding(
            "L", "find", "Other log", show=False, id="log-screen.find", tooltip="Open any log group, stream or file"
        ),
        Binding(
            "O",
            "sources",
            "All logs",
            show=False,
            id="log-screen.sources",
            tooltip="All logs of this action: other attempts, builds of a batch, containers, functions",
        ),
        Binding(
            "I",
            "insights",
            "Insights",
            show=False,
            id="log-screen.insights",
            tooltip="Ask Logs Insights over this log's group",
        ),
        Binding("o", "console", "Console", show=False, id="log-screen.console", tooltip="Open it in CloudWatch"),
    ]

    head = getters.query_one("#head", Static)
    cause = getters.query_one("#cause", Static)
    panes = getters.query_one(LogPanes)

    def __init__(self, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
        super().__init__()
        self.ref = ref
        self.point = point
        self.execution_id = execution_id
        self._told: Explanation | None = None

    def compose(self) -> ComposeResult:
        """Whose log it is, the log, what it seems to say, keys."""
        yield Static(id="head")
        yield LogPanes(self._offers, more=self._more)
        yield Static(id="cause")
        yield Keys()

    def on_mount(self) -> None:
        """Find and read the log."""
        self._title(None)
        self.panes.begin(LogSource.of_action(self.ref, self.point, self.execution_id))
        self.set_interval(0.5, self._show_cause)
        self.log_body.pane.focus()

    @property
    def log_body(self) -> BuildLog:
        """The log that the reader is in."""
        return self.panes.current

    def _offers(self) -> tuple[LogSource, ...]:
        """Logs of the pipeline's actions, for another pane."""
        snapshot = self.medic.snapshot(self.ref)
        stages = snapshot.state.stages if snapshot and snapshot.state else ()
        return tuple(
            LogSource.of_action(self.ref, FocusPoint(stage.name, action.name))
            for stage in stages
            for action in stage.actions
        )

    async def _more(self) -> tuple[LogSource, ...]:
        """All logs of this screen's action."""
        from tui.triage import subject_of  # noqa: PLC0415 (imported by the desk in a thread)

        stage, action = (self.point.stage, self.point.action) if self.point else ("", "")
        cloud = self.medic.desk.cloud
        try:
            subject = await subject_of(cloud, self.ref, execution_id=self.execution_id, stage=stage, action=action)
            return tuple(offer.source for offer in await offers_of(cloud, subject) if offer.source)
        except PipemedicError:
            return ()

    def _title(self, build: Build | None) -> None:
        path = [self.ref.name]
        if self.point:
            path.append(" / ".join(filter(None, (self.point.stage, self.point.action))))
        line = inked(sanitize(" ▸ ".join(path)), "bold")
        if build:
            took = build.ended_at - build.started_at if build.ended_at and build.started_at else None
            tone = _BUILD_TONES.get(build.status, Tone.FAILED)
            facts = " · ".join(
                filter(
                    None,
                    (
                        "" if build.running else _words(build.current_phase),
                        duration(took) if took else "",
                        build.compute_type,
                    ),
                )
            )
            line = join(
                line, "   ", status(tone, _words(build.status)), inked(f"  {sanitize(facts)}", "$foreground-muted")
            )
        self.head.update(line)

    @on(BuildLog.Found)
    def build_found(self, event: BuildLog.Found) -> None:
        """Show which build it is."""
        self._title(event.build)

    def _show_cause(self) -> None:
        """The likeliest cause in one line, as soon as the text says it."""
        found = self.log_body.explanation
        if found is self._told:
            return
        self._told = found
        if not found or not found.hypotheses:
            self.cause.display = False
            return
        first = found.hypotheses[0]
        where = f" · line {found.cause_line}" if found.cause_line else ""
        bare = first.summary.rstrip(".") == first.title  # it says no more than that
        self.cause.display = True
        self.cause.update(
            join(
                inked(" ◆ ", "bold $text-accent"),
                inked(sanitize(first.title), "bold"),
                Content("" if bare else f"  {mask_line(sanitize(first.summary), self.log_body.hidden)}"),
                inked(f"  {first.cause}{where}  c goes there", "$foreground-muted"),
            )
        )

    def action_back(self) -> None:
        """Back to where we came from; how the panes stand is kept."""
        for panes in self.query(LogPanes):
            panes.keep()
        self.dismiss()

    def action_diagnose(self) -> None:
        """Walk the playbook for this action."""
        navigation.open_playbook(self.medic, self.ref, self.point)

    def action_find(self) -> None:
        """Look for another log; the streams of this one's group come first, or those of the service's containers."""
        navigation.open_log_finder(self.medic, *self._group())

    def action_sources(self) -> None:
        """List all logs of the action."""
        navigation.open_log_sources(self.medic, self.ref, self.point, self.execution_id)

    def action_insights(self) -> None:
        """Ask Logs Insights over this log's group, or that of the service's containers."""
        place, group = self._group()
        navigation.open_insights(self.medic, place, (group,) if group else ())

    def _group(self) -> tuple[Place, str]:
        """The log group that this is about; an empty name where none is known."""
        place, where = self.ref.place, self.log_body.where
        if where.group:
            return Place(place.profile, where.region or place.region), where.group
        sources = (offer.source for offer in self.log_body.offers)
        if group := next((each for each in sources if each and each.kind is SourceKind.GROUP), None):
            return group.place, group.group
        return place, ""

    def action_console(self) -> None:
        """Open the stream in the CloudWatch console."""
        where = self.log_body.where
        if where.group or where.url:
            self.app.open_url(where.url or log_url(where))


def _words(name: str) -> str:
    """AWS's upper-case names as words: ``IN_PROGRESS`` → ``in progress``."""
    return name.lower().replace("_", " ")
