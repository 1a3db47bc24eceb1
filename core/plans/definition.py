"""Edits of a pipeline's structure, sent with the version they were made on. Pure.

UpdatePipeline itself takes any version, so the precondition holds only while the version that was read still stands: a
concurrent edit is a conflict, never an overwrite. Source:
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_UpdatePipeline.html
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans._readback_delivery import structure_of
from core.plans.setting import Where, check_of
from core.policy import as_text

__all__ = [
    "edit_action",
    "edit_pipeline",
    "rename_artifacts",
    "set_configuration",
    "set_input",
    "set_pipeline_role",
    "set_run_order",
]

Edit = Callable[[dict[str, Any]], None]


def edit_pipeline(where: Where, current: Fact, *, title: str, edit: Edit, risk_note: str = "") -> Plan | None:
    """Plan an edit of a pipeline's structure.

    Args:
        where: for which pipeline, by whom.
        current: GetPipeline of it.
        title: a sentence in the imperative.
        edit: changes a copy of the structure in place; raises LookupError where what it edits is not there.
        risk_note: what else it means.

    Returns:
        The plan; None where the structure could not be read, lacks what is edited, or the edit changes nothing.
    """
    structure = current.get("pipeline")
    if not current.ok or not isinstance(structure, Mapping):
        return None
    before = {key: item for key, item in structure.items() if key != "version"}
    after = copy.deepcopy(before)
    try:
        edit(after)
    except LookupError:
        return None
    if structure_of(after) == structure_of(before):
        return None
    version = structure.get("version")
    read = Call("codepipeline", "GetPipeline", {"name": where.pipeline})
    call = Call("codepipeline", "UpdatePipeline", {"pipeline": {**after, "version": version}})
    back = Call("codepipeline", "UpdatePipeline", {"pipeline": before})
    roles = "iam:PassRole"
    note = risk_note or "Executions under way go on with the old structure; later ones use the new one."
    return Plan(
        id="pipeline-definition.edit",
        title=title,
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=str(current.get("metadata", "pipelineArn", default=where.pipeline)),
        call=call,
        risk=Risk.MEDIUM,
        risk_note=note,
        precondition=Check(
            f"The structure of {where.pipeline} is still version {version}",
            (read,),
            lambda facts: facts[0].get("pipeline", "version") == version,
        ),
        verification=check_of(call),
        before=as_text(before),
        after=as_text(after),
        permissions=("codepipeline:UpdatePipeline", roles),
        undo=Undo("Put the earlier structure back", back),
        present=_present,
    )


def _present(facts: tuple[Fact, ...]) -> str:
    structure = facts[0].get("pipeline", default={})
    return as_text({key: item for key, item in structure.items() if key != "version"}) if structure else ""


def edit_action(stage: str, action: str, change: Edit) -> Edit:
    """Return an edit of one action's declaration; raises LookupError where it is not there."""

    def edit(structure: dict[str, Any]) -> None:
        for each in structure.get("stages", ()):
            if each.get("name") == stage:
                for declared in each.get("actions", ()):
                    if declared.get("name") == action:
                        change(declared)
                        return
        raise LookupError(f"{stage}/{action}")

    return edit


def rename_artifacts(structure: dict[str, Any], names: Mapping[str, str]) -> None:
    """Give artifacts other names, where they are made, taken and named within a setting (``Name::file``)."""
    for stage in structure.get("stages", ()):
        for declared in stage.get("actions", ()):
            for member in ("inputArtifacts", "outputArtifacts"):
                for artifact in declared.get(member, ()):
                    artifact["name"] = names.get(artifact["name"], artifact["name"])
            settings = declared.get("configuration", {})
            for key, value in settings.items():
                settings[key] = _renamed(key, str(value), names)


def _renamed(key: str, value: str, names: Mapping[str, str]) -> str:
    if key == "PrimarySource" or key.endswith("TemplateArtifact"):
        return names.get(value, value)
    for old, new in names.items():
        value = re.sub(rf"(?<![\w-]){re.escape(old)}::", f"{new}::", value)
        value = re.sub(rf'("Fn::Get(?:Param|ArtifactAtt)"\s*:\s*\[\s*"){re.escape(old)}"', rf'\g<1>{new}"', value)
    return value


def set_configuration(
    where: Where, current: Fact, stage: str, action: str, values: Mapping[str, str | None]
) -> Plan | None:
    """Plan to set members of an action's configuration (branch, repository, connection, capabilities, file names …).

    A value of None takes the member away. Returns None as `edit_pipeline` does.
    """

    def change(declared: dict[str, Any]) -> None:
        kept = {**declared.get("configuration", {}), **values}
        declared["configuration"] = {name: value for name, value in kept.items() if value is not None}

    words = ", ".join(f"{name} to {value}" if value is not None else f"no {name}" for name, value in values.items())
    return edit_pipeline(
        where, current, title=f"Set {words} in {stage} / {action}", edit=edit_action(stage, action, change)
    )


def set_run_order(where: Where, current: Fact, stage: str, action: str, order: int) -> Plan | None:
    """Plan to let an action run earlier or later within its stage (1 to 999)."""
    return edit_pipeline(
        where,
        current,
        title=f"Set runOrder of {stage} / {action} to {order}",
        edit=edit_action(stage, action, lambda declared: declared.update(runOrder=order)),
    )


def set_input(where: Where, current: Fact, stage: str, action: str, artifacts: tuple[str, ...]) -> Plan | None:
    """Plan to give an action other input artifacts."""
    names = [{"name": name} for name in artifacts]
    return edit_pipeline(
        where,
        current,
        title=f"Give {stage} / {action} the input {', '.join(artifacts)}",
        edit=edit_action(stage, action, lambda declared: declared.update(inputArtifacts=names)),
    )


def set_pipeline_role(where: Where, current: Fact, role_arn: str) -> Plan | None:
    """Plan to have the pipeline act with another role."""
    return edit_pipeline(
        where,
        current,
        title=f"Have {where.pipeline} act as {role_arn.rpartition('/')[2]}",
        edit=lambda structure: structure.update(roleArn=role_arn),
        risk_note="All its actions without a role of their own act with the new role from the next execution on.",
    )
