"""One pipeline: its stages as a picture, the failing action's error in place, and tabs for all that is behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static, TabbedContent, TabPane

from core.attention import Condition, FocusPoint, assess
from core.delivery import traced
from core.errors import PipemedicError
from core.finding import Fix
from core.pipeline import ActionExecution, Definition, PipelineSnapshot
from core.place import PipelineRef
from core.text import sanitize
from tui import navigation
from tui.artifact_tab import Artifacts
from tui.banners import Banners
from tui.build_log import BuildLog
from tui.diagnosis_view import diagnosis_blocks
from tui.execution_rows import REVISION_COLUMNS, revision_row
from tui.fingerprint import fingerprint
from tui.fleet_status import bar_of, troubles_of
from tui.graph_view import graph_of
from tui.history import History
from tui.medic import Keys, MedicScreen
from tui.pipeline_head import action_detail, head_line, transition_detail
from tui.profile_timeline import Timeline
from tui.top_bar import TopBar
from widgets.code_view import CodeView
from widgets.document import lay_out, paragraph
from widgets.document_view import DocumentView
from widgets.ink import inked
from widgets.keyed_table import KeyedTable
from widgets.stage_graph import StageGraph

__all__ = ["PipelineScreen"]

# A diagnosis that could not be made is tried again after this long (s).
_AGAIN_S = 15.0
_TABS = ("diagnosis", "log", "timeline", "executions", "revisions", "artifacts", "definition")


class PipelineScreen(MedicScreen):
    """A pipeline, live."""

    CSS_PATH = "pipeline.tcss"
    AUTO_FOCUS = "#graph"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="pipeline.back", tooltip="Back to the list"),
        Binding(
            "d", "diagnose", "Diagnose", id="pipeline.diagnose", tooltip="Walk the playbook for the selected action"
        ),
        Binding("l", "log", "Log", id="pipeline.log", tooltip="Open the log of the selected action's build"),
        Binding("f", "fix", "Fix", id="pipeline.fix", tooltip="Open the fix wizard for the cause found"),
        Binding("R", "retry", "Retry stage", id="pipeline.retry", tooltip="Retry the failed stage"),
        Binding("x", "actions", "Actions", id="pipeline.actions", tooltip="All that can be done, and what it means"),
        Binding(
            "t", "transition", "Transition", id="pipeline.transition", tooltip="Enable or disable the way into a stage"
        ),
        Binding(
            "p", "profile", "Profile", id="pipeline.profile", tooltip="Where the time goes, and what would save some"
        ),
        Binding(
            "equals_sign",
            "compare",
            "Compare",
            key_display="=",
            show=False,
            id="pipeline.compare",
            tooltip="What changed since the last good execution",
        ),
        Binding("L", "logs", "Find log", show=False, id="pipeline.logs", tooltip="Any log of the place, by its name"),
        Binding("i", "who", "Who am I", show=False, id="pipeline.who", tooltip="Account, role, permissions"),
        Binding("e", "show_tab('executions')", "Executions", show=False, id="pipeline.executions"),
        Binding("r", "reload", "Refresh", show=False, id="pipeline.refresh", tooltip="Read everything again now"),
        Binding("o", "console", "Console", show=False, id="pipeline.console", tooltip="Open it in the AWS console"),
        *(
            Binding(str(number), f"show_tab('{name}')", name.title(), show=False, id=f"pipeline.tab-{name}")
            for number, name in enumerate(_TABS, 1)
        ),
    ]

    point: reactive[FocusPoint | None] = reactive(None)

    top_bar = getters.query_one("#bar", TopBar)
    banners = getters.query_one("#banners", Banners)
    head = getters.query_one("#head", Static)
    graph = getters.query_one("#graph", StageGraph)
    detail = getters.query_one("#detail", Static)
    tabs = getters.query_one("#tabs", TabbedContent)
    findings = getters.query_one("#findings", DocumentView)
    build_log = getters.query_one("#build-log", BuildLog)
    timeline = getters.query_one("#timeline-view", Timeline)
    history = getters.query_one("#history", History)
    artifacts = getters.query_one("#artifact-list", Artifacts)
    revisions = getters.query_one("#revision-table", KeyedTable)
    code = getters.query_one("#code", CodeView)

    def __init__(self, ref: PipelineRef) -> None:
        super().__init__()
        self.ref = ref
        self.definition: Definition | None = None
        self._trouble = ""
        self._checked = ""
        self._checked_at = 0.0
        self._keys: tuple[bool | None, ...] = ()
        self._logged: FocusPoint | None = None
        self._sources: dict[str, tuple[ActionExecution, ...]] = {}
        self._fix_wanted = False

    @property
    def snapshot(self) -> PipelineSnapshot | None:
        """The pipeline as last read."""
        return self.medic.snapshot(self.ref)

    def compose(self) -> ComposeResult:
        """Bar, head line, picture, detail of the selected action, tabs, keys."""
        yield TopBar(id="bar")
        yield Banners(id="banners")
        yield Static(id="head")
        yield StageGraph(id="graph")
        yield Static(id="detail")
        with TabbedContent(id="tabs", initial="diagnosis"):
            with TabPane("Diagnosis", id="diagnosis"):
                yield DocumentView(id="findings")
            with TabPane("Log", id="log"):
                yield BuildLog(id="build-log")
            with TabPane("Timeline", id="timeline"):
                yield Timeline(self.ref, id="timeline-view")
            with TabPane("Executions", id="executions"):
                yield History(self.ref, id="history")
            with TabPane("Revisions", id="revisions"):
                yield KeyedTable(REVISION_COLUMNS, id="revision-table")
            with TabPane("Artifacts", id="artifacts"):
                yield Artifacts(self.ref, id="artifact-list")
            with TabPane("Definition", id="definition"):
                yield CodeView(id="code")
        yield Keys()

    def on_mount(self) -> None:
        """Follow the fleet; read the definition once."""
        self.medic.fleet_changed.subscribe(self, lambda _: self.show_state())
        self.set_interval(1.0, self.show_state)
        if fleet := self.medic.desk.fleet:
            fleet.focus([self.ref])
        self.show_state()
        self._read_definition()

    def _read_definition(self) -> None:
        self.run_worker(
            self._define(),
            name="definition",
            group="definition",
            description=f"read the definition of {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _define(self) -> None:
        try:
            self.definition = await self.medic.desk.cloud.pipelines(self.ref.place).definition(self.ref.name)
        except PipemedicError as error:
            self.code.set_code(sanitize(navigation.told(error)))
            return
        self.code.set_code(sanitize(self.definition.raw), "json")
        self.show_state()

    # What is shown

    def show_state(self) -> None:
        """Bring everything up to the last read state."""
        if not self.is_current:
            return
        desk, snapshot = self.medic.desk, self.snapshot
        now = desk.clock()
        self.top_bar.bar = bar_of(desk, now, self.ref.place)
        self.banners.sync(troubles_of(desk, now, only=self.ref.place))
        if snapshot is None or snapshot.state is None:
            self.head.update(inked(sanitize(self.ref.name), "bold"))
            return
        found = assess(snapshot, now)
        state, snapshot = snapshot.state, self._traced(snapshot)
        self.head.update(head_line(snapshot, found, self.definition, now))
        self.graph.sync(graph_of(self.definition, state, now))
        self._show_revisions(snapshot)
        if self.definition and self.definition.version != state.version:
            self._read_definition()
        self._show_artifacts()
        self.show_detail()
        self._diagnose_if_new(snapshot, found.condition)
        self._refresh_keys()

    def _traced(self, snapshot: PipelineSnapshot) -> PipelineSnapshot:
        """What is delivered with branch and author, as far as they are known by now."""
        execution = snapshot.execution
        if execution is None:
            return snapshot
        revisions = traced(execution.revisions, self.definition, self._sources.get(execution.id, ()))
        return replace(snapshot, execution=replace(execution, revisions=revisions))

    def _show_revisions(self, snapshot: PipelineSnapshot) -> None:
        """List what is delivered; who made it is read when the tab is looked at."""
        execution = snapshot.execution
        if execution is None:
            return
        self.revisions.sync([revision_row(each) for each in execution.revisions])
        if self.tabs.active == "revisions" and execution.id not in self._sources:
            self._sources[execution.id] = ()
            self.run_worker(
                self._trace(execution.id),
                name="revisions",
                group="revisions",
                description=f"read who made what execution {execution.id} delivers",
                exit_on_error=False,
            )

    async def _trace(self, execution_id: str) -> None:
        try:
            found = await self.medic.desk.cloud.pipelines(self.ref.place).action_executions(self.ref.name, execution_id)
        except PipemedicError:
            return  # the table says what it knows without
        self._sources[execution_id] = found
        self.show_state()

    def _refresh_keys(self) -> None:
        """Have the footer drawn again only when a key comes or goes."""
        keys = tuple(self.check_action(action, ()) for action in ("fix", "retry", "transition"))
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def show_detail(self) -> None:
        """Draw the selected action, or the transition, in words."""
        snapshot, point = self.snapshot, self.point
        if snapshot is None or snapshot.state is None or point is None:
            return
        now = self.medic.desk.clock()
        if point.action:
            blocks = action_detail(snapshot.state, self.definition, point, now)
        else:
            blocks = transition_detail(snapshot.state, point.stage, now)
        self.detail.update(Content("\n").join(lay_out(blocks, max(self.size.width - 4, 20))))

    def _diagnose_if_new(self, snapshot: PipelineSnapshot, condition: Condition) -> None:
        mark = fingerprint(snapshot)
        known = self.medic.desk.diagnosis(self.ref, mark)
        if known is None and condition in {Condition.FAILED, Condition.STUCK, Condition.WAITING, Condition.OFF}:
            now = self.medic.desk.clock()
            again = bool(self._trouble) and now - self._checked_at > _AGAIN_S
            if again or self._checked != mark:
                self._checked, self._checked_at = mark, now
                self.run_worker(
                    self._check(),
                    name="diagnosis",
                    group="diagnosis",
                    description=f"diagnose {self.ref.name}",
                    exclusive=True,
                    exit_on_error=False,
                )
            words = self._trouble or "Asking AWS what is wrong …"
            self.findings.show([paragraph(sanitize(words), muted=True)])
            return
        self.findings.show(diagnosis_blocks(known, condition))

    async def _check(self) -> None:
        try:
            await navigation.diagnose(self.medic, self.ref)
            self._trouble = ""
        except PipemedicError as error:
            self._trouble = navigation.told(error)
        self.show_state()
        if self._fix_wanted and self.is_current:
            self.call_after_refresh(self.action_fix)
        self._fix_wanted = False

    @property
    def _is_checking(self) -> bool:
        return any(each.group == "diagnosis" and each.is_running for each in self.workers)

    # What the user does

    @on(StageGraph.ActionSelected)
    def action_chosen(self, event: StageGraph.ActionSelected) -> None:
        """Show the action under the cursor."""
        self.point = FocusPoint(event.stage, event.action)

    @on(StageGraph.TransitionSelected)
    def transition_chosen(self, event: StageGraph.TransitionSelected) -> None:
        """Show the transition under the cursor."""
        self.point = FocusPoint(event.stage)

    @on(StageGraph.ActionOpened)
    def action_opened(self, event: StageGraph.ActionOpened) -> None:
        """Open the playbook on the action under the cursor."""
        navigation.open_playbook(self.medic, self.ref, FocusPoint(event.stage, event.action))

    def watch_point(self) -> None:
        """The selection moved."""
        if self.is_mounted:
            self.show_detail()
            self._follow_log()
            self._refresh_keys()

    @on(TabbedContent.TabActivated, "#tabs")
    def tab_shown(self) -> None:
        """Load what a tab shows when it is first looked at."""
        if self.tabs.active == "executions":
            self.history.load()
        if self.tabs.active == "timeline":
            self.timeline.load()
        if self.tabs.active == "revisions" and (snapshot := self.snapshot):
            self._show_revisions(self._traced(snapshot))
        self._show_artifacts()
        self._follow_log()

    def on_descendant_focus(self) -> None:
        """In a short terminal the tab that is looked into takes the room of the picture above it."""
        self.set_class(self.focused is not None and self.tabs in self.focused.ancestors, "-inside")

    def _show_artifacts(self, *, again: bool = False) -> None:
        snapshot = self.snapshot
        if self.tabs.active == "artifacts" and snapshot and snapshot.execution:
            self.artifacts.load(self.definition, snapshot.execution.id, again=again)

    def _follow_log(self) -> None:
        point = self.point
        if self.tabs.active != "log" or point is None or point == self._logged:
            return
        self._logged = point
        if point.action:
            self.build_log.open_action(self.ref, point)
        else:
            self.build_log.say("Select an action in the picture above to read its log.")

    def action_show_tab(self, name: str) -> None:
        """Go to a tab, and into what it shows."""
        self.tabs.active = name
        inside = self.tabs.get_pane(name).query("KeyedTable, LogPane, CodeView, DocumentView, Gantt")
        if inside:
            inside.first().focus()

    def action_back(self) -> None:
        """Back to where we came from; in a short terminal out of the tab first."""
        if self.has_class("-inside") and self.has_class("-short"):
            self.graph.focus()
        else:
            self.dismiss()

    def action_reload(self) -> None:
        """Read everything again."""
        if fleet := self.medic.desk.fleet:
            fleet.poke(self.ref)
        self.medic.desk.forget_diagnosis(self.ref)
        self._checked = ""
        self._read_definition()
        self.history.load(again=True)
        if self.tabs.active == "timeline":
            self.timeline.load(again=True)
        self._show_artifacts(again=True)

    def action_diagnose(self) -> None:
        """Walk the playbook for the selected action."""
        navigation.open_playbook(self.medic, self.ref, self.point if self.point and self.point.action else None)

    def action_logs(self) -> None:
        """Look for any log in the pipeline's place."""
        if self.medic.desk.is_open:
            navigation.open_log_finder(self.medic, self.ref.place)

    def action_who(self) -> None:
        """Show who we are in the pipeline's place."""
        if self.medic.desk.is_open:
            navigation.open_who(self.medic, self.ref.place)

    def action_profile(self) -> None:
        """Open where the time goes."""
        navigation.open_profile(self.medic, self.ref)

    def action_log(self) -> None:
        """Open the log full-screen."""
        navigation.open_log(self.medic, self.ref, self.point)

    def action_fix(self) -> None:
        """Open the wizard on the likeliest cause's fix."""
        if fix := self._fix():
            self._fix_wanted = False
            navigation.open_fix(self.medic, self.ref, fix)
        elif self._is_checking:
            self._fix_wanted = True
            self.notify("The fix opens as soon as the cause is known.", markup=False)

    def action_retry(self) -> None:
        """Plan a retry of the failed stage and show it."""
        if snapshot := self.snapshot:
            navigation.open_retry(self.medic, snapshot)

    def action_actions(self) -> None:
        """Open the menu of what can be done, to the stage or action under the cursor first."""
        navigation.open_actions(self.medic, self.ref, self.point)

    def action_transition(self) -> None:
        """Plan to enable a disabled transition, or to disable an enabled one."""
        if (snapshot := self.snapshot) and self.point:
            navigation.open_transition(self.medic, snapshot, self.point.stage)

    def action_compare(self) -> None:
        """Show what changed since the last good execution: up to the selected one, or to the latest."""
        selected = self.history.selected if self.tabs.active == "executions" else None
        execution = selected or (self.snapshot.execution if self.snapshot else None)
        if execution:
            navigation.open_comparison(self.medic, self.ref, execution)

    def action_console(self) -> None:
        """Open the pipeline in the AWS console."""
        navigation.open_console(self.medic, self.ref)

    def _fix(self) -> Fix | None:
        snapshot = self.snapshot
        diagnosis = self.medic.desk.diagnosis(self.ref, fingerprint(snapshot)) if snapshot else None
        return self.medic.fix_for(diagnosis.findings if diagnosis else ())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys show where they do something; what writes is gone in read-only mode."""
        del parameters
        if action not in {"fix", "retry", "transition"}:
            return True
        snapshot = self.snapshot if self.is_mounted else None
        if snapshot is None or snapshot.state is None or self.medic.desk.read_only(self.ref.place):
            return False
        if action == "fix":
            return self._is_checking or self._fix() is not None
        if action == "retry":
            return any(stage.status == "Failed" for stage in snapshot.state.stages)
        return bool(self.point and not self.point.action)
