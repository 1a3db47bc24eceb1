"""The command line: one file a command, imported only when that command is called."""

from __future__ import annotations

from importlib import import_module

import click

from tui.options import Options
from tui.version import __version__

__all__ = ["main"]

# name → (module, one line of help); a command's module exports `command`.
_COMMANDS = {
    "demo": "open the program on the embedded demo account",
    "ls": "list the pipelines with their status",
    "status": "show one pipeline: stages, actions, errors",
    "logs": "print the log of a pipeline's build",
    "diagnose": "find out why a pipeline is red",
    "explain": "name the root cause of an error text or a log, offline",
    "info": "show version, paths, profile, region and endpoint",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

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


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", "profiles", multiple=True, metavar="P", help="AWS profile; may be given several times.")
@click.option("--region", "regions", multiple=True, metavar="R", help="AWS region; may be given several times.")
@click.option("--read-only", is_flag=True, help="Refuse every call that would change anything.")
@click.version_option(__version__, prog_name="pipemedic")
@click.pass_context
def main(ctx: click.Context, profiles: tuple[str, ...], regions: tuple[str, ...], read_only: bool) -> None:
    """Find out why an AWS CodePipeline is red, stuck or slow, and put it right.

    Without a command the interactive program opens.
    """
    ctx.obj = Options(profiles, regions, read_only)
    if ctx.invoked_subcommand is None:
        from tui.launch import launch  # noqa: PLC0415 (Textual is imported only for the interactive program)

        ctx.exit(launch(ctx.obj))
