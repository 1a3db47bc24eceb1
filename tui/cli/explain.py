"""``pipemedic explain``: the root cause of an error text or a log, offline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from core.signatures import Failure, KnowledgeError, LogReader
from core.signatures.base import KnowledgeBase, extended, knowledge
from tui.cli import explain_lines, explain_text
from tui.exit_codes import ExitCode

__all__ = ["command"]

_BLOCK = 1 << 18
_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(name="explain")
@click.argument("logfile", type=_FILE, required=False)
@click.option("--provider", default="", help="Provider of the failed action (CodeBuild, ECS, CloudFormation, …).")
@click.option("--stage", default="", help="Name or category of the failed stage (Build, Deploy, …).")
@click.option("--message", default="", help="What the service said.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--limit", type=click.IntRange(1, 20), default=5, show_default=True, help="How many causes at most.")
@click.option("--jsonl", is_flag=True, help="Read JSON objects from standard input, one a line; write one a line.")
@click.option("--calibration", type=_FILE, help="Explain the cases of a JSONL file and print how confidence holds.")
@click.option("--knowledge", "folder", type=_FOLDER, help="Folder with TOML entries to use besides the program's own.")
@click.option("--check", is_flag=True, help="Check every entry with its examples, and print what is wrong.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    logfile: str | None,
    provider: str,
    stage: str,
    message: str,
    form: str,
    limit: int,
    jsonl: bool,
    calibration: str | None,
    folder: Path | None,
    check: bool,
) -> None:
    """Name the root cause of an error text or a log, offline.

    LOGFILE is a build's or deployment's log; "-" reads standard input. Needs neither AWS nor credentials.
    """
    base = _base(folder)
    if check:
        ctx.exit(_check(base))
    if jsonl:
        found = explain_lines.answer(sys.stdin.buffer, base, limit)
        ctx.exit(ExitCode.FINDING if found else ExitCode.FINE)
    if calibration is not None:
        with click.open_file(calibration, "rb") as stream:
            click.echo(explain_lines.calibration(stream, base))
        ctx.exit(ExitCode.FINE)
    if logfile is None and not message:
        raise click.UsageError("give a LOGFILE, - for standard input, or --message TEXT")
    reader = LogReader(Failure(stage=stage, provider=provider, message=message), base=base)
    if logfile is not None:
        with click.open_file(logfile, "rb") as stream:
            for block in _blocks(stream):
                reader.feed(block)
    explanation = reader.explanation(limit=limit)
    click.echo(explain_text.as_json(explanation) if form == "json" else explain_text.as_text(explanation))
    ctx.exit(ExitCode.FINE if explanation.verdict == "healthy" else ExitCode.FINDING)


def _base(folder: Path | None) -> KnowledgeBase:
    try:
        return knowledge() if folder is None else extended(folder)
    except KnowledgeError as error:
        raise click.UsageError(str(error)) from error


def _check(base: KnowledgeBase) -> ExitCode:
    from core.signatures.check import faults  # noqa: PLC0415 - compiles every pattern; only asked for here

    try:
        found = list(faults(base))
    except KnowledgeError as error:
        found = [str(error)]
    for fault in found:
        click.echo(fault)
    if not found:
        click.echo(f"{len(base.signatures)} entries, {len(base.noise) + len(base.recoveries)} marks: all in order")
    return ExitCode.FINDING if found else ExitCode.FINE


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block
