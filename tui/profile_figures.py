"""The figures of a profile as blocks: what time is spent on, durations and trends, the critical path. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.age import duration
from core.profile.numbers import Series
from core.profile.profile import Profile
from core.profile.spans import Kind, pieces
from core.text import sanitize
from tui.profile_view import LOOKS, part
from widgets.bars import bar, stacked
from widgets.document import Block, gap, heading, paragraph
from widgets.ink import fit, inked, join

__all__ = ["figure_blocks"]

_LABEL, _FIGURES = 13, 18
_BARS = (8, 40)  # least and most cells
_CELL = 8  # a figure in the table of durations
_NAMES = (20, 34)  # least and most cells of what is measured
# Which figures are shown where there is room for so many.
_PICKED = {2: (0, 1), 3: (0, 1, 5), 4: (0, 1, 3, 5), 5: (0, 1, 2, 3, 5), 6: (0, 1, 2, 3, 4, 5)}
_LEAST_PHASE_S = 3.0
_MUTED = "$foreground-muted"


def figure_blocks(profile: Profile, width: int = 64) -> tuple[Block, ...]:
    """Return all figures, for `width` cells."""
    whole = sum(profile.kinds.values())
    if whole <= 0:
        head = heading("Where the time goes", "mean, critical path")
        return (head, paragraph("No execution went all the way.", muted=True), gap(), *_delivery(profile))
    blocks = [*_kinds(profile, width, whole), gap(), *_delivery(profile), gap(), *_path(profile)]
    return (*blocks, gap(), *_durations(profile, width))


def _kinds(profile: Profile, width: int, whole: float) -> Iterator[Block]:
    """What the time is spent on, then each action's usual time with its kinds."""
    room = min(max(width - _LABEL - _FIGURES, _BARS[0]), _BARS[1])
    yield heading("Where the time goes", "mean, critical path")
    for kind, seconds in sorted(profile.kinds.items(), key=lambda each: -each[1]):
        if seconds >= 0.5:
            glyph, style, word = LOOKS[kind]
            said = f"{duration(seconds)} · {seconds / whole * 100:.0f} %"
            yield _line(word, said, bar(seconds / whole, room, style, glyph))
    yield gap()
    yield heading("Actions", "median · one in ten over")
    longest = max((each.median_s for each in profile.actions.values()), default=1.0) or 1.0
    for node, series in profile.actions.items():
        if node in profile.case.actions:
            parts = [part(kind, seconds) for kind, seconds in _usual_parts(profile, node).items() if seconds > 0]
            said = f"{duration(series.median_s)} · {duration(series.p90_s)}"
            drawn = stacked(parts or [part(Kind.WORK, series.median_s)], room, longest)
            yield _line(sanitize(node[1]), said, drawn)


def _line(label: str, figures: str, drawn: Content) -> Block:
    muted = inked(f"{figures:<{_FIGURES - 1}} ", "$foreground-muted")
    return Block((join(muted, drawn),), lead=join(fit(label, _LABEL - 1), " "), wraps=False)


def _durations(profile: Profile, width: int) -> Iterator[Block]:
    """The pipeline, its stages, actions and build phases, each with its figures in columns."""
    columns = ("median", "p90", "latest", "last 10", "good", "a week")
    picked = _PICKED[min(max((width - _NAMES[0]) // _CELL, 2), len(columns))]
    names = min(max(width - _CELL * len(picked), 8), _NAMES[1])
    yield heading("Durations", "successful runs")
    said = "".join(f"{columns[number]:>{_CELL}}" for number in picked)
    yield Block((inked(said, _MUTED),), lead=" " * names, wraps=False)
    for label, depth, series in _rows(profile):
        figures = _figures(series)
        cells = (inked(f"{figures[number]:>{_CELL}}", _style(number, series, depth)) for number in picked)
        name = inked(f"{' ' * depth}{label}", "bold" if depth < 2 else _MUTED if depth > 2 else "")
        yield Block((join(*cells),), lead=fit(name, names), wraps=False)


def _rows(profile: Profile) -> Iterator[tuple[str, int, Series]]:
    """Label, depth and figures of each row; phases below a twentieth of their action are left out."""
    if profile.whole:
        yield "pipeline", 0, profile.whole
    for stage in profile.case.definition.stages:
        if series := profile.stages.get(stage.name):
            yield sanitize(stage.name), 1, series
        for action in stage.actions:
            node = (stage.name, action.name)
            if mine := profile.actions.get(node):
                yield sanitize(action.name), 2, mine
                for name, each in profile.phases.get(node, {}).items():
                    if each.median_s >= max(0.05 * mine.median_s, _LEAST_PHASE_S):
                        yield name, 4, each


def _figures(series: Series) -> tuple[str, ...]:
    growth = series.growth_s_a_week
    sign = "+" if growth > 0 else "−"
    trend = f"{sign}{duration(abs(growth))}" if abs(growth) >= 0.5 else "="
    times = (series.median_s, series.p90_s, series.latest_s, series.recent_s, series.last_good_s)
    return (*(duration(each) for each in times), trend)


def _style(number: int, series: Series, depth: int) -> str:
    if number in {3, 5} and series.regressed:
        return "$text-error"
    return _MUTED if depth > 2 else ""


def _path(profile: Profile) -> Iterator[Block]:
    """The actions that decided how long the newest good execution took."""
    if profile.latest is None:
        return
    yield heading("Critical path", f"execution {sanitize(profile.latest.id[:8])}, {duration(profile.latest.took_s)}")
    for leg in profile.path:
        wait = f"   after {duration(leg.wait_s)} of waiting" if leg.wait_s >= 5 else ""
        words = f"{sanitize(leg.run.stage)} / {sanitize(leg.run.action)}"
        yield Block((join(words, inked(wait, "$text-warning")),), lead=f"{duration(leg.run.took_s):>{_CELL}}  ")


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
