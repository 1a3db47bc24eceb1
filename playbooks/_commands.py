"""The step on what CodePipeline runs on machines of its own, such as Commands: its log, wherever that is named."""

from __future__ import annotations

import re
from dataclasses import replace

from core.arn import Arn
from core.build import LogLocation
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject

from ._answers import failed, failing, not_applicable, numbers, plural, unknown, unseen
from ._ask import ask
from ._state import STATE, action_states, read_state, stage_states
from ._text import read_text, text_findings

__all__ = ["COMMANDS", "COMPUTED"]

_ID = "invoke"
# Actions that CodePipeline runs on machines of its own, with a log that the action's state names.
COMPUTED = ("Commands", "ECRBuildAndPublish", "InspectorScan", "EC2", "EKS")


def _computes(subject: Subject) -> bool:
    """Whether CodePipeline itself runs what the action does, and writes a log of it."""
    return subject.action.category == "Compute" or subject.action.provider in COMPUTED


async def _gather_commands(subject: Subject, evidence: Evidence) -> Facts:
    if not _computes(subject):
        return {}
    facts = {"state": await read_state(subject, evidence)}
    where = _stream(subject, facts)
    build = subject.action_state.external_id
    if where is None and ":" in build and not build.startswith("arn:"):
        facts["build"] = await ask(subject, evidence, "codebuild", "BatchGetBuilds", {"ids": [build]})
        logs = facts["build"].get("builds", 0, "logs", default={})
        if logs.get("groupName") and logs.get("streamName"):
            where = LogLocation(group=logs["groupName"], stream=logs["streamName"], region=subject.region)
    if where is not None:
        facts["log"] = await evidence.log(where)
    elif failing(subject):
        facts["log"] = await _group_log(subject, evidence)
    return facts


async def _group_log(subject: Subject, evidence: Evidence) -> Fact:
    """What the log group of the pipeline's own machines holds of the action's time."""
    changed = subject.action_state.changed_at or subject.now
    params = {
        "logGroupName": f"/aws/codepipeline/{subject.ref.name}",
        "startTime": int((changed - 3600) * 1000),
        "endTime": int((changed + 60) * 1000),
    }
    fact = await ask(subject, evidence, "logs", "FilterLogEvents", params, pages=2)
    lines = [str(each.get("message", "")).rstrip("\n") for each in fact.get("events", default=())]
    if not fact.ok or not lines:  # another group may hold it: that says nothing
        return replace(fact, outcome=Outcome.NO_DATA)
    return replace(fact, value={"lines": lines})


def _stream(subject: Subject, facts: Facts) -> LogLocation | None:
    """The stream that CodePipeline names for the action (``logStreamARN``)."""
    for stage in stage_states(facts):
        if stage.get("stageName") != subject.stage.name:
            continue
        run = dict(action_states(stage)).get(subject.action.name, {})
        arn = Arn.parse(str(run.get("logStreamARN", "")))
        found = re.match(r"log-group:(?P<group>.+?):log-stream:(?P<stream>.+)$", arn.resource) if arn else None
        if arn and found:
            return LogLocation(group=found["group"], stream=found["stream"], region=arn.region)
    return None


def _judge_commands(subject: Subject, facts: Facts) -> Answer:
    if "state" not in facts:
        return not_applicable("The action runs no commands of its own.")
    log = facts.get("log")
    if cannot := unseen(facts["state"], log):
        return cannot
    if not failing(subject):
        return not_applicable("The action has not failed.", facts["state"])
    lines = [str(line) for line in log.get("lines", default=())] if log else []
    hypotheses = read_text(subject, subject.action_state.error_message, lines)
    if not hypotheses and not lines:
        return unknown("The action names no log, and its message says nothing known.", facts["state"])
    if not hypotheses:
        return unknown(f"{plural(len(lines), 'line')} of log; none is of a known kind.", facts["state"])
    cited = [facts["state"], *([log] if log else [])]
    found = text_findings(subject, _ID, hypotheses, numbers(cited))
    shown = [(log.n if log else 0, f"line {each.line}: {each.text}") for each in hypotheses[0].evidence if each.line]
    return failed(f"{hypotheses[0].title}.", *cited, findings=found, lines=shown)


COMMANDS = Step(
    id="commands",
    question="What does the log of the commands say?",
    why="A Commands action runs without a project; CodePipeline itself names its log stream.",
    reads=(STATE, "codebuild:BatchGetBuilds", "logs:GetLogEvents", "logs:FilterLogEvents"),
    gather=_gather_commands,
    judge=_judge_commands,
)
