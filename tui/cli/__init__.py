"""The command line: one file a command, imported only when that command is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from core.errors import PipemedicError
from tui.cli.common import place_options
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.version import __version__

__all__ = ["main"]

# name → one line of help; the module tui.cli.<name> exports `command`.
_COMMANDS = {
    "demo": "open the program on the embedded demo account",
    "ls": "list the pipelines with their status",
    "status": "show one pipeline: stages, actions, errors",
    "compare": "show what changed since the last good execution",
    "logs": "print the log of a pipeline's build",
    "diagnose": "find out why a pipeline is red",
    "report": "write one incident as a document to hand over",
    "audit": "find what is not broken yet: roles, secrets, stores, rollbacks",
    "profile": "show where a pipeline's time goes, and what would make it shorter",
    "explain": "name the root cause of an error text or a log, offline",
    "lint": "check a buildspec, appspec, image definitions or pipeline file, offline",
    "playbooks": "list, show or check playbooks, the built-in and your team's",
    "journal": "show the changes that were made from here, and how they ended",
    "policy": "print the least IAM policy for reading or operating",
    "fleet": "set up a queue of state changes, so that nothing needs polling, and test it",
    "config": "check, find or begin the configuration file",
    "web": "serve the program to a browser, read-only unless asked otherwise",
    "info": "show version, paths, profile, region and endpoint",
    "completion": "print the completion script for a shell",
}
_EPILOG = (
    "Exit codes: 0 fine or healthy · 1 a finding · 2 usage · 3 AWS not reachable, not allowed or no credentials · "
    "130 interrupted."
)


class LazyGroup(click.Group):
    """A group that knows its commands by name, imports one when it is called, and maps errors to exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which help shows them."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None for a name that is not there."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"tui.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"tui.cli.{cmd_name} exports no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' section without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; our own errors, Ctrl-C and a closed pipe end it without a traceback."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except PipemedicError as error:
            from tui.cli.trouble import trouble  # noqa: PLC0415 (needed only now)

            raise trouble(error) from error
        except KeyboardInterrupt:
            ctx.exit(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            # Whatever is still buffered has no reader; the interpreter would complain of it at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(ExitCode.PIPE_CLOSED)


def _colour() -> bool | None:
    """Whether to colour: never with NO_COLOR or a dumb terminal, always with FORCE_COLOR, else on terminals (None)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="pipemedic")
@click.pass_context
@place_options
def main(options: Options, ctx: click.Context) -> None:
    """Find out why an AWS CodePipeline is red, stuck or slow, and put it right.

    Without a command the interactive program opens.
    """
    ctx.obj = options
    ctx.color = _colour()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a locale without our glyphs gets question marks
    if ctx.invoked_subcommand is None:
        from tui.launch import launch  # noqa: PLC0415 (Textual is imported only for the interactive program)

        ctx.exit(launch(options))
