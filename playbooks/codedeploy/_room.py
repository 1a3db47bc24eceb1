"""Room to deploy: minimum healthy hosts, other deployments of the same group."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._codedeploy import (
    GROUP_READS,
    TARGET_READS,
    application,
    deployment_of,
    error_of,
    group_name,
    group_of,
    read_group,
    read_targets,
    targets_of,
)
from playbooks._fixes import command, manual, retry_hint

__all__ = ["BUSY", "HOSTS"]

_ID = "codedeploy"
_Map = Mapping[str, Any]


# --- minimum healthy hosts


async def _gather_hosts(subject: Subject, evidence: Evidence) -> Facts:
    group, targets = await asyncio.gather(read_group(subject, evidence), read_targets(subject, evidence))
    facts = {**group, **targets}
    config = deployment_of(facts).get("deploymentConfigName") or group_of(facts).get("deploymentConfigName")
    if config:
        params = {"deploymentConfigName": config}
        facts["config"] = await ask(subject, evidence, "codedeploy", "GetDeploymentConfig", params)
    return facts


def _judge_hosts(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("config")
    if fact is None:
        return unseen(facts.get("group"), facts.get("deployment")) or unknown(
            "The deployment configuration is not known."
        )
    if cannot := unseen(fact):
        return cannot
    wanted: _Map = fact.get("deploymentConfigInfo", "minimumHealthyHosts", default={})
    kind, value = str(wanted.get("type", "")), int(wanted.get("value") or 0)
    total = len(targets_of(facts)) or 0
    name = fact.params.get("deploymentConfigName")
    said = f"{name} wants {value}{' %' if kind == 'FLEET_PERCENT' else ''} of {plural(total, 'host')} healthy"
    code = error_of(facts)[0]
    own = not str(name).startswith("CodeDeployDefault.")
    impossible = own and kind == "HOST_COUNT" and 0 < total <= value
    if not impossible or deployment_of(facts).get("status") != "Failed":
        return passed(f"{said}.", fact)
    fix = manual(
        "codedeploy.hosts",
        "Ask for fewer healthy hosts than there are",
        [
            f"{said}: none may ever be taken out. Choose another configuration (CodeDeployDefault.OneAtATime).",
            retry_hint(subject),
        ],
        commands=[command(subject, "codedeploy", "ListDeploymentConfigs")],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.health",
        0.95 if code.startswith("HEALTH_CONSTRAINTS") else 0.6,
        f"{said}: the deployment can never begin",
        f"With {plural(total, 'host')} and at least {value} healthy, CodeDeploy may take none out of service.",
        [fact, *(facts[name] for name in ("deployment",) if name in facts)],
        fixes=[fix],
        disproved_by="more hosts in the group than must be healthy",
        proven=code.startswith("HEALTH_CONSTRAINTS"),
    )
    return failed(f"{said}: none may be taken out.", fact, findings=[one])


HOSTS = Step(
    id="hosts",
    question="Does the deployment configuration leave room to deploy at all?",
    why="As many healthy hosts as there are hosts means that none may be touched.",
    reads=(*GROUP_READS, *TARGET_READS, "codedeploy:GetDeploymentConfig"),
    gather=_gather_hosts,
    judge=_judge_hosts,
)


# --- another deployment


async def _gather_busy(subject: Subject, evidence: Evidence) -> Facts:
    if not application(subject) or not group_name(subject):
        return {}
    params = {
        "applicationName": application(subject),
        "deploymentGroupName": group_name(subject),
        "includeOnlyStatuses": ["Created", "Queued", "InProgress", "Baking", "Ready"],
    }
    return {"busy": await ask(subject, evidence, "codedeploy", "ListDeployments", params, pages=1)}


def _judge_busy(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("busy")
    if fact is None:
        return unknown("The action's configuration names no application or no deployment group.")
    if cannot := unseen(fact):
        return cannot
    others = [each for each in fact.get("deployments", default=()) if each != subject.action_state.external_id]
    said = subject.action_state.error_message
    told = "active deployment" in said or "already" in said.lower() or "DeploymentLimit" in said
    if not others and not told:
        return passed("No other deployment of the group is under way.", fact)
    if healthy(subject) or not told:
        return unknown(f"Under way in the same group now: {', '.join(others)}.", fact)
    which = ", ".join(str(each) for each in others) or "another deployment"
    fix = manual(
        "codedeploy.busy",
        "Wait for the other deployment, or stop it",
        [f"{which} holds the group.", "Wait until it has ended, or stop it.", retry_hint(subject)],
        commands=[command(subject, "codedeploy", "StopDeployment", deploymentId=str(others[0]))] if others else [],
    )
    one = finding(
        subject,
        _ID,
        "codedeploy.configuration",
        0.95,
        f"Another deployment holds {application(subject)}/{group_name(subject)}: {which}",
        f"A group takes one deployment at a time. {said}",
        [fact],
        fixes=[fix],
        disproved_by="no other deployment of the group at that time",
        proven=True,
    )
    return failed(f"{which} holds the group.", fact, findings=[one])


BUSY = Step(
    id="busy",
    question="Is another deployment of the same group under way?",
    why="A group takes one deployment at a time; the second is refused.",
    reads=("codedeploy:ListDeployments",),
    gather=_gather_busy,
    judge=_judge_busy,
)
