"""A rearrangement as an edit of the pipeline's structure, through the plan for such edits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.fact import Fact
from core.plan import Plan
from core.plans.definition import edit_pipeline
from core.plans.setting import Where
from core.profile.arrange import Place
from core.profile.model import Node, label

__all__ = ["moves", "plan_moves", "rearrange", "words"]


def moves(before: Mapping[Node, Place], after: Mapping[Node, Place]) -> dict[Node, Place]:
    """Return the actions whose place changes, with the new one."""
    return {node: place for node, place in after.items() if before.get(node) != place}


def words(before: Mapping[Node, Place], changed: Mapping[Node, Place]) -> tuple[str, ...]:
    """Return each move as a sentence."""
    said = []
    for node, place in changed.items():
        old = before[node]
        if place.stage == old.stage:
            said.append(f"{label(node)}: runOrder {old.order} → {place.order}")
        else:
            said.append(f"{label(node)}: into stage {place.stage}, runOrder {place.order}")
    return tuple(said)


def rearrange(structure: dict[str, Any], changed: Mapping[Node, Place]) -> None:
    """Move actions within a pipeline's structure (as GetPipeline gives it), in place; emptied stages go.

    Raises:
        LookupError: an action or stage is not there any more.
    """
    stages = {str(stage.get("name")): stage for stage in structure.get("stages", ())}
    for (stage_name, action_name), place in changed.items():
        if place.stage not in stages or stage_name not in stages:
            raise LookupError(f"{stage_name}/{action_name}")
        declared = stages[stage_name].get("actions", [])
        action = next((each for each in declared if each.get("name") == action_name), None)
        if action is None:
            raise LookupError(f"{stage_name}/{action_name}")
        action["runOrder"] = place.order
        if place.stage != stage_name:
            declared.remove(action)
            stages[place.stage].setdefault("actions", []).append(action)
    structure["stages"] = [stage for stage in structure.get("stages", ()) if stage.get("actions")]


def plan_moves(where: Where, current: Fact, changed: Mapping[Node, Place]) -> Plan | None:
    """Plan the moves as one edit of the structure.

    Args:
        where: for which pipeline, by whom.
        current: GetPipeline of it.
        changed: the actions to move, as `moves` gives them.

    Returns:
        The plan; None where the structure could not be read or has changed so that the moves no longer fit.
    """
    if not changed:
        return None
    names = ", ".join(name for _, name in changed)
    return edit_pipeline(
        where,
        current,
        title=f"Run {names} as early as what they need allows",
        edit=lambda structure: rearrange(structure, changed),
        risk_note=(
            "Later executions run these actions side by side. Artifacts and variables are still made before they are "
            "used; what an action leaves elsewhere for another (an image in a registry, a database) cannot be seen "
            "from here: look whether one of them relies on that."
        ),
    )
