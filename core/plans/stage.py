"""Changes of one stage: back to a good execution, past a condition. Pure.

Sources: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RollbackStage.html (V2 pipelines, not the
source stage, the target must have run with the present structure), API_OverrideStageCondition.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Fact
from core.place import PipelineRef
from core.plan import Call, Check, Plan, Risk

__all__ = ["CONDITION_TYPES", "override_condition", "roll_back"]

# beforeEntry and onSuccess can be overridden, onFailure cannot.
CONDITION_TYPES = {"beforeEntry": "BEFORE_ENTRY", "onSuccess": "ON_SUCCESS"}


def _stage(fact: Fact, stage: str) -> Mapping[str, Any]:
    found: Sequence[Mapping[str, Any]] = fact.get("stageStates", default=())
    return next((each for each in found if each.get("stageName") == stage), {})


def _in_stage(fact: Fact, stage: str) -> tuple[str, str, str]:
    """The execution in a stage: its id, status and kind."""
    latest = _stage(fact, stage).get("latestExecution") or {}
    return tuple(str(latest.get(name, "")) for name in ("pipelineExecutionId", "status", "type"))  # type: ignore[return-value]


def roll_back(
    ref: PipelineRef, account: str, stage: str, target: str, *, present: str, revisions: Sequence[str] = ()
) -> Plan:
    """Plan to run a stage again with what a good execution brought.

    Args:
        ref: the pipeline.
        account: its account.
        stage: the stage.
        target: id of an execution that succeeded in it.
        present: id of the execution that stands in the stage now; another one there is a conflict.
        revisions: what the target brought, one a line, for the reader.
    """
    read = Call("codepipeline", "GetPipelineState", {"name": ref.name})
    params = {"pipelineName": ref.name, "stageName": stage, "targetPipelineExecutionId": target}
    return Plan(
        id="pipeline.rollback-stage",
        title=f"Roll stage {stage} of {ref.name} back to execution {target[:8]}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{stage}",
        call=Call("codepipeline", "RollbackStage", params),
        risk=Risk.HIGH,
        risk_note="Runs the stage's actions with that execution's revisions; what is deployed now is replaced.",
        precondition=Check(
            f"Execution {present[:8] or 'none'} still stands in {stage}, and nothing runs there",
            (read,),
            lambda facts: _in_stage(facts[0], stage)[0] == present and _in_stage(facts[0], stage)[1] != "InProgress",
        ),
        verification=Check(
            f"A rollback runs in {stage}",
            (read,),
            lambda facts: (
                _in_stage(facts[0], stage)[0] not in ("", present) and _in_stage(facts[0], stage)[2] == "ROLLBACK"
            ),
            deadline_s=90.0,
        ),
        before=f"{stage}: execution {present}",
        after="\n".join((f"{stage}: what execution {target} brought", *revisions)),
        syntax="text",
        permissions=("codepipeline:RollbackStage",),
        typed=ref.name,
    )


def _condition(fact: Fact, stage: str, condition: str) -> str:
    state = _stage(fact, stage).get(f"{condition}ConditionState") or {}
    return str((state.get("latestExecution") or {}).get("status", ""))


def override_condition(ref: PipelineRef, account: str, stage: str, execution_id: str, condition: str) -> Plan:
    """Plan to let an execution pass although a stage condition says no.

    Args:
        ref: the pipeline.
        account: its account.
        stage: the stage whose condition failed.
        execution_id: the execution it holds up.
        condition: ``beforeEntry`` or ``onSuccess``.

    Raises:
        KeyError: a condition that cannot be overridden.
    """
    read = Call("codepipeline", "GetPipelineState", {"name": ref.name})
    params = {
        "pipelineName": ref.name,
        "stageName": stage,
        "pipelineExecutionId": execution_id,
        "conditionType": CONDITION_TYPES[condition],
    }
    return Plan(
        id="pipeline.override-condition",
        title=f"Override the {condition} condition of stage {stage} of {ref.name}",
        place=ref.place,
        account=account,
        pipeline=ref.name,
        resource=f"{ref.name}/{stage}",
        call=Call("codepipeline", "OverrideStageCondition", params),
        risk=Risk.HIGH,
        risk_note="The execution goes on although the check that was put there against it says no.",
        precondition=Check(
            f"The {condition} condition of {stage} still holds it up",
            (read,),
            lambda facts: _condition(facts[0], stage, condition) in ("Failed", "InProgress", "Errored"),
        ),
        verification=Check(
            "The condition is overridden",
            (read,),
            lambda facts: _condition(facts[0], stage, condition) == "Overridden",
        ),
        before=f"{condition}: not passed",
        after=f"{condition}: overridden",
        syntax="text",
        permissions=("codepipeline:OverrideStageCondition",),
        typed=ref.name,
    )
