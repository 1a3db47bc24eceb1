"""What holds a pipeline up: closed transitions, locked stages, stopped or superseded executions, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age, duration
from core.attention import OVERDUE_FACTOR, OVERDUE_MIN_S, QUEUED_TOO_LONG_S, STUCK_WITHOUT_HISTORY_S
from core.console import pipeline_url
from core.fact import Evidence
from core.finding import Answer, Finding, Fix
from core.plan import Risk
from core.plans.codebuild import stop_build
from core.plans.pipeline import enable_transition, stop_execution
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import failed, finding, not_applicable, passed, plural, unseen
from ._ask import side_by_side
from ._fixes import command, elsewhere, foreign, manual, planned, where_of
from ._flow_definition import DEFINITION
from ._flow_end import CONDITIONS, ENDED, STOPPED
from ._flow_past import AGAIN, PAST
from ._state import (
    EXECUTIONS,
    HISTORY,
    STATE,
    action_states,
    beside,
    execution_of,
    latest,
    number,
    read_executions,
    read_history,
    read_state,
    stage_states,
    usual_s,
)

__all__ = ["PLAYBOOK"]

_ID = "flow"
_Map = Mapping[str, Any]


# --- transitions


async def _gather_transitions(subject: Subject, evidence: Evidence) -> Facts:
    return await side_by_side(state=read_state(subject, evidence), executions=read_executions(subject, evidence))


def _inbound(stage: _Map) -> list[str]:
    several = [str(each.get("pipelineExecutionId", "")) for each in stage.get("inboundExecutions") or ()]
    single = str((stage.get("inboundExecution") or {}).get("pipelineExecutionId", ""))
    return list(dict.fromkeys(each for each in (*several, single) if each))


def _waiting_before(stages: Sequence[_Map], index: int) -> list[str]:
    """Executions that would enter a stage: those CodePipeline names, or the one that has passed the stage before."""
    stage = stages[index]
    if named := _inbound(stage):
        return named
    before = latest(stages[index - 1]) if index else {}
    done, here = before.get("pipelineExecutionId"), latest(stage).get("pipelineExecutionId")
    return [str(done)] if before.get("status") == "Succeeded" and done and done != here else []


def _judge_transitions(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    stages, fact = stage_states(facts), facts["state"]
    closed = [
        (index, stage, stage.get("inboundTransitionState") or {})
        for index, stage in enumerate(stages)
        if (stage.get("inboundTransitionState") or {}).get("enabled") is False
    ]
    if not closed:
        return passed(f"All transitions of {subject.ref.name} are enabled.", fact)
    findings, lines = [], []
    for index, stage, way in closed:
        waiting = _waiting_before(stages, index)
        lines.append((fact.n, _closed_line(subject, stage, way, waiting)))
        if waiting:
            findings.append(_closed_finding(subject, facts, stage, way, waiting))
    if not findings:
        return passed(f"{lines[0][1]} Nothing waits there now.", fact, lines=lines)
    return failed(lines[0][1], fact, facts["executions"], findings=findings, lines=lines)


def _closed_line(subject: Subject, stage: _Map, way: _Map, waiting: Sequence[str]) -> str:
    who = str(way.get("lastChangedBy", "")).rpartition("/")[2].rpartition(":")[2] or "someone"
    when = number(way.get("lastChangedAt"))
    ago = f" {age(when, subject.now)} ago" if when is not None else ""
    why = f': "{way["disabledReason"]}"' if way.get("disabledReason") else ", without a reason"
    held = f" {plural(len(waiting), 'execution')} waits before it." if waiting else ""
    return f"The transition into {stage.get('stageName')} was disabled by {who}{ago}{why}.{held}"


def _closed_finding(subject: Subject, facts: Facts, stage: _Map, way: _Map, waiting: Sequence[str]) -> Finding:
    name, reason = str(stage.get("stageName", "")), str(way.get("disabledReason", ""))
    plan = enable_transition(subject.ref, subject.identity.account, name, reason=reason, waiting=waiting)
    fix = Fix(
        "pipeline.enable-transition",
        f"Enable the transition into {name}",
        Risk.MEDIUM,
        plan,
        (f"Ask {way.get('lastChangedBy') or 'whoever disabled it'} first whether the reason still holds.",),
        console_url=pipeline_url(subject.ref.name, subject.ref.place.region, subject.identity.partition),
    )
    line = _closed_line(subject, stage, way, waiting)
    return finding(
        subject,
        _ID,
        "flow.transition-disabled",
        0.4 if beside(subject, name) else 0.97,
        f"The transition into {name} is disabled" + (f': "{reason}"' if reason else ""),
        f"{line} Execution {waiting[0]} has passed the stage before and cannot enter {name}.",
        [facts["state"]],
        fixes=[fix],
        disproved_by="an enabled transition, or an execution that entered the stage after it was disabled",
        proven=not beside(subject, name),
    )


_TRANSITIONS = Step(
    id="transitions",
    question="Is the way into some stage closed, by whom and why?",
    why="A disabled transition holds everything back without any error; its reason says whom to ask.",
    reads=(STATE, EXECUTIONS),
    gather=_gather_transitions,
    judge=_judge_transitions,
)


# --- locked stages and slow actions


async def _gather_all(subject: Subject, evidence: Evidence) -> Facts:
    return await side_by_side(
        state=read_state(subject, evidence),
        executions=read_executions(subject, evidence),
        history=read_history(subject, evidence),
    )


def _at_work(stage: _Map) -> list[tuple[str, _Map]]:
    return [(name, run) for name, run in action_states(stage) if run.get("status") == "InProgress"]


def _overdue(ran_s: float, usual: float | None) -> bool:
    if usual is None:
        return ran_s > STUCK_WITHOUT_HISTORY_S
    return ran_s > max(OVERDUE_MIN_S, usual * OVERDUE_FACTOR)


def _judge_lock(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    for stage in stage_states(facts):
        waiting, holder = _inbound(stage), latest(stage)
        way = stage.get("inboundTransitionState") or {}
        if waiting and holder.get("status") in ("InProgress", "Stopping") and way.get("enabled", True):
            return _locked(subject, facts, stage, waiting)
    mode = subject.definition.execution_mode
    return passed(f"No execution waits before a busy stage (execution mode {mode}).", facts["state"])


def _end_build(subject: Subject, run: _Map) -> list[Fix]:
    """The fix that ends a hung build; empty where no build is at work."""
    build = str(run.get("externalExecutionId", ""))
    if "codebuild" not in str(run.get("externalExecutionUrl", "")) or ":" not in build or foreign(subject):
        return []
    plan = stop_build(where_of(subject), build, region=elsewhere(subject))
    steps = ("Read its log first (key l): a build that still writes is slow and not hung.",)
    return [planned("flow.stop-build", f"Stop build {build}", plan, steps)]


def _locked(subject: Subject, facts: Facts, stage: _Map, waiting: Sequence[str]) -> Answer:
    name, holder = str(stage.get("stageName", "")), latest(stage)
    held_by = str(holder.get("pipelineExecutionId", ""))
    working = _at_work(stage)
    action, run = working[0] if working else ("", {})
    since = number(run.get("lastStatusChange"))
    ran = subject.now - since if since is not None else 0.0
    usual = usual_s(facts["history"], name, action)
    started = number(execution_of(facts["executions"], waiting[-1]).get("startTime"))
    waited = subject.now - started if started is not None else 0.0
    approval = bool(run.get("token"))
    usually = f" (usually {duration(usual)})" if usual is not None else ""
    holds = f"{action} has run for {duration(ran)}{usually}" if action else "no action of it is at work"
    detail = (
        f"Stage {name} is held by execution {held_by}: {holds}. {plural(len(waiting), 'execution')} "
        f"({', '.join(waiting)}) wait{'s' if len(waiting) == 1 else ''} before it; the execution mode is "
        f"{subject.definition.execution_mode}."
    )
    cited = [facts["state"], facts["executions"], facts["history"]]
    if not _overdue(ran, usual) and waited < QUEUED_TOO_LONG_S:
        return passed(f"{detail} That is nothing unusual yet.", *cited)
    plan = stop_execution(subject.ref, subject.identity.account, held_by, f"it holds stage {name}")
    fixes = [
        *_end_build(subject, run),
        manual(
            "flow.look-at-holder",
            f"See what {action or name} is doing",
            [
                f"Open the log of {action} in stage {name} (key l): does it still write?",
                f"If it hangs, end its work: {run.get('externalExecutionId') or 'the build or deployment'}.",
                "In mode QUEUED the waiting executions go on in their order; in SUPERSEDED only the newest one does.",
            ],
            url=str(run.get("externalExecutionUrl", "")),
        ),
        Fix("pipeline.stop", f"Stop execution {held_by}", Risk.MEDIUM, plan),
    ]
    one = finding(
        subject,
        _ID,
        "flow.stage-busy",
        0.4 if approval or beside(subject, name) else 0.93,
        f"Stage {name} is held by an earlier execution for {duration(ran or waited)}",
        detail,
        cited,
        fixes=fixes,
        disproved_by=f"a stage {name} without an execution at work",
        proven=not approval and not beside(subject, name),
    )
    return failed(detail, *cited, findings=[one])


_LOCK = Step(
    id="lock",
    question="Does an earlier execution hold a stage that others wait for?",
    why="A stage takes one execution at a time; whoever waits shows no error, only the holder may have one.",
    reads=(STATE, EXECUTIONS, HISTORY),
    gather=_gather_all,
    judge=_judge_lock,
)


def _judge_slow(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["state"]):
        return cannot
    cited, lines = [facts["state"], facts["history"]], []
    late: list[tuple[str, str, _Map, float, float | None]] = []
    for stage in stage_states(facts):
        name = str(stage.get("stageName", ""))
        for action, run in _at_work(stage):
            since = number(run.get("lastStatusChange"))
            if since is None or run.get("token"):
                continue
            ran, usual = subject.now - since, usual_s(facts["history"], name, action)
            usually = f", usually {duration(usual)}" if usual is not None else ", nothing to compare with"
            lines.append((facts["state"].n, f"{name}/{action} has run for {duration(ran)}{usually}."))
            if _overdue(ran, usual):
                late.append((name, action, run, ran, usual))
    if not lines:
        return not_applicable("No action is at work.", facts["state"])
    if not late:
        return passed(lines[0][1], *cited, lines=lines)
    name, action, run, ran, usual = late[0]
    than = f" instead of {duration(usual)}" if usual is not None else ""
    fix = manual(
        "flow.stuck",
        f"See what {action} waits for",
        [
            f"Open the log of {action} (key l) and look at its last line and its age.",
            f"If nothing moves, stop {run.get('externalExecutionId') or 'the work'} and retry the stage.",
        ],
        commands=[command(subject, "codepipeline", "GetPipelineState", name=subject.ref.name)],
        url=str(run.get("externalExecutionUrl", "")),
    )
    fixes = [fix, *_end_build(subject, run)]
    one = finding(
        subject,
        _ID,
        "flow.stuck",
        0.7,
        f"{name}/{action} has run for {duration(ran)}{than}",
        f"It is in progress and far past its usual time; CodePipeline itself waits for it to end. "
        f"{run.get('summary') or ''}".strip(),
        cited,
        fixes=fixes,
        disproved_by="a log that still grows as it does in other runs",
    )
    return failed(f"{name}/{action} has run for {duration(ran)}{than}.", *cited, findings=[one], lines=lines)


_SLOW = Step(
    id="slow",
    question="Does an action run far longer than it usually does?",
    why="A hung action shows as in progress for hours; only its own history tells hung from slow.",
    reads=(STATE, EXECUTIONS, HISTORY),
    gather=_gather_all,
    judge=_judge_slow,
)


def _applies(subject: Subject) -> float:
    execution = subject.execution.status if subject.execution else ""
    if execution in ("Superseded", "Stopped", "Stopping", "Cancelled"):
        return 0.95
    if any(each.cause.startswith("flow.") for each in subject.hypotheses):
        return 0.9
    if any(not stage.transition.enabled or stage.inbound or stage.conditions for stage in subject.state.stages):
        return 0.8
    return 0.6 if subject.action_state.status == "InProgress" else 0.25


PLAYBOOK = Playbook(
    id=_ID,
    title="Flow of executions",
    summary="Finds what holds the pipeline up without an error: transitions, locked stages, conditions, people.",
    steps=(_TRANSITIONS, _LOCK, _SLOW, CONDITIONS, ENDED, STOPPED, AGAIN, DEFINITION, PAST),
    applies=_applies,
    causes=(
        "artifact.missing",
        "flow.condition-failed",
        "flow.region",
        "flow.stage-busy",
        "flow.stopped",
        "flow.structure-invalid",
        "flow.stuck",
        "flow.superseded",
        "flow.transition-disabled",
        "flow.variable",
    ),
)
