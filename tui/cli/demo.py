"""`pipemedic demo`: starts the embedded demo account and opens the program on it, or only serves it."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tui.cli.common import place_options
from tui.cli.demo_account import REGIONS, account_environment, lead_to, start_account
from tui.cli.trouble import Trouble
from tui.options import Options

if TYPE_CHECKING:
    from demo.process import DemoAccount

__all__ = ["command"]


@click.command("demo")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The loopback port; 0: one that is free."
)
@click.option(
    "--extra",
    "extras",
    multiple=True,
    type=click.Choice(["nightly-import"]),
    help="With this further pipeline: its actions log to S3, in a batch, a function, a state machine.",
)
@click.option("--serve-only", is_flag=True, help="Print the variables to export, and serve until stopped.")
@click.pass_context
@place_options
def command(options: Options, ctx: click.Context, port: int, extras: tuple[str, ...], serve_only: bool) -> None:
    """Open the program on an AWS account of its own: pipelines that run, fail and can be put right. No AWS needed."""
    with start_account(port, extras) as account:
        if serve_only:
            _serve(account)
            return
        lead_to(account)
        from tui.launch import launch  # noqa: PLC0415 (Textual is imported only for the interactive program)

        ctx.exit(launch(options if options.regions else replace(options, regions=REGIONS)))


def _serve(account: DemoAccount) -> None:
    """Print what a shell must know, then wait. Ctrl-C ends it, and so does the account's own end."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
        if name in os.environ and name not in account.environment:
            click.echo(f"unset {name}")
    for name, value in account_environment(account).items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo(f"The demo account serves at {account.endpoint_url}. Ctrl-C ends it.", err=True)
    while account.running:
        time.sleep(0.2)
    raise Trouble("The demo account has ended by itself.")
