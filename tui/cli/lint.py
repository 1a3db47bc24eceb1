"""``pipemedic lint``: the mistakes in a buildspec, appspec, image definitions or pipeline file, offline."""

from __future__ import annotations

from collections.abc import Sequence

import click

from core.text import sanitize
from playbooks.lint import Problem, Severity
from tui.exit_codes import ExitCode

__all__ = ["command"]

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group(name="lint")
def command() -> None:
    """Check a file that a pipeline runs on. Needs neither AWS nor credentials.

    Every problem is told with line, column, severity, reason and AWS's reference page. Hints alone exit with 0.
    """


@command.command(name="buildspec")
@_FILE
@click.option("--image", default="", metavar="NAME", help="The project's image, such as aws/codebuild/standard:7.0.")
@_FORM
@click.pass_context
def buildspec_command(ctx: click.Context, *, file: str, image: str, form: str) -> None:
    """Check a CodeBuild buildspec; FILE "-" reads standard input."""
    from playbooks.lint import buildspec  # noqa: PLC0415 (each linter is loaded when it is called)

    ctx.exit(_tell(file, buildspec.lint(_read(file), image=image), form))


@command.command(name="pipeline")
@_FILE
@_FORM
@click.pass_context
def pipeline_command(ctx: click.Context, *, file: str, form: str) -> None:
    """Check a pipeline's structure as get-pipeline prints it; FILE "-" reads standard input."""
    from playbooks.lint import pipeline  # noqa: PLC0415

    ctx.exit(_tell(file, pipeline.lint(_read(file)), form))


@command.command(name="appspec")
@_FILE
@_FORM
@click.pass_context
def appspec_command(ctx: click.Context, *, file: str, form: str) -> None:
    """Check a CodeDeploy AppSpec file (servers, ECS, Lambda); FILE "-" reads standard input."""
    from playbooks.lint import appspec  # noqa: PLC0415

    ctx.exit(_tell(file, appspec.lint(_read(file)), form))


@command.command(name="imagedefinitions")
@_FILE
@_FORM
@click.pass_context
def imagedefinitions_command(ctx: click.Context, *, file: str, form: str) -> None:
    """Check imagedefinitions.json or imageDetail.json; FILE "-" reads standard input."""
    from playbooks.lint import imagedefinitions  # noqa: PLC0415

    ctx.exit(_tell(file, imagedefinitions.lint(_read(file)), form))


def _read(file: str) -> str:
    """Read a file, at most what a linter takes; what is no UTF-8 becomes lone surrogates, which linters report."""
    from playbooks.lint.limits import MAX_BYTES  # noqa: PLC0415

    with click.open_file(file, "rb") as stream:
        raw: bytes = stream.read(MAX_BYTES + 1)
    return raw.decode("utf-8-sig", "surrogateescape")


def _tell(file: str, problems: Sequence[Problem], form: str) -> ExitCode:
    name = "standard input" if file == "-" else file
    click.echo(_as_json(name, problems) if form == "json" else _as_text(name, problems))
    bad = any(each.severity is not Severity.HINT for each in problems)
    return ExitCode.FINDING if bad else ExitCode.FINE


def _as_json(name: str, problems: Sequence[Problem]) -> str:
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    return json.dumps({"file": name, "problems": [asdict(each) for each in problems]}, indent=2)


def _as_text(name: str, problems: Sequence[Problem]) -> str:
    lines: list[str] = []
    for each in problems:
        said = " ".join(sanitize(each.message).split())
        lines.append(f"{sanitize(name)}:{each.line}:{each.column}: {each.severity}: {said} [{each.rule}]")
        lines += [f"    {' '.join(sanitize(each.reason).split())}"] if each.reason else []
        lines += [f"    {each.reference}"] if each.reference else []
    counted = [sum(each.severity is severity for each in problems) for severity in Severity]
    counts = [
        f"{count} {severity}{'' if count == 1 else 's'}"
        for severity, count in zip(Severity, counted, strict=True)
        if count
    ]
    return "\n".join([*lines, f"{sanitize(name)}: {', '.join(counts) or 'no problems'}"])
