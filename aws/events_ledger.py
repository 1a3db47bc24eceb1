"""The changes told of a place's pipelines since each was last read. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from aws.events_apply import Folded, fold
from aws.events_message import StateChange
from core.pipeline import PipelineSnapshot

__all__ = ["Ledger"]

_MOST = 200  # of one pipeline; the oldest give way
_MOST_IN_ALL = 20_000


class Ledger:
    """Keeps changes by pipeline name, each with when it came (monotonic seconds)."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, tuple[StateChange, float]]] = {}

    def add(self, change: StateChange, elapsed: float) -> bool:
        """Keep a change; False where it is known already."""
        told = self._told.setdefault(change.pipeline, {})
        if change.id in told or (not told and sum(map(len, self._told.values())) >= _MOST_IN_ALL):
            return False
        told[change.id] = (change, elapsed)
        if len(told) > _MOST:
            del told[min(told, key=lambda one: (told[one][0].at, told[one][1]))]
        return True

    def was_read(self, name: str, began: float) -> None:
        """Drop what came before a read began: its answer shows it."""
        told = self._told.get(name)
        if told is not None:
            kept = {key: held for key, held in told.items() if held[1] >= began}
            if kept:
                self._told[name] = kept
            else:
                del self._told[name]

    def count(self, name: str) -> int:
        """Return how many changes of a pipeline are kept."""
        return len(self._told.get(name, ()))

    def keep(self, names: Iterable[str]) -> None:
        """Drop what is told of pipelines that are not there."""
        there = set(names)
        for name in [name for name in self._told if name not in there]:
            del self._told[name]

    def fold(self, base: PipelineSnapshot, told_at: float) -> Folded:
        """Return a snapshot with what was told since it was read."""
        told = self._told.get(base.ref.name)
        return fold(base, (change for change, _ in told.values()), told_at) if told else Folded(base)
