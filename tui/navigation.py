"""From one screen to the next. Screens are imported when they are first opened, so that the first paint comes early."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.attention import FocusPoint
from core.build import Build, LogLocation
from core.console import pipeline_url
from core.errors import PipemedicError
from core.fact import Fact
from core.finding import Finding, Fix
from core.logs import LogGroup
from core.pipeline import Execution, PipelineSnapshot
from core.place import PipelineRef, Place
from core.plan import Plan
from core.text import sanitize
from tui.fingerprint import fingerprint
from tui.in_browser import in_browser

if TYPE_CHECKING:
    from core.diagnosis import Diagnosis
    from tui.app import PipemedicApp
    from tui.logs.source import LogSource

__all__ = [
    "account_of",
    "diagnose",
    "find_log",
    "log_in",
    "open_actions",
    "open_approvals",
    "open_audit",
    "open_batch",
    "open_comparison",
    "open_console",
    "open_execution",
    "open_facts",
    "open_file_log",
    "open_fix",
    "open_fixes",
    "open_group_log",
    "open_insights",
    "open_journal",
    "open_log",
    "open_log_finder",
    "open_log_sources",
    "open_pipeline",
    "open_plan",
    "open_playbook",
    "open_profile",
    "open_pulse",
    "open_report",
    "open_retries",
    "open_retry",
    "open_source_log",
    "open_stream_log",
    "open_transition",
    "open_who",
    "read_words",
    "told",
]


async def diagnose(app: PipemedicApp, ref: PipelineRef) -> Diagnosis:
    """Run the fitting playbooks on a pipeline and remember what they found for as long as its state stays.

    Raises:
        PipemedicError: the pipeline itself could not be read.
    """
    from tui.incident_file import remember_diagnosis  # noqa: PLC0415
    from tui.triage import triage  # noqa: PLC0415 (imported by the desk in a thread)

    snapshot = app.snapshot(ref)
    diagnosis = await triage(app.desk.cloud, ref, clock=app.desk.clock)
    if snapshot:
        app.desk.keep_diagnosis(ref, fingerprint(snapshot), diagnosis)
    await asyncio.to_thread(remember_diagnosis, diagnosis)
    return diagnosis


async def read_words(app: PipemedicApp, ref: PipelineRef) -> None:
    """Read what the error text alone says, in a thread; the answer is remembered beside the diagnosis."""
    from tui.triage import quick_cause  # noqa: PLC0415 (imported by the desk in a thread)

    snapshot = app.snapshot(ref)
    if snapshot:
        app.desk.keep_words(ref, fingerprint(snapshot), await asyncio.to_thread(quick_cause, snapshot))


async def find_log(
    app: PipemedicApp, ref: PipelineRef, point: FocusPoint | None, execution_id: str
) -> tuple[LogLocation, Build]:
    """Find the log that an action's build writes, as AWS names it.

    Raises:
        PipemedicError: there is no such build or it could not be read.
    """
    from tui.triage import log_of_action  # noqa: PLC0415 (imported by the desk in a thread)

    stage, action = (point.stage, point.action) if point else ("", "")
    return await log_of_action(app.desk.cloud, ref, stage, action, execution_id=execution_id)


def open_pipeline(app: PipemedicApp, ref: PipelineRef) -> None:
    """Open a pipeline's own screen."""
    from tui.screens.pipeline import PipelineScreen  # noqa: PLC0415

    app.push_screen(PipelineScreen(ref))


def open_playbook(app: PipemedicApp, ref: PipelineRef, point: FocusPoint | None, *, book: str = "") -> None:
    """Open the guided playbook for a stage and action; without a point, for what is wrong.

    `book` names a playbook to begin with, whether it fits or not.
    """
    from tui.screens.playbook import PlaybookScreen  # noqa: PLC0415

    app.push_screen(PlaybookScreen(ref, point, book))


def open_profile(app: PipemedicApp, ref: PipelineRef) -> None:
    """Open where the time of a pipeline goes, with advice."""
    from tui.screens.profile import ProfileScreen  # noqa: PLC0415

    app.push_screen(ProfileScreen(ref))


def open_log(app: PipemedicApp, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
    """Open the log that an action writes; without a point, of what failed or runs."""
    from tui.screens.log import LogScreen  # noqa: PLC0415

    app.push_screen(LogScreen(ref, point, execution_id))


def open_log_sources(app: PipemedicApp, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> None:
    """List all logs of an action."""
    from tui.screens.log_sources import LogSourcesScreen  # noqa: PLC0415

    app.push_screen(LogSourcesScreen(ref, point, execution_id))


def open_log_finder(app: PipemedicApp, place: Place, group: str = "") -> None:
    """Look for any log of a place by name; with a group, for one of its streams."""
    from tui.screens.log_finder import LogFinderScreen  # noqa: PLC0415

    app.push_screen(LogFinderScreen(place, group))


def open_insights(app: PipemedicApp, place: Place, groups: Sequence[str] = ()) -> None:
    """Open the query editor of Logs Insights over some log groups."""
    from tui.screens.insights import InsightsScreen  # noqa: PLC0415

    app.push_screen(InsightsScreen(place, groups))


def open_stream_log(app: PipemedicApp, place: Place, where: LogLocation) -> None:
    """Open a log stream by name and follow it."""
    from tui.screens.stream_log import StreamLogScreen  # noqa: PLC0415

    app.push_screen(StreamLogScreen(place, where))


def open_group_log(app: PipemedicApp, place: Place, group: LogGroup) -> None:
    """Follow a whole log group."""
    from tui.screens.stream_log import GroupLogScreen  # noqa: PLC0415

    app.push_screen(GroupLogScreen(place, group))


def open_source_log(app: PipemedicApp, source: LogSource) -> None:
    """Open a log by its source, whatever it is."""
    from tui.screens.stream_log import SourceLogScreen  # noqa: PLC0415

    app.push_screen(SourceLogScreen(source))


def open_file_log(app: PipemedicApp, path: Path) -> None:
    """Open a local log."""
    from tui.screens.stream_log import FileLogScreen  # noqa: PLC0415

    app.push_screen(FileLogScreen(path))


def open_fix(app: PipemedicApp, ref: PipelineRef, fix: Fix) -> None:
    """Open the wizard on a fix that has a plan; one made by hand on its instructions, its patch or its wait."""
    from tui.screens.by_hand import ByHandScreen  # noqa: PLC0415
    from tui.screens.fix import FixScreen  # noqa: PLC0415

    app.push_screen(FixScreen(ref, fix.plan) if fix.plan else ByHandScreen(ref, fix))


def open_plan(app: PipemedicApp, ref: PipelineRef, plan: Plan) -> None:
    """Open the wizard on a plan."""
    from tui.screens.fix import FixScreen  # noqa: PLC0415

    app.push_screen(FixScreen(ref, plan))


def open_transition(app: PipemedicApp, snapshot: PipelineSnapshot, stage: str) -> None:
    """Plan to open or close the way into a stage and open the wizard on it."""
    from core.plans.pipeline import disable_transition, enable_transition  # noqa: PLC0415

    found = snapshot.state.stage(stage) if snapshot.state else None
    if found is None:
        return
    account = account_of(app, snapshot.ref)
    way = found.transition
    if way.enabled:
        plan = disable_transition(snapshot.ref, account, stage, "held back with pipemedic")
    else:
        plan = enable_transition(snapshot.ref, account, stage, reason=way.reason, waiting=found.inbound)
    open_plan(app, snapshot.ref, plan)


def open_fixes(app: PipemedicApp, ref: PipelineRef, findings: Sequence[Finding]) -> None:
    """Let the user choose among all fixes of all causes, and the forms that put them right."""
    from core.actions import Ask, Choice  # noqa: PLC0415
    from tui.fix_choice import ways_of  # noqa: PLC0415
    from tui.screens.ask import AskScreen  # noqa: PLC0415

    ways = ways_of(findings, read_only=app.desk.read_only(ref.place))
    if not ways:
        app.notify("No fix is known yet: d walks the playbook.", markup=False)
        return

    def chosen(given: dict[str, str] | None) -> None:
        if given is None:
            return
        way = ways[int(given["way"])]
        if way.fix:
            open_fix(app, ref, way.fix)
        elif way.form:
            open_actions(app, ref, way.point, way.form.begins)

    choices = tuple(Choice(str(number), way.label) for number, way in enumerate(ways))
    ask = Ask("way", "Which one?", required=True, choices=choices)
    app.push_screen(AskScreen(f"Put {ref.name} right", "Nothing is changed before you have confirmed.", (ask,)), chosen)


def open_actions(app: PipemedicApp, ref: PipelineRef, point: FocusPoint | None = None, begins: str = "") -> None:
    """Open the menu of what can be done to a pipeline now; with a point, to that stage or action.

    `begins` is how the id of an action begins whose form opens by itself.
    """
    from tui.screens.actions import ActionsScreen  # noqa: PLC0415

    app.push_screen(ActionsScreen(ref, point, begins))


def open_audit(app: PipemedicApp) -> None:
    """Open the audit of all pipelines, in all places."""
    from tui.screens.audit import AuditScreen  # noqa: PLC0415

    if not isinstance(app.screen, AuditScreen):
        app.push_screen(AuditScreen())


def open_approvals(app: PipemedicApp) -> None:
    """Open the inbox of approvals that wait, over all places."""
    from tui.screens.approvals import ApprovalsScreen  # noqa: PLC0415

    if not isinstance(app.screen, ApprovalsScreen):
        app.push_screen(ApprovalsScreen())


def open_pulse(app: PipemedicApp) -> None:
    """Open the page of the fleet's figures."""
    from tui.screens.pulse import PulseScreen  # noqa: PLC0415

    if not isinstance(app.screen, PulseScreen):
        app.push_screen(PulseScreen())


def open_who(app: PipemedicApp, place: Place) -> None:
    """Show who we are in a place, and what of the program that identity may use."""
    from tui.screens.who import WhoScreen  # noqa: PLC0415

    app.push_screen(WhoScreen(place))


def open_journal(app: PipemedicApp) -> None:
    """Open the journal of changes."""
    from tui.screens.journal import JournalScreen  # noqa: PLC0415

    if not isinstance(app.screen, JournalScreen):
        app.push_screen(JournalScreen())


def open_report(app: PipemedicApp) -> None:
    """Ask how to write a report on the pipeline at hand; nothing where none is."""
    from tui.report_subject import at_hand  # noqa: PLC0415
    from tui.screens.report import ReportScreen  # noqa: PLC0415

    if found := at_hand(app.screen):
        app.push_screen(ReportScreen(*found))


def open_execution(app: PipemedicApp, ref: PipelineRef, execution: Execution) -> None:
    """Open one execution: its actions, their errors and logs."""
    from tui.screens.execution import ExecutionScreen  # noqa: PLC0415

    app.push_screen(ExecutionScreen(ref, execution))


def open_comparison(app: PipemedicApp, ref: PipelineRef, execution: Execution) -> None:
    """Show what changed since the last good execution before one."""
    from tui.screens.comparison import ComparisonScreen  # noqa: PLC0415

    app.push_screen(ComparisonScreen(ref, execution))


def open_facts(app: PipemedicApp, facts: Sequence[Fact], again: Callable[[int], Awaitable[Fact]] | None = None) -> None:
    """Show facts as they were read; `again` makes the read of one anew, by its number."""
    from tui.screens.facts import FactsScreen  # noqa: PLC0415

    if facts:
        app.push_screen(FactsScreen(facts, again))


def account_of(app: PipemedicApp, ref: PipelineRef) -> str:
    """The account that a pipeline is seen through; empty until it is known."""
    identity = app.desk.identities.get(ref.place)
    return identity.account if identity else ""


def open_retry(app: PipemedicApp, snapshot: PipelineSnapshot) -> None:
    """Plan a retry of the failed stage and open the wizard on it."""
    from tui.batches import retry_of  # noqa: PLC0415

    plan = retry_of(snapshot, account_of(app, snapshot.ref))
    if plan is None:
        app.notify("No stage of this pipeline has failed.", markup=False)
        return
    open_plan(app, snapshot.ref, plan)


def open_retries(app: PipemedicApp, snapshots: Sequence[PipelineSnapshot]) -> None:
    """Plan a retry for each pipeline with a failed stage and open one confirmation for all of them."""
    _open_batch(app, "retry", snapshots, {})


def open_batch(app: PipemedicApp, snapshots: Sequence[PipelineSnapshot]) -> None:
    """Ask what is to be done to several pipelines, and open one confirmation that lists it all."""
    from tui.batches import asks_of, kind_of  # noqa: PLC0415
    from tui.screens.ask import AskScreen  # noqa: PLC0415

    here = [each for each in snapshots if not app.desk.read_only(each.ref.place)]
    asks = asks_of(here, [account_of(app, each.ref) for each in here])
    if not here or not asks[0].choices:
        app.notify("Nothing can be done to the marked pipelines.", markup=False)
        return

    def answered(given: dict[str, str] | None) -> None:
        if given is None:
            return
        if kind_of(given["kind"]).says and not given["words"]:
            app.notify("It needs a reason or a comment.", severity="warning", markup=False)
            chosen = replace(asks[0], default=given["kind"])
            app.push_screen(AskScreen("Marked pipelines", about, (chosen, *asks[1:])), answered)
            return
        app.run_worker(
            _open_fresh(app, given["kind"], here, given),
            name="batch",
            group="batch",
            description="read the marked pipelines before their changes are planned",
            exit_on_error=False,
        )

    about = f"{len(here)} pipelines are marked. All changes are listed before any is made."
    app.push_screen(AskScreen("Marked pipelines", about, asks), answered)


async def _open_fresh(
    app: PipemedicApp, kind: str, snapshots: Sequence[PipelineSnapshot], given: Mapping[str, str]
) -> None:
    """Open the confirmation; a start rests on the newest execution, which the list may not have read yet."""
    if kind == "start":
        try:
            snapshots = await asyncio.gather(*(_with_newest(app, each) for each in snapshots))
        except PipemedicError as error:
            app.notify(sanitize(told(error)), severity="error", markup=False)
            return
    _open_batch(app, kind, snapshots, given)


async def _with_newest(app: PipemedicApp, snapshot: PipelineSnapshot) -> PipelineSnapshot:
    """The same with the execution that is the newest now."""
    page = await app.desk.cloud.pipelines(snapshot.ref.place).executions(snapshot.ref.name, limit=1)
    return replace(snapshot, execution=page.items[0] if page.items else None)


def _open_batch(app: PipemedicApp, kind: str, snapshots: Sequence[PipelineSnapshot], given: Mapping[str, str]) -> None:
    from tui.batches import kind_of, plans_of  # noqa: PLC0415
    from tui.screens.batch import BatchScreen  # noqa: PLC0415

    here = [each for each in snapshots if not app.desk.read_only(each.ref.place)]
    plans = plans_of(kind, here, [account_of(app, each.ref) for each in here], given)
    if not plans:
        app.notify("No stage of the marked pipelines has failed.", markup=False)
        return
    app.push_screen(
        BatchScreen(kind_of(kind).title, [(PipelineRef(each.place, each.pipeline), each) for each in plans])
    )


def open_console(app: PipemedicApp, ref: PipelineRef) -> None:
    """Open a pipeline in the AWS console; the address is copied too, for a terminal on another machine."""
    identity = app.desk.identities.get(ref.place)
    url = pipeline_url(ref.name, ref.place.region, identity.partition if identity else "aws")
    app.copy_to_clipboard(url)
    app.open_url(url)
    app.notify("Opened and copied the address in the AWS console", markup=False)


def log_in(app: PipemedicApp) -> None:
    """Leave the screen to `aws sso login` for the profile in trouble, then read again with what it brought."""
    if in_browser():
        app.notify("Log in on the machine that serves this: `aws sso login`.", severity="warning", markup=False)
        return
    place = next(iter(app.desk.book.troubles), None)
    command = shutil.which("aws")
    if command is None or place is None:
        app.notify(
            "The AWS CLI (aws) is not on the PATH: log in in another terminal.", severity="warning", markup=False
        )
        return
    words = [command, "sso", "login", *(["--profile", place.profile] if place.profile else [])]
    with app.suspend():
        done = subprocess.run(words, check=False)  # noqa: S603 (the user's own AWS CLI, asked for by key)
    if done.returncode:
        app.notify(f"`aws sso login` ended with {done.returncode}.", severity="error", markup=False)
    app.run_worker(app.desk.renew(place), group="login", description="take up the new credentials", exit_on_error=False)


def told(error: PipemedicError) -> str:
    """An error and its next step as one text."""
    return f"{error} {error.next_step}".strip()
