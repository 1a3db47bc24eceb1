"""MFA on the command line: a profile's code is asked for once, at the terminal, before all else is asked of AWS."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from core.errors import AwsError, CodeWanted
from core.place import Place
from core.text import sanitize

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["DIGITS", "ask_codes", "way_in"]

DIGITS = 6
_TRIES = 3


async def ask_codes(cloud: Cloud) -> None:
    """Ask for the codes that the places' profiles want; all regions of a profile go on with its one.

    Without a terminal nothing is asked; the calls then say what to do. So they do where no code was given.
    """
    from aws.profiles import wants_code  # noqa: PLC0415 (slow to import)

    first = {place.profile: place for place in reversed(cloud.places)}
    wanting = [place for profile, place in first.items() if wants_code(profile)]
    if not wanting or not _at_terminal():
        return
    for place in reversed(wanting):
        await _enter(cloud, place)


async def _enter(cloud: Cloud, place: Place) -> None:
    for _ in range(_TRIES):
        try:
            await cloud.identity(place)
        except CodeWanted as error:
            code = _code(place.profile, error.detail)
            if not code:
                return
            await cloud.give_code(place, code)
        except AwsError:
            return  # the command's own calls will say it
        else:
            return


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _code(profile: str, why: str) -> str:
    """Ask until the code has its digits; an empty line goes on without."""
    question = sanitize(f"MFA code of profile {profile or 'default'} ({why})")
    while True:
        given: str = click.prompt(question, default="", show_default=False, err=True).strip()
        if not given or (given.isdecimal() and len(given) == DIGITS):
            return given
        click.echo(f"A code has {DIGITS} digits; an empty line goes on without one.", err=True)


def way_in(profile: str) -> str:
    """What to do where nobody can be asked."""
    named = f" --profile {profile}" if profile else ""
    return (
        "Run it at a terminal, where the code is asked for; or let the aws CLI ask for it first, as with "
        f"`aws sts get-caller-identity{named}`: the session that it keeps is used here."
    )
