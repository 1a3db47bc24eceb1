"""The application: owns the desk, the fleet's worker and the write path's workers; everything else is a screen."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.signal import Signal
from textual.worker import Worker, WorkerState

from core.errors import CodeWanted, PipemedicError
from core.text import sanitize
from tui.clipboard import copiers, copy_natively
from tui.config import Config
from tui.crash import write_crash
from tui.in_browser import in_browser
from tui.key_commands import key_commands
from tui.launch import CRASHED
from tui.options import Options
from tui.screens.start import StartScreen
from tui.theme import DAY, NIGHT

if TYPE_CHECKING:
    from core.finding import Finding, Fix
    from core.pipeline import PipelineSnapshot
    from core.place import PipelineRef, Place
    from core.plan import ApplyStep, Plan
    from tui.audit_run import AuditReport
    from tui.changes import Change
    from tui.desk import Desk
    from tui.fleet_notices import Notices

__all__ = ["PipemedicApp"]

# Answers that come within this time are put on the screen together (s).
_GATHER_S = 0.1
# The last known fleet is written this long after the watch began, and then every so often (s).
_KEEP_AFTER_S, _KEEP_EVERY_S = 15.0, 120.0
# A watch that failed is started again after this time (s).
_RESTART_S = 5.0
# Python's own thresholds look through all that lives, 50 ms each time, twice while a log is opened.
_GARBAGE = (2_000, 20, 50)
# What later keys need is made ready once every pipeline was read, or after this time (s).
_WARM_AFTER_S = 3.0


def _fleet_screen() -> Screen[None]:
    """The fleet's screen, which is imported once the first frame stands."""
    from tui.screens.pipelines import PipelinesScreen  # noqa: PLC0415

    return PipelinesScreen()


class PipemedicApp(App[int]):
    """pipemedic, interactive."""

    TITLE = "pipemedic"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 (Textual declares it so)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 (Textual declares it so)
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {"start": StartScreen, "fleet": _fleet_screen}
    DEFAULT_MODE = "start"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave pipemedic"),
        Binding(
            "question_mark", "toggle_help", "Help", key_display="?", id="app.help", tooltip="All keys of this screen"
        ),
        Binding("a", "approvals", "Approvals", id="app.approvals", tooltip="Approvals that wait, in all places"),
        Binding("J", "journal", "Journal", show=False, id="app.journal", tooltip="Changes made from here, and undo"),
        Binding("F", "fixes", "All fixes", show=False, id="app.fixes", tooltip="All ways to put the pipeline right"),
        Binding("m", "report", "Report", id="app.report", tooltip="Write the incident at hand as a document"),
        Binding("P", "audit", "Audit", show=False, id="app.audit", tooltip="What is not broken yet, in all places"),
        Binding("M", "mute", "Mute", show=False, id="app.mute", tooltip="Mute notices, or call out again"),
        Binding("colon", "command_palette", "Command", key_display=":", id="app.command", tooltip="Find a command"),
        Binding("K", "code", "MFA code", show=False, id="app.code", tooltip="Give the MFA code a profile waits for"),
        Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit-now", tooltip="Leave pipemedic"),
        Binding("ctrl+c", "quit", "Quit", show=False, id="app.interrupt", tooltip="Leave pipemedic"),
    ]

    def __init__(self, options: Options, desk: Desk | None = None, config: Config | None = None) -> None:
        super().__init__()
        self.options = options
        self.config = config or (desk.config if desk else Config())
        self._desk = desk
        self.crash: Exception | None = None
        self.faults: list[Exception] = []
        self.fleet_changed: Signal[None] = Signal(self, "fleet-changed")
        self.start_error: PipemedicError | None = None
        self.changes: dict[str, Change] = {}
        self.posture: AuditReport | None = None
        self._publish_pending = False
        self.notices: Notices | None = None
        self._read_here: set[str] = set()
        self._closed_profiles: set[str] = set()  # whose code the user did not give
        self.stays = False  # whether this process is the program's own, as the launcher says
        self._warm = False
        for theme in (NIGHT, DAY):
            self.register_theme(theme)
        wanted = os.environ.get("PIPEMEDIC_THEME") or self.config.theme
        self.theme = wanted if wanted in self.available_themes else NIGHT.name

    def on_mount(self) -> None:
        """Once the first frame is on the screen, import the rest; then ask AWS."""
        if self.config.keys:
            self.set_keymap(dict(self.config.keys))
        self.call_after_refresh(self._move_in)

    def _move_in(self) -> None:
        # Without the fleet's screen there is nothing to go on with: this worker alone ends the program when it fails.
        self.run_worker(self._open_fleet(), name="move in", group="start", description="open the fleet's screen")

    async def _open_fleet(self) -> None:
        """Show the fleet's screen, then start to ask AWS behind it."""
        await asyncio.to_thread(import_module, "tui.screens.pipelines")
        await self.desk.recall()
        await self.switch_mode("fleet")
        self.start()

    def start(self) -> None:
        """Open the desk and watch the fleet; called again after a login."""
        self.start_error = None
        self.run_worker(
            self._watch(),
            name="fleet",
            group="fleet",
            description="watch all pipelines",
            exit_on_error=False,
            exclusive=True,
        )

    @property
    def desk(self) -> Desk:
        """What all screens share."""
        if self._desk is None:
            from tui.desk import Desk  # noqa: PLC0415 (imported with the fleet's screen, after the first paint)

            self._desk = Desk(self.options, config=self.config)
        return self._desk

    async def _watch(self) -> None:
        """One long-lived worker: takes what the watch reports into the book and tells the screens."""
        try:
            await self.desk.open()
        except PipemedicError as error:
            gc.enable()
            self.start_error = error
            self.fleet_changed.publish(None)
            return
        from aws.watch import Listed, PlaceFailed, QueueSaid, Read  # noqa: PLC0415 (imported by the desk by now)
        from tui.fleet_queue import queue_news  # noqa: PLC0415

        book, fleet = self.desk.book, self.desk.fleet
        if fleet is None:
            return
        if not gc.isenabled():  # the launcher turned it off: what was imported is not worth looking through
            gc.freeze()
            gc.set_threshold(*_GARBAGE)
            gc.enable()
        self._publish_soon()
        self.set_timer(_KEEP_AFTER_S, self._keep_soon)
        self.set_timer(_WARM_AFTER_S, self._warm_up)
        self.run_worker(self._who(), group="who", description="ask who we are", exit_on_error=False)
        self.run_worker(self._unknown(), group="journal", description="read the journal", exit_on_error=False)
        async for event in fleet.events():
            match event:
                case Listed(place=place, refs=refs):
                    book.list(place, refs)
                    self._code_done(place.profile)
                case Read(snapshot=snapshot, history=history):
                    book.read(snapshot, self.desk.clock())
                    self.desk.past.take(snapshot.ref, history or filter(None, (snapshot.execution,)))
                    self._read_here.add(snapshot.ref.key)
                    if len(self._read_here) >= len(book):
                        self._warm_up()
                case PlaceFailed(place=place, error=trouble, retry_at=retry_at):
                    book.fail(place, trouble, self.desk.clock(), retry_at)
                    self._ask_code(place.profile, trouble)
                case QueueSaid(places=places):
                    book.queues |= dict.fromkeys(places, queue_news(event))
            self._publish_soon()

    def _warm_up(self) -> None:
        """Make ready what later keys need; once, and only where the process is the program's own."""
        if self._warm or not self.stays:
            return
        self._warm = True
        from tui.warm import warm_up  # noqa: PLC0415 (after the first paint)

        self.run_worker(warm_up(self), group="warm", description="make ready for later keys", exit_on_error=False)

    def _ask_code(self, profile: str, trouble: PipemedicError) -> None:
        """Ask for an MFA code that a profile waits for, once for all its regions; cancelled, `K` asks again."""
        from tui.screens.mfa import MfaScreen  # noqa: PLC0415 (imported when first needed)

        asking = any(isinstance(screen, MfaScreen) for screen in self.screen_stack)
        if not isinstance(trouble, CodeWanted) or asking or profile in self._closed_profiles:
            return
        places = tuple(place for place in self.desk.places if place.profile == profile)

        def take(code: str | None) -> None:
            if code is None:
                return  # it is open by now
            if not code:
                self._closed_profiles.add(profile)
                return
            self.run_worker(
                self._give_code(places[0], code), group="code", description="use the MFA code", exit_on_error=False
            )

        self.push_screen(MfaScreen(profile, tuple(place.region for place in places), trouble.detail), take)

    def _code_done(self, profile: str) -> None:
        """Close the question for a code that is not wanted any more: another region got through with it."""
        from tui.screens.mfa import MfaScreen  # noqa: PLC0415 (imported when first needed)

        if isinstance(self.screen, MfaScreen) and self.screen.profile == profile:
            self.screen.dismiss(None)

    async def _give_code(self, place: Place, code: str) -> None:
        await self.desk.cloud.give_code(place, code)
        if self.desk.fleet:
            self.desk.fleet.poke(None)

    def action_code(self) -> None:
        """Ask for the code of a profile that waits for one."""
        waiting = [each for each in self.desk.book.troubles.values() if isinstance(each.error, CodeWanted)]
        if not waiting:
            self.notify("No profile waits for a code.", markup=False)
            return
        self._closed_profiles.discard(waiting[0].place.profile)
        self._ask_code(waiting[0].place.profile, waiting[0].error)

    def _keep_soon(self) -> None:
        """Keep what is known every so often, in a thread."""
        self.run_worker(self.desk.keep(), group="keep", description="keep the last known fleet", exit_on_error=False)
        self.set_timer(_KEEP_EVERY_S, self._keep_soon)

    async def _who(self) -> None:
        """Learn the account behind each place, for the bar and the wizards; a place in trouble says so elsewhere."""
        for place in self.desk.places:
            with contextlib.suppress(PipemedicError):
                await self.desk.identity(place)
        self._publish_soon()

    async def _unknown(self) -> None:
        """Tell of changes of an earlier run whose result was never written down."""
        from tui.journal_file import read_entries  # noqa: PLC0415 (imported after the first paint)

        found = await asyncio.to_thread(read_entries, self.desk.cloud.journal, self.desk.clock())
        unknown = [each for each in found if each.unknown]
        if unknown:
            words = f"{sanitize(unknown[0].title)}. J opens the journal, c there looks whether it is done."
            title = f"{len(unknown)} change{'s' if len(unknown) > 1 else ''} of an earlier run: unknown, check"
            self.notify(words, title=title, severity="warning", timeout=20, markup=False)

    def _publish_soon(self) -> None:
        if self._publish_pending:
            return
        self._publish_pending = True
        self.set_timer(_GATHER_S, self._publish)

    def _publish(self) -> None:
        self._publish_pending = False
        if self.config.notices.chosen:
            from tui.call_out import call_out  # noqa: PLC0415 (only where notices are wanted)

            call_out(self, self._read_here)
        self.fleet_changed.publish(None)

    @property
    def muted(self) -> bool:
        """Whether notices are muted."""
        return self.notices is not None and self.notices.muted

    def action_mute(self) -> None:
        """Call nothing out, or call out again."""
        if self.notices is None:
            self.notify("No notices are set in the configuration.", markup=False)
            return
        self.notices.muted = not self.notices.muted
        self.notify("Notices are muted." if self.notices.muted else "Notices are on.", markup=False)
        self.fleet_changed.publish(None)

    def snapshot(self, ref: PipelineRef) -> PipelineSnapshot | None:
        """The pipeline as last read."""
        entry = self.desk.book.entry(ref.key, self.desk.clock())
        return entry.snapshot if entry else None

    def apply(self, plan: Plan) -> Change:
        """Start the write path for a confirmed plan; it goes on when its screen is left.

        The worker belongs to the app, because a screen's workers end with the screen.
        """
        from tui.changes import Change  # noqa: PLC0415 (imported when first needed)

        change = Change(plan)
        self.changes[change.id] = change
        self.run_worker(
            change.run(self.desk.cloud),
            name=f"change {change.id}",
            group=f"change-{change.id}",
            description=plan.title,
            exit_on_error=False,
        )
        return change

    def tell_outcome(self, change: Change) -> Callable[[ApplyStep], None]:
        """A listener for a change whose screen was left: its outcome becomes a notice."""
        from core.plan import ApplyOutcome  # noqa: PLC0415 (imported with the fleet's screen)

        def told(step: ApplyStep) -> None:
            if step.outcome is not None:
                calm = step.outcome is ApplyOutcome.VERIFIED
                words = sanitize(f"{change.plan.title}: {step.detail}")
                self.notify(words, title=step.outcome.value, severity="information" if calm else "error", markup=False)

        return told

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, and with the desktop's own tool where there is one and the screen is here."""
        super().copy_to_clipboard(text)
        if self.is_headless or in_browser():
            return
        self.run_worker(
            lambda: copy_natively(text, copiers(os.environ)), name="copy", group="clipboard", thread=True,
            description="copy with the desktop's tool", exit_on_error=False,
        )  # fmt: skip

    def automatic_fix(self, fixes: tuple[Fix, ...]) -> Fix | None:
        """The first fix that can be applied from here; none in read-only mode."""
        if self.desk.options.read_only:
            return None
        return next((fix for fix in fixes if fix.plan and not self.desk.read_only(fix.plan.place)), None)

    def fix_at_hand(self, fixes: tuple[Fix, ...]) -> Fix | None:
        """The first fix that can be applied from here; else the first that a person makes, with a patch or a wait."""
        by_hand = [fix for fix in fixes if fix.plan is None]
        helped = next((fix for fix in by_hand if fix.repair or fix.wait), None)
        return self.automatic_fix(fixes) or helped or next(iter(by_hand), None)

    def fix_for(self, findings: Iterable[Finding]) -> Fix | None:
        """The fix of the likeliest cause; of the next one only where that cause is a guess and has none."""
        for finding in findings:
            if finding.fixes or finding.proven:
                return self.fix_at_hand(finding.fixes)
        return None

    def action_fixes(self) -> None:
        """Choose among all fixes of the pipeline at hand."""
        from tui.fingerprint import fingerprint  # noqa: PLC0415 (imported with the fleet's screen)
        from tui.navigation import open_fixes  # noqa: PLC0415
        from tui.report_subject import at_hand  # noqa: PLC0415

        found = at_hand(self.screen)
        if found is None:
            self.notify("Choose a pipeline first.", markup=False)
            return
        snapshot = self.snapshot(found[0])
        diagnosis = self.desk.diagnosis(found[0], fingerprint(snapshot)) if snapshot else None
        own: tuple[Finding, ...] = getattr(self.screen, "findings", ())
        open_fixes(self, found[0], own or (diagnosis.findings if diagnosis else ()))

    def action_toggle_help(self) -> None:
        """Show or hide the keys of this screen."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def action_approvals(self) -> None:
        """Open the inbox of approvals."""
        from tui.navigation import open_approvals  # noqa: PLC0415 (imported with the fleet's screen)

        open_approvals(self)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the keys of the screen do, what can be opened for the pipeline at hand, and Textual's own commands."""
        own = [
            SystemCommand("Pulse", "The fleet in figures, for the wall", self.action_pulse),
            SystemCommand("Audit", "What is not broken yet: roles, secrets, stores, rollbacks", self.action_audit),
        ]
        own += super().get_system_commands(screen)
        if (opened := getattr(screen, "action_profile", None)) is not None:
            own.append(SystemCommand("Profile", "Where the pipeline's time goes, and what would save some", opened))
        return (*own, *key_commands(screen, self.run_action, self.get_key_display, {each.title for each in own}))

    def action_pulse(self) -> None:
        """Open the page of the fleet's figures."""
        from tui.navigation import open_pulse  # noqa: PLC0415 (imported with the fleet's screen)

        open_pulse(self)

    def action_audit(self) -> None:
        """Open the audit of all pipelines."""
        from tui.navigation import open_audit  # noqa: PLC0415 (imported with the fleet's screen)

        open_audit(self)

    def action_journal(self) -> None:
        """Open the journal of changes."""
        from tui.navigation import open_journal  # noqa: PLC0415 (imported with the fleet's screen)

        open_journal(self)

    def action_report(self) -> None:
        """Ask how to write the incident at hand as a document."""
        from tui.navigation import open_report  # noqa: PLC0415 (imported with the fleet's screen)

        open_report(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A report needs a pipeline at hand."""
        if action == "report":
            from tui.report_subject import at_hand  # noqa: PLC0415 (imported with the fleet's screen)

            ready = self._desk is not None and self._desk.is_open and bool(self.screen_stack)
            return ready and at_hand(self.screen) is not None
        return super().check_action(action, parameters)

    async def action_quit(self) -> None:
        """Leave; connections are closed on the way out."""
        self.exit(0)

    async def on_unmount(self) -> None:
        """Close what the desk holds open."""
        if self._desk is not None:
            await self._desk.close()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The application's own workers."""
        self.worker_changed(event)

    def worker_changed(self, event: Worker.StateChanged) -> None:
        """A worker failed: say what, keep the rest going. A fault of our own also goes into a crash file."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or not isinstance(error, Exception):
            return
        if isinstance(error, PipemedicError):
            self.notify(sanitize(f"{error} {error.next_step}"), title="AWS", severity="error", markup=False)
            return
        self.faults.append(error)
        path = write_crash(error)
        told = f"{event.worker.description or event.worker.name}: {type(error).__name__}. The traceback is in {path}"
        self.notify(
            sanitize(told), title="A part of pipemedic failed; the rest goes on", severity="error", markup=False
        )
        if event.worker.group == "fleet":
            self.set_timer(_RESTART_S, self.start)

    def _handle_exception(self, error: Exception) -> None:
        """End the program; the launcher writes the traceback to a file once the terminal is restored."""
        if self.crash is None:
            self.crash = error
        self._return_code = CRASHED
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()
