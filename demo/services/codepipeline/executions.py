"""Executions and their actions: lists, details."""

from collections.abc import Mapping
from typing import Any

from demo.engine.model import ActionRun, Artifact, Execution
from demo.engine.pipeline import Pipeline
from demo.services import Handler, Invocation, page, page_token
from demo.services.codepipeline import lookup
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidNextTokenException", "The next token was specified in an invalid format.")


def list_pipeline_executions(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListPipelineExecutions, newest first."""
    found = lookup.pipeline(call, params["pipelineName"])
    size, token = params.get("maxResults", 100), params.get("nextToken")
    stage = params.get("filter", {}).get("succeededInStage", {}).get("stageName")
    if stage is None and not token and size <= len(found.recent):
        newest = found.recent[: -size - 1 : -1]
        return {"pipelineExecutionSummaries": [_summary(item) for item in newest], "nextToken": page_token(size)}
    held = found.executions()[::-1]
    if stage:
        held = [item for item in held if item.stage_status.get(stage) == "Succeeded"]
    chosen, following = page(held, token, size, _BAD_TOKEN)
    return {"pipelineExecutionSummaries": [_summary(item) for item in chosen], "nextToken": following}


def _summary(item: Execution) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "pipelineExecutionId": item.id,
        "status": item.status,
        "statusSummary": item.status_summary or None,
        "startTime": item.started,
        "lastUpdateTime": item.updated,
        "sourceRevisions": [
            {
                "actionName": run.name,
                "revisionId": run.revision[0],
                "revisionSummary": _revision_summary(run),
                "revisionUrl": run.revision[2],
            }
            for run in item.sources()
            if run.revision is not None
        ],
        "trigger": {"triggerType": item.trigger.kind, "triggerDetail": item.trigger.detail},
        "executionMode": item.mode,
        "executionType": item.kind,
    }
    if item.stop_reason:
        summary["stopTrigger"] = {"reason": item.stop_reason}
    if item.rollback_of:
        summary["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": item.rollback_of}
    return summary


def _revision_summary(run: ActionRun) -> str:
    text = run.revision[1] if run.revision is not None else ""
    if run.action["actionTypeId"]["provider"] == "CodeStarSourceConnection":
        # CodePipeline puts the provider's JSON here.
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{{"ProviderType":"GitHub","CommitMessage":"{escaped}"}}'
    return text


def get_pipeline_execution(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetPipelineExecution."""
    found = lookup.pipeline(call, params["pipelineName"])
    item = lookup.execution(found, params["pipelineExecutionId"])
    detail: dict[str, Any] = {
        "pipelineName": found.name,
        "pipelineVersion": item.version,
        "pipelineExecutionId": item.id,
        "status": item.status,
        "statusSummary": item.status_summary or None,
        "artifactRevisions": [_revision(run) for run in item.sources()],
        "trigger": {"triggerType": item.trigger.kind, "triggerDetail": item.trigger.detail},
        "executionMode": item.mode,
        "executionType": item.kind,
    }
    if item.variables:
        detail["variables"] = item.variables
    if item.rollback_of:
        detail["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": item.rollback_of}
    return {"pipelineExecution": detail}


def _revision(run: ActionRun) -> dict[str, Any]:
    revision = run.revision or ("", "", "")
    name = run.outputs[0].name if run.outputs else run.name
    return {
        "name": name,
        "revisionId": revision[0],
        "revisionSummary": _revision_summary(run),
        "revisionUrl": revision[2],
        "created": run.started,
    }


def list_action_executions(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListActionExecutions, newest first."""
    found = lookup.pipeline(call, params["pipelineName"])
    wanted = params.get("filter", {})
    wanted_id = wanted.get("pipelineExecutionId")
    latest = wanted.get("latestInPipelineExecution")
    if latest is not None:
        wanted_id = latest["pipelineExecutionId"]
    held = [lookup.execution(found, wanted_id)] if wanted_id else found.executions()
    details = []
    for item in held:
        runs = {(run.stage, run.name): run for run in item.runs}.values() if latest is not None else item.runs
        details += [(run, item) for run in runs]
    details.sort(key=lambda pair: pair[0].started, reverse=True)
    chosen, token = page(details, params.get("nextToken"), params.get("maxResults", 100), _BAD_TOKEN)
    return {"actionExecutionDetails": [_detail(found, item, run) for run, item in chosen], "nextToken": token}


def _detail(pipeline: Pipeline, item: Execution, run: ActionRun) -> dict[str, Any]:
    action = run.action
    given: dict[str, Any] = {
        "actionTypeId": action["actionTypeId"],
        "configuration": action.get("configuration", {}),
        "resolvedConfiguration": run.config,
        "region": action.get("region", pipeline.region),
        "inputArtifacts": [_artifact(artifact) for artifact in run.inputs],
    }
    for key in ("roleArn", "namespace"):
        if key in action:
            given[key] = action[key]
    result: dict[str, Any] = {
        "externalExecutionId": run.external_id or None,
        "externalExecutionSummary": run.summary or None,
        "externalExecutionUrl": run.external_url or None,
    }
    if run.error is not None:
        result["errorDetails"] = {"code": run.error[0], "message": run.error[1]}
    return {
        "pipelineExecutionId": item.id,
        "actionExecutionId": run.id,
        "pipelineVersion": item.version,
        "stageName": run.stage,
        "actionName": run.name,
        "startTime": run.started,
        "lastUpdateTime": run.updated,
        "updatedBy": run.updated_by,
        "status": run.status,
        "input": given,
        "output": {
            "outputArtifacts": [_artifact(artifact) for artifact in run.outputs],
            "executionResult": result,
            "outputVariables": run.variables,
        },
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "s3location": {"bucket": artifact.bucket, "key": artifact.key}}


def list_rule_executions(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListRuleExecutions: the latest run of each stage's rules."""
    found = lookup.pipeline(call, params["pipelineName"])
    wanted = params.get("filter", {}).get("pipelineExecutionId")
    details = [
        {
            "pipelineExecutionId": slot.latest.id,
            "ruleExecutionId": rule["latestExecution"]["ruleExecutionId"],
            "pipelineVersion": slot.latest.version,
            "stageName": slot.name,
            "ruleName": rule["ruleName"],
            "startTime": run.at,
            "lastUpdateTime": run.at,
            "status": rule["latestExecution"]["status"],
        }
        for slot in found.slots
        if slot.latest is not None and wanted in {None, slot.latest.id}
        for run in slot.conditions.values()
        for rules in run.rules
        for rule in rules
    ]
    return {"ruleExecutionDetails": details}


OPERATIONS: Mapping[str, Handler] = {
    "GetPipelineExecution": get_pipeline_execution,
    "ListActionExecutions": list_action_executions,
    "ListPipelineExecutions": list_pipeline_executions,
    "ListRuleExecutions": list_rule_executions,
}
