"""`pipemedic profile PIPELINE`: where the time goes, and what would make it shorter."""

from __future__ import annotations

import click

from core.profile.profile import Profile
from core.profile.to_json import to_json
from tui.cli.as_json import print_json
from tui.cli.common import open_cloud, place_options, run
from tui.cli.profile_text import profile_lines
from tui.cli.ticker import Ticker
from tui.cli.which import find_pipeline
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.output import terminal_width
from tui.profile_read import read_profile

__all__ = ["command"]


@click.command("profile")
@click.argument("pipeline")
@click.option(
    "--last",
    type=click.IntRange(1, 100_000),
    default=None,
    metavar="N",
    help="Only the newest N executions. [default: all of the last twelve months]",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_context
@place_options
def command(options: Options, ctx: click.Context, pipeline: str, last: int | None, form: str) -> None:
    """Show where the time of a PIPELINE (name or ARN) goes, and advice with the minutes it would save.

    It only reads: executions, their actions and builds, and what advice rests on (projects, the newest log of each,
    sizes of artifacts, utilisation, deployment settings). What was read of the past is kept in the cache folder.
    Exit code 1 if there is advice.
    """
    found = run(_profile(options, pipeline, last or 0))
    if form == "json":
        print_json(to_json(found))
    else:
        for line in profile_lines(found, terminal_width()):
            click.echo(line)
    ctx.exit(ExitCode.FINDING if found.advice else ExitCode.FINE)


async def _profile(options: Options, pipeline: str, last: int) -> Profile:
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        with Ticker() as ticker:
            return await read_profile(cloud, ref, last=last, progress=ticker.say)
