"""`pipemedic journal`: the changes made from here. Reads the journal's file alone; asks AWS nothing."""

from __future__ import annotations

import time

import click

from core.journal import Entry
from core.text import first_line, sanitize
from tui.cli.as_json import iso_time, print_json
from tui.exit_codes import ExitCode

__all__ = ["command"]


@click.command("journal")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.option("--last", "last", type=click.IntRange(min=1), default=None, metavar="N", help="Only the newest N.")
@click.pass_context
def command(ctx: click.Context, form: str, last: int | None) -> None:
    """Show the changes made from here, newest first: who, where, what, and how each ended.

    Exit code 1 if the result of one is not known: look at the resource, or press c on it in the program's journal (J).
    """
    from aws.journal import Journal  # noqa: PLC0415 (its room takes long to import)
    from tui.journal_file import read_entries  # noqa: PLC0415

    found = read_entries(Journal(), time.time())
    shown = found[:last]
    if form == "json":
        print_json({"version": 1, "changes": [_object(each) for each in shown]})
    elif not found:
        click.echo("Nothing was changed from here yet.")
    else:
        for each in shown:
            _print(each)
    ctx.exit(ExitCode.FINDING if any(each.unknown for each in shown) else ExitCode.FINE)


def _object(entry: Entry) -> dict[str, object]:
    call = entry.call
    return {
        "id": entry.id,
        "at": iso_time(entry.at),
        "state": entry.state.value,
        "who": entry.who,
        "account": entry.account,
        "profile": entry.place.profile,
        "region": entry.place.region,
        "pipeline": entry.pipeline,
        "plan": entry.plan,
        "title": entry.title,
        "resource": entry.resource,
        "call": {"service": call.service, "operation": call.operation, "params": call.params} if call else None,
        "before": entry.before,
        "after": entry.after,
        "undo": entry.undo_words,
        "request_id": entry.request_id,
        "error": entry.error,
    }


def _print(entry: Entry) -> None:
    click.echo(f"{iso_time(entry.at)}  {entry.state.value:<18}  {sanitize(entry.title)}")
    where = " · ".join(filter(None, (entry.account, entry.place.region, entry.place.profile, entry.pipeline)))
    click.echo(f"    {sanitize(where)}  by {sanitize(entry.who)}")
    if entry.request_id:
        click.echo(f"    request {sanitize(entry.request_id)}")
    if entry.error:
        click.echo(f"    AWS said: {first_line(sanitize(entry.error))}")
