"""`pipemedic diagnose PIPELINE`: what is wrong, why, and what to do about it."""

from __future__ import annotations

import os

import click

from core.diagnosis import Diagnosis, to_json
from core.errors import PipemedicError
from core.text import sanitize
from tui.cli.as_json import print_json
from tui.cli.common import open_cloud, place_options, run
from tui.cli.diagnose_text import report
from tui.cli.ticker import Ticker
from tui.cli.unanswered import unanswered
from tui.cli.which import NoSuchPipeline, find_pipeline
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.output import terminal_width
from tui.triage import triage

__all__ = ["command"]

_UNHEALTHY = frozenset({"failed", "stuck"})


@click.command("diagnose")
@click.argument("pipeline")
@click.option("--stage", default="", metavar="S", help="The stage; else the one that needs attention.")
@click.option("--action", default="", metavar="A", help="The action; else the one that failed, runs or waits.")
@click.option("--execution", default="", metavar="ID", help="A past execution: its id or the beginning of it.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_context
@place_options
def command(
    options: Options, ctx: click.Context, pipeline: str, stage: str, action: str, execution: str, form: str
) -> None:
    """Find out why a PIPELINE (name or ARN) is red. It only reads. Exit code 1 if something was found.

    The JSON object is described by docs/diagnose.schema.json.
    """
    from tui.incident_file import remember_diagnosis  # noqa: PLC0415
    from tui.team.load import load  # noqa: PLC0415 (imports the playbooks' room)

    try:
        found = run(_diagnose(options, pipeline, (stage, action, execution)))
    except PipemedicError as error:
        if form == "json":
            regions = options.regions or (os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "",)
            missing = isinstance(error, NoSuchPipeline)
            print_json(unanswered(error, pipeline, regions[0], missing=missing))
        raise
    if not (stage or action):
        remember_diagnosis(found)  # the report written after the recovery tells what was proven before it
    if form == "json":
        print_json(to_json(found))
    else:
        for line in report(found, terminal_width()):
            click.echo(line)
    for mistake in load().mistakes:
        click.echo(f"Not used: {sanitize(str(mistake))} (pipemedic playbooks check)", err=True)
    ctx.exit(ExitCode.FINDING if found.findings or found.status in _UNHEALTHY else ExitCode.FINE)


async def _diagnose(options: Options, pipeline: str, asked: tuple[str, str, str]) -> Diagnosis:
    stage, action, execution = asked
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        with Ticker() as ticker:
            return await triage(
                cloud, ref, execution_id=execution, stage=stage, action=action, progress=ticker.progress
            )
