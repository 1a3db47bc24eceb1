"""Changes of one stage: back to a good execution, past a condition. Pure.

Sources: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RollbackStage.html (V2 pipelines, not the
source stage, the target must have run with the present structure), API_OverrideStageCondition.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.fact import Fact
from core.place import PipelineRef
from core.plan import Call, Check, Plan, Risk
from core.plans._stages import stage_in, standing, state_read

__all__ = ["CONDITION_TYPES", "override_condition", "roll_back"]

# beforeEntry and onSuccess can be overridden, onFailure cannot.
CONDITION_TYPES = {"beforeEntry": "BEFORE_ENTRY", "onSuccess": "ON_SUCCESS"}


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
    read = state_read(ref.name)
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
            lambda facts: (
                standing(facts[0], stage).execution_id == present and standing(facts[0], stage).status != "InProgress"
            ),
        ),
        verification=Check(
            f"A rollback runs in {stage}",
            (read,),
            lambda facts: (
                standing(facts[0], stage).execution_id not in ("", present)
                and standing(facts[0], stage).kind == "ROLLBACK"
            ),
            deadline_s=90.0,
        ),
        before=f"{stage}: execution {present}",
        present=lambda facts: f"{stage}: execution {standing(facts[0], stage).execution_id}",
        after="\n".join((f"{stage}: what execution {target} brought", *revisions)),
        syntax="text",
        permissions=("codepipeline:RollbackStage",),
        typed=ref.name,
    )


def _condition(fact: Fact, stage: str, condition: str) -> str:
    state = stage_in(fact, stage).get(f"{condition}ConditionState") or {}
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
    read = state_read(ref.name)
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
        present=lambda facts: f"{condition}: {_condition(facts[0], stage, condition) or 'asked no more'}",
        syntax="text",
        permissions=("codepipeline:OverrideStageCondition",),
        typed=ref.name,
    )
