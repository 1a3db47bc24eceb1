"""Errors as the command line says them: one sentence, the next step, and the exit code that goes with it."""

from __future__ import annotations

import re
from typing import IO, Any, ClassVar

import click

from core.errors import AwsError, CodeWanted, CredentialsMissing, PipemedicError, UsageError
from core.text import sanitize
from tui.cli.mfa import way_in
from tui.exit_codes import ExitCode

__all__ = ["Misused", "Trouble", "told", "trouble", "warn"]

# The interactive program goes on by itself after trouble; a command has ended.
_GOES_ON = re.compile(r"; pipemedic [^;]*by itself\.$")


class Trouble(click.ClickException):
    """AWS gave no answer: ends a command with exit code 3."""

    exit_code: ClassVar[int] = ExitCode.AWS

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message to stderr."""
        text = click.style("error: ", fg="red", bold=True) + self.message
        click.echo(text, file=file, err=True, color=self.show_color)


class Misused(Trouble):
    """The command line names something that is not there: ends a command with exit code 2."""

    exit_code: ClassVar[int] = ExitCode.USAGE


def trouble(error: PipemedicError) -> Trouble:
    """Return what ends the command for an error of ours."""
    return Misused(told(error)) if isinstance(error, UsageError) else Trouble(told(error))


def told(error: PipemedicError) -> str:
    """Return an error's sentence, its next step, and for missing credentials where they were looked for."""
    lines = [sanitize(str(error))]
    if isinstance(error, CodeWanted):
        return "\n".join([*lines, sanitize(way_in(error.profile))])
    if isinstance(error, CredentialsMissing):
        lines += _search(error)
    if error.next_step:
        lines.append(sanitize(_GOES_ON.sub(".", error.next_step)))
    return "\n".join(lines)


def _search(error: AwsError) -> list[str]:
    from aws.profiles import available_profiles, describe_credentials_search  # noqa: PLC0415 (slow to import)

    known = ", ".join(available_profiles()) or "none"
    looked = [f"  looked in {line}" for line in describe_credentials_search(error.profile)]
    return [sanitize(line) for line in (*looked, f"  profiles configured: {known}")]


def warn(message: str) -> None:
    """Write a message that ends nothing to stderr."""
    click.echo(click.style("warning: ", fg="yellow", bold=True) + sanitize(message), err=True)
