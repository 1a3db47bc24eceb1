"""CloudWatch Logs Insights: a query, the groups and the time it runs over, what it costs, its rows in a log pane."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static, TextArea
from textual.widgets.text_area import Selection

from core.build import LogLocation
from core.errors import Malformed, PipemedicError
from core.insights import QueryProgress, result_lines
from core.logs import EventPage, LogBatch, TailState
from core.place import Place
from core.text import sanitize
from tui import navigation
from tui.build_log import BuildLog
from tui.logs.moments import parse_moment
from tui.logs.queries import BUILT_IN, SavedQuery, save_query
from tui.medic import Keys, MedicScreen
from tui.screens.log_groups import LogGroupsScreen
from tui.screens.log_queries import LogQueriesScreen
from tui.screens.one_line import OneLineScreen
from widgets.ink import inked, join

if TYPE_CHECKING:
    from aws.read.insights import LogQuery

__all__ = ["InsightsScreen"]


class InsightsScreen(MedicScreen):
    """A query editor over the log groups of one place."""

    CSS_PATH = "insights.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+r", "run", "Run", key_display="f5", id="insights.run", tooltip="Run the query"),
        Binding("f2,ctrl+o", "saved", "Queries", key_display="f2", id="insights.queries", tooltip="Kept queries"),
        Binding("f3,ctrl+l", "groups", "Groups", key_display="f3", id="insights.groups", tooltip="Choose log groups"),
        Binding("f4,ctrl+s", "keep", "Keep", key_display="f4", id="insights.keep", tooltip="Keep this query by a name"),
        Binding("escape", "back", "Stop or back", id="insights.back",
                tooltip="Stop the query that runs; then back to where you were"),
    ]  # fmt: skip

    head = getters.query_one("#head", Static)
    editor = getters.query_one("#editor", TextArea)
    since = getters.query_one("#since", Input)
    until = getters.query_one("#until", Input)
    chosen_groups = getters.query_one("#groups", Button)
    progress = getters.query_one("#progress", Static)
    log_body = getters.query_one("#build-log", BuildLog)

    def __init__(self, place: Place, groups: Sequence[str] = (), text: str = "", since: str = "1h") -> None:
        super().__init__()
        self.place = place
        self.groups = tuple(groups)
        self.running = False
        self._text = text or BUILT_IN[0].text
        self._since = since

    def compose(self) -> ComposeResult:
        """Where, the query, over what and when, how far it is, its rows, keys."""
        yield Static(id="head")
        yield TextArea(self._text, id="editor", compact=True, soft_wrap=True)
        with Horizontal(id="over"):
            yield Static("from", classes="label")
            yield Input(self._since, id="since", compact=True, placeholder="1h")
            yield Static("to", classes="label")
            yield Input("", id="until", compact=True, placeholder="now")
            yield Button("", id="groups", compact=True)
        yield Static(id="progress")
        yield BuildLog(id="build-log")
        yield Keys()

    def on_mount(self) -> None:
        """Begin in the editor; without a group, nothing can be asked yet."""
        where = f"{self.place.region} {self.place.profile}".strip()
        self.head.update(join(inked("Logs Insights", "bold"), inked(sanitize(f"  {where}"), "$foreground-muted")))
        self._show_groups()
        self._tell("Rows come here. A query costs by the GB that it scans: keep the time short.")
        self.log_body.say("No query has been run yet: f5 runs this one, f2 lists others.")
        self.editor.focus()

    def _show_groups(self) -> None:
        first = self.groups[0] if self.groups else "choose log groups (f3)"
        more = f" and {len(self.groups) - 1} more" if len(self.groups) > 1 else ""
        self.chosen_groups.label = inked(sanitize(f"over {first}{more}" if self.groups else first), "")

    def _tell(self, text: str, *, bad: bool = False) -> None:
        self.progress.update(inked(sanitize(text), "$text-error" if bad else "$foreground-muted"))

    # Running

    def action_run(self) -> None:
        """Run what stands in the editor."""
        if not self.groups:
            self._tell("Choose the log groups to look in first.", bad=True)
            self.action_groups()
            return
        query = self._asked()
        if query is None:
            return
        name = f"Logs Insights over {len(self.groups)} group{'s' if len(self.groups) > 1 else ''}"
        group = self.groups[0] if len(self.groups) == 1 else ""
        self.running = True
        where = LogLocation(group, "", self.place.region)
        self.log_body.open_stream(self._batches(query), where, name, live=False, at_cause=False)

    def _asked(self) -> LogQuery | None:
        """What is asked, or None where the time does not read."""
        from aws.read.insights import LogQuery  # noqa: PLC0415 (imported by the desk in a thread)

        now = time.time()
        try:
            since_s = parse_moment(self.since.value.strip() or "1h", now)
            typed = self.until.value.strip()
            until_s = now if typed in {"", "now"} else parse_moment(typed, now)
        except ValueError as error:
            self._tell(str(error), bad=True)
            return None
        if until_s <= since_s:
            self._tell("The time ends before it begins.", bad=True)
            return None
        return LogQuery(self.editor.text, self.groups, int(since_s), int(until_s))

    async def _batches(self, query: LogQuery) -> AsyncIterator[LogBatch]:
        """Run a query and give its rows; what goes wrong is told, and where in the text."""
        asked = self.medic.desk.cloud.query(self.place, query)
        try:
            async for now in asked:
                self._tell(now.told)
                yield _batch(now)
        except Malformed as error:
            self._point_at(error)
            self._tell(f"The query does not read: {error.detail}", bad=True)
            yield LogBatch(TailState.ENDED)
        except PipemedicError as error:
            self._tell(navigation.told(error), bad=True)
            yield LogBatch(TailState.ENDED)
        finally:
            self.running = False
            await asked.aclose()  # type: ignore[attr-defined]

    def _point_at(self, error: Malformed) -> None:
        """Select what AWS could not read."""
        if error.start is None:
            return
        text = self.editor.text
        start = min(error.start, len(text))
        end = min(max(error.end or start, start + 1), len(text))
        self.editor.selection = Selection(_row_and_column(text, start), _row_and_column(text, end))
        self.editor.focus()

    # What it runs over

    @on(Button.Pressed, "#groups")
    def groups_pressed(self, event: Button.Pressed) -> None:
        """The groups are a button for the mouse."""
        event.stop()
        self.action_groups()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Enter in a time runs the query."""
        event.stop()
        self.action_run()

    def action_groups(self) -> None:
        """Choose groups."""

        def take(groups: tuple[str, ...] | None) -> None:
            if groups is not None:
                self.groups = groups
                self._show_groups()

        self.app.push_screen(LogGroupsScreen(self.place, self.groups), take)

    def action_saved(self) -> None:
        """Choose a query."""

        def take(query: SavedQuery | None) -> None:
            if query is not None:
                self.editor.text = query.text
                self.groups = query.groups or self.groups
                self._show_groups()
                self.editor.focus()

        self.app.push_screen(LogQueriesScreen(), take)

    def action_keep(self) -> None:
        """Keep the query that stands here."""

        def take(name: str | None) -> None:
            if not name:
                return
            try:
                save_query(SavedQuery(name, self.editor.text, self.groups))
            except OSError as error:
                self._tell(f"Not kept: {error}", bad=True)
                return
            self._tell(f"Kept as {name}; f2 lists it.")

        self.app.push_screen(OneLineScreen("keep the query as …"), take)

    def action_back(self) -> None:
        """Stop what runs, or leave."""
        if self.running:
            self.log_body.stop()
            self._tell("Stopped. What was scanned until then is paid for.")
        else:
            self.dismiss()


def _batch(now: QueryProgress) -> LogBatch:
    """How a query stands, as a log pane takes it."""
    if not now.ended:
        return LogBatch(TailState.LOADING, note=now.status.lower())
    lines, times = result_lines(now.rows)
    note = f"{len(now.rows):,} rows" if now.status == "Complete" else now.status.lower()
    return LogBatch(TailState.ENDED, EventPage(times, lines), note=note)


def _row_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)
