"""Snapshots as JSON text and back. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState, Revision, StageState, Transition
from core.place import PipelineRef, Place

__all__ = ["dump", "load"]


def dump(snapshot: PipelineSnapshot) -> str:
    """Return a snapshot as text."""
    return json.dumps(asdict(snapshot), separators=(",", ":"))


def load(text: str) -> PipelineSnapshot:
    """Return the snapshot of a text.

    Raises:
        ValueError: it is no JSON. TypeError, KeyError: it is no snapshot, or one of another version.
    """
    data = json.loads(text)
    ref = data["ref"]
    state, execution = data["state"], data["execution"]
    return PipelineSnapshot(
        **{
            **data,
            "ref": PipelineRef(Place(**ref["place"]), ref["name"]),
            "state": _state(state) if state else None,
            "execution": _execution(execution) if execution else None,
        }
    )


def _state(data: dict[str, Any]) -> PipelineState:
    return PipelineState(**{**data, "stages": tuple(_stage(stage) for stage in data["stages"])})


def _stage(data: dict[str, Any]) -> StageState:
    return StageState(
        **{
            **data,
            "transition": Transition(**data["transition"]),
            "actions": tuple(ActionState(**action) for action in data["actions"]),
            "inbound": tuple(data["inbound"]),
            "conditions": tuple(data["conditions"]),
        }
    )


def _execution(data: dict[str, Any]) -> Execution:
    return Execution(**{**data, "revisions": tuple(Revision(**each) for each in data["revisions"])})
