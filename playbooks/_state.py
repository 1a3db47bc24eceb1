"""What GetPipelineState and its siblings say, as the flow, approval and trigger playbooks read them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.playbook import Facts, Subject

__all__ = [
    "EXECUTIONS",
    "HISTORY",
    "STATE",
    "action_states",
    "beside",
    "execution_of",
    "latest",
    "number",
    "read_executions",
    "read_history",
    "read_state",
    "stage_states",
    "usual_s",
]

STATE = "codepipeline:GetPipelineState"
EXECUTIONS = "codepipeline:ListPipelineExecutions"
HISTORY = "codepipeline:ListActionExecutions"
_ENOUGH = 3
_Map = Mapping[str, Any]


def beside(subject: Subject, stage: str) -> bool:
    """Whether a stage is beside the point: the action asked about has failed, and in another stage."""
    return subject.action_state.status == "Failed" and stage != subject.stage.name


async def read_state(subject: Subject, evidence: Evidence) -> Fact:
    """GetPipelineState."""
    return await evidence.read("codepipeline", "GetPipelineState", {"name": subject.ref.name})


async def read_executions(subject: Subject, evidence: Evidence) -> Fact:
    """The newest executions, one page."""
    params = {"pipelineName": subject.ref.name, "maxResults": 50}
    return await evidence.read("codepipeline", "ListPipelineExecutions", params, pages=1)


async def read_history(subject: Subject, evidence: Evidence) -> Fact:
    """The newest action executions, one page of a hundred."""
    params = {"pipelineName": subject.ref.name, "maxResults": 100}
    return await evidence.read("codepipeline", "ListActionExecutions", params, pages=1)


def number(value: object) -> float | None:
    """A time or count as a number, None for anything else."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def stage_states(facts: Facts) -> Sequence[_Map]:
    """All stages, in their order."""
    fact = facts.get("state")
    return fact.get("stageStates", default=()) if fact else ()


def latest(stage: _Map) -> _Map:
    """A stage's latest execution."""
    return stage.get("latestExecution") or {}


def action_states(stage: _Map) -> list[tuple[str, _Map]]:
    """A stage's actions with their latest executions."""
    return [
        (str(each.get("actionName", "")), each.get("latestExecution") or {}) for each in stage.get("actionStates") or ()
    ]


def execution_of(executions: Fact | None, execution_id: str) -> _Map:
    """One execution of the list; empty where it is not there."""
    found: Sequence[_Map] = executions.get("pipelineExecutionSummaries", default=()) if executions else ()
    return next((each for each in found if each.get("pipelineExecutionId") == execution_id), {})


def usual_s(history: Fact | None, stage: str, action: str) -> float | None:
    """The median duration of an action's past successes, in seconds; None where fewer than three are known."""
    found: Sequence[_Map] = history.get("actionExecutionDetails", default=()) if history else ()
    took = []
    for each in found:
        if (each.get("stageName"), each.get("actionName"), each.get("status")) != (stage, action, "Succeeded"):
            continue
        start, end = number(each.get("startTime")), number(each.get("lastUpdateTime"))
        if start is not None and end is not None:
            took.append(end - start)
    return statistics.median(took) if len(took) >= _ENOUGH else None
