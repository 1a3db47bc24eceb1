"""A pipeline of the fleet as one row of cells. Pure: model in, row out."""

from __future__ import annotations

from core.age import age, duration
from core.attention import Condition
from core.pipeline import Execution
from core.text import first_line, sanitize
from tui.delivery import delivery
from tui.fleet_book import Entry
from tui.tones import condition_tone, stage_tones
from widgets.ink import Ink
from widgets.keyed_table import Column, Row
from widgets.stage_strip import stage_strip
from widgets.status import status_text

__all__ = ["STALE_S", "fleet_columns", "fleet_row"]

# Older answers than this are drawn dim; the slow sweep comes well within it.
STALE_S = 150.0


def fleet_columns(*, regions: bool, profiles: bool) -> tuple[Column, ...]:
    """The columns; region and profile only where there is more than one."""
    columns = [
        Column("status", "STATUS", 11),
        Column("pipeline", "PIPELINE", 20),
        Column("stages", "STAGES", 8),
        Column("what", "WHAT", 16, flexible=True),
        Column("age", "AGE", 5, "right"),
        Column("took", "TOOK", 8, "right", drop=2),
    ]
    if regions:
        columns.append(Column("region", "REGION", 14, drop=3))
    if profiles:
        columns.append(Column("profile", "PROFILE", 12, drop=1))
    return tuple(columns)


def fleet_row(entry: Entry, now: float, *, regions: bool, profiles: bool, troubled: bool = False) -> Row:
    """One row; `now` is epoch seconds. Dim where the answer is old or its place cannot be read just now."""
    snapshot, found = entry.snapshot, entry.assessment
    execution = snapshot.execution if snapshot else None
    state = snapshot.state if snapshot else None
    cells: list[Ink] = [
        status_text(condition_tone(found.condition), found.word),
        sanitize(entry.ref.name),
        stage_strip(stage_tones(state), limit=8) if state else "",
        _what(entry, execution),
        _age(execution, now),
        _took(execution, snapshot.usual_s if snapshot else None, now, running=found.condition is Condition.RUNNING),
    ]
    if regions:
        cells.append(entry.ref.place.region)
    if profiles:
        cells.append(entry.ref.place.profile or "default")
    stale = troubled or (snapshot is not None and now - snapshot.read_at > STALE_S)
    return Row(entry.ref.key, tuple(cells), dim=stale)


def _what(entry: Entry, execution: Execution | None) -> str:
    if entry.assessment.condition is Condition.OFF:
        return first_line(sanitize(entry.assessment.why))
    return delivery(execution) if execution else first_line(sanitize(entry.assessment.why))


def _age(execution: Execution | None, now: float) -> str:
    if execution is None:
        return ""
    ended = execution.status != "InProgress"
    return age(execution.updated_at if ended else execution.started_at, now)


def _took(execution: Execution | None, usual_s: float | None, now: float, *, running: bool) -> str:
    """How long it took, or runs, beside the usual where that is known: ``2m/6m``."""
    if execution is None or execution.started_at is None:
        return ""
    ended = execution.updated_at if execution.status != "InProgress" else now
    took = max((ended or now) - execution.started_at, 0.0)
    if running and usual_s:
        return f"{age(now - took, now)}/{age(now - usual_s, now)}"
    return duration(took)
