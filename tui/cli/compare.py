"""`pipemedic compare PIPELINE`: what changed since the last good execution."""

from __future__ import annotations

import time
from typing import Any

import click

from core.age import age
from core.comparison import Comparison, Ran, Topic
from core.delivery import delivery
from core.place import PipelineRef
from core.text import first_line, sanitize
from tui.cli.as_json import iso_time, print_json
from tui.cli.common import open_cloud, place_options, run
from tui.cli.which import find_pipeline
from tui.comparison_read import compare_with, compare_with_last_good, find_execution
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.output import LOOKS, paint, run_look

__all__ = ["command"]


@click.command("compare")
@click.argument("pipeline")
@click.option("--execution", "execution_id", default="", metavar="ID", help="Up to which execution [default: latest].")
@click.option("--with", "with_id", default="", metavar="ID", help="Since which one [default: the last good one].")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_context
@place_options
def command(options: Options, ctx: click.Context, pipeline: str, execution_id: str, with_id: str, form: str) -> None:
    """Show what changed since the last good execution of PIPELINE (name or ARN). Exit code 1 if anything did.

    Compared are revisions, the pipeline's definition, its role and variables, what each action was configured with,
    and each build's image, compute type, role and variables. An ID may be cut short.
    """
    ref, found = run(_read(options, pipeline, execution_id, with_id))
    if form == "json":
        print_json(_object(ref, found))
    else:
        _print(ref, found, time.time())
    ctx.exit(ExitCode.FINDING if found.differences else ExitCode.FINE)


async def _read(options: Options, pipeline: str, execution_id: str, with_id: str) -> tuple[PipelineRef, Comparison]:
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        after = await find_execution(cloud, ref, execution_id)
        if not with_id:
            return ref, await compare_with_last_good(cloud, ref, after)
        return ref, await compare_with(cloud, ref, await find_execution(cloud, ref, with_id), after)


def _object(ref: PipelineRef, found: Comparison) -> dict[str, Any]:
    return {
        "schema": 1,
        "region": ref.place.region,
        "pipeline": ref.name,
        "before": _side(found.before),
        "after": _side(found.after),
        "differences": [
            {"topic": each.topic.value, "name": each.name, "before": each.before, "after": each.after}
            for each in found.differences
        ],
        "same": [each.value for each in found.same],
        "unknown": [each.value for each in found.unknown],
        "definition_diff": found.patch,
    }


def _side(ran: Ran) -> dict[str, Any]:
    execution = ran.execution
    return {
        "execution_id": execution.id,
        "status": execution.status,
        "started_at": iso_time(execution.started_at),
        "delivers": delivery(execution),
    }


def _print(ref: PipelineRef, found: Comparison, now: float) -> None:
    click.echo(paint(sanitize(ref.name), bold=True))
    for label, ran in (("before", found.before), ("after", found.after)):
        execution, look = ran.execution, run_look(ran.execution.status)
        ago = age(execution.started_at, now)
        words = f"{execution.id} · {f'{ago} ago · ' if ago else ''}{delivery(execution)}"
        click.echo(f"{label:<7} {paint(f'{look.glyph} {execution.status}', look)}  {sanitize(words)}")
    for topic in Topic:
        if not (differing := found.of(topic)):
            continue
        click.echo(f"\n{paint(topic.value.capitalize(), bold=True)}")
        for each in differing:
            click.echo(f"  {sanitize(each.name)}")
            for mark, value, look in (("-", each.before, LOOKS["failed"]), ("+", each.after, LOOKS["ok"])):
                if value:
                    click.echo(paint(f"    {mark} {first_line(sanitize(value))}", look))
        if topic is Topic.DEFINITION:
            click.echo("\n".join(f"    {line}" for line in sanitize(found.patch).splitlines()))
    click.echo()
    if found.same:
        click.echo(paint(f"the same: {', '.join(each.value for each in found.same)}", dim=True))
    if found.unknown:
        click.echo(paint(f"unknown (not read, or not run, on one side): {', '.join(found.unknown)}", dim=True))
