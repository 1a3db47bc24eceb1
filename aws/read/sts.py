"""Who the caller is."""

from __future__ import annotations

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping import sts as mapping
from core.place import Identity, Place

__all__ = ["identity"]


async def identity(caller: Caller, place: Place) -> Identity:
    """Return account and ARN of a place's credentials. Needs no permission; raises AwsError."""
    return mapping.identity(await caller.read(place, "sts", "GetCallerIdentity", {}, urgency=Urgency.ACTION))
