"""From a pipeline's name to its profile: the reads in their order, and the cache between runs.

Shared by the screens and the command line.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import AwsError
from core.pipeline import Definition
from core.place import Identity, PipelineRef
from core.profile.case import Case
from core.profile.extras import extras_of
from core.profile.model import History
from core.profile.profile import Profile, profile_of
from core.profile.reads import read_everything
from tui.paths import cache_dir
from tui.side_by_side import side_by_side

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from aws.history_cache import HistoryCache

__all__ = ["forget", "read_history", "read_profile"]

Progress = Callable[[str], None]


def _quiet(_words: str) -> None:
    return


async def read_profile(
    cloud: Cloud,
    ref: PipelineRef,
    *,
    last: int = 0,
    clock: Callable[[], float] = time.time,
    progress: Progress = _quiet,
) -> Profile:
    """Read a pipeline's past and what advice needs, and compute its profile (in a thread).

    Args:
        cloud: an open cloud.
        ref: the pipeline.
        last: how many of its newest executions; 0 for twelve months.
        clock: epoch seconds.
        progress: called with what is being done, in words.

    Raises:
        AwsError: definition or history could not be read.
    """
    progress("reading the structure")
    account, definition, shut = await _stand(cloud, ref)
    progress("reading the history")
    history = await _history(cloud, ref, definition, account, last, clock())
    case = Case(ref, account, definition, history, shut=shut)
    progress(f"reading what {len(history.runs)} executions say about builds, artifacts and deployments")
    facts = await read_everything(case, cloud.evidence(ref.place))
    progress("computing")
    return await asyncio.to_thread(lambda: profile_of(replace(case, extras=extras_of(facts), facts=facts)))


async def read_history(
    cloud: Cloud, ref: PipelineRef, *, last: int = 0, clock: Callable[[], float] = time.time
) -> tuple[Definition, History]:
    """Read a pipeline's structure and its past, through the cache. Raises AwsError as `read_profile`."""
    account, definition, _ = await _stand(cloud, ref)
    return definition, await _history(cloud, ref, definition, account, last, clock())


async def _stand(cloud: Cloud, ref: PipelineRef) -> tuple[str, Definition, frozenset[str]]:
    """Account, structure, and the stages whose way in is disabled."""
    reader = cloud.pipelines(ref.place)

    async def identity() -> Identity | None:
        try:
            return await cloud.identity(ref.place)
        except AwsError:
            return None  # the account's number is a courtesy

    async def shut() -> frozenset[str]:
        try:
            state = await reader.state(ref.name)
        except AwsError:
            return frozenset()
        return frozenset(stage.name for stage in state.stages if not stage.transition.enabled)

    async with side_by_side() as group:
        who = group.create_task(identity())
        structure = group.create_task(reader.definition(ref.name))
        closed = group.create_task(shut())
    found = who.result()
    return found.account if found else "", structure.result(), closed.result()


async def _history(
    cloud: Cloud, ref: PipelineRef, definition: Definition, account: str, last: int, now: float
) -> History:
    return await cloud.history(ref.place, _cache(account)).read(definition, now, last=last)


def _cache(account: str) -> HistoryCache | None:
    """The cache; none without a known account, nor where an endpoint of the user's own stands in for AWS."""
    if not account or (os.environ.get("AWS_ENDPOINT_URL") and not os.environ.get("PIPEMEDIC_CACHE")):
        return None
    from aws.history_cache import HistoryCache  # noqa: PLC0415 (the room that talks to AWS)

    return HistoryCache(cache_dir() / "history.sqlite", account)


def forget() -> None:
    """Throw away what is kept of pipelines' pasts."""
    from aws.history_cache import HistoryCache  # noqa: PLC0415 (the room that talks to AWS)

    HistoryCache(cache_dir() / "history.sqlite", "").drop()
