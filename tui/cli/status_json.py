"""The JSON object of `pipemedic status --format json`. Pure."""

from __future__ import annotations

from typing import Any

from core.attention import Assessment
from core.delivery import delivery
from core.pipeline import ActionState, Definition, Execution, PipelineState, StageState
from core.place import PipelineRef
from tui.cli.as_json import iso_time

__all__ = ["SCHEMA", "status_object"]

SCHEMA = 1


def status_object(
    ref: PipelineRef,
    account: str,
    definition: Definition,
    state: PipelineState,
    execution: Execution | None,
    found: Assessment,
) -> dict[str, Any]:
    """Return one pipeline as JSON-like data; times in ISO 8601."""
    return {
        "schema": SCHEMA,
        "account": account,
        "region": ref.place.region,
        "profile": ref.place.profile,
        "pipeline": ref.name,
        "version": state.version,
        "status": found.condition.name.lower(),
        "why": found.why,
        "since": iso_time(found.since),
        "stage": found.focus.stage if found.focus else "",
        "action": found.focus.action if found.focus else "",
        "execution": _execution(execution) if execution else None,
        "stages": [_stage(stage, definition) for stage in state.stages],
    }


def _execution(execution: Execution) -> dict[str, Any]:
    return {
        "id": execution.id,
        "status": execution.status,
        "started_at": iso_time(execution.started_at),
        "updated_at": iso_time(execution.updated_at),
        "trigger": execution.trigger,
        "what": delivery(execution),
        "revisions": [
            {"action": each.action, "id": each.id, "summary": each.summary, "url": each.url}
            for each in execution.revisions
        ],
    }


def _stage(stage: StageState, definition: Definition) -> dict[str, Any]:
    way = stage.transition
    return {
        "name": stage.name,
        "status": stage.status,
        "execution_id": stage.execution_id,
        "waiting": list(stage.inbound),
        "transition": {
            "enabled": way.enabled,
            "reason": way.reason,
            "changed_by": way.changed_by,
            "changed_at": iso_time(way.changed_at),
        },
        "actions": [_action(action, stage.name, definition) for action in stage.actions],
    }


def _action(action: ActionState, stage: str, definition: Definition) -> dict[str, Any]:
    declared = definition.action(stage, action.name)
    return {
        "name": action.name,
        "category": declared.category if declared else "",
        "provider": declared.provider if declared else "",
        "status": action.status,
        "summary": action.summary,
        "changed_at": iso_time(action.changed_at),
        "error_code": action.error_code,
        "error_message": action.error_message,
        "external_id": action.external_id,
        "external_url": action.external_url,
        "percent": action.percent,
        "waits_for_approval": action.status == "InProgress" and bool(action.token),
    }
