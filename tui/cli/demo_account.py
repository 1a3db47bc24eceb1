"""The embedded demo account, for the commands that open the program on it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from core.text import sanitize
from tui.cli.trouble import Misused, Trouble

if TYPE_CHECKING:
    from demo.process import DemoAccount

__all__ = ["REGIONS", "account_environment", "lead_to", "start_account"]

REGIONS = ("eu-west-1", "us-east-1")
_NEEDED = ("moto", "flask", "flask_cors")
_MISSING = """The demo account needs packages that are not installed ({names}). Install them with one of:
  uv tool install 'pipemedic[demo]'
  pipx install --force 'pipemedic[demo]'
  pip install 'pipemedic[demo]'
  make demo    (in a checkout)"""


def start_account(port: int, extras: tuple[str, ...] = ()) -> DemoAccount:
    """Start the account, with further pipelines by name; ends the command where its packages are not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise Misused(_MISSING.format(names=", ".join(missing)))
    from demo.process import DemoStartError, start  # noqa: PLC0415 (only this command starts the demo account)

    try:
        return start(port, extras=extras)
    except DemoStartError as error:
        raise Trouble(sanitize(str(error))) from error


def account_environment(account: DemoAccount) -> dict[str, str]:
    """The account's variables; a proxy of the machine is told to leave the loopback address alone."""
    variables = dict(account.environment)
    if any(name.lower() in {"http_proxy", "all_proxy"} for name in os.environ):
        known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        hosts = dict.fromkeys(filter(None, (*known.split(","), "127.0.0.1", "localhost")))
        variables |= dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(hosts))
    return variables


def lead_to(account: DemoAccount) -> None:
    """Point this process at the account: the user's own AWS variables must not lead a call elsewhere."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(account_environment(account))
