"""The whole fleet, read once: every place side by side, one place's trouble beside the others' data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import PipemedicError, Throttled
from core.place import PipelineRef, Place
from tui.fleet_book import Entry, FleetBook
from tui.streams import closed_after

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["Reading", "read_fleet"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: pipelines, those that need attention first, and what kept places from being read."""

    entries: tuple[Entry, ...]
    troubles: dict[Place, PipemedicError]
    places: int

    @property
    def nothing(self) -> bool:
        """Whether no place gave an answer."""
        return len(self.troubles) == self.places and not self.entries


@dataclass(slots=True)
class _Open:
    """What is still to come."""

    places: set[Place]
    refs: dict[Place, set[PipelineRef]] = field(default_factory=dict)
    read: set[PipelineRef] = field(default_factory=set)

    def listed(self, place: Place, refs: tuple[PipelineRef, ...]) -> None:
        self.places.discard(place)
        self.refs[place] = set(refs) - self.read

    def took(self, ref: PipelineRef) -> None:
        self.read.add(ref)
        self.refs.get(ref.place, set()).discard(ref)

    def failed(self, place: Place) -> None:
        self.places.discard(place)
        self.refs.pop(place, None)

    @property
    def done(self) -> bool:
        return not self.places and not any(self.refs.values())


async def read_fleet(cloud: Cloud, now: float) -> Reading:
    """Read every pipeline in every place once; a place that cannot be asked becomes a trouble, not an error."""
    from aws.watch import Listed, PlaceFailed, Read  # noqa: PLC0415 (slow to import)

    book = FleetBook()
    waiting = _Open(set(cloud.places))
    async with closed_after(cloud.fleet().events()) as events:
        async for event in events:
            match event:
                case Listed(place=place, refs=refs):
                    book.list(place, refs)
                    waiting.listed(place, refs)
                case Read(snapshot=snapshot):
                    book.read(snapshot)
                    waiting.took(snapshot.ref)
                case PlaceFailed(place=place, error=error, retry_at=retry_at):
                    if isinstance(error, Throttled):
                        continue  # the watch slows down and asks again
                    book.fail(place, error, now, retry_at)
                    waiting.failed(place)
            if waiting.done:
                break
    troubles = {place: trouble.error for place, trouble in book.troubles.items()}
    return Reading(book.entries(now, resort=True), troubles, len(cloud.places))
