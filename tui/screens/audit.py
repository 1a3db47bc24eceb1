"""The audit: a score for each pipeline, findings by severity, one finding in full; fixes and accepted findings."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from core.actions import Ask
from core.audit.model import AuditFinding, Suppression
from core.audit.suppress import as_toml, read
from core.errors import PipemedicError
from core.place import PipelineRef
from core.text import sanitize
from tui import navigation
from tui.audit_files import Accepted, accept, accepted, past_scores, remember, suppression_path
from tui.audit_last_used import LastUsed
from tui.audit_run import AuditReport, audit, re_applied, today
from tui.audit_view import (
    ALL,
    FINDING_COLUMNS,
    SCORE_COLUMNS,
    finding_blocks,
    finding_rows,
    group_blocks,
    head_line,
    key_of,
    score_rows,
)
from tui.medic import Keys, MedicScreen
from tui.screens.accept import AcceptScreen
from tui.screens.ask import AskScreen
from widgets.document_view import DocumentView
from widgets.keyed_table import KeyedTable

__all__ = ["AuditScreen"]

_ACCEPTED_DAYS = 90
_JOBS = (
    "IAM answers with a report that must be started for each role. It changes nothing, but it is a job and no read: "
    "read-only contexts refuse it. It takes some seconds, up to two minutes."
)
_JOBS_MADE = (
    "iam GenerateServiceLastAccessedDetails, once a role; then iam GetServiceLastAccessedDetails until it is there"
)


class AuditScreen(MedicScreen):
    """What will break next, over all places."""

    CSS_PATH = "audit.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="audit.back", tooltip="Back to where you came from"),
        Binding("f", "fix", "Fix", id="audit.fix", tooltip="Open the wizard on the fix"),
        Binding("s", "suppress", "Accept", id="audit.accept", tooltip="Accept the finding for a time, with a reason"),
        Binding("r", "refresh", "Audit again", id="audit.refresh", tooltip="Read everything again"),
        Binding("u", "use", "Last used", id="audit.use", tooltip="Ask IAM what each role has used, and audit again"),
        Binding("p", "scores", "Pipelines", id="audit.pipelines", tooltip="To the pipelines' scores, and back"),
        Binding("v", "accepted", "Accepted", show=False, id="audit.accepted", tooltip="Show or hide accepted findings"),
        Binding("o", "console", "Console", show=False, id="audit.console", tooltip="Open it in the AWS console"),
        Binding("w", "page", "AWS's page", show=False, id="audit.page", tooltip="Open AWS's page on it"),
        Binding("y", "copy", "Copy resource", show=False, id="audit.copy", tooltip="Copy the resource's name or ARN"),
    ]

    head = getters.query_one("#head", Static)
    scores = getters.query_one("#scores", KeyedTable)
    table = getters.query_one("#findings", KeyedTable)
    about = getters.query_one("#about", DocumentView)

    def __init__(self) -> None:
        super().__init__()
        self.report: AuditReport | None = None
        self.past: Mapping[PipelineRef, Sequence[tuple[str, int]]] = {}
        self.shows_accepted = False
        self._progress = ""
        self._shown: dict[str, AuditFinding] = {}

    def compose(self) -> ComposeResult:
        """What was found at all, scores, findings, the one under the cursor, keys."""
        yield Static(id="head")
        with Horizontal(id="body"):
            yield KeyedTable(SCORE_COLUMNS, id="scores")
            with Vertical(id="right"):
                yield KeyedTable(FINDING_COLUMNS, id="findings")
                yield DocumentView(id="about")
        yield Keys()

    def on_mount(self) -> None:
        """Show what the last audit of this run found; else audit."""
        self.table.focus()
        self.set_interval(1.0, self.show_head)
        self.report = self.medic.posture
        if self.report:
            self.past = past_scores(self.report)
            self.show_all()
        else:
            self.action_refresh()

    # Reading

    def action_refresh(self) -> None:
        """Audit all places anew."""
        self._begin(used=False)

    def action_use(self) -> None:
        """Ask whether reports may be started in IAM; on a yes audit with what they say."""

        def answered(yes: bool | None) -> None:
            if yes:
                self._begin(used=True)

        self.app.push_screen(AcceptScreen("Ask IAM what each role has used?", _JOBS, _JOBS_MADE), answered)

    def _begin(self, *, used: bool) -> None:
        if not self.medic.desk.is_open:
            self.notify("AWS is not open yet.", markup=False)
            return
        self._progress = "reading …"
        self.show_head()
        self.run_worker(
            self._read(used=used),
            name="audit",
            group="audit",
            description="audit the pipelines",
            exclusive=True,
            exit_on_error=False,
        )

    async def _read(self, *, used: bool) -> None:
        desk = self.medic.desk
        try:
            held = await asyncio.to_thread(self._held)
            extra = LastUsed(desk.cloud) if used else None
            report = await audit(desk.cloud, entries=held.entries, clock=desk.clock, progress=self._tick, extra=extra)
        finally:
            self._progress = ""
        self.past = await asyncio.to_thread(past_scores, report)
        await asyncio.to_thread(remember, report)
        self.report = self.medic.posture = report
        self.show_all()
        for place, error in report.troubles.items():
            self.notify(sanitize(str(error)), title=sanitize(str(place)), severity="warning", markup=False)

    def _held(self) -> Accepted:
        """The file of accepted findings; its mistakes are told, and what is right in it counts."""
        held = accepted()
        if held.mistakes:
            words = "\n".join(str(each) for each in held.mistakes[:5])
            self.app.call_from_thread(
                self.notify, sanitize(words), title=sanitize(str(held.path)), severity="warning", markup=False
            )
        return held

    def _tick(self, what: str, done: int, total: int) -> None:
        self._progress = f"{what} · {done} of {total}"

    # Showing

    def show_head(self) -> None:
        """Bring the first line up to date."""
        if self.is_current:
            self.head.update(head_line(self.report, self._progress, self.medic.desk.clock()))

    def show_all(self) -> None:
        """Show scores and findings."""
        self.show_head()
        if self.report:
            self.scores.sync(score_rows(self.report, self.past))
        self.show_findings()

    @on(KeyedTable.Highlighted, "#scores")
    def show_findings(self) -> None:
        """Show the findings of the pipeline under the cursor, or of all."""
        report, ref = self.report, self.chosen
        found = () if report is None else report.findings if self.shows_accepted else report.open_findings
        mine = [each for each in found if ref is None or ref in each.pipelines]
        self._shown = {key_of(each): each for each in mine}
        self.table.sync(finding_rows(mine))
        if self.selected is None and mine:
            self.table.move_to(key_of(mine[0]))
        self.show_about()

    @on(KeyedTable.Highlighted, "#findings")
    def show_about(self) -> None:
        """Show the finding under the cursor in full."""
        finding = self.selected
        if finding and not self.scores.has_focus:
            self.about.show(finding_blocks(finding), top=True)
        else:
            self.about.show(group_blocks(self.report, self.past, self.chosen), top=True)
        self.refresh_bindings()

    @property
    def chosen(self) -> PipelineRef | None:
        """The pipeline whose findings are shown; None for all."""
        key = self.scores.cursor_key or ALL
        refs = self.report.scores if self.report else ()
        return next((ref for ref in refs if ref.key == key), None)

    @property
    def selected(self) -> AuditFinding | None:
        """The finding under the cursor."""
        return self._shown.get(self.table.cursor_key or "")

    @property
    def ref(self) -> PipelineRef | None:
        """The pipeline at hand: of the finding under the cursor, else the one chosen."""
        if self.report is None:  # nothing is shown yet
            return None
        finding = None if self.scores.has_focus else self.selected
        return finding.pipelines[0] if finding else self.chosen

    # Doing

    def action_fix(self) -> None:
        """Open the wizard on the finding's fix."""
        finding = self.selected
        fix = self.medic.automatic_fix(finding.fixes) if finding else None
        if finding and fix:
            navigation.open_fix(self.medic, finding.pipelines[0], fix)

    def action_suppress(self) -> None:
        """Ask for the reason and the last day, show what would be written, and write it on a yes."""
        finding, report = self.selected, self.report
        if finding is None or report is None or finding.suppressed:
            return
        until = (date.fromisoformat(today(self.medic.desk.clock())) + timedelta(days=_ACCEPTED_DAYS)).isoformat()
        asks = (
            Ask("reason", "Why is this accepted?", "required; everyone who runs the audit reads it", required=True),
            Ask("until", "Until when?", "the last day, YYYY-MM-DD", default=until, required=True, limit=10),
        )

        def answered(given: dict[str, str] | None) -> None:
            if given is not None:
                self._propose(finding, given["reason"], given["until"])

        title = f"Accept: {finding.title}"
        self.app.push_screen(AskScreen(title, f"Nothing in AWS changes. File: {suppression_path()}", asks), answered)

    def _propose(self, finding: AuditFinding, reason: str, until: str) -> None:
        """Show the very lines that would be written; nothing is written before the yes."""
        others = [each for each in self.report.findings if each.id != finding.id] if self.report else []
        alike = any((each.rule, each.resource) == (finding.rule, finding.resource) for each in others)
        regex = f"^{re.escape(finding.title)}" if alike else ""
        entry = Suppression(reason, until, rule=finding.rule, resource=finding.resource, regex=regex)
        text = as_toml(entry)
        if mistakes := read(text).mistakes:
            self.notify(sanitize(str(mistakes[0].message)), severity="error", markup=False)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._accept(entry)

        about = f"These lines are added to {suppression_path()}, a file on this machine. Nothing in AWS changes."
        self.app.push_screen(AcceptScreen("Accept the finding?", about, text), answered)

    def _accept(self, entry: Suppression) -> None:
        try:
            path = accept(entry)
            held = accepted()
        except PipemedicError as error:
            self.notify(sanitize(str(error)), severity="error", markup=False)
            return
        if self.report:
            self.report = self.medic.posture = re_applied(self.report, held.entries)
            self.show_all()
        self.notify(sanitize(f"Written to {path}"), title="Accepted", markup=False)

    def action_scores(self) -> None:
        """Go to the scores, or back to the findings; a narrow screen shows one of the two."""
        to_scores = not self.scores.has_focus
        self.set_class(to_scores, "-scores")
        (self.scores if to_scores else self.table).focus()

    @on(events.DescendantFocus)
    def focus_moved(self) -> None:
        """Beside the scores stands what is known of the pipeline, beside the findings the finding."""
        self.show_about()

    @on(KeyedTable.Opened, "#scores")
    def open_scores(self) -> None:
        """From a pipeline to its findings."""
        self.remove_class("-scores")
        self.table.focus()

    @on(KeyedTable.Opened, "#findings")
    def open_finding(self) -> None:
        """From a finding to its pipeline."""
        if finding := self.selected:
            navigation.open_pipeline(self.medic, finding.pipelines[0])

    def action_accepted(self) -> None:
        """Show accepted findings too, or hide them."""
        self.shows_accepted = not self.shows_accepted
        self.show_findings()

    def action_console(self) -> None:
        """Open the resource in the AWS console."""
        finding = self.selected
        url = next((fix.console_url for fix in finding.fixes if fix.console_url), "") if finding else ""
        if url:
            self._open(url)

    def action_page(self) -> None:
        """Open AWS's page on the finding."""
        if finding := self.selected:
            self._open(finding.link)

    def _open(self, url: str) -> None:
        self.app.copy_to_clipboard(url)
        self.app.open_url(url)
        self.notify("Opened and copied the address", markup=False)

    def action_copy(self) -> None:
        """Copy the resource."""
        if finding := self.selected:
            self.app.copy_to_clipboard(finding.resource)
            self.notify("Copied the resource", markup=False)

    def action_back(self) -> None:
        """From the scores to the findings on a narrow screen; else back to where we came from."""
        if self.has_class("-scores"):
            self.action_scores()
            return
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys show where they do something."""
        del parameters
        if action == "use":
            places = self.report.identities if self.report else ()
            return any(not self.medic.desk.read_only(place) for place in places)
        if action not in {"fix", "suppress", "console", "page", "copy"}:
            return True
        finding = self.selected if self.is_mounted and not self.scores.has_focus else None
        if finding is None:
            return False
        if action == "fix":
            return self.medic.automatic_fix(finding.fixes) is not None
        return finding.suppressed is None if action == "suppress" else True
