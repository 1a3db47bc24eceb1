"""`pipemedic web`: the same program in a browser, for a screen that several people look at."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import click

from core.text import sanitize
from tui.cli.common import place_options, run
from tui.cli.demo_account import REGIONS, lead_to, start_account
from tui.cli.trouble import Misused, Trouble
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.web.guard import TOKEN_VARIABLE, Guard, is_loopback
from tui.web.guard import new_token as made_token

__all__ = ["command"]

_PORT = 8000
_REASON = """{reason} Give one with --new-token (it is made and printed), --token-file FILE,
or the variable PIPEMEDIC_WEB_TOKEN; or stay with --bind 127.0.0.1 and an SSH tunnel."""


@click.command("web")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, metavar="N", help="0: one that is free."
)
@click.option("--bind", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--write", is_flag=True, help="Allow changes. Without it the program is read-only.")
@click.option("--new-token", is_flag=True, help="Make a token and print the address that has it.")
@click.option(
    "--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None, metavar="FILE",
    help="Take the token from a file.",
)  # fmt: skip
@click.option(
    "--allow-host", "names", multiple=True, metavar="NAME", help="A further name of this server; may be repeated."
)
@click.option("--demo", is_flag=True, help="Serve the program on the embedded demo account.")
@click.pass_context
@place_options
def command(
    options: Options,
    ctx: click.Context,
    port: int,
    bind: str,
    write: bool,
    new_token: bool,
    token_file: Path | None,
    names: tuple[str, ...],
    demo: bool,
) -> None:
    """Serve the program to browsers, read-only and to this machine alone unless asked otherwise.

    An address that other machines can reach needs a token. Everyone with access sees what your credentials can read.
    """
    from tui.config_places import load_config, merged  # noqa: PLC0415 (a command imports what it needs)

    token = made_token() if new_token else _token(token_file)
    try:
        guard = Guard.of(bind, token, names if is_loopback(bind) else (*names, socket.gethostname()))
    except ValueError as error:
        raise Misused(_REASON.format(reason=error)) from error
    options = replace(options, read_only=options.read_only or not write)
    read_only = merged(options, load_config()).read_only  # mistakes in the configuration are told now
    account: AbstractContextManager[object] = nullcontext()
    if demo:
        account = started = start_account(0)
        lead_to(started)
        options = options if options.regions else replace(options, regions=REGIONS)
    with account:
        from tui.web.server import MedicServer  # noqa: PLC0415 (aiohttp, textual-serve)
        from tui.web.service import program  # noqa: PLC0415

        server = MedicServer(program(options), guard, port)
        try:
            ended = run(server.run(lambda at: _ready(guard.token, bind, at, read_only=read_only)))
        except OSError as error:
            raise Trouble(f"{sanitize(bind)} port {port} cannot be listened on: {sanitize(str(error))}.") from error
    ctx.exit(ExitCode.INTERRUPTED if ended == signal.SIGINT else ExitCode.FINE)


def _token(file: Path | None) -> str:
    """The token given by file or environment; empty for none.

    Raises:
        Misused: the file cannot be read or holds none.
    """
    if file is None:
        return os.environ.get(TOKEN_VARIABLE, "").strip()
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{sanitize(str(file))}: {sanitize(str(error))}") from error
    if not token:
        raise Misused(f"{sanitize(str(file))} holds no token.")
    return token


def _ready(token: str, bind: str, port: int, *, read_only: bool) -> None:
    """Print the address to open; everything else goes to standard error."""
    host = socket.gethostname() if bind in {"0.0.0.0", "::"} else f"[{bind}]" if ":" in bind else bind  # noqa: S104
    query = f"?token={quote(token, safe='')}" if token else ""
    click.echo(f"http://{host}:{port}/{query}")
    mode = "read-only" if read_only else "changes are allowed, each one confirmed"
    click.echo(f"Serving pipemedic ({mode}). Ctrl-C ends it and every session.", err=True)
