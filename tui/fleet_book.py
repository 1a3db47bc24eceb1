"""The fleet as the screens know it: the last answer for each pipeline, each place's trouble, and a calm order. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from core.attention import Assessment, Condition, assess
from core.errors import PipemedicError
from core.pipeline import PipelineSnapshot
from core.place import PipelineRef, Place

__all__ = ["Entry", "FleetBook", "Trouble"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a place from being read, since when (epoch seconds), and when it is tried again."""

    place: Place
    error: PipemedicError
    since: float
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One pipeline of the fleet; `snapshot` is None until its state was first read."""

    ref: PipelineRef
    snapshot: PipelineSnapshot | None
    assessment: Assessment


_NOT_READ = Assessment(Condition.UNKNOWN, "reading")


class FleetBook:
    """Collects what the watch reports. Old answers stay until newer ones come.

    Attributes:
        troubles: by place; gone as soon as the place answers again.
        listed: places whose list of pipelines has come at least once.
    """

    def __init__(self) -> None:
        self.troubles: dict[Place, Trouble] = {}
        self.listed: set[Place] = set()
        self._refs: dict[str, PipelineRef] = {}
        self._snapshots: dict[str, PipelineSnapshot] = {}
        self._order: list[str] = []

    def __len__(self) -> int:
        return len(self._refs)

    def list(self, place: Place, refs: Iterable[PipelineRef]) -> None:
        """Take the list of a place's pipelines: new ones appear, deleted ones go."""
        names = {ref.key: ref for ref in refs}
        gone = [key for key, ref in self._refs.items() if ref.place == place and key not in names]
        for key in gone:
            del self._refs[key]
            self._snapshots.pop(key, None)
        self._refs.update(names)
        self.listed.add(place)
        self.troubles.pop(place, None)

    def keep_places(self, places: Container[Place]) -> None:
        """Drop everything of other places."""
        for key in [key for key, ref in self._refs.items() if ref.place not in places]:
            del self._refs[key]
            self._snapshots.pop(key, None)
        self.listed = {place for place in self.listed if place in places}
        self.troubles = {place: trouble for place, trouble in self.troubles.items() if place in places}

    def read(self, snapshot: PipelineSnapshot) -> None:
        """Take a pipeline's state; where only the read failed, the older state stays with its age."""
        key = snapshot.ref.key
        if key not in self._refs:
            return
        old = self._snapshots.get(key)
        if snapshot.state is None and old is not None and old.state is not None:
            return
        self._snapshots[key] = snapshot
        if snapshot.state is not None:
            self.troubles.pop(snapshot.ref.place, None)

    def fail(self, place: Place, error: PipemedicError, now: float, retry_at: float | None) -> None:
        """Take a place's trouble; it keeps the time it began."""
        known = self.troubles.get(place)
        self.troubles[place] = Trouble(place, error, known.since if known else now, retry_at)

    def entry(self, key: str, now: float) -> Entry | None:
        """The pipeline of that key, or None."""
        ref = self._refs.get(key)
        if ref is None:
            return None
        snapshot = self._snapshots.get(key)
        return Entry(ref, snapshot, assess(snapshot, now) if snapshot else _NOT_READ)

    def entries(self, now: float, *, resort: bool) -> tuple[Entry, ...]:
        """All pipelines, worst first.

        Args:
            now: epoch seconds.
            resort: sort anew; otherwise the order stays as it was and new ones come last, so that nothing moves while
                the user does.
        """
        found = {key: entry for key in self._refs if (entry := self.entry(key, now))}
        if resort:
            self._order = sorted(found, key=lambda key: _urgency(found[key]))
        else:
            known = set(self._order)
            self._order = [key for key in self._order if key in found]
            self._order += sorted((key for key in found if key not in known), key=lambda key: _urgency(found[key]))
        return tuple(found[key] for key in self._order)

    @property
    def newest(self) -> float | None:
        """When the latest answer came, epoch seconds."""
        return max((snapshot.read_at for snapshot in self._snapshots.values()), default=None)

    def counts(self, now: float) -> dict[Condition, int]:
        """How many pipelines are in each condition."""
        counted: dict[Condition, int] = {}
        for key in self._refs:
            entry = self.entry(key, now)
            if entry:
                counted[entry.assessment.condition] = counted.get(entry.assessment.condition, 0) + 1
        return counted


def _urgency(entry: Entry) -> tuple[int, float, str, str]:
    since = entry.assessment.since or 0.0
    return entry.assessment.condition, -since, entry.ref.name, str(entry.ref.place)
