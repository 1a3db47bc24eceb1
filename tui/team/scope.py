"""What expressions can ask about the pipeline itself, besides the answers of calls. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.attention import assess
from core.pipeline import PipelineSnapshot
from core.playbook import Subject

__all__ = ["KNOWN", "condition_of", "said_by", "scope_of"]

#: Names that expressions know, with the names below each (none: it is a value of its own).
KNOWN: Mapping[str, frozenset[str]] = {
    "pipeline": frozenset({"name", "arn", "role", "type", "version"}),
    "stage": frozenset({"name"}),
    "action": frozenset(
        {"name", "category", "provider", "owner", "role", "status", "error", "external_id", "configuration"}
    ),
    "execution": frozenset({"id", "status", "trigger"}),
    "region": frozenset(),
    "account": frozenset(),
    "partition": frozenset(),
}


def said_by(subject: Subject) -> str:
    """What the action's error and summary say."""
    ran = subject.action_state
    return "\n".join(filter(None, (ran.error_code, ran.error_message, ran.summary)))


def scope_of(subject: Subject) -> dict[str, Any]:
    """Return what is known of a subject, by the names of `KNOWN`; what there is none of is None."""
    action, ran, ref = subject.action, subject.action_state, subject.ref
    execution = subject.execution
    return {
        "pipeline": {
            "name": ref.name,
            "arn": subject.definition.arn or None,
            "role": subject.definition.role_arn,
            "type": subject.definition.pipeline_type,
            "version": subject.definition.version,
        },
        "stage": {"name": subject.stage.name},
        "action": {
            "name": action.name,
            "category": action.category,
            "provider": action.provider,
            "owner": action.owner,
            "role": subject.role_arn or None,
            "status": ran.status or None,
            "error": said_by(subject) or None,
            "external_id": ran.external_id or None,
            "configuration": dict(action.configuration),
        },
        "execution": {"id": execution.id, "status": execution.status, "trigger": execution.trigger}
        if execution
        else None,
        "region": subject.region,
        "account": subject.identity.account,
        "partition": subject.identity.partition,
    }


def condition_of(subject: Subject) -> str:
    """How the pipeline is, in one of schema.py's words: what the action's own failure says comes first."""
    if subject.action_state.status == "Failed":
        return "failed"
    snapshot = PipelineSnapshot(subject.ref, subject.now, subject.state, subject.execution)
    return assess(snapshot, subject.now).condition.name.lower()
