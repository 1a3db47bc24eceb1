"""Steps of the flow playbook: retries and rollbacks of stages, and how the action ended before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age
from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Step, Subject

from ._answers import passed, unknown, unseen
from ._ask import side_by_side
from ._state import (
    EXECUTIONS,
    HISTORY,
    STATE,
    execution_of,
    latest,
    number,
    read_executions,
    read_history,
    read_state,
    stage_states,
)

__all__ = ["AGAIN", "PAST"]

_Map = Mapping[str, Any]


# --- retries and rollbacks


async def _gather_again(subject: Subject, evidence: Evidence) -> Facts:
    return await side_by_side(state=read_state(subject, evidence), executions=read_executions(subject, evidence))


def _retried(stage: _Map) -> str:
    """How often a stage was retried in its latest execution; empty for never."""
    told = stage.get("retryStageMetadata") or {}
    by_hand, by_itself = (int(told.get(name) or 0) for name in ("manualStageRetryAttempt", "autoStageRetryAttempt"))
    if not by_hand and not by_itself:
        return ""
    last = f", last because of {told['latestRetryTrigger']}" if told.get("latestRetryTrigger") else ""
    return f"{stage.get('stageName')} was retried {by_hand} times by hand and {by_itself} times by itself{last}"


def _rolled_back(subject: Subject, facts: Facts, stage: _Map) -> str:
    """Whether a stage runs, or ran last, as a rollback: to which execution, since when; empty for not."""
    run = latest(stage)
    if run.get("type") != "ROLLBACK":
        return ""
    whole = execution_of(facts["executions"], str(run.get("pipelineExecutionId", "")))
    target = str((whole.get("rollbackMetadata") or {}).get("rollbackTargetPipelineExecutionId", ""))
    at = number(whole.get("startTime"))
    ago = f" {age(at, subject.now)} ago" if at is not None else ""
    to = f" to the revisions of execution {target}" if target else ""
    why = str((whole.get("trigger") or {}).get("triggerType", ""))
    by = " by itself (its failure condition)" if why == "AutomatedRollback" else " by hand" if why else ""
    return f"{stage.get('stageName')} was rolled back{by}{to}{ago}: {run.get('status', '?')}"


def _judge_again(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    cited = [facts["state"], facts["executions"]]
    back = [text for stage in stage_states(facts) if (text := _rolled_back(subject, facts, stage))]
    tried = [text for stage in stage_states(facts) if (text := _retried(stage))]
    lines = [(facts["state"].n, f"{text}.") for text in (*back, *tried)]
    if back:
        goes_on = "what it brought back is not what the sources hold now: a new release brings those again"
        return unknown(f"{back[0]}; {goes_on}.", *cited, lines=lines)
    if tried:
        return passed(f"{tried[0]}.", *cited, lines=lines)
    mode = subject.definition.execution_mode
    return passed(f"No stage was retried or rolled back. The execution mode is {mode}.", *cited)


AGAIN = Step(
    id="again",
    question="Was a stage retried or rolled back, by whom or what, and to which execution?",
    why="After a rollback the stage runs an older revision than its sources hold; a retry keeps the artifacts it had.",
    reads=(STATE, EXECUTIONS),
    gather=_gather_again,
    judge=_judge_again,
)


# --- the past of this action


async def _gather_past(subject: Subject, evidence: Evidence) -> Facts:
    return {"history": await read_history(subject, evidence)}


def _judge_past(subject: Subject, facts: Facts) -> Answer:
    fact = facts["history"]
    if cannot := unseen(fact):
        return cannot
    found: Sequence[_Map] = fact.get("actionExecutionDetails", default=())
    key = (subject.stage.name, subject.action.name)
    mine = [each for each in found if (each.get("stageName"), each.get("actionName")) == key]
    if not mine:
        return unknown(f"{subject.action.name} has no earlier run on record.", fact)
    bad = [each for each in mine if each.get("status") == "Failed"]
    good = next((each for each in mine if each.get("status") == "Succeeded"), {})
    at = number(good.get("lastUpdateTime"))
    last = f"it last passed {age(at, subject.now)} ago" if at is not None else "none of them passed"
    in_a_row = next((index for index, each in enumerate(mine) if each.get("status") != "Failed"), len(mine))
    row = f"; it failed {in_a_row} times in a row" if in_a_row > 1 else ""
    detail = f"{len(bad)} of the last {len(mine)} runs of {subject.action.name} failed; {last}{row}."
    return passed(detail, fact)


PAST = Step(
    id="past",
    question="How did this action end before, and since when does it fail?",
    why="A first failure points at the newest change; one of many points at something that lasts.",
    reads=(HISTORY,),
    gather=_gather_past,
    judge=_judge_past,
)
