"""The fleet as the screens know it: the last answer for each pipeline, each place's trouble, and a calm order. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.attention import Assessment, Condition, assess
from core.errors import PipemedicError
from core.pipeline import PipelineSnapshot
from core.place import PipelineRef, Place

__all__ = ["Entry", "FleetBook", "QueueNews", "Trouble"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a place from being read, since when (epoch seconds), and when it is tried again."""

    place: Place
    error: PipemedicError
    since: float
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class QueueNews:
    """How the queue of events that speaks of a place stands: what is wrong with it (empty: nothing), until when."""

    text: str = ""
    next_step: str = ""
    retry_at: float | None = None
    polled: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One pipeline of the fleet; `snapshot` is None until its state was first read."""

    ref: PipelineRef
    snapshot: PipelineSnapshot | None
    assessment: Assessment


_NOT_READ = Assessment(Condition.UNKNOWN, "reading")
# Conditions that time alone can change: what runs or waits may become overdue.
_TIMED = frozenset({Condition.RUNNING, Condition.WAITING, Condition.OFF})

_Urgency = tuple[int, float, str, str]


class FleetBook:
    """Collects what the watch reports. Old answers stay until newer ones come; what did not change is judged once.

    Attributes:
        troubles: by place; gone as soon as the place answers again.
        listed: places whose list of pipelines has come at least once.
        newest: when the latest answer came, epoch seconds.
        tags: by pipeline's key, where they were read.
        queues: by place, where a queue tells of changes.
    """

    def __init__(self) -> None:
        self.troubles: dict[Place, Trouble] = {}
        self.listed: set[Place] = set()
        self.newest: float | None = None
        self.tags: dict[str, Mapping[str, str]] = {}
        self.queues: dict[Place, QueueNews] = {}
        self._entries: dict[str, Entry] = {}
        self._timed: set[str] = set()
        self._urgencies: dict[str, _Urgency] = {}
        self._order: list[str] = []
        self._sorted = True
        self._judged_at = 0.0
        self._counts: Counter[Condition] = Counter()

    def __len__(self) -> int:
        return len(self._entries)

    def list(self, place: Place, refs: Iterable[PipelineRef]) -> None:
        """Take the list of a place's pipelines: new ones appear, deleted ones go."""
        names = {ref.key: ref for ref in refs}
        self._drop(key for key, entry in self._entries.items() if entry.ref.place == place and key not in names)
        for key, ref in names.items():
            if key not in self._entries:
                self._put(key, Entry(ref, None, _NOT_READ))
        self.listed.add(place)
        self.troubles.pop(place, None)

    def keep_places(self, places: Container[Place]) -> None:
        """Drop everything of other places."""
        self._drop(key for key, entry in self._entries.items() if entry.ref.place not in places)
        self.listed = {place for place in self.listed if place in places}
        self.troubles = {place: trouble for place, trouble in self.troubles.items() if place in places}
        self.queues = {place: news for place, news in self.queues.items() if place in places}

    def recall(self, snapshots: Iterable[PipelineSnapshot], now: float) -> None:
        """Take what an earlier run saw; it counts as not listed, and gives way to whatever is read."""
        for snapshot in snapshots:
            key = snapshot.ref.key
            if key not in self._entries:
                self._put(key, Entry(snapshot.ref, snapshot, assess(snapshot, now)))
                self.newest = max(self.newest or 0.0, snapshot.read_at)

    def read(self, snapshot: PipelineSnapshot, now: float | None = None) -> None:
        """Take a pipeline's state; where only the read failed, the older state stays with its age."""
        key = snapshot.ref.key
        known = self._entries.get(key)
        if known is None:
            return
        old = known.snapshot
        if snapshot.state is None and old is not None and old.state is not None:
            return
        found = assess(snapshot, max(now or 0.0, snapshot.read_at, self._judged_at))
        self._put(key, Entry(known.ref, snapshot, found if found != known.assessment else known.assessment))
        self.newest = max(self.newest or 0.0, snapshot.read_at)
        if snapshot.state is not None:
            self.troubles.pop(snapshot.ref.place, None)

    def fail(self, place: Place, error: PipemedicError, now: float, retry_at: float | None) -> None:
        """Take a place's trouble; it keeps the time it began."""
        known = self.troubles.get(place)
        self.troubles[place] = Trouble(place, error, known.since if known else now, retry_at)

    def entry(self, key: str, now: float) -> Entry | None:
        """The pipeline of that key, or None."""
        self._judge(now)
        return self._entries.get(key)

    def entries(self, now: float, *, resort: bool) -> tuple[Entry, ...]:
        """All pipelines, worst first.

        Args:
            now: epoch seconds.
            resort: sort anew; otherwise the order stays as it was and new ones come last, so that nothing moves while
                the user does.
        """
        self._judge(now)
        if len(self._order) != len(self._entries):
            known = set(self._order)
            self._order = [key for key in self._order if key in self._entries]
            self._order += sorted((key for key in self._entries if key not in known), key=self._urgencies.__getitem__)
        if resort and not self._sorted:
            self._order.sort(key=self._urgencies.__getitem__)
            self._sorted = True
        return tuple(map(self._entries.__getitem__, self._order))

    def counts(self, now: float) -> Counter[Condition]:
        """How many pipelines are in each condition."""
        self._judge(now)
        return Counter(self._counts)

    def refs(self) -> Iterator[PipelineRef]:
        """All pipelines there are."""
        return (entry.ref for entry in self._entries.values())

    def snapshots(self) -> Iterator[PipelineSnapshot]:
        """All that was read of pipelines that are there."""
        return (entry.snapshot for entry in self._entries.values() if entry.snapshot is not None)

    def _judge(self, now: float) -> None:
        """Judge those anew that time alone can change; an entry that says the same stays the same object."""
        if now == self._judged_at:
            return
        self._judged_at = now
        for key in tuple(self._timed):
            entry = self._entries[key]
            if entry.snapshot is not None and (found := assess(entry.snapshot, now)) != entry.assessment:
                self._put(key, Entry(entry.ref, entry.snapshot, found))

    def _put(self, key: str, entry: Entry) -> None:
        if known := self._entries.get(key):
            self._counts[known.assessment.condition] -= 1
        self._counts[entry.assessment.condition] += 1
        self._entries[key] = entry
        if entry.snapshot is not None and entry.assessment.condition in _TIMED:
            self._timed.add(key)
        else:
            self._timed.discard(key)
        urgency = _urgency(entry)
        if self._urgencies.get(key) != urgency:
            self._urgencies[key] = urgency
            self._sorted = False

    def _drop(self, keys: Iterable[str]) -> None:
        gone = set(keys)
        for key in gone:
            self._counts[self._entries.pop(key).assessment.condition] -= 1
            del self._urgencies[key]
            self._timed.discard(key)
        if gone:
            self._order = [key for key in self._order if key not in gone]


def _urgency(entry: Entry) -> _Urgency:
    since = entry.assessment.since or 0.0
    return entry.assessment.condition, -since, entry.ref.name, str(entry.ref.place)
