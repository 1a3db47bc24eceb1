"""``pipemedic lint``: the mistakes in a buildspec, appspec, image definitions or pipeline file, offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from core.repair import Repair, unified
from core.text import sanitize
from playbooks.lint import Problem, Severity
from tui.exit_codes import ExitCode

__all__ = ["command"]

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_PATCH = click.option(
    "--patch",
    default="",
    metavar="PATH",
    help="Write what can be corrected with certainty into a new patch file, for git apply or patch -p1; - prints it.",
)


@click.group(name="lint")
def command() -> None:
    """Check a file that a pipeline runs on. Needs neither AWS nor credentials.

    Every problem is told with line, column, severity, reason and AWS's reference page. Hints alone exit with 0.
    """


@command.command(name="buildspec")
@_FILE
@click.option("--image", default="", metavar="NAME", help="The project's image, such as aws/codebuild/standard:7.0.")
@_FORM
@_PATCH
@click.pass_context
def buildspec_command(ctx: click.Context, *, file: str, image: str, form: str, patch: str) -> None:
    """Check a CodeBuild buildspec; FILE "-" reads standard input."""
    from playbooks.lint import buildspec, correct  # noqa: PLC0415 (each linter is loaded when it is called)

    text = _read(file)
    problems = buildspec.lint(_plain(text), image=image)
    ctx.exit(_tell(file, problems, form, _Patch(patch, text, correct.buildspec_repair(_path(file), image=image))))


@command.command(name="pipeline")
@_FILE
@_FORM
@click.pass_context
def pipeline_command(ctx: click.Context, *, file: str, form: str) -> None:
    """Check a pipeline's structure as get-pipeline prints it; FILE "-" reads standard input."""
    from playbooks.lint import pipeline  # noqa: PLC0415

    ctx.exit(_tell(file, pipeline.lint(_plain(_read(file))), form))


@command.command(name="appspec")
@_FILE
@_FORM
@_PATCH
@click.pass_context
def appspec_command(ctx: click.Context, *, file: str, form: str, patch: str) -> None:
    """Check a CodeDeploy AppSpec file (servers, ECS, Lambda); FILE "-" reads standard input."""
    from playbooks.lint import appspec, correct  # noqa: PLC0415

    text = _read(file)
    ctx.exit(_tell(file, appspec.lint(_plain(text)), form, _Patch(patch, text, correct.appspec_repair(_path(file)))))


@command.command(name="imagedefinitions")
@_FILE
@click.option(
    "--container", "containers", multiple=True, metavar="NAME", help="A container of the task definition; repeatable."
)
@_FORM
@_PATCH
@click.pass_context
def imagedefinitions_command(
    ctx: click.Context, *, file: str, containers: tuple[str, ...], form: str, patch: str
) -> None:
    """Check imagedefinitions.json or imageDetail.json; FILE "-" reads standard input."""
    from playbooks.lint import correct, imagedefinitions  # noqa: PLC0415

    text = _read(file)
    repair = correct.images_repair(_path(file), containers=containers)
    problems = imagedefinitions.lint(_plain(text), containers=containers)
    ctx.exit(_tell(file, problems, form, _Patch(patch, text, repair)))


_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class _Patch:
    """Where the correction of a file goes: a path, ``-`` or nowhere; the file's text as it stands, its repair."""

    where: str
    text: str
    repair: Repair


def _read(file: str) -> str:
    """Read a file, at most what a linter takes; what is no UTF-8 becomes lone surrogates, which linters report."""
    from playbooks.lint.limits import MAX_BYTES  # noqa: PLC0415

    with click.open_file(file, "rb") as stream:
        raw: bytes = stream.read(MAX_BYTES + 1)
    return raw.decode("utf-8", "surrogateescape")


def _plain(text: str) -> str:
    """The text without its byte order mark."""
    return text.removeprefix(_MARK)


def _path(file: str) -> str:
    """The file's path from the root of its repository, else from here: the names that a patch gives."""
    if file == "-":
        return "stdin"
    here = Path(file).absolute()
    roots = [each for each in here.parents if (each / ".git").exists()] or [Path.cwd()]
    return str(here.relative_to(roots[0])) if here.is_relative_to(roots[0]) else here.name


def _tell(file: str, problems: Sequence[Problem], form: str, patch: _Patch | None = None) -> ExitCode:
    name = "standard input" if file == "-" else file
    printed = bool(patch and patch.where == "-")
    click.echo(_as_json(name, problems) if form == "json" else _as_text(name, problems), err=printed)
    if patch and patch.where:
        _hand_over(patch, name)
    bad = any(each.severity is not Severity.HINT for each in problems)
    return ExitCode.FINDING if bad else ExitCode.FINE


def _hand_over(patch: _Patch, name: str) -> None:
    """Print the patch, or write it into a new file; say what it does and what it leaves to a person."""
    from tui.patch_file import write_patch  # noqa: PLC0415

    before = _plain(patch.text)
    corrected = patch.repair.correct(before)
    mark = patch.text[: len(patch.text) - len(before)]
    made = unified(patch.repair.path, mark + before, mark + corrected.text)
    for each in corrected.done:
        click.echo(f"{sanitize(name)}: corrected: {sanitize(each)}", err=True)
    for each in corrected.left:
        click.echo(f"{sanitize(name)}: left to you: {sanitize(each)}", err=True)
    if not made:
        click.echo(f"{sanitize(name)}: nothing can be corrected with certainty, so there is no patch.", err=True)
    elif patch.where == "-":
        click.echo(made.encode("utf-8", "surrogateescape"), nl=False)
    else:
        write_patch(Path(patch.where), made)
        click.echo(f"Written: {sanitize(patch.where)}. At the repository's root: git apply {patch.where}", err=True)


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
