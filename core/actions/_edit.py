"""Editing what the structure says of one action: branch, repository, connection, capabilities, files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.actions.model import Action, Answers, Ask, Facts, Situation
from core.errors import UsageError
from core.plan import Call, Plan
from core.plans.definition import edit_action, edit_pipeline

__all__ = ["edits"]

# CodePipeline gives secrets back as asterisks; sent as they came they would be stored so.
_HIDDEN = "****"
_ORDER, _INPUTS = "runOrder", "inputArtifacts"


def edits(situation: Situation) -> tuple[Action, ...]:
    """Edit the action under the cursor."""
    point = situation.point
    if not point or not point.action or situation.definition.action(point.stage, point.action) is None:
        return ()
    stage, action = point.stage, point.action
    read = Call("codepipeline", "GetPipeline", {"name": situation.ref.name})

    def asks(facts: Facts) -> tuple[Ask, ...]:
        declared = _declared(facts, stage, action)
        given = declared.get("configuration") or {}
        settings = (Ask(f"set:{name}", name, default=str(value)) for name, value in given.items() if value != _HIDDEN)
        order = Ask(
            _ORDER, "runOrder", "1 to 999: actions of one number run side by side", str(declared.get(_ORDER, 1))
        )
        inputs = Ask(_INPUTS, "Input artifacts", "names, spaces between", _names(declared))
        return (*settings, order, *((inputs,) if declared.get(_INPUTS) else ()))

    def make(given: Answers, facts: Facts) -> Plan | None:
        title = f"Edit {stage} / {action} of {situation.ref.name}"
        changes = _changes(_declared(facts, stage, action), given)
        if not changes:
            raise UsageError("Nothing was changed in the form.")
        return edit_pipeline(
            situation.where, facts[0], title=title, edit=edit_action(stage, action, lambda each: each.update(changes))
        )

    return (
        Action(
            id=f"edit:{stage}/{action}",
            title=f"Edit the settings of {stage} / {action} …",
            consequence="Later executions use them; the difference of the pipeline's structure is shown first.",
            reads=(read,),
            asks=asks,
            make=make,
        ),
    )


def _declared(facts: Facts, stage: str, action: str) -> Mapping[str, Any]:
    for each in facts[0].get("pipeline", "stages", default=()):
        for declared in each.get("actions", ()):
            if (each.get("name"), declared.get("name")) == (stage, action):
                return dict(declared)
    raise UsageError(f"The structure of the pipeline could not be read, or has no {stage} / {action} any more.")


def _names(declared: Mapping[str, Any]) -> str:
    return " ".join(str(each.get("name", "")) for each in declared.get(_INPUTS) or ())


def _changes(declared: Mapping[str, Any], given: Answers) -> dict[str, Any]:
    """Members of the declaration that the answers change; an emptied setting is taken away."""
    before = dict(declared.get("configuration") or {})
    after = {**before, **{name[4:]: value for name, value in given.items() if name.startswith("set:")}}
    changes: dict[str, Any] = {}
    if after != before:
        changes["configuration"] = {name: value for name, value in after.items() if value}
    order = given.get(_ORDER, "")
    if order and order != str(declared.get(_ORDER, 1)):
        if not order.isdigit() or not 1 <= int(order) <= 999:
            raise UsageError(f"runOrder is a number from 1 to 999, not {order!r}.")
        changes[_ORDER] = int(order)
    if _INPUTS in given and given[_INPUTS] != _names(declared):
        changes[_INPUTS] = [{"name": name} for name in given[_INPUTS].split()]
    return changes
