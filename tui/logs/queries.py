"""Queries of Logs Insights: those that come with the program, and the user's own in a file of the state folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tui.paths import state_dir

__all__ = ["BUILT_IN", "SavedQuery", "query_file", "read_queries", "save_query"]

_MOST = 500


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query with a name.

    Attributes:
        name: what it is found by.
        text: in the query language.
        groups: log groups it was last run over; empty for any.
    """

    name: str
    text: str
    groups: tuple[str, ...] = ()


BUILT_IN: tuple[SavedQuery, ...] = (
    SavedQuery(
        "Errors, newest first",
        "fields @timestamp, @logStream, @message\n"
        "| filter @message like /(?i)(error|exception|fatal|panic|traceback)/\n"
        "| sort @timestamp desc\n"
        "| limit 500",
    ),
    SavedQuery(
        "Errors counted by stream",
        "filter @message like /(?i)(error|exception|fatal|panic|traceback)/\n"
        "| stats count(*) as errors, min(@timestamp) as first, max(@timestamp) as last by @logStream\n"
        "| sort errors desc\n"
        "| limit 100",
    ),
    SavedQuery(
        "Errors over time, by 5 minutes",
        "filter @message like /(?i)(error|exception|fatal|panic|traceback)/\n"
        "| stats count(*) as errors by bin(5m) as at\n"
        "| sort at asc",
    ),
    SavedQuery(
        "Builds: phases that failed",
        "fields @timestamp, @logStream, @message\n"
        "| filter @message like /Phase complete: [A-Z_]+ State: (FAILED|TIMED_OUT|FAULT)|Phase context status code/\n"
        "| sort @timestamp desc\n"
        "| limit 200",
    ),
    SavedQuery(
        "Builds: how phases ended, counted",
        'parse @message "Phase complete: * State: *" as phase, state\n'
        "| filter ispresent(state)\n"
        "| stats count(*) as n by phase, state\n"
        "| sort n desc",
    ),
    SavedQuery(
        "Containers: why they did not start",
        "fields @timestamp, @logStream, @message\n"
        "| filter @message like /(?i)(panic|fatal|refused|no such file|permission denied|out ?of ?memory|missing)/\n"
        "| sort @timestamp desc\n"
        "| limit 300",
    ),
    SavedQuery(
        "Lambda: errors and time-outs",
        "fields @timestamp, @requestId, @message\n"
        "| filter @message like /(?i)(Task timed out|error|exception|Runtime exited|Traceback)/\n"
        "| sort @timestamp desc\n"
        "| limit 300",
    ),
    SavedQuery(
        "Lambda: time and memory by 5 minutes",
        'filter @type = "REPORT"\n'
        "| stats count(*) as runs, avg(@duration) as avg_ms, max(@duration) as max_ms,\n"
        "    max(@maxMemoryUsed / 1000 / 1000) as max_mb by bin(5m) as at\n"
        "| sort at asc",
    ),
    SavedQuery(
        "Lambda: one request, by its id",
        'fields @timestamp, @message\n| filter @requestId = "PUT-THE-ID-HERE"\n| sort @timestamp asc',
    ),
)


def query_file() -> Path:
    """Where the user's own queries lie."""
    return state_dir() / "queries.json"


def read_queries(path: Path | None = None) -> tuple[SavedQuery, ...]:
    """Return the user's own queries, the latest first; what cannot be read is left out."""
    try:
        found = json.loads((path or query_file()).read_text("utf-8"))
    except (OSError, ValueError):
        return ()
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return tuple(
        SavedQuery(str(row["name"]), str(row["text"]), _names(row.get("groups")))
        for row in rows
        if row.get("name") and row.get("text")
    )


def save_query(query: SavedQuery, path: Path | None = None) -> None:
    """Keep a query; one of the same name is replaced.

    Raises:
        OSError: the file cannot be written.
    """
    where = path or query_file()
    kept = [query, *(each for each in read_queries(where) if each.name != query.name)][:_MOST]
    where.parent.mkdir(parents=True, exist_ok=True)
    new = where.with_suffix(".new")
    new.write_text(json.dumps([asdict(each) for each in kept], indent=1, ensure_ascii=False) + "\n", "utf-8")
    new.replace(where)


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
