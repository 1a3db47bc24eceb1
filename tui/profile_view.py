"""A profile as rows, bars and blocks for the screens. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.age import duration
from core.profile.case import Advice
from core.profile.model import ActionRun, History, PastRun
from core.profile.numbers import series_of
from core.profile.profile import Profile
from core.profile.spans import Kind, critical_path, pieces
from core.text import sanitize
from tui.tones import execution_tone
from widgets.bars import Part, bar, stacked
from widgets.document import Block, code, gap, heading, paragraph
from widgets.gantt import GanttRow
from widgets.histogram import RunBar
from widgets.ink import fit, inked, join
from widgets.keyed_table import Column, Row

__all__ = [
    "ADVICE_COLUMNS",
    "LEGEND",
    "advice_blocks",
    "advice_row",
    "breakdown_blocks",
    "gantt_rows",
    "run_bars",
    "saved_words",
]

ADVICE_COLUMNS = (
    Column("saved", "SAVES", 8, "right"),
    Column("title", "ADVICE", 30, flexible=True),
    Column("how", "HOW", 8, drop=1),
)
# How each kind of time is drawn: character, style, word.
_LOOKS: dict[Kind, tuple[str, str, str]] = {
    Kind.WORK: ("█", "$primary", "work"),
    Kind.TRANSFER: ("▓", "$text-accent", "transfer"),
    Kind.PROVISIONING: ("▒", "$secondary", "provisioning"),
    Kind.QUEUE: ("░", "$text-warning", "queue"),
    Kind.APPROVAL: ("‖", "$text-warning", "approval"),
    Kind.RETRY: ("╳", "$text-error", "failed"),
}
LEGEND = tuple(_LOOKS.values())
_WORK_PHASES = frozenset({"INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"})
_LABEL, _FIGURES = 13, 16
_BARS = (8, 40)  # least and most cells


def _part(kind: Kind, seconds: float) -> Part:
    glyph, style, _ = _LOOKS[kind]
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


def _parts(action: ActionRun, history: History, now: float) -> tuple[Part, ...]:
    if action.ended_at is None:
        kind = Kind.APPROVAL if action.category == "Approval" else Kind.WORK
        return (_part(kind, max(now - action.started_at, 0.0)),)
    return tuple(_part(piece.kind, piece.seconds) for piece in pieces(action, history.build_of(action)))


def _phases(action: ActionRun, history: History, start: float) -> Iterator[GanttRow]:
    """The working phases that are more than a twentieth of the build."""
    build = history.build_of(action)
    if build is None or action.ended_at is None:
        return
    at = start
    for piece in pieces(action, build):
        if piece.name in _WORK_PHASES and piece.seconds >= 0.05 * action.took_s:
            yield GanttRow(piece.name, at, (_part(piece.kind, piece.seconds),), None, duration(piece.seconds), depth=2)
        at += piece.seconds


def run_bars(runs: Sequence[PastRun]) -> tuple[RunBar, ...]:
    """Return executions (newest first) as columns, oldest first."""
    return tuple(RunBar(run.took_s, execution_tone(run.status)) for run in reversed(runs) if run.over)


def breakdown_blocks(profile: Profile, width: int = 64) -> tuple[Block, ...]:
    """Return what the time is spent on, by kind and by action with its kinds, with bars that fit into `width` cells."""
    room = min(max(width - _LABEL - _FIGURES, _BARS[0]), _BARS[1])
    whole = sum(profile.kinds.values())
    blocks = [heading("Where the time goes", "mean, critical path")]
    if whole <= 0:
        return (*blocks, paragraph("No execution went all the way.", muted=True))
    for kind, seconds in sorted(profile.kinds.items(), key=lambda each: -each[1]):
        if seconds >= 0.5:
            _, style, word = _LOOKS[kind]
            said = f"{duration(seconds)} · {seconds / whole * 100:.0f} %"
            blocks.append(_line(word, said, bar(seconds / whole, room, style)))
    blocks += [gap(), heading("Actions", "median · one in ten over")]
    longest = max((each.median_s for each in profile.actions.values()), default=1.0) or 1.0
    for node, series in profile.actions.items():
        if node not in profile.case.actions:
            continue
        parts = [_part(piece, seconds) for piece, seconds in _usual_parts(profile, node).items() if seconds > 0] or [
            _part(Kind.WORK, series.median_s)
        ]
        said = f"{duration(series.median_s)} · {duration(series.p90_s)}"
        blocks.append(_line(sanitize(node[1]), said, stacked(parts, room, longest)))
        if series.regressed:
            blocks.append(_line("", "", inked("↑ slower than before", "$text-error")))
    seen = [look for kind, look in _LOOKS.items() if profile.kinds[kind] >= 0.5]
    key = [join(inked(glyph * 2, style), f" {word}  ") for glyph, style, word in seen]
    return (*blocks, gap(), Block((join(*key),)), gap(), *_delivery(profile))


def _line(label: str, figures: str, drawn: Content) -> Block:
    muted = inked(f"{figures:<{_FIGURES - 1}} ", "$foreground-muted")
    return Block((join(muted, drawn),), lead=join(fit(label, _LABEL - 1), " "), wraps=False)


def _usual_parts(profile: Profile, node: tuple[str, str]) -> dict[Kind, float]:
    """An action's median by kind, from its newest runs."""
    case = profile.case
    runs = case.runs_of.get(node, ())[:20]
    found = dict.fromkeys(Kind, 0.0)
    for run in runs:
        for piece in pieces(run, case.history.build_of(run)):
            found[piece.kind] += piece.seconds / len(runs)
    total = sum(found.values())
    wanted = profile.actions[node].median_s
    return {kind: seconds * wanted / total for kind, seconds in found.items()} if total > 0 else found


def _delivery(profile: Profile) -> Iterator[Block]:
    made = profile.delivery
    yield heading("Delivery", f"{made.days:.0f} days")
    yield _pair("deliveries", f"{made.a_week:.1f} a week")
    if made.failure_rate is not None:
        yield _pair("failures", f"{made.failure_rate * 100:.0f} % of executions")
    if made.restore_s is not None:
        yield _pair("mended after", duration(made.restore_s))
    if made.lead_s is not None:
        yield _pair("lead time", duration(made.lead_s))
    if profile.cost is not None:
        prices = profile.prices
        yield _pair("cost", f"about ${profile.cost:.3f} a run (prices of {prices.as_of}, {prices.region})")
    for each in profile.flaky[:3]:
        yield _pair("flaky", sanitize(f"{each.node[1]}: {len(each.flakes)} of {each.runs} runs"))
    for note in profile.case.history.notes:
        yield paragraph(sanitize(note), muted=True)


def _pair(label: str, words: str) -> Block:
    return Block((words,), lead=inked(f"{label:<14} ", "$foreground-muted"))


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
        span = f"between {duration(saving.low_s)} and {duration(saving.high_s)}"
        blocks.append(paragraph(f"Saves {duration(saving.saved_s)} on the median execution, {span}."))
    if advice.basis:
        blocks.append(paragraph(sanitize(advice.basis[:1].upper() + advice.basis[1:]) + ".", muted=True))
    if advice.cost_before is not None and advice.cost_after is not None:
        blocks.append(paragraph(f"Cost a run: ${advice.cost_before:.3f} → ${advice.cost_after:.3f}"))
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
