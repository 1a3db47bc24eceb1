"""Editing what the structure says of one action: branch, repository, connection, artifacts, role … Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.actions._form import changed, pairs
from core.actions.model import Action, Answers, Ask, Facts, Situation
from core.arn import Arn
from core.errors import UsageError
from core.plan import Call, Plan
from core.plans.definition import edit_action, edit_pipeline, rename_artifacts

__all__ = ["edits"]

# CodePipeline gives secrets back as asterisks; sent as they came they would be stored so.
_HIDDEN = "****"
_ORDER, _INPUTS, _OUTPUTS, _ROLE, _MORE = "runOrder", "inputArtifacts", "outputArtifacts", "roleArn", "more"


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
        artifacts = (
            Ask(member, label, hint, _names(declared, member))
            for member, label, hint in (
                (_INPUTS, "Input artifacts", "names, spaces between"),
                (_OUTPUTS, "Output artifacts", "a new name is taken over wherever the artifact is used"),
            )
            if declared.get(member)
        )
        return (
            *settings,
            Ask(_MORE, "More settings", "NAME=value NAME=value, e.g. FileName=images.json"),
            order,
            *artifacts,
            Ask(_ROLE, "Role of the action", "an ARN; empty: the pipeline's own", str(declared.get(_ROLE, ""))),
        )

    def make(given: Answers, facts: Facts) -> Plan | None:
        title = f"Edit {stage} / {action} of {situation.ref.name}"
        declared = _declared(facts, stage, action)
        changes, names = _changes(declared, given), _renames(declared, given)
        if not changes and not names:
            raise UsageError("Nothing was changed in the form.")

        def edit(structure: dict[str, Any]) -> None:
            edit_action(stage, action, lambda each: _take(each, changes))(structure)
            rename_artifacts(structure, names)

        return edit_pipeline(situation.where, facts[0], title=title, edit=edit)

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


def _names(declared: Mapping[str, Any], member: str) -> str:
    return " ".join(str(each.get("name", "")) for each in declared.get(member) or ())


def _take(declared: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Put changed members in; what is empty is taken away."""
    for name, value in changes.items():
        if value or name == "configuration":
            declared[name] = value
        else:
            declared.pop(name, None)


def _renames(declared: Mapping[str, Any], given: Answers) -> dict[str, str]:
    """Old names of output artifacts → new ones.

    Raises:
        UsageError: there are more names than artifacts, or fewer.
    """
    before, after = _names(declared, _OUTPUTS).split(), given.get(_OUTPUTS, _names(declared, _OUTPUTS)).split()
    if len(before) != len(after):
        raise UsageError(f"The action makes {len(before)} artifacts; name each of them.")
    return {old: new for old, new in zip(before, after, strict=True) if old != new}


def _changes(declared: Mapping[str, Any], given: Answers) -> dict[str, Any]:
    """Members of the declaration that the answers change; an emptied setting is taken away."""
    before = dict(declared.get("configuration") or {})
    after = {**before, **{name[4:]: value for name, value in given.items() if name.startswith("set:")}}
    after |= dict(pairs(given.get(_MORE, "")))
    changes: dict[str, Any] = {}
    if after != before:
        changes["configuration"] = {name: value for name, value in after.items() if value}
    order = given.get(_ORDER, "")
    if order and order != str(declared.get(_ORDER, 1)):
        if not order.isdigit() or not 1 <= int(order) <= 999:
            raise UsageError(f"runOrder is a number from 1 to 999, not {order!r}.")
        changes[_ORDER] = int(order)
    role = changed(given, _ROLE, str(declared.get(_ROLE, "")))
    if role is not None:
        parsed = Arn.parse(role)
        if role and (parsed is None or parsed.service != "iam"):
            raise UsageError("A role is given by its ARN: arn:aws:iam::…:role/name.")
        changes[_ROLE] = role
    if _INPUTS in given and given[_INPUTS] != _names(declared, _INPUTS):
        changes[_INPUTS] = [{"name": name} for name in given[_INPUTS].split()]
    return changes
