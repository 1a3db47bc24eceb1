"""A pipeline's past, read page by page through the call budget and kept: executions, action runs, builds.

ListPipelineExecutions tells which executions there are and how they stand; what the cache holds of them as they stand
is not read again. ListActionExecutions gives all actions newest first, so it is read only back to the oldest execution
that is not known. BatchGetBuilds takes a hundred ids a call. AWS keeps executions twelve months and builds one year.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aws.budget import Urgency
from aws.call import Caller
from aws.history_cache import HistoryCache, Kept
from core.errors import AwsError, Denied
from core.pipeline import Definition
from core.place import PipelineRef, Place
from core.profile.api import action_run, assemble, past_build, past_run
from core.profile.model import ActionRun, History, PastBuild, PastRun

__all__ = ["YEAR_S", "HistoryReader"]

YEAR_S = 365 * 86_400.0
_PAGE = 100
_MOST_ACTION_PAGES = 600
_BATCH = 100  # BatchGetBuilds takes at most a hundred ids
_SIDE_BY_SIDE = 8


class HistoryReader:
    """Reads pasts in one place.

    Args:
        caller: makes the calls, within the budget.
        place: profile and region.
        cache: what was read before; None reads all anew.
    """

    def __init__(self, caller: Caller, place: Place, cache: HistoryCache | None = None) -> None:
        self._caller = caller
        self._place = place
        self._cache = cache

    async def read(
        self, definition: Definition, now: float, *, last: int = 0, urgency: Urgency = Urgency.VISIBLE
    ) -> History:
        """Return the past of a pipeline.

        Args:
            definition: its structure, for the regions and roles of its builds.
            now: epoch seconds.
            last: how many of the newest executions; 0 for all of the last twelve months.
            urgency: how it is sorted in among other calls.

        Raises:
            AwsError: executions or their actions could not be listed; builds that cannot be read are a note.
        """
        ref = PipelineRef(self._place, definition.name)
        since = now - YEAR_S
        kept = await asyncio.to_thread(self._cache.read, ref, since) if self._cache else Kept()
        listed, more = await self._executions(ref.name, since, last, urgency)
        fresh = [run for run in listed if not _same(run, kept.runs.get(run.id))]
        actions = await self._actions(ref.name, fresh, urgency)
        runs = assemble([kept.runs[run.id] if _same(run, kept.runs.get(run.id)) else run for run in listed], actions)
        builds, notes = await self._builds(definition, runs, kept.builds, urgency)
        if self._cache:
            ids = {run.id for run in fresh}
            new_runs = [run for run in runs if run.id in ids]
            new_builds = [build for build in builds.values() if build.id not in kept.builds]
            await asyncio.to_thread(self._cache.write, ref, new_runs, new_builds)
        return History(ref.name, runs, builds, now, more, tuple(notes))

    async def _executions(self, name: str, since: float, last: int, urgency: Urgency) -> tuple[list[PastRun], bool]:
        params: dict[str, Any] = {"pipelineName": name, "maxResults": min(last, _PAGE) if last else _PAGE}
        found: dict[str, PastRun] = {}
        while True:
            answer = await self._ask("codepipeline", "ListPipelineExecutions", params, urgency)
            page = [run for one in answer.get("pipelineExecutionSummaries") or () if (run := past_run(one))]
            found |= {run.id: run for run in page if run.started_at >= since}
            token = answer.get("nextToken")
            enough = bool(last) and len(found) >= last
            if not token or enough or (page and page[-1].started_at < since):
                newest = sorted(found.values(), key=lambda run: run.started_at, reverse=True)
                return newest[: last or None], bool(token) and enough
            params["nextToken"] = token

    async def _actions(self, name: str, fresh: Sequence[PastRun], urgency: Urgency) -> list[tuple[str, ActionRun]]:
        """Action runs of executions that are not known yet.

        A few are asked for one by one, many by paging through all actions back to the oldest of them.
        """
        if not fresh:
            return []
        if len(fresh) <= 3:
            each = [self._pages(name, {"filter": {"pipelineExecutionId": run.id}}, urgency, None) for run in fresh]
            return [one for found in await asyncio.gather(*each) for one in found]
        return await self._pages(name, {}, urgency, min(run.started_at for run in fresh))

    async def _pages(
        self, name: str, given: Mapping[str, Any], urgency: Urgency, since: float | None
    ) -> list[tuple[str, ActionRun]]:
        params: dict[str, Any] = {"pipelineName": name, "maxResults": _PAGE, **given}
        found: list[tuple[str, ActionRun]] = []
        for _ in range(_MOST_ACTION_PAGES):
            answer = await self._ask("codepipeline", "ListActionExecutions", params, urgency)
            page = [run for one in answer.get("actionExecutionDetails") or () if (run := action_run(one))]
            found += page
            token = answer.get("nextToken")
            past = since is not None and page and page[-1][1].started_at < since
            if not token or past:
                break
            params["nextToken"] = token
        return found

    async def _builds(
        self, definition: Definition, runs: Sequence[PastRun], kept: Mapping[str, PastBuild], urgency: Urgency
    ) -> tuple[dict[str, PastBuild], list[str]]:
        wanted, notes = _wanted(definition, runs)
        found: dict[str, PastBuild] = {}
        batches: list[tuple[str, list[str]]] = []
        for region, ids in wanted.items():
            found |= {one: kept[one] for one in ids if one in kept}
            missing = [one for one in ids if one not in kept]
            batches += [(region, missing[at : at + _BATCH]) for at in range(0, len(missing), _BATCH)]
        gate = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def batch(region: str, ids: list[str]) -> None:
            async with gate:
                try:
                    answer = await self._ask("codebuild", "BatchGetBuilds", {"ids": ids}, urgency, region)
                except AwsError as error:
                    step = f" {error.next_step}" if isinstance(error, Denied) else ""
                    notes.append(f"Builds in {region or self._place.region} could not be read: {error}{step}")
                    return
            found.update((build.id, build) for one in answer.get("builds") or () if (build := past_build(one)).id)

        await asyncio.gather(*(batch(region, ids) for region, ids in batches))
        return found, list(dict.fromkeys(notes))

    async def _ask(
        self, service: str, operation: str, params: Mapping[str, Any], urgency: Urgency, region: str = ""
    ) -> dict[str, Any]:
        return await self._caller.read(self._place, service, operation, dict(params), region=region, urgency=urgency)


def _same(run: PastRun, known: PastRun | None) -> bool:
    """Whether what is known of an execution still stands: it has ended, and no retry has touched it since."""
    return known is not None and run.over and (known.status, known.ended_at) == (run.status, run.ended_at)


def _wanted(definition: Definition, runs: Iterable[PastRun]) -> tuple[dict[str, list[str]], list[str]]:
    """Ids of builds by region (empty: the pipeline's own), and a note of those in other accounts."""
    places: dict[tuple[str, str], str] = {}
    foreign: set[str] = set()
    for stage in definition.stages:
        for action in stage.actions:
            places[stage.name, action.name] = action.region
            if (
                action.role_arn
                and action.provider == "CodeBuild"
                and _account(action.role_arn) != _account(definition.role_arn)
            ):
                foreign.add(f"{stage.name} / {action.name}")
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for ran in run.actions:
            if ran.provider == "CodeBuild" and ":" in ran.external_id and f"{ran.stage} / {ran.action}" not in foreign:
                region = ran.region or places.get(ran.node, "")
                found.setdefault(region, {})[ran.external_id] = None
    notes = [f"{name} builds in another account; its phases are not known." for name in sorted(foreign)]
    return {region: list(ids) for region, ids in found.items()}, notes


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""
