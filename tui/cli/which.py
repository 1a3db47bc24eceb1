"""From the name on the command line to the one pipeline that is meant."""

from __future__ import annotations

import asyncio
import difflib
from typing import TYPE_CHECKING

from core.arn import Arn
from core.errors import AwsError, NotFound, UsageError
from core.place import PipelineRef, Place
from core.text import sanitize
from tui.cli.trouble import warn

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["NoSuchPipeline", "find_pipeline"]


class NoSuchPipeline(UsageError):
    """No place that was asked has a pipeline of that name."""


async def find_pipeline(cloud: Cloud, name: str) -> PipelineRef:
    """Return the pipeline of that name or ARN.

    Each place is asked for its state, which needs no right to list. Places that cannot be asked are named on stderr
    where another place has the pipeline.

    Raises:
        NoSuchPipeline: no place has it (names like it are suggested).
        UsageError: several have it, or the ARN is none of a pipeline.
        AwsError: it was not found, and a place could not be asked.
    """
    places, name = _where(cloud.places, name)
    answers = await asyncio.gather(*(_ask(cloud, place, name) for place in places))
    found = [PipelineRef(place, name) for place, answer in zip(places, answers, strict=True) if answer is None]
    troubles = [answer for answer in answers if answer is not None and not isinstance(answer, NotFound)]
    if not found and troubles:
        raise troubles[0]
    if not found:
        raise NoSuchPipeline(await _nowhere(cloud, places, name))
    for error in troubles:
        warn(str(error))
    if len(found) > 1:
        raise UsageError(_several(found))
    return found[0]


def _where(places: tuple[Place, ...], name: str) -> tuple[tuple[Place, ...], str]:
    """An ARN names its region: of the places only those in it are asked, or that region where none is."""
    arn = Arn.parse(name)
    if arn is None:
        return places, name
    if arn.service != "codepipeline" or not arn.region:
        raise UsageError(f"{sanitize(name)!r} is no ARN of a pipeline.")
    inside = tuple(place for place in places if place.region == arn.region)
    profiles = dict.fromkeys(place.profile for place in places)
    return inside or tuple(Place(profile, arn.region) for profile in profiles), arn.resource.split("/", maxsplit=1)[0]


async def _ask(cloud: Cloud, place: Place, name: str) -> AwsError | None:
    try:
        await cloud.pipelines(place).state(name)
    except AwsError as error:
        return error
    return None


def _several(found: list[PipelineRef]) -> str:
    options = "\n".join(f"  {_options(ref.place)}" for ref in found)
    return f"{found[0].name} is in {len(found)} places. Name one of them:\n{options}"


def _options(place: Place) -> str:
    profile = f"--profile {place.profile} " if place.profile else ""
    return f"{profile}--region {place.region}"


async def _nowhere(cloud: Cloud, places: tuple[Place, ...], name: str) -> str:
    """The sentence for an unknown name, with the names that are like it."""
    where = ", ".join(map(str, places))
    sentence = f"There is no pipeline {sanitize(name)!r} in {where}."
    lists = await asyncio.gather(*(_names(cloud, place) for place in places))
    known = sorted({each for names in lists for each in names})
    alike = difflib.get_close_matches(name.lower(), [each.lower() for each in known], n=3, cutoff=0.5)
    near = [each for each in known if each.lower() in alike or name.lower() in each.lower()][:5]
    if near:
        return f"{sentence} Did you mean {' or '.join(sanitize(each) for each in near)}?"
    hint = " `pipemedic ls` lists those that are there;" if known else ""
    return f"{sentence}{hint} --region and --profile look elsewhere."


async def _names(cloud: Cloud, place: Place) -> tuple[str, ...]:
    try:
        return await cloud.pipelines(place).names()
    except AwsError:
        return ()
