"""Deployments to Elastic Beanstalk: the environment, its events and its instances."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failing, healthy, not_applicable, passed, unseen
from playbooks._ask import ask

from ._common import config, deploys_to, told_by

_Map = Mapping[str, Any]

__all__ = ["BEANSTALK"]


async def _gather_beanstalk(subject: Subject, evidence: Evidence) -> Facts:
    application, environment = config(subject, "ApplicationName"), config(subject, "EnvironmentName")
    if not deploys_to(subject, "ElasticBeanstalk") or not environment:
        return {}
    names = {"ApplicationName": application, "EnvironmentNames": [environment]}
    since = (subject.action_state.changed_at or subject.now) - 2 * 3600
    events = {"ApplicationName": application, "EnvironmentName": environment, "StartTime": since, "Severity": "WARN"}
    described, told = await asyncio.gather(
        ask(subject, evidence, "elasticbeanstalk", "DescribeEnvironments", names),
        ask(subject, evidence, "elasticbeanstalk", "DescribeEvents", events, pages=1),
    )
    facts = {"environment": described, "events": told}
    found: _Map = described.get("Environments", 0, default={})
    if failing(subject) and found.get("HealthStatus"):  # enhanced health alone knows single instances
        params = {"EnvironmentName": environment, "AttributeNames": ["HealthStatus", "Causes", "Deployment"]}
        facts["instances"] = await ask(
            subject, evidence, "elasticbeanstalk", "DescribeInstancesHealth", params, pages=1
        )
    return facts


def _instances(facts: Facts) -> list[tuple[int, str]]:
    """What enhanced health says of instances that are not well: instance, state, deployment, causes."""
    fact = facts.get("instances")
    found: Sequence[_Map] = fact.get("InstanceHealthList", default=()) if fact else ()
    return [
        (
            fact.n if fact else 0,
            (
                f"{each.get('InstanceId')} {each.get('HealthStatus')}, version "
                f"{(each.get('Deployment') or {}).get('VersionLabel', '?')}: {'; '.join(each.get('Causes') or ())}"
            ),
        )
        for each in found
        if each.get("HealthStatus") not in ("Ok", "Info", None)
    ]


_WAKE = re.compile(
    r"Failed to deploy application|Unsuccessful command execution|Update environment operation", re.IGNORECASE
)


def _judge_beanstalk(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    fact = facts.get("environment")
    if fact is None:
        return not_applicable("The action does not deploy to Elastic Beanstalk.")
    if cannot := unseen(*facts.values()):
        return cannot
    name = config(subject, "EnvironmentName")
    found: _Map = fact.get("Environments", 0, default={})
    show = ("elasticbeanstalk", "DescribeEvents", {"EnvironmentName": name})
    if not found or str(found.get("Status", "")).startswith("Terminat"):
        state = f"is {found.get('Status')}" if found else f"does not exist in {subject.region}"
        return told_by(subject, facts, "beanstalk.deploy-failed", f"environment {name} {state}", show)
    told: Sequence[_Map] = facts["events"].get("Events", default=())
    errors = [str(each.get("Message", "")) for each in reversed(told) if each.get("Severity") in ("ERROR", "FATAL")]
    first = next((text for text in errors if not _WAKE.search(text)), errors[0] if errors else "")
    health = f"{found.get('Health', '?')} ({found.get('HealthStatus', 'no enhanced health')})"
    lines = _instances(facts)
    if first:
        return told_by(subject, facts, "beanstalk.deploy-failed", f"environment {name}: {first}", show, lines=lines)
    if found.get("Health") == "Red" and not healthy(subject):
        trouble = f"environment {name} is {health}{f'; {lines[0][1]}' if lines else ''}"
        return told_by(subject, facts, "beanstalk.deploy-failed", trouble, show, lines=lines)
    if found.get("Status") not in ("Ready", None) and not healthy(subject):
        trouble = f"environment {name} is {found.get('Status')}, and takes a deployment only when it is Ready"
        return told_by(subject, facts, "beanstalk.deploy-failed", trouble, show, lines=lines)
    version = found.get("VersionLabel", "no version")
    return passed(
        f"Environment {name} is {found.get('Status')}, {health}; it runs {version}.", *facts.values(), lines=lines
    )


BEANSTALK = Step(
    id="beanstalk",
    question="For Elastic Beanstalk: how is the environment, and which error came first?",
    why="The environment's events name the instance and command that failed; the action only says that it did.",
    reads=(
        "elasticbeanstalk:DescribeEnvironments",
        "elasticbeanstalk:DescribeEvents",
        "elasticbeanstalk:DescribeInstancesHealth",
    ),
    gather=_gather_beanstalk,
    judge=_judge_beanstalk,
)
