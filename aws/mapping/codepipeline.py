"""CodePipeline's live state to models (API 2015-07-09): GetPipelineState, executions, action executions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from statistics import median
from typing import Any

from aws.mapping.values import count, maps, moment, names, text, texts
from core.pipeline import (
    ActionExecution,
    ActionState,
    Execution,
    ExecutionTerms,
    PipelineState,
    Revision,
    StageState,
    Transition,
)

__all__ = ["action_execution", "execution", "revision", "revision_message", "state", "terms", "usual_duration"]

# Output variables of source actions that name who made a commit (variables page of the user guide).
_AUTHORS = ("AuthorDisplayName", "AuthorId", "AuthorEmail")

_CONDITIONS = (
    ("beforeEntry", "beforeEntryConditionState"),
    ("onSuccess", "onSuccessConditionState"),
    ("onFailure", "onFailureConditionState"),
)


def state(answer: Mapping[str, Any]) -> PipelineState:
    """Map GetPipelineState."""
    return PipelineState(
        name=text(answer.get("pipelineName")),
        version=count(answer.get("pipelineVersion")) or 0,
        stages=tuple(_stage(stage) for stage in maps(answer.get("stageStates"))),
        created_at=moment(answer.get("created")),
        updated_at=moment(answer.get("updated")),
    )


def _stage(stage: Mapping[str, Any]) -> StageState:
    latest = stage.get("latestExecution") or {}
    inbound = names(stage.get("inboundExecutions"), "pipelineExecutionId")
    single = text((stage.get("inboundExecution") or {}).get("pipelineExecutionId"))
    return StageState(
        name=text(stage.get("stageName")),
        status=text(latest.get("status")),
        execution_id=text(latest.get("pipelineExecutionId")),
        transition=_transition(stage.get("inboundTransitionState")),
        actions=tuple(_action(action) for action in maps(stage.get("actionStates"))),
        inbound=inbound or ((single,) if single else ()),
        conditions=tuple(
            name
            for name, member in _CONDITIONS
            if text(((stage.get(member) or {}).get("latestExecution") or {}).get("status")) in {"Failed", "Errored"}
        ),
    )


def _transition(transition: Mapping[str, Any] | None) -> Transition:
    if not transition:
        return Transition()
    return Transition(
        enabled=bool(transition.get("enabled", True)),
        changed_by=text(transition.get("lastChangedBy")),
        changed_at=moment(transition.get("lastChangedAt")),
        reason=text(transition.get("disabledReason")),
    )


def _action(action: Mapping[str, Any]) -> ActionState:
    latest = action.get("latestExecution") or {}
    error = latest.get("errorDetails") or {}
    return ActionState(
        name=text(action.get("actionName")),
        status=text(latest.get("status")),
        summary=text(latest.get("summary")),
        changed_at=moment(latest.get("lastStatusChange")),
        error_code=text(error.get("code")),
        error_message=text(error.get("message")),
        external_id=text(latest.get("externalExecutionId")),
        external_url=text(latest.get("externalExecutionUrl")),
        percent=count(latest.get("percentComplete")),
        token=text(latest.get("token")),
        revision_id=text((action.get("currentRevision") or {}).get("revisionId")),
        revision_url=text(action.get("revisionUrl")),
        entity_url=text(action.get("entityUrl")),
        action_execution_id=text(latest.get("actionExecutionId")),
        updated_by=text(latest.get("lastUpdatedBy")),
    )


def execution(summary: Mapping[str, Any]) -> Execution:
    """Map one PipelineExecutionSummary of ListPipelineExecutions."""
    trigger = summary.get("trigger") or {}
    return Execution(
        id=text(summary.get("pipelineExecutionId")),
        status=text(summary.get("status")),
        started_at=moment(summary.get("startTime")),
        updated_at=moment(summary.get("lastUpdateTime")),
        summary=text(summary.get("statusSummary")),
        trigger=text(trigger.get("triggerType")),
        trigger_detail=text(trigger.get("triggerDetail")),
        revisions=tuple(revision(one) for one in maps(summary.get("sourceRevisions"))),
        mode=text(summary.get("executionMode")),
        kind=text(summary.get("executionType")) or "STANDARD",
        stop_reason=text((summary.get("stopTrigger") or {}).get("reason")),
    )


def revision(given_revision: Mapping[str, Any]) -> Revision:
    """Map one SourceRevision."""
    said = text(given_revision.get("revisionSummary"))
    given = _provider_summary(said)
    return Revision(
        action=text(given_revision.get("actionName")),
        id=text(given_revision.get("revisionId")),
        summary=revision_message(said),
        url=text(given_revision.get("revisionUrl")),
        author=next((text(given[key]) for key in ("Author", "AuthorName", "CommitterName") if given.get(key)), ""),
        branch=next((text(given[key]) for key in ("BranchName", "Branch") if given.get(key)), ""),
    )


def _provider_summary(summary: str) -> Mapping[str, Any]:
    """Return the JSON object that connections and GitHub put into a summary; empty for plain text."""
    if not summary.lstrip().startswith("{"):
        return {}
    try:
        parsed = json.loads(summary, strict=False)  # a commit message may hold control characters
    except ValueError:
        return {}
    return parsed if isinstance(parsed, Mapping) and "ProviderType" in parsed else {}


def revision_message(summary: str) -> str:
    """Return the commit message within a revision summary.

    Connections and GitHub send ``{"ProviderType": "GitHub", "CommitMessage": "…"}``; CodeCommit, ECR and S3 plain text.
    """
    given = _provider_summary(summary)
    return text(given.get("CommitMessage")) if "CommitMessage" in given else summary


def usual_duration(executions: tuple[Execution, ...], *, least: int = 3) -> float | None:
    """Return the median duration in seconds of the successes among executions; None where fewer than `least`."""
    durations = [
        one.updated_at - one.started_at
        for one in executions
        if one.status == "Succeeded" and one.started_at is not None and one.updated_at is not None
    ]
    return median(durations) if len(durations) >= least else None


def action_execution(detail: Mapping[str, Any]) -> ActionExecution:
    """Map one ActionExecutionDetail of ListActionExecutions."""
    given = detail.get("input") or {}
    made = detail.get("output") or {}
    result = made.get("executionResult") or {}
    error = result.get("errorDetails") or {}
    source = (given.get("actionTypeId") or {}).get("category") == "Source"
    said = texts(made.get("outputVariables")) if source else {}
    return ActionExecution(
        id=text(detail.get("actionExecutionId")),
        execution_id=text(detail.get("pipelineExecutionId")),
        stage=text(detail.get("stageName")),
        action=text(detail.get("actionName")),
        status=text(detail.get("status")),
        started_at=moment(detail.get("startTime")),
        updated_at=moment(detail.get("lastUpdateTime")),
        provider=text((given.get("actionTypeId") or {}).get("provider")),
        external_id=text(result.get("externalExecutionId")),
        external_url=text(result.get("externalExecutionUrl")),
        summary=text(result.get("externalExecutionSummary")),
        error_code=text(error.get("code")),
        error_message=text(error.get("message")),
        inputs=names(given.get("inputArtifacts")),
        outputs=names(made.get("outputArtifacts")),
        configuration=texts(given.get("resolvedConfiguration")),
        branch=text(said.get("BranchName")),
        author=next((said[key] for key in _AUTHORS if said.get(key)), ""),
    )


def terms(execution: Mapping[str, Any]) -> ExecutionTerms:
    """Map the version and the variables of a PipelineExecution."""
    given = {text(one.get("name")): text(one.get("resolvedValue")) for one in maps(execution.get("variables"))}
    return ExecutionTerms(count(execution.get("pipelineVersion")) or 0, given)
