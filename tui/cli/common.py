"""What all commands share: the options that say where to look, and the way to an open cloud."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from tui.options import Options

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["open_cloud", "place_options", "run"]

P = ParamSpec("P")
T = TypeVar("T")


def place_options(command: Callable[Concatenate[Options, P], T]) -> Callable[P, T]:
    """Add the options that say where to look; the command gets the `Options` as its first argument.

    They may stand before a subcommand's name, after it, or both; profiles and regions given twice add up.
    """

    @click.option("--profile", "profiles", multiple=True, metavar="P", help="AWS profile; may be given several times.")
    @click.option("--region", "regions", multiple=True, metavar="R", help="AWS region; may be given several times.")
    @click.option("--in", "contexts", multiple=True, metavar="C", help="Context or group of the configuration.")
    @click.option("--read-only", "read_only", is_flag=True, help="Refuse every call that would change anything.")
    @wraps(command)
    def joined(*args: P.args, **kwargs: P.kwargs) -> T:
        names = ("profiles", "regions", "contexts", "read_only")
        profiles, regions, contexts, read_only = (kwargs.pop(name) for name in names)
        context = click.get_current_context()
        before = context.obj if isinstance(context.obj, Options) else Options()
        options = before.joined(
            tuple(map(str, _listed(profiles))),
            tuple(map(str, _listed(regions))),
            read_only=bool(read_only),
            contexts=tuple(map(str, _listed(contexts))),
        )
        return command(options, *args, **kwargs)

    return joined


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def run(work: Coroutine[object, object, T]) -> T:
    """Run a command's coroutine to its end; Ctrl-C cancels it and comes out as KeyboardInterrupt."""
    import asyncio  # noqa: PLC0415 (30 ms that commands without AWS need not pay)

    return asyncio.run(work)


@asynccontextmanager
async def open_cloud(options: Options) -> AsyncIterator[Cloud]:
    """Open AWS in the places that the options name; it only reads, whatever the options say.

    Raises:
        UsageError: an unknown profile or context, no region anywhere, or mistakes in the configuration.
    """
    from aws.cloud import Cloud  # noqa: PLC0415 (imported only by commands that ask AWS)
    from tui.cli.mfa import ask_codes  # noqa: PLC0415
    from tui.config_places import contexts_of, load_config  # noqa: PLC0415

    places = tuple(context.place for context in contexts_of(options, load_config()))
    async with Cloud(places, read_only=True) as cloud:
        await ask_codes(cloud)
        yield cloud
