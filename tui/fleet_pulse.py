"""What the pulse page says, as text for its parts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from core.age import age, duration
from core.attention import Condition
from core.pulse import Figures, Past, Pulse, Rated, grouped, pulse
from core.text import sanitize
from tui.fleet_book import Entry
from tui.tones import condition_tone
from widgets.column_chart import ChartData
from widgets.ink import fit, inked, join
from widgets.status import MARKS

__all__ = [
    "TILES",
    "WINDOWS",
    "Board",
    "Window",
    "bars_of",
    "board",
    "failing_lines",
    "figure_line",
    "group_lines",
    "rated_lines",
]

TILES = (Condition.FAILED, Condition.STUCK, Condition.WAITING, Condition.RUNNING, Condition.OFF, Condition.OK)
_DAY = 86_400.0
# Share of pipelines whose past must be known before two times are compared.
_ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class Window:
    """A time to look at: its length in seconds, in how many slices, and the words for it."""

    seconds: float
    slices: int
    name: str


WINDOWS = (
    Window(_DAY, 48, "last 24 hours"),
    Window(7 * _DAY, 56, "last 7 days"),
    Window(30 * _DAY, 60, "last 30 days"),
)


@dataclass(frozen=True, slots=True)
class Board:
    """The figures of all pipelines, and those of each group, the worst first."""

    pulse: Pulse
    groups: tuple[tuple[str, Figures], ...]


def board(pasts: Sequence[Past], groups: Mapping[str, str], window: Window, now: float) -> Board:
    """Work everything out; meant for a thread where there are many."""
    rated = [(name, pulse(held, now, window.seconds, 1).now) for name, held in grouped(pasts, groups).items()]
    rated.sort(
        key=lambda one: (one[1].success_rate if one[1].success_rate is not None else 2.0, -one[1].failed, one[0])
    )
    return Board(pulse(pasts, now, window.seconds, window.slices), tuple(rated))


def bars_of(found: Pulse) -> ChartData:
    """The failures with the successes on top."""
    return ChartData(
        found.failures, found.successes, first=_moment(found.since, found), last=f"now {_moment(found.until, found)}"
    )


def _moment(at: float, found: Pulse) -> str:
    form = "%a %H:%M" if found.until - found.since <= 8 * _DAY else "%d %b"
    return datetime.fromtimestamp(at).astimezone().strftime(form)


def figure_line(found: Pulse) -> tuple[Content, ...]:
    """Four figures: success rate, lead time, time to restore, executions; each with what it was before."""
    now = found.now
    # What is known in part compares with nothing.
    before = found.before if found.covered_before >= _ENOUGH else Figures()
    return (
        _figure("success rate", _percent(now.success_rate), _change(now.success_rate, before.success_rate, share=True)),
        _figure("lead time", _seconds(now.lead_s), _change(now.lead_s, before.lead_s)),
        _figure("time to restore", _seconds(now.restore_s), _change(now.restore_s, before.restore_s)),
        _figure("executions", f"{now.succeeded + now.failed}", _count(before.succeeded + before.failed)),
    )


def _figure(name: str, value: str, change: Content) -> Content:
    return Content("\n").join([inked(name, "$foreground-muted"), join(inked(value, "bold"), "  ", change)])


def _count(before: int) -> Content:
    return inked(f"before {before}" if before else "", "$foreground-muted")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


def _seconds(value: float | None) -> str:
    return "–" if value is None else duration(value)


def _change(now: float | None, before: float | None, *, share: bool = False) -> Content:
    """An arrow with what it was before; better is green, whichever way that points."""
    if now is None or before is None:
        return Content("")
    was = _percent(before) if share else duration(before)
    if abs(now - before) <= 0.05 * max(abs(before), 1e-9):
        return inked(f"= before {was}", "$foreground-muted")
    better = (now > before) is share
    return inked(f"{'▲' if now > before else '▼'} before {was}", "$text-success" if better else "$text-error")


def failing_lines(entries: Sequence[Entry], now: float, width: int, most: int) -> Content:
    """What wants attention now, with since when."""
    wanted = [entry for entry in entries if entry.assessment.condition in {Condition.FAILED, Condition.STUCK}]
    lines = []
    for entry in wanted[:most]:
        mark = MARKS[condition_tone(entry.assessment.condition)]
        since = age(entry.assessment.since, now)
        name = fit(sanitize(entry.ref.name), max(width - 8, 8))
        lines.append(join(inked(mark.glyph, mark.style), " ", name, inked(f" {since:>5}", "$foreground-muted")))
    if len(wanted) > most:
        lines[-1] = inked(f"and {len(wanted) - most + 1} more", "$foreground-muted")
    return _block("FAILING NOW", lines or [inked("nothing", "$text-success")])


def rated_lines(
    title: str, rated: Sequence[Rated], width: int, most: int, *, share: bool = False, none: str = ""
) -> Content:
    """Pipelines with a figure each: a bar as long as it is great."""
    greatest = max((one.value for one in rated), default=1.0) or 1.0
    lines = []
    for one in rated[:most]:
        value = _percent(one.value) if share else duration(one.value)
        room = max(width - 18, 8)
        bar = "█" * max(round(one.value / greatest * 6), 1)
        lines.append(
            join(fit(sanitize(one.name), room), inked(f" {bar:<6}", "$text-warning"), inked(f" {value:>9}", "bold"))
        )
    return _block(title, lines or [inked(none, "$foreground-muted")])


def group_lines(title: str, groups: Sequence[tuple[str, Figures]], width: int, most: int) -> Content:
    """Groups with success rate and failures."""
    lines = []
    for name, figures in groups[:most]:
        rate = figures.success_rate
        style = "$foreground-muted" if rate is None else "$text-error" if rate < 0.8 else "$text-success"
        failed = inked(f" ✗ {figures.failed}", "$text-error" if figures.failed else "$foreground-muted")
        room = max(width - 15, 8)
        lines.append(join(fit(sanitize(name or "none"), room), inked(f" {_percent(rate):>6}", style), failed))
    return _block(f"BY {title.upper()}", lines or [inked("nothing read yet", "$foreground-muted")])


def _block(title: str, lines: Sequence[Content]) -> Content:
    return Content("\n").join([inked(title, "bold $text-primary"), *lines])
