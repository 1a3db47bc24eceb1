"""Which pipeline, and which of its executions, a report written from a screen would be about."""

from __future__ import annotations

from textual.screen import Screen

from core.journal import Entry
from core.pipeline import Execution
from core.place import PipelineRef, Place

__all__ = ["at_hand", "place_at_hand"]


def place_at_hand(screen: Screen[object]) -> Place | None:
    """Return the place that a screen is about, or that of the pipeline under its cursor; None where it is about all."""
    found = at_hand(screen)
    place = found[0].place if found else getattr(screen, "place", None)
    return place if isinstance(place, Place) else None


def at_hand(screen: Screen[object]) -> tuple[PipelineRef, str] | None:
    """Return the pipeline a screen is about, or the one under its cursor, and the execution's id (empty: none named).

    Under a journal's cursor lies the pipeline for which the change was made.

    None where no pipeline is at hand.
    """
    if not screen.is_mounted:  # what is under its cursor cannot be asked before it stands
        return None
    selected = getattr(screen, "selected", None)
    ref = getattr(screen, "ref", None) or getattr(selected, "ref", None)
    if isinstance(selected, Entry) and selected.pipeline:
        ref = PipelineRef(selected.place, selected.pipeline)
    if not isinstance(ref, PipelineRef):
        return None
    execution = getattr(screen, "execution", None)
    named = execution.id if isinstance(execution, Execution) else getattr(screen, "execution_id", "")
    return ref, named if isinstance(named, str) else ""
