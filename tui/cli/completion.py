"""`pipemedic completion SHELL`: the script that a shell reads to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tui.exit_codes import ExitCode

__all__ = ["command"]

_VARIABLE = "_PIPEMEDIC_COMPLETE"
# \b keeps click from joining the lines.
_HELP = """Print the completion script for SHELL. Put it where the shell looks for it:

\b
bash  pipemedic completion bash > ~/.local/share/bash-completion/completions/pipemedic
zsh   pipemedic completion zsh > "${fpath[1]}/_pipemedic"
fish  pipemedic completion fish > ~/.config/fish/completions/pipemedic.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a shell's completion script."""
    kind = get_completion_class(shell)
    if kind is None:
        click.echo(f"There is no completion for {shell}.", err=True)
        ctx.exit(ExitCode.USAGE)
    click.echo(kind(ctx.find_root().command, {}, "pipemedic", _VARIABLE).source())
