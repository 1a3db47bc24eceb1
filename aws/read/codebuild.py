"""Reads of CodeBuild, through the call budget."""

from __future__ import annotations

from collections.abc import Sequence

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping.codebuild import build
from aws.mapping.values import maps
from core.build import Build, LogLocation
from core.errors import NotFound
from core.place import Place

__all__ = ["BuildReader"]

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
