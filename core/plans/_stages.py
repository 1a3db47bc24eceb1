"""What plans on a pipeline's flow look at: its state, and who stands in a stage. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.fact import Fact
from core.plan import Call

__all__ = ["Standing", "stage_in", "standing", "standing_words", "state_read"]


class Standing(NamedTuple):
    """The execution that stands in a stage; empty where none does."""

    execution_id: str
    status: str
    kind: str


def state_read(pipeline: str, region: str = "") -> Call:
    """Return the read of a pipeline's state."""
    return Call("codepipeline", "GetPipelineState", {"name": pipeline}, region)


def stage_in(state: Fact, stage: str) -> Mapping[str, Any]:
    """Return a stage's state as GetPipelineState gave it; empty where it has none of that name."""
    found: Sequence[Mapping[str, Any]] = state.get("stageStates", default=())
    return next((each for each in found if each.get("stageName") == stage), {})


def standing_words(state: Fact, stage: str) -> str:
    """Return who stands in a stage, in words."""
    seen = standing(state, stage)
    return f"{stage}: {seen.status or 'nothing ran yet'}\nexecution {seen.execution_id or 'none'}"


def standing(state: Fact, stage: str) -> Standing:
    """Return who stands in a stage."""
    latest = stage_in(state, stage).get("latestExecution") or {}
    return Standing(*(str(latest.get(name, "")) for name in ("pipelineExecutionId", "status", "type")))
