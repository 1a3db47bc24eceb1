"""A profile as rows, bars and blocks for the screens. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.age import duration
from core.profile.case import Advice
from core.profile.model import ActionRun, History, PastRun
from core.profile.numbers import series_of
from core.profile.prices import prices
from core.profile.spans import Kind, critical_path, pieces
from core.text import sanitize
from tui.tones import execution_tone
from widgets.bars import Part
from widgets.document import Block, code, gap, heading, paragraph
from widgets.gantt import GanttRow
from widgets.histogram import RunBar
from widgets.ink import inked
from widgets.keyed_table import Column, Row

__all__ = [
    "ADVICE_COLUMNS",
    "LEGEND",
    "LOOKS",
    "advice_blocks",
    "advice_row",
    "gantt_rows",
    "longest_wait",
    "part",
    "run_bars",
    "saved_words",
]

ADVICE_COLUMNS = (
    Column("saved", "SAVES", 8, "right"),
    Column("title", "ADVICE", 30, flexible=True),
    Column("how", "HOW", 8, drop=1),
)
# How each kind of time is drawn: character, style, word.
LOOKS: dict[Kind, tuple[str, str, str]] = {
    Kind.WORK: ("█", "$primary", "work"),
    Kind.TRANSFER: ("▓", "$text-accent", "transfer"),
    Kind.PROVISIONING: ("▒", "$secondary", "provisioning"),
    Kind.QUEUE: ("░", "$text-warning", "queue"),
    Kind.APPROVAL: ("‖", "$text-warning", "approval"),
    Kind.RETRY: ("╳", "$text-error", "failed"),
}
LEGEND = tuple(LOOKS.values())
_WORK_PHASES = frozenset({"INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"})


def part(kind: Kind, seconds: float) -> Part:
    """A part of a bar, drawn as its kind is."""
    glyph, style, _ = LOOKS[kind]
    return Part(seconds, glyph, style)


def gantt_rows(run: PastRun, history: History, now: float, *, phases: bool = True) -> tuple[GanttRow, ...]:
    """Return one execution's stages, actions and build phases, each action with its usual length.

    Args:
        run: the execution.
        history: it and others, for what is usual (the run itself does not count).
        now: epoch seconds; what runs still ends there.
        phases: whether the working phases of builds have rows of their own.
    """
    usual: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for other in history.runs:
        if other.id != run.id:
            for each in other.actions:
                if each.status == "Succeeded":
                    usual.setdefault(each.node, []).append((each.started_at, each.took_s))
    path = {leg.run.id for leg in critical_path(run)}
    rows: list[GanttRow] = []
    stage = ""
    for action in run.actions:
        if action.stage != stage:
            stage = action.stage
            rows.append(GanttRow(sanitize(stage)))
        series = series_of(usual.get(action.node, ()))
        start = max(action.started_at - run.started_at, 0.0)
        rows.append(
            GanttRow(
                sanitize(action.action),
                start,
                _parts(action, history, now),
                series.median_s if series and series.count >= 3 else None,
                duration((action.ended_at or now) - action.started_at),
                execution_tone(action.status),
                1,
                critical=action.id in path and run.over,
            )
        )
        if phases:
            rows += _phases(action, history, start)
    return tuple(rows)


def longest_wait(run: PastRun, now: float) -> tuple[float, float]:
    """Return the longest time in which only a person was waited for, or nothing ran: from when to when (s)."""
    spans = []
    for leg in critical_path(run) if run.over else ():
        start = leg.run.started_at - run.started_at
        spans.append((start - leg.wait_s, start))
    spans += [
        (action.started_at - run.started_at, (action.ended_at or now) - run.started_at)
        for action in run.actions
        if action.category == "Approval"
    ]
    return max(spans, key=lambda span: span[1] - span[0], default=(0.0, 0.0))


def _parts(action: ActionRun, history: History, now: float) -> tuple[Part, ...]:
    if action.ended_at is None:
        kind = Kind.APPROVAL if action.category == "Approval" else Kind.WORK
        return (part(kind, max(now - action.started_at, 0.0)),)
    return tuple(part(piece.kind, piece.seconds) for piece in pieces(action, history.build_of(action)))


def _phases(action: ActionRun, history: History, start: float) -> Iterator[GanttRow]:
    """The working phases that are more than a twentieth of the build."""
    build = history.build_of(action)
    if build is None or action.ended_at is None:
        return
    at = start
    for piece in pieces(action, build):
        if piece.name in _WORK_PHASES and piece.seconds >= 0.05 * action.took_s:
            yield GanttRow(piece.name, at, (part(piece.kind, piece.seconds),), None, duration(piece.seconds), depth=2)
        at += piece.seconds


def run_bars(runs: Sequence[PastRun]) -> tuple[RunBar, ...]:
    """Return executions (newest first) as columns, oldest first."""
    return tuple(RunBar(run.took_s, execution_tone(run.status)) for run in reversed(runs) if run.over)


def saved_words(advice: Advice) -> str:
    """``4m 10s``; a dot where it cannot be said."""
    return duration(advice.saved_s) if advice.saving else "·"


def advice_row(number: int, advice: Advice) -> Row:
    """One piece of advice as a row."""
    how = "wizard" if any(fix.plan for fix in advice.fixes) else "by hand"
    title, _, figure = advice.title.rpartition(": ")
    if not figure.endswith(("saved", "to save")):
        title = advice.title
    return Row(str(number), (inked(saved_words(advice), "bold $text-success"), sanitize(title), how))


def advice_blocks(advice: Advice) -> tuple[Block, ...]:
    """One piece of advice in full."""
    blocks = [heading(sanitize(advice.title))]
    if advice.saving:
        saving = advice.saving
        blocks.append(paragraph(f"Saves {duration(saving.saved_s)} on the median execution, {saving.span}."))
    if advice.basis:
        blocks.append(paragraph(sanitize(advice.basis[:1].upper() + advice.basis[1:]) + ".", muted=True))
    if advice.cost_before is not None and advice.cost_after is not None:
        dated = f"prices of {prices().as_of}, {prices().region}"
        blocks.append(paragraph(f"Cost a run: ${advice.cost_before:.3f} → ${advice.cost_after:.3f} ({dated})"))
    blocks += [gap(), paragraph(sanitize(advice.summary))]
    if advice.lines:
        blocks += [gap(), *(Block((sanitize(line),), lead="· ") for line in advice.lines)]
    for fix in advice.fixes:
        how = "f opens the wizard" if fix.plan else "by hand"
        blocks += [gap(), heading(sanitize(fix.title), how)]
        blocks += [Block((sanitize(step),), lead=f"{number}  ") for number, step in enumerate(fix.steps, 1)]
        blocks += [code(sanitize(command), "bash") for command in fix.commands]
        if fix.console_url:
            blocks.append(paragraph(sanitize(fix.console_url), muted=True))
    return tuple(blocks)
