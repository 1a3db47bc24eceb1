"""What the CodeDeploy playbooks read: the deployment, its group and its targets. Shared by EC2 and ECS deployments."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.fact import Evidence, Fact
from core.playbook import Facts, Subject

from ._ask import ask

__all__ = [
    "DEPLOYMENT_READS",
    "GROUP_READS",
    "TARGET_READS",
    "Failed",
    "application",
    "begun",
    "deployment_of",
    "error_of",
    "failed_events",
    "group_name",
    "group_of",
    "read_deployment",
    "read_group",
    "read_targets",
    "targets_of",
]

DEPLOYMENT_READS = ("codedeploy:GetDeployment",)
GROUP_READS = ("codedeploy:GetDeploymentGroup",)
TARGET_READS = (*DEPLOYMENT_READS, "codedeploy:ListDeploymentTargets", "codedeploy:BatchGetDeploymentTargets")
_MOST_TARGETS = 25
_Map = Mapping[str, Any]


def application(subject: Subject) -> str:
    """The application's name."""
    return subject.action.configuration.get("ApplicationName", "")


def group_name(subject: Subject) -> str:
    """The deployment group's name."""
    return subject.action.configuration.get("DeploymentGroupName", "")


async def read_deployment(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the action's deployment; none where the action has not started one."""
    deployment = subject.action_state.external_id
    if not deployment.startswith("d-"):
        return {}
    params = {"deploymentId": deployment}
    return {"deployment": await ask(subject, evidence, "codedeploy", "GetDeployment", params)}


async def read_group(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the deployment group."""
    if not application(subject) or not group_name(subject):
        return {}
    params = {"applicationName": application(subject), "deploymentGroupName": group_name(subject)}
    return {"group": await ask(subject, evidence, "codedeploy", "GetDeploymentGroup", params)}


async def read_targets(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the deployment and its targets with their lifecycle events; failed targets are among the first."""
    deployment = subject.action_state.external_id
    if not deployment.startswith("d-"):
        return {}
    listing = ask(subject, evidence, "codedeploy", "ListDeploymentTargets", {"deploymentId": deployment}, pages=5)
    facts, listed = await asyncio.gather(read_deployment(subject, evidence), listing)
    ids = [str(each) for each in listed.get("targetIds", default=())][:_MOST_TARGETS]
    facts["target-ids"] = listed
    if ids:
        params = {"deploymentId": deployment, "targetIds": ids}
        facts["targets"] = await ask(subject, evidence, "codedeploy", "BatchGetDeploymentTargets", params)
    return facts


def deployment_of(facts: Facts) -> _Map:
    """The deployment; empty where it was not read."""
    fact = facts.get("deployment")
    found = fact.get("deploymentInfo", default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def group_of(facts: Facts) -> _Map:
    """The deployment group; empty where it was not read."""
    fact = facts.get("group")
    found = fact.get("deploymentGroupInfo", default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def error_of(facts: Facts) -> tuple[str, str]:
    """The deployment's error: (code, message)."""
    error = deployment_of(facts).get("errorInformation") or {}
    return str(error.get("code", "")), str(error.get("message", ""))


def targets_of(facts: Facts) -> list[_Map]:
    """The targets, of whatever kind."""
    fact = facts.get("targets")
    kinds = ("instanceTarget", "ecsTarget", "lambdaTarget", "cloudFormationTarget")
    found: Sequence[_Map] = fact.get("deploymentTargets", default=()) if fact else ()
    return [each[kind] for each in found for kind in kinds if each.get(kind)]


@dataclass(frozen=True, slots=True)
class Failed:
    """One lifecycle event that failed on one target."""

    target: str
    event: str
    code: str
    script: str
    message: str
    tail: tuple[str, ...]
    ended: float

    @property
    def said(self) -> str:
        """Message and log in one text."""
        return "\n".join([self.message, *self.tail])


def begun(event: _Map) -> float | None:
    """When a lifecycle event or a deployment began, in epoch seconds; None where that is not said."""
    at = event.get("startTime")
    return float(at) if isinstance(at, int | float) else None


def failed_events(targets: Iterable[_Map]) -> list[Failed]:
    """The failed events of all targets, in the order in which they failed."""
    found = []
    for target in targets:
        name = str(target.get("targetId") or target.get("targetArn", "?")).rpartition("/")[2]
        for event in target.get("lifecycleEvents") or ():
            if event.get("status") != "Failed":
                continue
            told = event.get("diagnostics") or {}
            tail = tuple(line for line in str(told.get("logTail") or "").splitlines() if line.strip())
            found.append(
                Failed(
                    target=name,
                    event=str(event.get("lifecycleEventName", "")),
                    code=str(told.get("errorCode", "")),
                    script=str(told.get("scriptName") or ""),
                    message=str(told.get("message") or ""),
                    tail=tail,
                    ended=float(event.get("endTime") or event.get("startTime") or 0.0),
                )
            )
    return sorted(found, key=lambda each: each.ended)
