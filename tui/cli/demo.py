"""`pipemedic demo`: starts the embedded demo account and opens the program on it, or only serves it."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from core.text import sanitize
from tui.cli.common import place_options
from tui.cli.trouble import Misused, Trouble
from tui.options import Options

if TYPE_CHECKING:
    from demo.process import DemoAccount

__all__ = ["REGIONS", "command"]

REGIONS = ("eu-west-1", "us-east-1")
_NEEDED = ("moto", "flask", "flask_cors")
_MISSING = """The demo account needs packages that are not installed ({names}). Install them with one of:
  uv tool install 'pipemedic[demo]'
  pipx install --force 'pipemedic[demo]'
  pip install 'pipemedic[demo]'
  make demo    (in a checkout)"""


@click.command("demo")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The loopback port; 0: one that is free."
)
@click.option("--serve-only", is_flag=True, help="Print the variables to export, and serve until stopped.")
@click.pass_context
@place_options
def command(options: Options, ctx: click.Context, port: int, serve_only: bool) -> None:
    """Open the program on an AWS account of its own: pipelines that run, fail and can be put right. No AWS needed."""
    with _start(port) as account:
        if serve_only:
            _serve(account)
            return
        _lead_to(account)
        from tui.launch import launch  # noqa: PLC0415 (Textual is imported only for the interactive program)

        ctx.exit(launch(options if options.regions else replace(options, regions=REGIONS)))


def _start(port: int) -> DemoAccount:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise Misused(_MISSING.format(names=", ".join(missing)))
    from demo.process import DemoStartError, start  # noqa: PLC0415 (only this command starts the demo account)

    try:
        return start(port)
    except DemoStartError as error:
        raise Trouble(sanitize(str(error))) from error


def _environment(account: DemoAccount) -> dict[str, str]:
    """The account's variables; a proxy of the machine is told to leave the loopback address alone."""
    variables = dict(account.environment)
    if any(name.lower() in {"http_proxy", "all_proxy"} for name in os.environ):
        known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        hosts = dict.fromkeys(filter(None, (*known.split(","), "127.0.0.1", "localhost")))
        variables |= dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(hosts))
    return variables


def _lead_to(account: DemoAccount) -> None:
    """Point this process at the account: the user's own AWS variables must not lead a call elsewhere."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(_environment(account))


def _serve(account: DemoAccount) -> None:
    """Print what a shell must know, then wait. Ctrl-C ends it, and so does the account's own end."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
        if name in os.environ and name not in account.environment:
            click.echo(f"unset {name}")
    for name, value in _environment(account).items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo(f"The demo account serves at {account.endpoint_url}. Ctrl-C ends it.", err=True)
    while account.running:
        time.sleep(0.2)
    raise Trouble("The demo account has ended by itself.")
