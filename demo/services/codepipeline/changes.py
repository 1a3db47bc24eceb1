"""What people do to pipelines."""

from collections.abc import Mapping
from typing import Any

from demo.engine.conditions import KINDS
from demo.engine.model import Trigger
from demo.services import Handler, Invocation
from demo.services.codepipeline import lookup
from demo.wire.errors import AwsError, invalid

__all__ = ["OPERATIONS"]


def start_pipeline_execution(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StartPipelineExecution."""
    found = lookup.pipeline(call, params["name"])
    declared = {item["name"] for item in found.definition.get("variables", [])}
    variables = {item["name"]: item["value"] for item in params.get("variables", [])}
    for name in variables:
        if name not in declared:
            raise invalid(f"Pipeline {found.name} does not have a variable named {name}")
    sources = {action["name"] for action in found.slots[0].declaration["actions"]}
    pinned = {}
    for override in params.get("sourceRevisions", []):
        if override["actionName"] not in sources:
            raise AwsError("ActionNotFoundException", f"The action {override['actionName']} was not found")
        pinned[override["actionName"]] = override["revisionValue"]
    made = call.world.runner.start(
        found, Trigger("StartPipelineExecution", call.caller), variables=variables, pinned=pinned
    )
    call.world.tick()
    return {"pipelineExecutionId": made.id}


def stop_pipeline_execution(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StopPipelineExecution."""
    found = lookup.pipeline(call, params["pipelineName"])
    item = lookup.execution(found, params["pipelineExecutionId"])
    if item.finished:
        raise AwsError(
            "PipelineExecutionNotStoppableException",
            f"Pipeline execution with id '{item.id}' is in status '{item.status}' and cannot be stopped",
        )
    abandon = bool(params.get("abandon", False))
    if item.status == "Stopping" and not abandon:
        raise AwsError(
            "DuplicatedStopRequestException", f"Pipeline execution with id '{item.id}' is already in the Stopping state"
        )
    call.world.runner.stop(found, item, params.get("reason", ""), abandon=abandon)
    return {"pipelineExecutionId": item.id}


def retry_stage_execution(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve RetryStageExecution."""
    found = lookup.pipeline(call, params["pipelineName"])
    slot = lookup.slot(found, params["stageName"])
    item = lookup.execution(found, params["pipelineExecutionId"])
    if slot.latest is not item:
        raise AwsError(
            "NotLatestPipelineExecutionException",
            f"The pipeline execution {item.id} is not the latest execution of stage {slot.name}",
        )
    if item.stage_status.get(slot.name) not in {"Failed", "Stopped"} or slot.current is not None:
        raise AwsError(
            "StageNotRetryableException",
            f"Unable to retry. Stage {slot.name} of pipeline {found.name} has no failed actions, or actions are in "
            "progress.",
        )
    call.world.runner.retry(found, slot, item, everything=params["retryMode"] == "ALL_ACTIONS")
    call.world.tick()
    return {"pipelineExecutionId": item.id}


def rollback_stage(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve RollbackStage."""
    found = lookup.pipeline(call, params["pipelineName"])
    slot = lookup.slot(found, params["stageName"])
    target = lookup.execution(found, params["targetPipelineExecutionId"])
    if found.definition.get("pipelineType") != "V2" or slot is found.slots[0]:
        raise AwsError("UnableToRollbackStageException", f"The stage {slot.name} cannot be rolled back")
    if target.stage_status.get(slot.name) != "Succeeded" or target.version != found.version:
        raise AwsError(
            "UnableToRollbackStageException",
            f"Execution {target.id} did not succeed in stage {slot.name} with the current pipeline structure",
        )
    if slot.current is not None:
        raise AwsError("UnableToRollbackStageException", f"Stage {slot.name} has an execution in progress")
    made = call.world.runner.rollback(found, slot, target, Trigger("ManualRollback", call.caller))
    call.world.tick()
    return {"pipelineExecutionId": made.id}


def override_stage_condition(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve OverrideStageCondition."""
    found = lookup.pipeline(call, params["pipelineName"])
    slot = lookup.slot(found, params["stageName"])
    item = lookup.execution(found, params["pipelineExecutionId"])
    kind = KINDS[params["conditionType"]]
    if slot.latest is not item:
        raise AwsError(
            "NotLatestPipelineExecutionException",
            f"The pipeline execution {item.id} is not the latest execution of stage {slot.name}",
        )
    run = slot.conditions.get(kind)
    if run is None or run.status != "Failed" or slot.current is not None:
        raise AwsError(
            "ConditionNotOverridableException",
            f"Unable to override because the {params['conditionType']} condition of stage {slot.name} has not failed",
        )
    call.world.runner.override(found, slot, item, kind)
    call.world.tick()
    return {}


def disable_stage_transition(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DisableStageTransition."""
    _switch(call, params, enabled=False)
    return {}


def enable_stage_transition(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve EnableStageTransition."""
    _switch(call, params, enabled=True)
    return {}


def _switch(call: Invocation, params: Mapping[str, Any], *, enabled: bool) -> None:
    slot = lookup.slot(lookup.pipeline(call, params["pipelineName"]), params["stageName"])
    if params["transitionType"] == "Outbound":
        raise invalid("Outbound transitions cannot be changed")
    slot.enabled, slot.reason = enabled, params.get("reason", "")
    slot.changed_by, slot.changed_at = call.caller, call.world.clock.now()
    call.world.runner.wake(slot)
    call.world.tick()


def put_approval_result(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve PutApprovalResult."""
    slot = lookup.slot(lookup.pipeline(call, params["pipelineName"]), params["stageName"])
    run = slot.runs.get(params["actionName"])
    if run is None:
        raise AwsError("ActionNotFoundException", f"The action {params['actionName']} was not found")
    if run.status != "InProgress" or not run.token:
        raise AwsError(
            "ApprovalAlreadyCompletedException", f"The approval action {run.name} has already been approved or rejected"
        )
    if params["token"] != run.token:
        raise AwsError(
            "InvalidApprovalTokenException", "The approval token is not valid for the current approval request"
        )
    result = params["result"]
    signal = call.world.approvals[run.token]
    call.world.scheduler.fire(signal, (result["status"], result["summary"], call.caller))
    call.world.tick()
    return {"approvedAt": call.world.clock.now()}


OPERATIONS: Mapping[str, Handler] = {
    "DisableStageTransition": disable_stage_transition,
    "EnableStageTransition": enable_stage_transition,
    "OverrideStageCondition": override_stage_condition,
    "PutApprovalResult": put_approval_result,
    "RetryStageExecution": retry_stage_execution,
    "RollbackStage": rollback_stage,
    "StartPipelineExecution": start_pipeline_execution,
    "StopPipelineExecution": stop_pipeline_execution,
}
