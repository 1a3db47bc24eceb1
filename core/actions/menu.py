"""The menu: all actions on a pipeline, those that can be done first. Pure."""

from __future__ import annotations

from dataclasses import replace

from core.actions import _approve, _builds, _edit, _flow, _structure
from core.actions._behind import behind
from core.actions.model import Action, Situation

__all__ = ["actions_of"]


def actions_of(situation: Situation, *, read_only: bool = False) -> tuple[Action, ...]:
    """Return what can be done to a pipeline now, then what cannot, with why.

    Args:
        situation: the pipeline as just read.
        read_only: whether the program may change nothing; then every action says so.
    """
    ways = _flow.transitions(situation)
    found = (
        *_approve.answers(situation),
        *_flow.retries(situation),
        *_flow.overrides(situation),
        *(each for each in ways if each.id.startswith("enable:")),
        _flow.start(situation),
        *_flow.stops(situation),
        *_builds.of_builds(situation),
        *_builds.of_deployments(situation),
        *behind(situation),
        *_edit.edits(situation),
        *_structure.edits(situation),
        *(each for each in ways if each.id.startswith("disable:")),
        *_flow.rollbacks(situation),
    )
    if read_only:
        found = tuple(replace(each, why_not="pipemedic runs in read-only mode") for each in found)
    return tuple(sorted(found, key=lambda each: not each.possible))
