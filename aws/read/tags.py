"""Tags of all pipelines of a place: a hundred a call, instead of a call a pipeline."""

from __future__ import annotations

from typing import Any

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping.values import maps, text
from core.place import Place

__all__ = ["pipeline_tags"]

_MOST_PAGES = 100


async def pipeline_tags(caller: Caller, place: Place) -> dict[str, dict[str, str]]:
    """Return tags by pipeline's name; those without any are left out. Needs tag:GetResources; raises AwsError.

    Source: Resource Groups Tagging API, GetResources.
    """
    params: dict[str, Any] = {"ResourceTypeFilters": ["codepipeline"], "ResourcesPerPage": 100}
    found: dict[str, dict[str, str]] = {}
    for _ in range(_MOST_PAGES):
        answer = await caller.read(place, "resourcegroupstaggingapi", "GetResources", params, urgency=Urgency.VISIBLE)
        for one in maps(answer.get("ResourceTagMappingList")):
            name = text(one.get("ResourceARN")).rpartition(":")[2]
            if "/" not in name:  # a webhook or an action type
                found[name] = {text(tag.get("Key")): text(tag.get("Value")) for tag in maps(one.get("Tags"))}
        if not (token := text(answer.get("PaginationToken"))):
            break
        params = {**params, "PaginationToken": token}
    return found
