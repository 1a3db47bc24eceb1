"""`pipemedic report PIPELINE`: one incident as a document to hand over."""

from __future__ import annotations

import time
from pathlib import Path

import click

from core.report.assemble import assemble
from core.report.incident import Incident
from core.report.redact import redacted
from core.text import sanitize
from tui.cli.common import open_cloud, place_options, run
from tui.cli.ticker import Ticker
from tui.cli.trouble import Misused, Trouble
from tui.cli.which import find_pipeline
from tui.exit_codes import ExitCode
from tui.options import Options

__all__ = ["command"]

_FORMS = ("markdown", "html", "json")
_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown", ".markdown": "markdown"}
_UNHEALTHY = frozenset({"failed", "stuck"})


@click.command("report")
@click.argument("pipeline")
@click.option("--execution", default="", metavar="ID", help="A past execution: its id or the beginning of it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default=None,
    help="How to write it. [default: as FILE ends; markdown]",
)
@click.option("--redact-accounts", is_flag=True, help="Leave account ids out.")
@click.option(
    "-o", "--output", "path", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE",
    help="Write into FILE; else to standard output.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.pass_context
@place_options
def command(
    options: Options,
    ctx: click.Context,
    pipeline: str,
    execution: str,
    form: str | None,
    redact_accounts: bool,
    path: Path | None,
    force: bool,
) -> None:
    """Write one incident of a PIPELINE (name or ARN) as a document: timeline, cause, evidence, changes, follow-ups.

    Without --execution it is what is wrong now, else the newest execution in which something failed. It only reads.
    Secrets are masked always. Exit code 1 if the pipeline is still broken.
    """
    if path is not None and path.exists() and not force:
        raise Misused(f"{sanitize(str(path))} is there already: give another name, or --force to replace it.")
    form = form or (_ENDINGS.get(path.suffix.lower(), "markdown") if path else "markdown")
    from tui.report_write import rendered, write_report  # noqa: PLC0415 (after the arguments are known to be good)

    incident = run(_gather(options, pipeline, execution))
    report = redacted(assemble(incident), accounts=redact_accounts)
    text = rendered(report, form)
    if path is None:
        click.echo(text, nl=False)
    else:
        try:
            write_report(path, text, replace=force)
        except OSError as error:
            raise Trouble(f"The report was not written: {sanitize(str(error))}") from error
        click.echo(f"Written: {sanitize(str(path))}", err=True)
    ctx.exit(ExitCode.FINDING if report.status in _UNHEALTHY else ExitCode.FINE)


async def _gather(options: Options, pipeline: str, execution: str) -> Incident:
    from tui.report_gather import gather  # noqa: PLC0415 (imports the playbooks' room)

    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        with Ticker() as ticker:
            return await gather(cloud, ref, execution_id=execution, progress=ticker.progress, clock=time.time)
