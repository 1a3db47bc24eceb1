"""Tells whether a pipeline's state is still the one that was diagnosed. Pure."""

from __future__ import annotations

from core.pipeline import PipelineSnapshot

__all__ = ["fingerprint"]


def fingerprint(snapshot: PipelineSnapshot) -> str:
    """Return a text that changes when a diagnosis would have to be made anew: other run, other status, other error."""
    state = snapshot.state
    if state is None:
        return ""
    parts = [str(state.version)]
    for stage in state.stages:
        parts.append(f"{stage.name}:{stage.status}:{stage.execution_id}:{stage.transition.enabled}")
        parts += [f"{each.name}:{each.status}:{each.external_id}:{each.error_message}" for each in stage.actions]
    return "\n".join(parts)
