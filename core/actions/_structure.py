"""Editing what the structure says of the pipeline as a whole: its role, how its executions go, its variables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.actions._form import changed, choices
from core.actions.model import Action, Answers, Ask, Facts, Situation
from core.arn import Arn
from core.errors import UsageError
from core.plan import Call, Plan
from core.plans.definition import edit_pipeline

__all__ = ["edits"]

_MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")
_TYPES = ("V1", "V2")
_WORDS = {"roleArn": "the role", "executionMode": "the execution mode", "pipelineType": "the type"}


def edits(situation: Situation) -> tuple[Action, ...]:
    """Edit the pipeline's own settings."""
    name = situation.ref.name
    read = Call("codepipeline", "GetPipeline", {"name": name})

    def make(given: Answers, facts: Facts) -> Plan | None:
        structure = _structure(facts, name)
        values = {key: given[key] for key in _WORDS if changed(given, key, _now(structure, key))}
        if not values:
            raise UsageError("Nothing was changed in the form.")
        role = Arn.parse(values.get("roleArn", structure["roleArn"]))
        if role is None or role.service != "iam":
            raise UsageError("A role is given by its ARN: arn:aws:iam::…:role/name.")
        if {**structure, **values}.get("executionMode") not in (None, "SUPERSEDED") and _type(
            structure, values
        ) != "V2":
            raise UsageError("Only pipelines of type V2 queue executions or run them side by side.")
        note = (
            "All its actions without a role of their own act with the new role from the next execution on."
            if "roleArn" in values
            else ""
        )
        title = f"Set {', '.join(_WORDS[key] for key in values)} of {name}"
        return edit_pipeline(
            situation.where, facts[0], title=title, edit=lambda each: each.update(values), risk_note=note
        )

    return (
        Action(
            id="edit-pipeline",
            title=f"Edit the role, the mode and the type of {name} …",
            consequence="Later executions use them; the difference of the pipeline's structure is shown first.",
            reads=(read,),
            asks=lambda facts: _asks(_structure(facts, name)),
            make=make,
        ),
    )


def _structure(facts: Facts, name: str) -> Mapping[str, Any]:
    found = facts[0].get("pipeline", default={})
    if not found:
        raise UsageError(f"The structure of {name} could not be read. {facts[0].error}".strip())
    return dict(found)


def _now(structure: Mapping[str, Any], key: str) -> str:
    return str(structure.get(key, {"executionMode": "SUPERSEDED", "pipelineType": "V1"}.get(key, "")))


def _type(structure: Mapping[str, Any], values: Mapping[str, str]) -> str:
    return values.get("pipelineType") or _now(structure, "pipelineType")


def _asks(structure: Mapping[str, Any]) -> tuple[Ask, ...]:
    mode, kind = _now(structure, "executionMode"), _now(structure, "pipelineType")
    return (
        Ask(
            "roleArn",
            "Role",
            "the ARN of the role that the pipeline acts with",
            _now(structure, "roleArn"),
            required=True,
        ),
        Ask("executionMode", "Execution mode", default=mode, choices=choices(_MODES, mode)),
        Ask("pipelineType", "Type", "V2 is paid by the minute", kind, choices=choices(_TYPES, kind)),
    )
