"""All pipelines, live, worst first, with a preview of the one under the cursor."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from core.attention import Condition, FocusPoint
from core.errors import PipemedicError
from core.finding import Fix
from core.place import PipelineRef
from tui import navigation
from tui.banners import Banners
from tui.context_mark import context_mark
from tui.fingerprint import fingerprint
from tui.fleet_book import Entry
from tui.fleet_list import ListScreen
from tui.fleet_status import Empty, bar_of, empty_of, troubles_of
from tui.medic import Keys
from tui.preview import Glance, preview
from tui.rows import FleetRow, fleet_columns
from tui.top_bar import TopBar
from widgets.document_view import DocumentView
from widgets.empty_state import EmptyState
from widgets.keyed_table import KeyedTable
from widgets.status import Tone

__all__ = ["PipelinesScreen"]

# The order stands still for this long after the user moved (s).
_CALM_S = 4.0
# The diagnosis of the selected pipeline begins when the cursor has rested for this long (s).
_REST_S = 0.5
# A diagnosis that could not be made is tried again after this long (s).
_AGAIN_S = 15.0
_WORTH_A_LOOK = frozenset({Condition.FAILED, Condition.STUCK, Condition.WAITING, Condition.OFF})


class PipelinesScreen(ListScreen):
    """The fleet."""

    CSS_PATH = "pipelines.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "diagnose", "Diagnose", id="pipelines.diagnose", tooltip="Walk the playbook for what is wrong"),
        Binding("l", "log", "Log", id="pipelines.log", tooltip="Open the log of the failed or running build"),
        Binding("f", "fix", "Fix", id="pipelines.fix", tooltip="Open the fix wizard for the cause found"),
        Binding("R", "retry", "Retry stage", id="pipelines.retry", tooltip="Retry the failed stage"),
        Binding("x", "actions", "Actions", id="pipelines.actions", tooltip="All that can be done, and what it means"),
        Binding("p", "profile", "Profile", show=False, id="pipelines.profile", tooltip="Where the time goes"),
        Binding("r", "reload", "Refresh", show=False, id="pipelines.refresh", tooltip="Read the selected pipeline now"),
        Binding("y", "copy", "Copy name", show=False, id="pipelines.copy", tooltip="Copy the pipeline's name"),
        Binding("o", "console", "Console", show=False, id="pipelines.console", tooltip="Open it in the AWS console"),
        Binding("enter", "login", "Log in", id="pipelines.login", tooltip="Log in with the AWS CLI, here"),
    ]

    top_bar = getters.query_one("#bar", TopBar)
    banners = getters.query_one("#banners", Banners)
    empty = getters.query_one("#empty", EmptyState)
    glance = getters.query_one("#glance", DocumentView)

    def __init__(self) -> None:
        super().__init__()
        self._moved_at = 0.0
        self._checking = ""
        self._previewed = ""
        self._keys: tuple[bool | None, ...] = ()
        self._touched = False
        self._expected: str | None = None
        self._trouble: dict[str, str] = {}
        self._tried: dict[str, str] = {}
        self._tried_at = 0.0
        self._fix_wanted = ""
        self._empty: Empty | None = Empty("Connecting …")

    def compose(self) -> ComposeResult:
        """Bar, banners, the table with its preview, keys."""
        yield TopBar(id="bar")
        yield Banners(id="banners")
        with Horizontal(id="body"):
            with Vertical(id="list"):
                yield Input(
                    placeholder="filter: text  /regex/  !not  status:failed  region:eu  tag:team=x  ~fuzzy",
                    id="filter",
                    compact=True,
                )
                yield KeyedTable(fleet_columns(), id="fleet")
                yield Static(id="standing")
            yield DocumentView(id="glance")
        yield EmptyState("Connecting …", ("Asking AWS which pipelines there are.",), tone=Tone.RUNNING, id="empty")
        yield Keys()

    def on_mount(self) -> None:
        """Follow the fleet, and the clock for ages."""
        self.medic.fleet_changed.subscribe(self, lambda _: self.show_fleet())
        self.set_interval(1.0, self.show_fleet)
        self.begin()
        self.show_fleet()
        self.table.focus()

    def on_screen_suspend(self) -> None:
        """Another screen covers the list: what nobody sees is read more rarely, what that screen shows is not."""
        self.call_later(self._covered)

    def _covered(self) -> None:
        fleet, ref = self.medic.desk.fleet, getattr(self.app.screen, "ref", None)
        if fleet and not self.is_seen:
            fleet.focus([ref] if isinstance(ref, PipelineRef) else ())

    def on_screen_resume(self) -> None:
        """The list is on the screen again."""
        self.show_fleet()

    # What is shown

    def show_fleet(self) -> None:
        """Bring bar, banners, table and preview up to what the book says."""
        if not self.is_seen:
            return
        desk = self.medic.desk
        now = desk.clock()
        self.top_bar.bar = bar_of(desk, now, muted=self.medic.muted)
        self.banners.sync(troubles_of(desk, now))
        resort = now - self._moved_at > _CALM_S
        rows = self.arranged(desk.book.entries(now, resort=resort), now, resort=resort)
        self._show_empty(bool(rows))
        self._sync(rows)
        self.show_standing(len(rows))
        self.focus_fleet()
        self.show_preview()
        self._refresh_keys()

    def _refresh_keys(self) -> None:
        """Have the footer drawn again only when a key comes or goes."""
        keys = tuple(self.check_action(action, ()) for action in ("fix", "retry", "login", "log"))
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def _sync(self, rows: list[FleetRow]) -> None:
        """Show the rows; until the user moves, the cursor stays on the first one."""
        if self._expected is not None and self.table.cursor_key != self._expected:
            self._touched = True  # word of it is on its way
        self.table.sync(rows)
        if rows and not self._touched:
            self.table.move_to(rows[0].key)
        self._expected = self.table.cursor_key

    def _show_empty(self, found: bool) -> None:
        state = None if found else empty_of(self.medic, filtered=self.view.filtered)
        if state == self._empty:
            return
        self._empty = state
        self.query_one("#body").set_class(state is not None, "-nothing")
        self.empty.display = state is not None
        if not self.search.has_focus:
            (self.table if state is None else self.empty).focus()
        if state is not None:
            self.call_next(self.empty.show, state.title, state.lines, state.steps, tone=state.tone)

    def show_preview(self) -> None:
        """Draw what is known of the selected pipeline."""
        entry = self.selected
        if entry is None:
            self.glance.show(())
            return
        desk = self.medic.desk
        seen = entry.snapshot
        diagnosis = desk.diagnosis(entry.ref, fingerprint(seen)) if seen else None
        glance = Glance(
            entry,
            diagnosis=diagnosis,
            hypothesis=desk.hypothesis(entry.ref, fingerprint(seen)) if seen and diagnosis is None else None,
            checking=self._checking == entry.ref.key,
            trouble=self._trouble.get(entry.ref.key, ""),
            can_fix=not desk.read_only(entry.ref.place),
            mark=context_mark(desk.contexts.get(entry.ref.place)),
        )
        self.glance.show(preview(glance, desk.clock()), top=self._previewed != entry.ref.key)
        self._previewed = entry.ref.key
        if (
            seen
            and diagnosis is None
            and self._checking != entry.ref.key
            and self._wants_check(entry, fingerprint(seen))
        ):
            self._checking = entry.ref.key
            # Made when it runs, for it may be cancelled before. (mypy cannot choose among the kinds of work.)
            self.run_worker(
                partial(self._check, entry.ref),  # type: ignore[arg-type]
                name="preview",
                group="preview",
                description=f"diagnose {entry.ref.name}",
                exclusive=True,
                exit_on_error=False,
            )

    def _wants_check(self, entry: Entry, mark: str) -> bool:
        """Whether this state wants a diagnosis and none was tried on it yet, or AWS may answer by now."""
        if not self.medic.desk.is_open:
            return False  # what shows is the last known fleet
        key = entry.ref.key
        again = key in self._trouble and self.medic.desk.clock() - self._tried_at > _AGAIN_S
        return entry.assessment.condition in _WORTH_A_LOOK and (again or self._tried.get(key) != mark)

    async def _check(self, ref: PipelineRef) -> None:
        """Diagnose the selected pipeline once the cursor has rested on it; read-only."""
        try:
            await asyncio.sleep(_REST_S)
            if snapshot := self.medic.snapshot(ref):
                self._tried[ref.key] = fingerprint(snapshot)
                self._tried_at = self.medic.desk.clock()
                self._trouble.pop(ref.key, None)
            await navigation.read_words(self.medic, ref)
            self.show_preview()
            await navigation.diagnose(self.medic, ref)
        except asyncio.CancelledError:
            self._tried.pop(ref.key, None)  # the cursor went on: it is tried when it comes back
            raise
        except PipemedicError as error:
            self._trouble[ref.key] = str(error)
        finally:
            if self._checking == ref.key:
                self._checking = ""
        self.show_preview()
        self._refresh_keys()
        wanted, self._fix_wanted = self._fix_wanted == ref.key, ""
        if wanted and self.is_current:
            self.action_fix()

    @property
    def selected(self) -> Entry | None:
        """The pipeline under the cursor."""
        key = self.table.cursor_key
        return self.medic.desk.book.entry(key, self.medic.desk.clock()) if key else None

    # What the user does

    @on(KeyedTable.Highlighted, "#fleet")
    def moved(self, event: KeyedTable.Highlighted) -> None:
        """The cursor came to another pipeline: hold the order still, show that one."""
        if event.key != self._expected:
            self._touched = True
            self._moved_at = self.medic.desk.clock()
        if event.key == self._previewed:
            return
        self._checking = self._fix_wanted = ""
        self.workers.cancel_group(self, "preview")
        self.focus_fleet()
        self.show_preview()
        self._refresh_keys()

    @on(KeyedTable.Opened, "#fleet")
    def open_pipeline(self) -> None:
        """Open the pipeline's own screen."""
        if not self.medic.desk.is_open:
            self.notify("Still connecting: this is the last known fleet.", markup=False)
        elif entry := self.selected:
            navigation.open_pipeline(self.medic, entry.ref)

    def action_reload(self) -> None:
        """Read the selected pipeline now."""
        entry = self.selected
        if self.medic.start_error is not None:
            self.medic.start()
        if fleet := self.medic.desk.fleet:
            refs: list[PipelineRef | None] = [each.ref for each in self.marked]
            for ref in refs or [entry.ref if entry else None]:
                fleet.poke(ref)
        if entry:
            self._tried.pop(entry.ref.key, None)
            self.medic.desk.forget_diagnosis(entry.ref)
        self.show_preview()

    def action_diagnose(self) -> None:
        """Walk the playbook."""
        if entry := self.selected:
            navigation.open_playbook(self.medic, entry.ref, entry.assessment.focus)

    def action_log(self) -> None:
        """Open the log of the build in question."""
        if entry := self.selected:
            navigation.open_log(self.medic, entry.ref, self._log_point(entry))

    @staticmethod
    def _log_point(entry: Entry) -> FocusPoint | None:
        return entry.assessment.focus

    def action_fix(self) -> None:
        """Open the wizard on the likeliest cause's fix."""
        entry = self.selected
        if entry is None:
            return
        if fix := self._fix(entry):
            navigation.open_fix(self.medic, entry.ref, fix)
        elif self._checking == entry.ref.key:
            self._fix_wanted = entry.ref.key
            self.notify("The fix opens as soon as the cause is known.", markup=False)

    def action_retry(self) -> None:
        """Plan a retry of the failed stage and show it; of several marked pipelines, one confirmation for all."""
        marked = [each.snapshot for each in self.marked if each.snapshot]
        if len(marked) > 1:
            navigation.open_retries(self.medic, marked)
        elif (entry := self.selected) and entry.snapshot:
            navigation.open_retry(self.medic, entry.snapshot)

    def action_profile(self) -> None:
        """Open where the selected pipeline's time goes."""
        if entry := self.selected:
            navigation.open_profile(self.medic, entry.ref)

    def action_actions(self) -> None:
        """Open the menu of what can be done; of several marked pipelines, what can be done to all of them."""
        marked = [each.snapshot for each in self.marked if each.snapshot]
        if len(marked) > 1:
            navigation.open_batch(self.medic, marked)
        elif entry := self.selected:
            navigation.open_actions(self.medic, entry.ref)

    @on(EmptyState.Chosen)
    def next_step_chosen(self, event: EmptyState.Chosen) -> None:
        """Do what was clicked."""
        actions = {"reload": self.action_reload, "login": self.action_login, "clear": self.action_clear_filter}
        actions["code"] = self.medic.action_code
        if event.step_id == "quit":
            self.app.exit(0)
        else:
            actions[event.step_id]()

    def action_login(self) -> None:
        """Log in with the AWS CLI in place, then go on."""
        navigation.log_in(self.medic)

    def action_copy(self) -> None:
        """Copy the pipeline's name; where nothing may be listed, the statement that would allow it."""
        if self._empty is not None and self._empty.copies:
            self.app.copy_to_clipboard(self._empty.copies)
            self.notify("Copied the statement", markup=False)
        elif entry := self.selected:
            self.app.copy_to_clipboard(entry.ref.name)
            self.notify("Copied the pipeline's name", markup=False)

    def action_console(self) -> None:
        """Open the pipeline in the AWS console."""
        if entry := self.selected:
            navigation.open_console(self.medic, entry.ref)

    def _fix(self, entry: Entry) -> Fix | None:
        diagnosis = self.medic.desk.diagnosis(entry.ref, fingerprint(entry.snapshot)) if entry.snapshot else None
        return self.medic.fix_for(diagnosis.findings if diagnosis else ())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys show where they do something; what writes is gone in read-only mode."""
        if action == "login":
            return self._empty is not None and any(step.id == "login" for step in self._empty.steps)
        if action in {"diagnose", "log", "actions"}:
            return self.is_mounted and self.medic.desk.is_open and self.selected is not None
        if action not in {"fix", "retry"}:
            return super().check_action(action, parameters)
        if (
            not self.is_mounted
            or not self.medic.desk.is_open
            or (entry := self.selected) is None
            or self.medic.desk.read_only(entry.ref.place)
        ):
            return False
        if action == "fix":
            return self._checking == entry.ref.key or self._fix(entry) is not None
        return any(each.assessment.condition is Condition.FAILED for each in (entry, *self.marked))
