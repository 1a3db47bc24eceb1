"""`pipemedic ls`: the fleet as a table, or as JSON for scripts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from core.age import age, duration
from core.attention import Condition
from core.delivery import delivery
from core.errors import AwsError
from core.pipeline import Execution
from core.place import Place
from core.text import first_line, sanitize
from tui.cli.as_json import iso_time, print_json
from tui.cli.common import open_cloud, place_options, run
from tui.cli.fleet_once import Reading, read_fleet
from tui.cli.trouble import told, trouble, warn
from tui.exit_codes import ExitCode
from tui.fleet_book import Entry
from tui.options import Options
from tui.output import Cell, Column, condition_look, stage_look, table, terminal_width
from tui.side_by_side import side_by_side

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["command"]

# What `--failed` keeps: what is broken, and what will not move without a hand.
_FAILED = frozenset({Condition.FAILED, Condition.STUCK})


@click.command("ls")
@click.option("--failed", is_flag=True, help="Only those that failed or are stuck; exit code 1 if there are any.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="How to print."
)
@click.pass_context
@place_options
def command(options: Options, ctx: click.Context, failed: bool, form: str) -> None:
    """List the pipelines with their status, those that need attention first."""
    now = time.time()
    reading, accounts = run(_read(options, now, accounts=form == "json"))
    if reading.nothing:
        for error in list(reading.troubles.values())[1:]:
            warn(told(error))
        raise trouble(next(iter(reading.troubles.values())))
    for error in reading.troubles.values():
        warn(told(error))
    entries = [entry for entry in reading.entries if not failed or entry.assessment.condition in _FAILED]
    _warn_of_unread(reading.entries)
    if form == "json":
        print_json([_object(entry, accounts) for entry in entries])
    elif entries:
        _print_table(entries, now)
    else:
        click.echo("Nothing failed." if failed and reading.entries else "There are no pipelines here.", err=True)
    ctx.exit(ExitCode.FINDING if failed and entries else ExitCode.FINE)


async def _read(options: Options, now: float, *, accounts: bool) -> tuple[Reading, Mapping[Place, str]]:
    async with open_cloud(options) as cloud:
        if not accounts:
            return await read_fleet(cloud, now), {}
        async with side_by_side() as group:
            reading = group.create_task(read_fleet(cloud, now))
            known = {place: group.create_task(_account(cloud, place)) for place in cloud.places}
        return reading.result(), {place: account.result() for place, account in known.items()}


async def _account(cloud: Cloud, place: Place) -> str:
    try:
        return (await cloud.identity(place)).account
    except AwsError:
        return ""


def _warn_of_unread(entries: tuple[Entry, ...]) -> None:
    unread = [entry for entry in entries if entry.snapshot and entry.snapshot.error]
    if unread:
        names = ", ".join(entry.ref.name for entry in unread[:3]) + (", …" if len(unread) > 3 else "")
        reason = unread[0].snapshot.error if unread[0].snapshot else ""
        warn(f"{len(unread)} could not be read ({names}): {reason}")


def _print_table(entries: list[Entry], now: float) -> None:
    places = {entry.ref.place for entry in entries}
    regions = len({place.region for place in places}) > 1
    profiles = len({place.profile for place in places}) > 1
    columns = [
        Column("STATUS"),
        Column("PIPELINE", least=12, shrink=2),
        Column("STAGES", least=4, shrink=3),
        Column("WHAT", least=10, shrink=1, drop=3),
        Column("AGE", right=True),
        Column("TOOK", right=True, drop=1),
        *([Column("REGION", drop=4)] if regions else []),
        *([Column("PROFILE", drop=2)] if profiles else []),
    ]
    rows = [_row(entry, now, regions=regions, profiles=profiles) for entry in entries]
    for line in table(columns, rows, terminal_width()):
        click.echo(line)


def _row(entry: Entry, now: float, *, regions: bool, profiles: bool) -> list[Cell]:
    found, snapshot = entry.assessment, entry.snapshot
    look = condition_look(found.condition)
    execution = snapshot.execution if snapshot else None
    state = snapshot.state if snapshot else None
    strip = "".join(stage_look(state, stage).glyph for stage in state.stages) if state else ""
    why = first_line(sanitize(found.why))
    told_here = found.condition in {Condition.OFF, Condition.UNKNOWN} or execution is None
    return [
        Cell(f"{look.glyph} {found.word}", look),
        Cell(sanitize(entry.ref.name)),
        Cell(strip),
        Cell(why if told_here or execution is None else delivery(execution)),
        Cell(_age(execution, now)),
        Cell(_took(execution, now)),
        *([Cell(entry.ref.place.region)] if regions else []),
        *([Cell(entry.ref.place.profile or "default")] if profiles else []),
    ]


def _age(execution: Execution | None, now: float) -> str:
    if execution is None:
        return ""
    return age(execution.started_at if execution.status == "InProgress" else execution.updated_at, now)


def _took(execution: Execution | None, now: float) -> str:
    seconds = _duration_s(execution, now)
    return "" if seconds is None else duration(seconds)


def _duration_s(execution: Execution | None, now: float) -> float | None:
    if execution is None or execution.started_at is None:
        return None
    end = now if execution.status == "InProgress" else execution.updated_at
    return None if end is None else round(max(end - execution.started_at, 0.0), 3)


def _object(entry: Entry, accounts: Mapping[Place, str]) -> dict[str, Any]:
    found, snapshot = entry.assessment, entry.snapshot
    execution = snapshot.execution if snapshot else None
    ended = execution is not None and execution.status not in {"InProgress", "Stopping"}
    return {
        "pipeline": entry.ref.name,
        "region": entry.ref.place.region,
        "profile": entry.ref.place.profile,
        "account": accounts.get(entry.ref.place, ""),
        "status": found.condition.name.lower(),
        "why": sanitize(found.why),
        "since": iso_time(found.since),
        "stage": found.focus.stage if found.focus else "",
        "action": found.focus.action if found.focus else "",
        "stages": [
            {"name": stage.name, "status": stage.status}
            for stage in (snapshot.state.stages if snapshot and snapshot.state else ())
        ],
        "execution_id": execution.id if execution else "",
        "execution_status": execution.status if execution else "",
        "what": delivery(execution) if execution else "",
        "started_at": iso_time(execution.started_at if execution else None),
        "ended_at": iso_time(execution.updated_at if execution and ended else None),
        "duration_s": _duration_s(execution, snapshot.read_at) if snapshot else None,
        "error": sanitize(snapshot.error) if snapshot else "",
    }
