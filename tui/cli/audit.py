"""`pipemedic audit`: what will break next, over the whole fleet; exit codes for CI."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from core.errors import UsageError
from tui.cli.common import open_cloud, place_options, run
from tui.cli.trouble import Trouble, told, trouble, warn
from tui.exit_codes import ExitCode
from tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.audit.model import Severity
    from core.place import PipelineRef
    from tui.audit_files import Accepted
    from tui.audit_run import AuditReport

    Trend = Mapping[PipelineRef, tuple[str, int]]

__all__ = ["command"]

_SEVERITIES = ("critical", "high", "medium", "low", "info")


@click.command("audit")
@click.argument("pipelines", nargs=-1, metavar="[PIPELINE]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "junit"]),
    default="text",
    show_default=True,
    help="How to print.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="medium",
    show_default=True,
    help="Exit with 1 where a finding is at least this grave.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write to a file.")
@click.option(
    "--suppressions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of accepted findings; else audit.toml in the configuration folder.",
)
@click.option(
    "--last-accessed",
    is_flag=True,
    help="Also ask IAM what each role has used: starts reports there, so read-only mode refuses it.",
)
@click.option("-v", "--verbose", is_flag=True, help="Why, steps and commands for every finding (text).")
@click.pass_context
@place_options
def command(
    options: Options,
    ctx: click.Context,
    pipelines: tuple[str, ...],
    form: str,
    fail_on: str,
    output: Path | None,
    suppressions: Path | None,
    last_accessed: bool,
    verbose: bool,
) -> None:
    """Find what is not broken yet: roles, secrets, stores, rollbacks, images. It only reads.

    Without a PIPELINE all of them are looked at. Exit codes: 0 nothing at or above --fail-on, 1 something,
    2 usage (a mistake in the file of suppressions, too), 3 AWS could not be asked. See docs/audit.md.
    """
    from core.audit.model import Severity  # noqa: PLC0415 (imported only by this command)
    from tui.audit_files import accepted, remember, trend  # noqa: PLC0415

    held = accepted(suppressions)
    if held.mistakes:
        lines = "\n".join(f"  {held.path}:{each}" for each in held.mistakes)
        raise UsageError(f"The file of suppressions has {_plural(len(held.mistakes), 'mistake')}:\n{lines}")
    report = run(_audit(options, pipelines, held, last_accessed=last_accessed))
    if not report.identities and report.troubles:
        raise trouble(next(iter(report.troubles.values())))
    if not report.scores and report.blind:
        raise Trouble(report.blind[0].sentence)
    earlier = trend(report)
    remember(report)
    grave = Severity(fail_on)
    _write(_printed(report, earlier, form, grave, verbose=verbose, file=output is not None), output)
    _tell(report)
    if any(each.severity.at_least(grave) for each in report.open_findings):
        ctx.exit(ExitCode.FINDING)
    ctx.exit(ExitCode.AWS if report.troubles else ExitCode.FINE)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


async def _audit(options: Options, pipelines: tuple[str, ...], held: Accepted, *, last_accessed: bool) -> AuditReport:
    from tui.audit_last_used import LastUsed, open_for_jobs  # noqa: PLC0415 (its rooms take long to import)
    from tui.audit_run import audit  # noqa: PLC0415

    async with open_for_jobs(options) if last_accessed else open_cloud(options) as cloud:
        with _Ticker() as ticker:
            extra = LastUsed(cloud) if last_accessed else None
            tell = ticker.tick
            return await audit(cloud, pipelines, entries=held.entries, clock=time.time, progress=tell, extra=extra)


def _printed(report: AuditReport, earlier: Trend, form: str, grave: Severity, *, verbose: bool, file: bool) -> str:
    """The report in the form asked for."""
    if form == "junit":
        from tui.audit_junit import audit_junit  # noqa: PLC0415 (each form is imported when it is asked for)

        return audit_junit(report, grave)
    if form == "text":
        from tui.audit_text import audit_lines  # noqa: PLC0415
        from tui.output import terminal_width  # noqa: PLC0415

        text = "\n".join(audit_lines(report, earlier, None if file else terminal_width(), verbose=verbose))
        return click.unstyle(text) if file else text
    from tui.cli.as_json import json_text  # noqa: PLC0415

    if form == "sarif":
        from tui.audit_sarif import audit_sarif  # noqa: PLC0415

        return json_text(audit_sarif(report))
    from tui.audit_json import audit_json  # noqa: PLC0415

    return json_text(audit_json(report, earlier))


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error}") from error


def _tell(report: AuditReport) -> None:
    """What ends nothing, to stderr: places in trouble, blind spots, suppressions that are over or fit nothing."""
    from tui.audit_text import described  # noqa: PLC0415

    for error in report.troubles.values():
        warn(told(error))
    for entry in report.expired:
        warn(f"A suppression has expired: {described(entry)}")
    for entry in report.unused:
        warn(f"A suppression fits nothing any more: {described(entry)}")
    denied = sorted({each.fact.action for each in report.blind if each.denied})
    if denied:
        warn(f"Not allowed to look: add {', '.join(denied)} to your own policy.")
    if failed := sum(not each.denied for each in report.blind):
        warn(f"{_plural(failed, 'read')} failed; what they would have shown was not judged.")


class _Ticker:
    """One line on a terminal's stderr that says how far it is; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._write("")

    def tick(self, what: str, done: int, total: int) -> None:
        """Show how far it is."""
        self._write(f"{what} · {done} of {total}")

    def _write(self, text: str) -> None:
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
