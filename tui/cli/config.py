"""`pipemedic config`: where the configuration lies, whether it is right, and an example to begin with."""

from __future__ import annotations

import json
from pathlib import Path

import click

from core.errors import UsageError
from core.text import sanitize
from tui.config_check import Mistake
from tui.config_example import EXAMPLE
from tui.config_load import check_text
from tui.config_schema import SCHEMA
from tui.exit_codes import ExitCode
from tui.paths import config_dir, config_path

__all__ = ["command"]


@click.group("config")
def command() -> None:
    """Check, find or begin the configuration file. No file is ever needed."""


@command.command("path")
def path() -> None:
    """Print where the file is looked for."""
    click.echo(str(config_path() or config_dir() / "config.toml"))


@command.command("example")
def example() -> None:
    """Print a file with every setting, explained and switched off."""
    click.echo(EXAMPLE, nl=False)


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema by which editors check and complete."""
    click.echo(json.dumps(SCHEMA, indent=2))


@command.command("check")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def check(ctx: click.Context, file: Path | None) -> None:
    """Check a file (the user's own unless one is named): every mistake with its line; exit code 1 if there are any."""
    where = file or config_path()
    if where is None or (file is None and not where.exists()):
        click.echo(f"There is no configuration file{f' at {where}' if where else ''}; the defaults hold.")
        return
    try:
        text = where.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{where} cannot be read: {error}") from error
    found = check_text(text)
    if not found:
        found = _keys(text)
    for mistake in found:
        click.echo(f"{where}:{mistake.line}: {sanitize(str(mistake))}")
    if found:
        ctx.exit(ExitCode.FINDING)
    click.echo(f"{where}: fine")


def _keys(text: str) -> tuple[Mistake, ...]:
    """Ids of keys that no screen has; the screens are imported for this alone."""
    from tui.config_keys import unknown_keys  # noqa: PLC0415 (imports every screen)

    return unknown_keys(text)
