"""Invoked work: Lambda functions, Step Functions, Commands, and workers of custom actions such as Jenkins."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import duration
from core.fact import Evidence, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject
from core.text import clip, first_line

from ._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from ._ask import ask
from ._commands import COMMANDS, COMPUTED
from ._fixes import allow_fix, command, manual, retry_hint
from ._function_log import ERRORS, read_function_log
from ._needs import Need
from ._roles import CAVEAT, label, read_inline, refused_needs, simulate
from ._said import otherwise
from ._simulated import POLICY_READS
from ._state import HISTORY, number, read_history
from ._text import message_step, read_text

__all__ = ["PLAYBOOK"]

_ID = "invoke"
_Map = Mapping[str, Any]
_JOB = ("codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult")


def _failed(subject: Subject) -> bool:
    return subject.action_state.status == "Failed"


# --- Lambda


def _function(subject: Subject) -> str:
    return subject.action.configuration.get("FunctionName", "") if subject.action.provider == "Lambda" else ""


async def _gather_function(subject: Subject, evidence: Evidence) -> Facts:
    name = _function(subject)
    if not name:
        return {}
    fact = await ask(subject, evidence, "lambda", "GetFunctionConfiguration", {"FunctionName": name})
    facts = {"function": fact}
    role = str(fact.get("Role", default=""))
    needs = [Need(action, "*", "to tell CodePipeline how the job ended") for action in _JOB]
    if role:
        facts |= await simulate(subject, evidence, role, needs)
        if refused_needs(facts, needs, role):
            facts |= await read_inline(subject, evidence, role)
    return facts


def _judge_function(subject: Subject, facts: Facts) -> Answer:
    fact, name = facts.get("function"), _function(subject)
    if fact is None:
        return not_applicable("The action invokes no Lambda function.")
    if cannot := unseen(fact):
        return cannot
    if fact.outcome is Outcome.NO_DATA:
        return _no_function(subject, facts)
    state = f"{fact.get('State', default='Active')}; last update {fact.get('LastUpdateStatus', default='Successful')}"
    role = str(fact.get("Role", default=""))
    needs = [Need(action, "*", "") for action in _JOB]
    refused = [each for each in refused_needs(facts, needs, role) if each.sure]
    cited = [fact, *(each for key, each in facts.items() if key.startswith("sim:"))]
    detail = f"{name}: {state}, {fact.get('Runtime', default='?')}, time-out {fact.get('Timeout', default='?')} s."
    if not refused or healthy(subject):
        if cannot := unseen(*cited):
            return cannot
        return passed(detail, *cited)
    said = subject.action_state.error_message.lower()
    told = "putjob" in said or "timed out" in said or "did not" in said or "not authorized" in said
    actions = [each.need.action for each in refused]
    title = f"{label(role)[:1].upper()}{label(role)[1:]} of function {name} may not {', '.join(actions)}"
    one = finding(
        subject,
        _ID,
        "lambda.invoke-failed",
        0.93 if told else 0.5,
        title,
        f"{title}: the function cannot tell CodePipeline how it ended, so the action waits until it times out. "
        f"{CAVEAT}",
        cited,
        fixes=[allow_fix(subject, role, actions, ["*"], facts)],
        disproved_by="a result of the job that the function put",
        proven=told,
    )
    return failed(f"{title}.", *cited, findings=[one])


def _no_function(subject: Subject, facts: Facts) -> Answer:
    title = f"There is no Lambda function {_function(subject)} in {subject.region}"
    sure = _failed(subject) and not otherwise(subject, "lambda.invoke-failed")
    fix = manual(
        "lambda.function",
        "Name a function that exists here",
        [f"Correct FunctionName of action {subject.action.name}, or its region.", retry_hint(subject)],
        commands=[command(subject, "lambda", "ListFunctions")],
    )
    one = finding(
        subject,
        _ID,
        "lambda.invoke-failed",
        0.95 if sure else 0.4,
        title,
        f"{title}: it was renamed or deleted, or lies in another region or account.",
        [facts["function"]],
        fixes=[fix],
        disproved_by="the function in a list of that region",
        proven=sure,
    )
    return failed(f"{title}.", facts["function"], findings=[one] if _failed(subject) else [])


_FUNCTION = Step(
    id="function",
    question="Does the function exist, and may it report its result?",
    why="A function that may not put a job result lets the action wait until it times out.",
    reads=("lambda:GetFunctionConfiguration", *POLICY_READS),
    gather=_gather_function,
    judge=_judge_function,
)


_LONGEST_S = 900.0  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


def _abandoned(subject: Subject) -> bool:
    """Whether the action waits for a function that cannot run any more: none runs longer than a quarter of an hour."""
    since = subject.action_state.changed_at
    return subject.action_state.status == "InProgress" and since is not None and subject.now - since > _LONGEST_S


async def _gather_function_log(subject: Subject, evidence: Evidence) -> Facts:
    facts = dict(await _gather_function(subject, evidence))
    fact = facts.get("function")
    if fact is None:
        return facts
    return {**facts, **(await read_function_log(subject, evidence, fact, _function(subject)))}


def _judge_function_log(subject: Subject, facts: Facts) -> Answer:
    log, fact = facts.get("log"), facts.get("function")
    if log is None:
        return unseen(fact) or not_applicable("There is no function whose log could be read.")
    if cannot := unseen(log):
        return cannot
    lines = [str(each.get("message", "")).rstrip() for each in log.get("events", default=())]
    if not _failed(subject) and not _abandoned(subject):
        return not_applicable(f"The action has not failed; {len(lines)} lines in its time.", log)
    wrong = [line for line in lines if ERRORS.search(line)]
    if not lines:
        return unknown("The function wrote no log in that time: it may never have been invoked.", log)
    if not wrong:
        return unknown(f"{plural(len(lines), 'line')} in that time, and no error among them.", log)
    timed = next((line for line in wrong if "Task timed out" in line), "")
    first = first_line(timed or wrong[0])
    name = _function(subject)
    limit = fact.get("Timeout", default="?") if fact else "?"
    inner = read_text(subject, "", lines)
    hint = f" It reads like: {inner[0].title}." if inner else ""
    advice = (
        f"Raise the time-out ({limit} s), or let it do less."
        if timed
        else "Correct the function; a retry runs it again."
    )
    fix = manual(
        "lambda.error",
        f"Correct function {name}",
        [clip(first, 300), advice, retry_hint(subject)],
        commands=[command(subject, "lambda", "GetFunctionConfiguration", FunctionName=name)],
    )
    what = "timed out" if timed else "failed"
    one = finding(
        subject,
        _ID,
        "lambda.invoke-failed",
        0.95,
        f"Function {name} {what}: {clip(first, 140)}",
        f"Its log in that time says: {clip(first, 300)}.{hint}",
        [log, *([fact] if fact else [])],
        fixes=[fix],
        disproved_by="a run of the function at that time that ended well",
        proven=True,
    )
    shown = [(log.n, clip(line, 300)) for line in wrong[:6]]
    return failed(f"{name} {what}: {first}", log, findings=[one], lines=shown)


_FUNCTION_LOG = Step(
    id="function-log",
    question="What did the function write while the action ran?",
    why="An unhandled error or a time-out stands in the function's own log, and nowhere else.",
    reads=(
        "lambda:GetFunctionConfiguration",
        "logs:FilterLogEvents",
        *POLICY_READS,
    ),
    gather=_gather_function_log,
    judge=_judge_function_log,
)


# --- Step Functions


async def _gather_execution(subject: Subject, evidence: Evidence) -> Facts:
    execution = subject.action_state.external_id
    if subject.action.provider != "StepFunctions" or ":execution:" not in execution:
        return {}
    params = {"executionArn": execution}
    described, history = await asyncio.gather(
        ask(subject, evidence, "stepfunctions", "DescribeExecution", params),
        ask(
            subject,
            evidence,
            "stepfunctions",
            "GetExecutionHistory",
            {**params, "reverseOrder": True, "maxResults": 100},
            pages=1,
        ),
    )
    return {"execution": described, "history": history}


def _failed_state(history: Sequence[_Map]) -> str:
    """The state that was entered last before the failure (the history is newest first)."""
    for event in history:
        entered = event.get("stateEnteredEventDetails") or {}
        if entered.get("name"):
            return str(entered["name"])
    return ""


def _judge_execution(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    fact = facts.get("execution")
    if fact is None:
        if subject.action.provider != "StepFunctions":
            return not_applicable("The action starts no state machine.")
        return unknown("No execution was started; see what the message says.")
    if cannot := unseen(fact, facts["history"]):
        return cannot
    if fact.get("status") is None:
        return unknown(f"Step Functions says nothing of {subject.action_state.external_id}.", fact)
    status = str(fact.get("status", default="?"))
    if status in ("SUCCEEDED", "RUNNING", "PENDING_REDRIVE"):
        return passed(f"The execution is {status}.", fact)
    error, cause = str(fact.get("error", default="")), str(fact.get("cause", default=""))
    state = _failed_state(facts["history"].get("events", default=()))
    where = f" in state {state}" if state else ""
    title = (
        f"The state machine's execution ended {status}{where}: "
        f"{error or clip(first_line(cause), 120) or 'no reason given'}"
    )
    if healthy(subject):
        return unknown(f"{title}.", fact)
    fix = manual(
        "stepfunctions.failed",
        f"Correct state {state or '?'}",
        [f"{error}: {clip(cause, 500)}", retry_hint(subject)],
        commands=[
            command(
                subject,
                "stepfunctions",
                "GetExecutionHistory",
                executionArn=subject.action_state.external_id,
                reverseOrder=True,
            )
        ],
    )
    one = finding(
        subject,
        _ID,
        "stepfunctions.failed",
        0.96,
        title,
        f"{error}: {clip(cause, 400)}".strip(": "),
        [fact, facts["history"]],
        fixes=[fix],
        disproved_by="an execution of that ARN that succeeded",
        proven=True,
    )
    return failed(
        f"{title}.", fact, facts["history"], findings=[one], lines=[(fact.n, clip(cause, 400))] if cause else []
    )


_EXECUTION = Step(
    id="execution",
    question="In which state did the state machine fail, and with which error?",
    why="The execution keeps error and cause of the state that failed.",
    reads=("states:DescribeExecution", "states:GetExecutionHistory"),
    gather=_gather_execution,
    judge=_judge_execution,
)


# --- custom actions


async def _gather_worker(subject: Subject, evidence: Evidence) -> Facts:
    if subject.action.owner == "AWS":
        return {}
    kind, history = await asyncio.gather(
        evidence.read("codepipeline", "ListActionTypes", {"actionOwnerFilter": subject.action.owner}),
        read_history(subject, evidence),
    )
    return {"types": kind, "history": history}


def _judge_worker(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if "types" not in facts:
        return not_applicable("The action is one of AWS's own.")
    fact, action = facts["types"], subject.action
    if cannot := unseen(fact):
        return cannot
    wanted = (action.category, action.provider, action.version)
    known = [each.get("id") or {} for each in fact.get("actionTypes", default=())]
    named = f"{action.category}/{action.provider} version {action.version}"
    there = any((each.get("category"), each.get("provider"), each.get("version")) == wanted for each in known)
    if not there and not _failed(subject):
        return unknown(f"Action type {named} is not listed, yet the action runs.", fact)
    if not there:
        title = f"There is no custom action type {named} in {subject.region}"
        return _worker_trouble(subject, facts, title, 0.92, proven=_failed(subject))
    runs: Sequence[_Map] = facts["history"].get("actionExecutionDetails", default=())
    mine = next((run for run in runs if run.get("actionName") == action.name), {})
    began = number(mine.get("startTime")) or subject.action_state.changed_at
    if subject.action_state.status == "InProgress" and began is not None and not subject.action_state.external_id:
        waited = subject.now - began
        if waited > 900:
            title = f"No worker has taken the job of {named} for {duration(waited)}"
            return _worker_trouble(subject, facts, title, 0.9, proven=True)
    if _failed(subject):
        said = first_line(subject.action_state.error_message) or "no reason given"
        timed = re.search(r"timed out|not picked up|no worker|poll", said, re.IGNORECASE) is not None
        title = f"No worker of {named} answered: {said}" if timed else f"The worker of {named} failed the job: {said}"
        return _worker_trouble(subject, facts, title, 0.9, proven=True)
    return passed(f"Action type {named} exists.", fact)


def _worker_trouble(subject: Subject, facts: Facts, title: str, sure: float, *, proven: bool) -> Answer:
    jenkins = subject.action.provider
    fix = manual(
        "thirdparty.worker",
        f"See whether the worker of {jenkins} polls",
        [
            (
                f"Look at the worker's host or job ({jenkins}): is it up, does it poll CodePipeline in "
                f"{subject.region}, does "
                "its name, provider and version equal the action's?"
            ),
            "Its credentials need codepipeline:PollForJobs, AcknowledgeJob and PutJobSuccessResult.",
            retry_hint(subject),
        ],
        commands=[command(subject, "codepipeline", "ListActionTypes", actionOwnerFilter=subject.action.owner)],
    )
    one = finding(
        subject,
        _ID,
        "thirdparty.job-failed",
        sure,
        title,
        f"{title}. A custom action does nothing by itself: a worker has to poll for the job and answer it.",
        [facts["types"], facts["history"]],
        fixes=[fix],
        disproved_by="a job of this action that a worker acknowledged at that time",
        proven=proven,
    )
    return failed(f"{title}.", facts["types"], findings=[] if healthy(subject) else [one])


_WORKER = Step(
    id="worker",
    question="For a custom action: is its type known, and does a worker take the job?",
    why="A custom action waits for a worker that polls; nothing tells when there is none.",
    reads=("codepipeline:ListActionTypes", HISTORY),
    gather=_gather_worker,
    judge=_judge_worker,
)


def _applies(subject: Subject) -> float:
    action = subject.action
    if action.owner != "AWS":
        return 1.0
    invoked = action.category in ("Invoke", "Compute") or action.provider in ("StepFunctions", *COMPUTED)
    return 1.0 if invoked else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Invoked work",
    summary="Reads what a function, state machine, command or custom worker itself says.",
    steps=(message_step(_ID), _FUNCTION, _FUNCTION_LOG, _EXECUTION, COMMANDS, _WORKER),
    applies=_applies,
    causes=("lambda.invoke-failed", "stepfunctions.failed", "thirdparty.job-failed"),
)
