"""The executions that the watch has come across, by pipeline: what the pulse is taken from. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable

from core.pipeline import Execution
from core.place import PipelineRef, Place
from core.pulse import Past, Run, run_of

__all__ = ["PastBook"]

_MOST_RUNS = 100  # of one pipeline


class PastBook:
    """Runs by pipeline, newest first."""

    def __init__(self) -> None:
        self._refs: dict[str, PipelineRef] = {}
        self._runs: dict[str, dict[str, Run]] = {}
        self._fresh: set[str] = set()

    def take(self, ref: PipelineRef, executions: Iterable[Execution]) -> None:
        """Take executions of a pipeline, new ones and news of known ones."""
        known = self._runs.setdefault(ref.key, {})
        self._refs[ref.key] = ref
        for execution in executions:
            run = run_of(execution)
            if run is None or (had := known.get(run.id)) == run:
                continue
            if had is not None and had.revision and not run.revision:
                run = Run(run.id, run.status, run.started_at, run.ended_at, had.revision)
            known[run.id] = run
            self._fresh.add(ref.key)
        if len(known) > _MOST_RUNS:
            kept = sorted(known.values(), key=lambda one: one.started_at, reverse=True)[:_MOST_RUNS]
            self._runs[ref.key] = {run.id: run for run in kept}

    def pasts(self, places: Container[Place]) -> list[Past]:
        """All that is known of pipelines in these places."""
        return [
            Past(key, ref.name, tuple(sorted(self._runs[key].values(), key=lambda one: one.started_at, reverse=True)))
            for key, ref in self._refs.items()
            if ref.place in places
        ]

    def recall(self, rows: Iterable[tuple[PipelineRef, Run]]) -> None:
        """Take what an earlier run knew; what is known by now stands."""
        for ref, run in rows:
            self._refs.setdefault(ref.key, ref)
            self._runs.setdefault(ref.key, {}).setdefault(run.id, run)

    def changed(self) -> list[tuple[PipelineRef, tuple[Run, ...]]]:
        """Return what has changed since this was asked last."""
        fresh, self._fresh = self._fresh, set()
        return [(self._refs[key], tuple(self._runs[key].values())) for key in fresh if key in self._refs]
