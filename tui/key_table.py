"""Writes the table of all keys from the bindings themselves: `python -m tui.key_table > docs/keys.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from textual.binding import Binding
from textual.dom import DOMNode

from tui.app import PipemedicApp
from tui.build_log import BuildLog
from tui.fleet_list import ListScreen
from tui.log_panes import LogPanes
from tui.logs.carry import CarryPart
from tui.profile_timeline import Timeline
from tui.screens.accept import AcceptScreen
from tui.screens.actions import ActionsScreen
from tui.screens.approvals import ApprovalsScreen
from tui.screens.ask import AskScreen
from tui.screens.audit import AuditScreen
from tui.screens.batch import BatchScreen
from tui.screens.books import BooksScreen
from tui.screens.by_hand import ByHandScreen
from tui.screens.columns import ColumnsScreen
from tui.screens.contexts import ContextsScreen
from tui.screens.execution import ExecutionScreen
from tui.screens.facts import FactsScreen
from tui.screens.fix import FixScreen
from tui.screens.insights import InsightsScreen
from tui.screens.journal import JournalScreen
from tui.screens.log import LogScreen
from tui.screens.log_finder import LogFinderScreen
from tui.screens.log_groups import LogGroupsScreen
from tui.screens.log_line import LogLineScreen
from tui.screens.log_links import LogLinksScreen
from tui.screens.log_queries import LogQueriesScreen
from tui.screens.log_sources import LogSourcesScreen
from tui.screens.pipeline import PipelineScreen
from tui.screens.pipelines import PipelinesScreen
from tui.screens.playbook import PlaybookScreen
from tui.screens.profile import ProfileScreen
from tui.screens.report import ReportScreen
from tui.screens.stream_log import SourceLogScreen
from tui.screens.views import ViewsScreen
from tui.screens.who import WhoScreen
from widgets.diff_view import DiffView
from widgets.keyed_table import KeyedTable
from widgets.log_choice import ChoicePart
from widgets.log_opening import LogOpening
from widgets.log_pane import LogPane
from widgets.log_pick import LogPick
from widgets.log_rows import LogRows
from widgets.log_view import LogView
from widgets.stage_graph import StageGraph
from widgets.step_list import StepList
from widgets.text_view import TextView
from widgets.wizard import Wizard

__all__ = ["PARTS", "key_table"]

PARTS: tuple[tuple[str, type[DOMNode]], ...] = (
    ("Everywhere", PipemedicApp),
    ("Pipelines", PipelinesScreen),
    ("Pipelines: how the list stands", ListScreen),
    ("Columns of the list", ColumnsScreen),
    ("Saved views", ViewsScreen),
    ("Contexts", ContextsScreen),
    ("Who am I", WhoScreen),
    ("Pipeline", PipelineScreen),
    ("One execution over time", Timeline),
    ("Where the time goes", ProfileScreen),
    ("One execution", ExecutionScreen),
    ("Log", LogScreen),
    ("Panes of logs", LogPanes),
    ("Any log by name", LogFinderScreen),
    ("All logs of an action", LogSourcesScreen),
    ("A log of a stream, group or file, or several by time", SourceLogScreen),
    ("Logs Insights", InsightsScreen),
    ("Log groups to look in", LogGroupsScreen),
    ("Kept queries", LogQueriesScreen),
    ("One line of a log", LogLineScreen),
    ("Addresses in a log", LogLinksScreen),
    ("Playbook", PlaybookScreen),
    ("All playbooks", BooksScreen),
    ("Raw facts", FactsScreen),
    ("Actions on a pipeline", ActionsScreen),
    ("Questions before an action", AskScreen),
    ("Several changes at once", BatchScreen),
    ("Approvals", ApprovalsScreen),
    ("Audit", AuditScreen),
    ("Before a finding is accepted", AcceptScreen),
    ("Journal", JournalScreen),
    ("Fix wizard", FixScreen),
    ("A fix by hand", ByHandScreen),
    ("Report", ReportScreen),
    ("Tables", KeyedTable),
    ("Steps of a playbook", StepList),
    ("Picture of the stages", StageGraph),
    ("Lines of a log", LogRows),
    ("Lines of a log opened and folded", LogOpening),
    ("Lines of a log selected", LogPick),
    ("How lines of a log are drawn", LogView),
    ("Which lines of a log are shown", ChoicePart),
    ("Search in a log", LogPane),
    ("Phases of a build in its log", BuildLog),
    ("Taking a log away", CarryPart),
    ("Text and code", TextView),
    ("Differences", DiffView),
    ("Cards of the wizard", Wizard),
)
_SHOWN = {
    "vertical_line": r"\|",
    "underscore": "_",
    "equals_sign": "=",
    "exclamation_mark": "!",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "number_sign": "#",
    "ampersand": "&",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "escape": "esc",
}


def _rows(node: type[DOMNode]) -> Iterable[str]:
    for binding in Binding.make_bindings(node.__dict__.get("BINDINGS", ())):
        key = _SHOWN.get(binding.key, binding.key)
        yield f"| `{key}` | {binding.tooltip or binding.description} | `{binding.id}` |"


def key_table() -> str:
    """Return the table as Markdown, one section a screen and widget."""
    lines = [
        "# Keys",
        "",
        "Made from the bindings by `python -m tui.key_table > docs/keys.md`. The id names a key for remapping.",
    ]
    for title, node in PARTS:
        rows = list(_rows(node))
        if rows:
            lines += ["", f"## {title}", "", "| key | what it does | id |", "| --- | --- | --- |", *rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(key_table())
