"""`pipemedic logs PIPELINE`: the log of an action as plain lines, whole or as it is written."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from core.logs import LogGroup
from tui.cli.common import place_options, run
from tui.exit_codes import ExitCode
from tui.logs.local import print_file
from tui.logs.moments import parse_moment
from tui.logs.printer import LinePrinter, Shape, write_out
from tui.logs.sieve import Sieve, compile_pattern
from tui.options import Options
from widgets.log_stamps import Stamps

if TYPE_CHECKING:
    from tui.cli.logs_print import BatchPrinter

__all__ = ["command"]


@click.command("logs")
@click.argument("pipeline", required=False)
@click.option("--stage", default="", metavar="S", help="The stage; else the one that needs attention.")
@click.option("--action", default="", metavar="A", help="The action; else the one that failed or runs.")
@click.option("--execution", default="", metavar="ID", help="A past execution: its id or the beginning of it.")
@click.option(
    "--list", "listed", is_flag=True, help="List the logs of the action instead: builds, containers, functions."
)
@click.option(
    "--log", "logs", multiple=True, metavar="NAME", help="One of those by its name; several are printed by time."
)
@click.option("--group", default="", metavar="G", help="A log group in place of a pipeline, whole or with --stream.")
@click.option(
    "--stream", "streams", multiple=True, metavar="NAME", help="Only this stream of the group; may be repeated."
)
@click.option(
    "--pattern", default="", metavar="P", help="With --group: only events that fit CloudWatch's filter pattern P."
)
@click.option(
    "--live-tail", is_flag=True, help="With --group -f: watch by CloudWatch's live tail, which costs by the minute."
)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="A local log in place of a pipeline's; - is standard input.",
)
@click.option("--open", "opened", is_flag=True, help="With --file: in the log workspace instead of as text.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the build or action ends; wait for it to begin.")
@click.option("--since", metavar="TIME", help="From then on: 15m, 1h30m, 14:05, an ISO 8601 or epoch time.")
@click.option("--until", metavar="TIME", help="Up to then, in the same forms.")
@click.option(
    "--grep",
    "patterns",
    multiple=True,
    metavar="RE",
    help="Lines in which it is found; given twice, either. Capitals count once there is one.",
)
@click.option("--exclude", multiple=True, metavar="RE", help="Not those in which it is found.")
@click.option("--fixed", is_flag=True, help="Read --grep and --exclude as plain text.")
@click.option(
    "-C",
    "--context",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    help="N lines before and after each line found.",
)
@click.option("--timestamps", is_flag=True, help="The time before each line, in UTC.")
@click.option(
    "--clock",
    type=click.Choice([each.value for each in Stamps if each is not Stamps.NONE]),
    help="The time before each line: local, UTC, since the start, since the line before.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--show-secrets", is_flag=True, help="Do not mask what looks like a secret.")
@click.pass_context
@place_options
def command(
    options: Options, ctx: click.Context, /, pipeline: str | None, path: str | None, follow: bool, **asked: Any
) -> None:
    """Print the log of a PIPELINE's build, or what else an action writes, from its first line on.

    Exit code 1 if the build failed. Secrets are masked. With --file, a log that is already here is read in place of one
    from AWS.
    """
    colour = sys.stdout.isatty() if ctx.color is None else ctx.color
    shape = _shape(asked, colour=colour, now=time.time())
    if path is not None:
        if pipeline or any(asked[name] for name in ("group", "streams", "listed", "logs")):
            raise click.UsageError("--file stands in place of a PIPELINE.")
        ctx.exit(_file(path, shape, follow=follow, opened=asked["opened"]))
    if asked["opened"]:
        raise click.UsageError("--open goes with --file; the program itself opens all other logs.")
    from tui.cli.logs_print import BatchPrinter, Wanted, list_logs, print_action  # noqa: PLC0415 (a file needs none)

    printer = BatchPrinter(shape, follow=follow)
    if asked["group"] or asked["streams"] or asked["pattern"] or asked["live_tail"]:
        ctx.exit(run(_by_group(options, pipeline, printer, asked)))
    if not pipeline:
        raise click.UsageError("Missing argument 'PIPELINE' (or --file, or --group).")
    wanted = Wanted(pipeline, asked["stage"], asked["action"], asked["execution"], asked["logs"])
    ctx.exit(run(list_logs(options, wanted) if asked["listed"] else print_action(options, wanted, printer)))


def _file(path: str, shape: Shape, *, follow: bool, opened: bool) -> int:
    """Print a local log, or open it in the workspace."""
    if opened:
        from tui.launch import open_file  # noqa: PLC0415 (Textual is imported only for the interactive program)

        return open_file(path, follow=follow)
    print_file(path, LinePrinter(shape, write_out), follow=follow)
    return ExitCode.FINE


def _shape(asked: Mapping[str, Any], *, colour: bool, now: float) -> Shape:
    """What the options say about lines.

    Raises:
        click.UsageError: a time or a pattern that cannot be read.
    """
    sieve = None
    if asked["patterns"] or asked["exclude"]:
        patterns = _patterns(asked["patterns"], "--grep", fixed=asked["fixed"])
        sieve = Sieve(patterns, _patterns(asked["exclude"], "--exclude", fixed=asked["fixed"]), asked["context"])
    stamps = Stamps(asked["clock"]) if asked["clock"] else Stamps.UTC if asked["timestamps"] else Stamps.NONE
    return Shape(
        colour=colour and not asked["as_json"],
        stamps=stamps,
        as_json=asked["as_json"],
        secrets=asked["show_secrets"],
        sieve=sieve,
        since_ms=_moment_ms(asked["since"], "--since", now),
        until_ms=_moment_ms(asked["until"], "--until", now),
    )


def _patterns(texts: Sequence[str], option: str, *, fixed: bool) -> list[re.Pattern[str]]:
    try:
        return [compile_pattern(text, fixed=fixed) for text in texts]
    except re.error as error:
        raise click.BadParameter(f"{error} (--fixed reads it as plain text)", param_hint=option) from error


def _moment_ms(text: str | None, option: str, now: float) -> int | None:
    try:
        return None if text is None else int(parse_moment(text, now) * 1000)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _by_group(
    options: Options, pipeline: str | None, printer: BatchPrinter, asked: Mapping[str, Any]
) -> Coroutine[Any, Any, int]:
    """What prints a log by the name of its group.

    Raises:
        click.UsageError: options that do not go together.
    """
    from tui.cli.logs_print import print_group, print_stream  # noqa: PLC0415

    streams: tuple[str, ...] = asked["streams"]
    if pipeline or not asked["group"]:
        raise click.UsageError(
            "--stream, --pattern and --live-tail go with --group, which stands in place of a PIPELINE."
        )
    if asked["live_tail"] and not printer.follow:
        raise click.UsageError("--live-tail goes with --follow.")
    if len(streams) == 1 and not (asked["pattern"] or asked["live_tail"]):
        return print_stream(options, asked["group"], streams[0], printer)
    group = LogGroup(asked["group"], streams=streams, pattern=asked["pattern"])
    return print_group(options, group, printer, live=asked["live_tail"])
