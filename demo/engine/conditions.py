"""Stage conditions: rules that are asked before a stage is entered and after it has succeeded.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html. The CloudWatchAlarm rule looks at the
alarm; rules of other kinds pass.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.names import uuid

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["KINDS", "ConditionRun", "evaluate", "states"]

# How the API names a condition when it is overridden → how the structure does.
KINDS: Mapping[str, str] = {"BEFORE_ENTRY": "beforeEntry", "ON_SUCCESS": "onSuccess"}


@dataclass(slots=True)
class ConditionRun:
    """The latest run of a stage's conditions of one kind."""

    status: str
    at: float
    summary: str = ""
    rules: list[list[dict[str, Any]]] = field(default_factory=list)


def evaluate(world: "World", region: str, declared: Mapping[str, Any], at: float, rng: random.Random) -> ConditionRun:
    """Ask every rule of ``beforeEntry`` or ``onSuccess``."""
    run = ConditionRun("Succeeded", at)
    for condition in declared.get("conditions", []):
        states = []
        for rule in condition.get("rules", []):
            problem = _problem(world, region, rule)
            latest: dict[str, Any] = {
                "ruleExecutionId": uuid(rng),
                "status": "Failed" if problem else "Succeeded",
                "summary": problem or "Rule succeeded",
                "lastStatusChange": at,
            }
            if problem:
                latest["errorDetails"] = {"code": "JobFailed", "message": problem}
                run.status, run.summary = "Failed", problem
            states.append({"ruleName": rule["name"], "latestExecution": latest})
        run.rules.append(states)
    return run


def _problem(world: "World", region: str, rule: Mapping[str, Any]) -> str:
    if rule["ruleTypeId"]["provider"] != "CloudWatchAlarm":
        return ""
    name = rule.get("configuration", {}).get("AlarmName", "")
    alarm = world.moto.backend("cloudwatch", rule.get("region", region)).alarms.get(name)
    if alarm is None:
        return f"The alarm {name} could not be found"
    return f"Alarm {name} is in state ALARM" if alarm.state_value == "ALARM" else ""


def states(runs: Mapping[str, ConditionRun]) -> dict[str, Any]:
    """Describe the latest runs as GetPipelineState does."""
    found: dict[str, Any] = {}
    for kind, run in runs.items():
        latest = {"status": run.status, "summary": run.summary}
        found[f"{kind}ConditionState"] = {
            "latestExecution": latest,
            "conditionStates": [
                {"latestExecution": {**latest, "lastStatusChange": run.at}, "ruleStates": rules} for rules in run.rules
            ],
        }
    return found
