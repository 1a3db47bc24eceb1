"""GetPipelineState: what is in each stage now."""

from collections.abc import Mapping
from typing import Any

from demo.engine.conditions import states
from demo.engine.model import ActionRun, Execution, StageSlot
from demo.engine.pipeline import Pipeline
from demo.names import console_url
from demo.services import Handler, Invocation
from demo.services.codepipeline import lookup

__all__ = ["OPERATIONS", "stage_status"]


def get_pipeline_state(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetPipelineState."""
    found = lookup.pipeline(call, params["name"])
    return {
        "pipelineName": found.name,
        "pipelineVersion": found.version,
        "stageStates": [_stage(found, slot, first=slot is found.slots[0]) for slot in found.slots],
        "created": found.created,
        "updated": found.updated,
    }


def stage_status(execution: Execution, stage: str) -> str:
    """Return a stage's status in an execution, in the words of the stage's enum."""
    status = execution.stage_status.get(stage, "InProgress")
    if execution.status == "Stopping" and status == "InProgress":
        return "Stopping"
    return {"Superseded": "Cancelled"}.get(status, status)


def _stage(pipeline: Pipeline, slot: StageSlot, *, first: bool) -> dict[str, Any]:
    state: dict[str, Any] = {
        "stageName": slot.name,
        "inboundExecutions": [
            {"pipelineExecutionId": item.id, "status": "InProgress", "type": item.kind} for item in slot.waiting
        ],
        "actionStates": [_action(pipeline, slot, declared) for declared in slot.declaration["actions"]],
    }
    if slot.waiting:
        state["inboundExecution"] = state["inboundExecutions"][0]
    transition: dict[str, Any] = {"enabled": slot.enabled}
    if slot.changed_at is not None and not first:
        transition |= {"lastChangedBy": slot.changed_by, "lastChangedAt": slot.changed_at}
        if not slot.enabled:
            transition["disabledReason"] = slot.reason
    state["inboundTransitionState"] = transition
    if slot.latest is not None:
        state["latestExecution"] = {
            "pipelineExecutionId": slot.latest.id,
            "status": stage_status(slot.latest, slot.name),
            "type": slot.latest.kind,
        }
    state |= states(slot.conditions)
    if slot.retries:
        state["retryStageMetadata"] = {
            "manualStageRetryAttempt": slot.retries,
            "latestRetryTrigger": "ManualStageRetry",
        }
    return state


def _action(pipeline: Pipeline, slot: StageSlot, declared: Mapping[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = {"actionName": declared["name"]}
    entity = _entity_url(pipeline, declared)
    if entity:
        state["entityUrl"] = entity
    run = slot.runs.get(declared["name"])
    if run is None:
        return state
    state["latestExecution"] = _latest(run)
    if run.revision is not None:
        revision, _, url = run.revision
        state["currentRevision"] = {"revisionId": revision, "revisionChangeId": revision, "created": run.started}
        state["revisionUrl"] = url
    return state


def _latest(run: ActionRun) -> dict[str, Any]:
    latest: dict[str, Any] = {
        "actionExecutionId": run.id,
        "status": run.status,
        "lastStatusChange": run.updated,
        "externalExecutionId": run.external_id or None,
        "externalExecutionUrl": run.external_url or None,
        "summary": run.summary or None,
        "token": run.token or None,
        "percentComplete": run.percent,
    }
    if run.action["actionTypeId"]["category"] == "Approval":
        latest["lastUpdatedBy"] = run.updated_by
    if run.error is not None:
        latest["errorDetails"] = {"code": run.error[0], "message": run.error[1]}
    return latest


def _entity_url(pipeline: Pipeline, declared: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one a provider
    provider, config, region = declared["actionTypeId"]["provider"], declared["configuration"], pipeline.region
    if provider == "CodeBuild":
        return console_url(region, f"codebuild/home?region={region}#/projects/{config['ProjectName']}/view")
    if provider == "CodeDeploy":
        return console_url(
            region,
            f"codedeploy/home?region={region}#/applications/{config['ApplicationName']}/deployment-groups/"
            f"{config['DeploymentGroupName']}",
        )
    if provider == "ECS":
        return console_url(
            region, f"ecs/home?region={region}#/clusters/{config['ClusterName']}/services/{config['ServiceName']}"
        )
    if provider == "CloudFormation":
        return console_url(region, f"cloudformation/home?region={region}#/stacks?filter={config['StackName']}")
    if provider == "CodeCommit":
        return console_url(
            region,
            f"codecommit/home?region={region}#/repository/{config['RepositoryName']}/browse/{config['BranchName']}",
        )
    if provider == "CodeStarSourceConnection":
        return console_url(
            region,
            f"codesuite/settings/connections/redirect?connectionArn={config['ConnectionArn']}&referenceType=BRANCH"
            f"&FullRepositoryId={config['FullRepositoryId']}&Branch={config['BranchName']}",
        )
    return ""


OPERATIONS: Mapping[str, Handler] = {"GetPipelineState": get_pipeline_state}
