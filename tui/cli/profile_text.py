"""A profile as text for terminals and pipes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from core.age import duration
from core.profile.case import Advice
from core.profile.numbers import Series
from core.profile.prices import prices
from core.profile.profile import Profile
from core.profile.spans import Kind
from core.text import sanitize
from tui.output import LOOKS, Cell, Column, indented, paint, table

__all__ = ["profile_lines"]

_COLUMNS = (
    Column("WHAT", least=14),
    Column("RUNS", right=True, drop=2),
    Column("MEDIAN", right=True),
    Column("P90", right=True, drop=4),
    Column("LATEST", right=True, drop=3),
    Column("LAST 10", right=True, drop=1),
    Column("GOOD", right=True, drop=5),
    Column("A WEEK", right=True, drop=1),
)
_BAR = 30
_NAMES = {
    Kind.WORK: "work",
    Kind.TRANSFER: "transfer",
    Kind.PROVISIONING: "provisioning",
    Kind.QUEUE: "queue",
    Kind.APPROVAL: "approval",
    Kind.RETRY: "failed and retried",
}


def profile_lines(profile: Profile, width: int | None) -> Iterator[str]:
    """Yield the lines, none wider than `width` cells but for what must stay whole (None: as wide as they need)."""
    yield from _head(profile, width)
    yield ""
    yield from _kinds(profile)
    yield ""
    yield from _durations(profile, width)
    yield ""
    yield from _path(profile)
    yield ""
    yield from _advice(profile, width)


def _head(profile: Profile, width: int | None) -> Iterator[str]:
    case, made = profile.case, profile.delivery
    yield f"{paint(sanitize(case.ref.name), bold=True)}  {paint(case.ref.place.region, dim=True)}"
    older = " (older ones were not read)" if case.history.truncated else ""
    yield f"{len(case.history.runs)} executions in {made.days:.0f} days{older}"
    if profile.whole:
        whole = profile.whole
        trend = f", {_signed(whole.growth_s_a_week)} a week" if abs(whole.growth_s_a_week) >= 1 else ""
        yield f"usually {duration(whole.median_s)}, one in ten over {duration(whole.p90_s)}{trend}"
    if made.failure_rate is not None:
        restore = f", mended after {duration(made.restore_s)}" if made.restore_s is not None else ""
        lead = f" · {duration(made.lead_s)} from a revision's first run to delivered" if made.lead_s is not None else ""
        rate = f"{made.failure_rate:.0%}".replace("%", " %")
        yield from indented(f"{made.a_week:.1f} deliveries a week · {rate} fail{restore}{lead}", 0, width)
    if profile.cost is not None:
        yield f"about ${profile.cost:.3f} a run (prices of {profile.prices.as_of}, {profile.prices.region})"
    for note in case.history.notes:
        yield from indented(sanitize(note), 2, width, first="! ")


def _kinds(profile: Profile) -> Iterator[str]:
    whole = sum(profile.kinds.values())
    yield paint("Where the time goes", bold=True) + paint("  (mean of good executions, critical path)", dim=True)
    if whole <= 0:
        yield "  No execution went all the way."
        return
    for kind, seconds in sorted(profile.kinds.items(), key=lambda each: -each[1]):
        if seconds >= 0.5:
            share = seconds / whole
            bar = "█" * round(share * _BAR)
            yield f"  {_NAMES[kind]:<18} {duration(seconds):>8}  {share * 100:3.0f} %  {bar}"


def _durations(profile: Profile, width: int | None) -> Iterator[str]:
    rows = [_row("the pipeline", profile.whole)] if profile.whole else []
    if len(profile.stages) > 1:
        rows += [_row(f"stage {name}", each) for name, each in profile.stages.items()]
    for node, series in profile.actions.items():
        rows.append(_row(f"{node[0]} / {node[1]}", series))
        for name, each in profile.phases.get(node, {}).items():
            if each.median_s >= 0.05 * series.median_s and each.median_s >= 1:
                rows.append(_row(f"  {name}", each))
    if rows:
        yield from table(_COLUMNS, rows, width)
    else:
        yield "No action has run to its end."


def _row(name: str, series: Series) -> list[Cell]:
    worse = LOOKS["failed"] if series.regressed else None
    return [
        Cell(sanitize(name)),
        Cell(str(series.count)),
        Cell(duration(series.median_s)),
        Cell(duration(series.p90_s)),
        Cell(duration(series.latest_s)),
        Cell(duration(series.recent_s), worse),
        Cell(duration(series.last_good_s)),
        Cell(_signed(series.growth_s_a_week) if abs(series.growth_s_a_week) >= 0.5 else "·"),
    ]


def _signed(seconds: float) -> str:
    return f"{'+' if seconds >= 0 else '−'}{duration(abs(seconds))}"


def _path(profile: Profile) -> Iterator[str]:
    if not profile.latest:
        return
    took = duration(profile.latest.took_s)
    yield paint("Critical path", bold=True) + paint(f"  (execution {profile.latest.id}, {took})", dim=True)
    for leg in profile.path:
        wait = f"  after {duration(leg.wait_s)} of waiting" if leg.wait_s >= 5 else ""
        yield f"  {duration(leg.run.took_s):>8}  {sanitize(leg.run.stage)} / {sanitize(leg.run.action)}{wait}"


def _advice(profile: Profile, width: int | None) -> Iterator[str]:
    if not profile.advice:
        runs = len(profile.case.replayable)
        yield paint("Advice", bold=True)
        yield (
            f"  Nothing that {runs} executions show would make it clearly shorter."
            if runs
            else ("  No execution ran exactly the present actions once each: nothing to replay.")
        )
        return
    yield paint("Advice", bold=True) + paint("  (figures are of the median execution; they do not add up)", dim=True)
    for number, advice in enumerate(profile.advice, 1):
        yield ""
        yield from _one(number, advice, width)


def _one(number: int, advice: Advice, width: int | None) -> Iterator[str]:
    for line in indented(sanitize(advice.title), 3, width, first=f"{number}. "):
        yield paint(line, bold=True)
    if advice.saving:
        saving = advice.saving
        yield from indented(f"saves {duration(saving.saved_s)} ({saving.span}); {advice.basis}", 3, width)
    elif advice.basis:
        yield f"   {advice.basis}"
    if advice.cost_before is not None and advice.cost_after is not None:
        dated = f"prices of {prices().as_of}, {prices().region}"
        yield from indented(f"cost a run: ${advice.cost_before:.3f} → ${advice.cost_after:.3f} ({dated})", 3, width)
    yield from indented(sanitize(advice.summary), 3, width)
    for line in advice.lines:
        yield from indented(sanitize(line), 5, width, first="   · ")
    for fix in advice.fixes:
        kind = "press f on its profile" if fix.plan else "by hand"
        yield from indented(f"{sanitize(fix.title)} ({kind})", 5, width, first="   → ")
        for step in fix.steps:
            yield from indented(sanitize(step), 7, width, first="     - ")
        for command in fix.commands:
            yield f"     $ {sanitize(command)}"
        if fix.console_url:
            yield f"     {sanitize(fix.console_url)}"
