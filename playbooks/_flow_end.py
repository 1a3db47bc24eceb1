"""Steps of the flow playbook: superseded and stopped executions, conditions of stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age
from core.fact import Evidence, Fact
from core.finding import Answer, Fix
from core.plans.stage import override_condition
from core.playbook import Facts, Step, Subject

from ._answers import failed, finding, passed, unseen, why_unseen
from ._ask import side_by_side
from ._fixes import command, manual, planned
from ._state import (
    EXECUTIONS,
    STATE,
    beside,
    execution_of,
    latest,
    number,
    read_executions,
    read_state,
    stage_states,
)

__all__ = ["CONDITIONS", "ENDED", "STOPPED"]

_ID = "flow"
_Map = Mapping[str, Any]


def _execution_id(subject: Subject) -> str:
    return subject.execution.id if subject.execution else ""


def _ended(subject: Subject, facts: Facts) -> _Map:
    """The execution as the list shows it; where there is no list, as its stage does, if it was cut short."""
    if facts["executions"].ok:
        return execution_of(facts["executions"], _execution_id(subject))
    cut = (latest(stage) for stage in stage_states(facts))
    return next((each for each in cut if each.get("status") in ("Stopped", "Stopping", "Cancelled")), {})


async def _read_ends(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    return await side_by_side(executions=read_executions(subject, evidence), state=read_state(subject, evidence))


# --- superseded


async def _gather_ended(subject: Subject, evidence: Evidence) -> Facts:
    return await _read_ends(subject, evidence)


def _judge_ended(subject: Subject, facts: Facts) -> Answer:
    fact, mine = facts["executions"], _ended(subject, facts)
    if (cannot := unseen(fact)) and not mine:
        return cannot
    status = str(mine.get("status") or (subject.execution.status if subject.execution else ""))
    if status not in ("Superseded", "Cancelled"):
        return passed(f"The execution was not superseded ({status or 'it has never run'}).", fact)
    found: Sequence[_Map] = fact.get("pipelineExecutionSummaries", default=())
    started = number(mine.get("startTime")) or 0.0
    newer = [each for each in found if (number(each.get("startTime")) or 0.0) > started]
    by = str(newer[-1].get("pipelineExecutionId", "")) if newer else ""
    cited = [each for each in (fact, facts["state"]) if each.ok]
    own = _execution_id(subject) or str(mine.get("pipelineExecutionId", ""))
    title = f"Execution {own} was {status.lower()}" + (f" by {by}" if by else "")
    fix = manual(
        "flow.superseded",
        "Look at the newer execution",
        [
            f"The newer execution {by or 'of the list'} carries the later revision; look how that one went.",
            "If every change must go all the way, set the pipeline's execution mode to QUEUED.",
        ],
        commands=[command(subject, "codepipeline", "ListPipelineExecutions", pipelineName=subject.ref.name)],
    )
    one = finding(
        subject,
        _ID,
        "flow.superseded",
        0.95,
        title,
        (
            f"{title}: in mode SUPERSEDED a newer execution overtakes one that waits between stages (the mode here is "
            f"{subject.definition.execution_mode}). Nothing is broken."
        ),
        cited,
        fixes=[fix],
        disproved_by="no newer execution",
        proven=True,
    )
    return failed(f"{title}.", *cited, findings=[one])


ENDED = Step(
    id="superseded",
    question="Was the execution overtaken by a newer one?",
    why="A superseded execution ends without an error, and its change goes out with the next one.",
    reads=(EXECUTIONS, STATE),
    gather=_gather_ended,
    judge=_judge_ended,
)


# --- stopped


async def _gather_stopped(subject: Subject, evidence: Evidence) -> Facts:
    facts = await _read_ends(subject, evidence)
    mine = _ended(subject, facts)
    ended = number(mine.get("lastUpdateTime"))
    if mine.get("status") in ("Stopped", "Stopping") and ended is not None:
        params = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "StopPipelineExecution"}],
            "StartTime": ended - 3600,
            "EndTime": ended + 300,
        }
        facts["trail"] = await evidence.read("cloudtrail", "LookupEvents", params, pages=2)
    return facts


def _judge_stopped(subject: Subject, facts: Facts) -> Answer:
    trail, mine = facts.get("trail"), _ended(subject, facts)
    fact = facts["executions"] if facts["executions"].ok or not mine else facts["state"]
    if cannot := unseen(fact):
        return cannot
    if mine.get("status") not in ("Stopped", "Stopping"):
        return passed("Nobody stopped the execution.", fact)
    reason = str((mine.get("stopTrigger") or {}).get("reason", ""))
    events: Sequence[_Map] = trail.get("Events", default=()) if trail else ()
    stopped = _execution_id(subject) or str(mine.get("pipelineExecutionId", ""))
    own = [each for each in events if stopped in str(each.get("CloudTrailEvent", ""))]
    who = str(own[0].get("Username", "")) if own else ""
    by, why = (f" by {who}" if who else ""), (f': "{reason}"' if reason else "")
    note = why_unseen(trail) if trail is not None and not trail.ok else ""
    title = f"Execution {stopped} was stopped{by}{why}"
    ended = number(mine.get("lastUpdateTime"))
    ago = f" {age(ended, subject.now)} ago" if ended is not None else ""
    fix = manual(
        "flow.stopped",
        "Ask why it was stopped, then release the change again",
        [
            f"Ask {who or 'whoever stopped it'} whether the reason still holds.",
            "Retry the stopped stage, or release the change anew.",
        ],
        commands=[command(subject, "codepipeline", "StartPipelineExecution", name=subject.ref.name)],
    )
    cited = [fact, *([trail] if trail else [])]
    one = finding(
        subject,
        _ID,
        "flow.stopped",
        0.95,
        title,
        f"It was ended{ago} from outside; no action of it failed by itself. {note}".strip(),
        cited,
        fixes=[fix],
        disproved_by="an execution with another status than Stopped",
        proven=True,
    )
    return failed(f"{title}. {note}".strip(), *cited, findings=[one])


STOPPED = Step(
    id="stopped",
    question="Did someone stop the execution?",
    why="A stopped execution has nothing wrong in it; the question is who stopped it and why.",
    reads=(EXECUTIONS, STATE, "cloudtrail:LookupEvents"),
    gather=_gather_stopped,
    judge=_judge_stopped,
)


# --- conditions

_KINDS = (
    ("beforeEntryConditionState", "entry"),
    ("onSuccessConditionState", "success"),
    ("onFailureConditionState", "failure"),
)
_WRONG = ("Failed", "Errored", "Abandoned")


async def _gather_conditions(subject: Subject, evidence: Evidence) -> Facts:
    facts = {"state": await read_state(subject, evidence)}
    if _failed_conditions(facts):
        params: dict[str, Any] = {"pipelineName": subject.ref.name, "maxResults": 50}
        facts["rules"] = await evidence.read("codepipeline", "ListRuleExecutions", params, pages=1)
    return facts


def _failed_conditions(facts: Facts) -> list[tuple[str, str, _Map]]:
    """(stage, kind, condition state) of conditions whose latest run went wrong, in the stage's latest execution."""
    found = []
    for stage in stage_states(facts):
        for member, kind in _KINDS:
            state = stage.get(member) or {}
            skipped = (
                kind == "entry" and (stage.get("latestExecution") or {}).get("status") == "Skipped"
            )  # as it is told
            if (state.get("latestExecution") or {}).get("status") in _WRONG and not skipped:
                found.append((str(stage.get("stageName", "")), kind, state))
    return found


def _rules(state: _Map) -> list[tuple[str, str]]:
    """(rule, what it says) of the rules that went wrong."""
    found = []
    for condition in state.get("conditionStates") or ():
        for rule in condition.get("ruleStates") or ():
            run = rule.get("latestExecution") or {}
            if run.get("status") in _WRONG:
                said = (run.get("errorDetails") or {}).get("message") or run.get("summary") or run["status"]
                found.append((str(rule.get("ruleName", "?")), str(said)))
    return found


def _override(subject: Subject, facts: Facts, stage: str, kind: str) -> list[Fix]:
    """The fix that lets an execution pass all the same; a failure condition cannot be overridden."""
    name = {"entry": "beforeEntry", "success": "onSuccess"}.get(kind)
    found: _Map = next((each for each in stage_states(facts) if each.get("stageName") == stage), {})
    inbound: _Map = found.get("inboundExecution") or {}
    latest: _Map = found.get("latestExecution") or {}
    execution = str((inbound if kind == "entry" and inbound else latest).get("pipelineExecutionId", ""))
    if name is None or not execution:
        return []
    plan = override_condition(subject.ref, subject.identity.account, stage, execution, name)
    steps = ("Only when you know that what the rule checks does not matter now.",)
    return [planned("flow.override", f"Override the {kind} condition of {stage}", plan, steps)]


def _results(facts: Facts) -> list[tuple[int, str]]:
    """The latest result of every condition and of each of its rules, in lines."""
    lines = []
    for stage in stage_states(facts):
        for member, kind in _KINDS:
            state = stage.get(member) or {}
            run = state.get("latestExecution") or {}
            if not run:
                continue
            rules = [
                f"{rule.get('ruleName', '?')} {(rule.get('latestExecution') or {}).get('status', 'not run')}"
                for condition in state.get("conditionStates") or ()
                for rule in condition.get("ruleStates") or ()
            ]
            said = f": {run['summary']}" if run.get("summary") else ""
            told = f" ({', '.join(rules)})" if rules else ""
            lines.append((facts["state"].n, f"{stage.get('stageName')}, {kind}: {run.get('status', '?')}{told}{said}"))
    return lines


def _judge_conditions(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    wrong = _failed_conditions(facts)
    results = _results(facts)
    if not wrong:
        return passed("No stage condition has failed.", facts["state"], lines=results)
    cited = [facts["state"], *([facts["rules"]] if "rules" in facts else [])]
    stage, kind, state = wrong[0]
    rules = _rules(state)
    said = "; ".join(f"{name}: {text}" for name, text in rules) or (state.get("latestExecution") or {}).get(
        "summary", ""
    )
    title = f"The {kind} condition of stage {stage} failed" + (f" by rule {rules[0][0]}" if rules else "")
    entry = "blocks the stage" if kind == "entry" else "fails the stage or rolls it back, as its result says"
    fix = manual(
        "flow.condition",
        f"Look at the {kind} condition of {stage}",
        [
            f"The rule says: {said}" if said else "Read the rule's result in the stage's details.",
            "Put right what the rule checks (an alarm, a window of time, a variable, a Lambda), then retry the stage.",
            "A blocked entry can be overridden by someone allowed to (override stage condition).",
        ],
        commands=[command(subject, "codepipeline", "ListRuleExecutions", pipelineName=subject.ref.name)],
    )
    fixes = [fix, *_override(subject, facts, stage, kind)]
    one = finding(
        subject,
        _ID,
        "flow.condition-failed",
        0.4 if beside(subject, stage) else 0.94,
        title,
        f"A failed {kind} condition {entry}. {said}".strip(),
        cited,
        fixes=fixes,
        disproved_by="a later run of the condition that succeeded",
        proven=not beside(subject, stage),
    )
    lines = [*((facts["state"].n, f"{name}: {text}") for name, text in rules), *results]
    return failed(f"{title}: {said}".rstrip(": ") + ".", *cited, findings=[one], lines=lines)


CONDITIONS = Step(
    id="conditions",
    question="Did a condition of a stage (entry, success, failure) fail, and which rule?",
    why="A condition stops or rolls back a stage whose actions are all well.",
    reads=(STATE, "codepipeline:ListRuleExecutions"),
    gather=_gather_conditions,
    judge=_judge_conditions,
)
