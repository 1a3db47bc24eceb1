"""Reads of CodeBuild, through the call budget."""

from __future__ import annotations

from collections.abc import Sequence

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping.codebuild import build
from aws.mapping.values import maps, text
from core.build import Build, LogLocation
from core.errors import NotFound
from core.place import Place

__all__ = ["BuildReader"]

# Of a batch, what is looked at last; failures of any kind come first.
_LOOK_AT = {"IN_PROGRESS": 1, "STOPPED": 2, "SUCCEEDED": 3}
_A_CALL = 100  # BatchGetBuilds takes at most 100 ids


class BuildReader:
    """CodeBuild in one place. All methods raise AwsError."""

    def __init__(self, caller: Caller, place: Place) -> None:
        self._caller = caller
        self._place = place

    async def builds(self, ids: Sequence[str]) -> tuple[Build, ...]:
        """Return builds by id, in the order of the ids; those that are gone (kept a year) are left out."""
        found: dict[str, Build] = {}
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _A_CALL):
            answer = await self._caller.read(
                self._place,
                "codebuild",
                "BatchGetBuilds",
                {"ids": wanted[start : start + _A_CALL]},
                urgency=Urgency.ACTION,
            )
            for one in maps(answer.get("builds")):
                mapped = build(one)
                found[mapped.id] = mapped
                found[mapped.arn] = mapped
        return tuple(found[one] for one in wanted if one in found)

    async def of_batch(self, batch_id: str) -> tuple[Build, ...]:
        """Return the builds of a batch, the one to look at first: one that failed, else one that runs, else the last.

        Empty where there is no such batch. A batch has no log of its own; each of its builds has.
        """
        answer = await self._caller.read(
            self._place, "codebuild", "BatchGetBuildBatches", {"ids": [batch_id]}, urgency=Urgency.ACTION
        )
        batches = tuple(maps(answer.get("buildBatches")))
        groups = maps(batches[0].get("buildGroups")) if batches else ()
        arns = [text((group.get("currentBuildSummary") or {}).get("arn")) for group in groups]
        found = await self.builds([arn for arn in arns if arn])
        latest_first = found[::-1]
        return tuple(sorted(latest_first, key=lambda each: _LOOK_AT.get(each.status, 0)))

    async def log_of(self, build_id: str) -> LogLocation:
        """Return where a build writes its log, from the build itself.

        Raises:
            NotFound: there is no such build.
        """
        builds = await self.builds((build_id,))
        if not builds:
            raise NotFound(
                f"there is no build {build_id}",
                service="codebuild",
                operation="BatchGetBuilds",
                region=self._place.region,
                profile=self._place.profile,
            )
        return builds[0].log
