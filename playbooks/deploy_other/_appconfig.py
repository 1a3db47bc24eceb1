"""Deployments through AppConfig: application, profile, strategy, and who took a deployment back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, unknown, unseen
from playbooks._ask import ask, side_by_side
from playbooks._fixes import command, manual, retry_hint
from playbooks._inside import INSIDE_READS

from ._common import ID, Show, config, deploys_to, lost_file, read_files, told_by

_Map = Mapping[str, Any]

__all__ = ["APPCONFIG"]


def _named(subject: Subject) -> dict[str, tuple[str, Mapping[str, str], str]]:
    """(operation, parameters, what it is in words) of what the action names, by fact."""
    application, profile = config(subject, "Application"), config(subject, "ConfigurationProfile")
    strategy, environment = config(subject, "DeploymentStrategy"), config(subject, "Environment")
    named: dict[str, tuple[str, Mapping[str, str], str]] = {}
    if profile:
        params = {"ApplicationId": application, "ConfigurationProfileId": profile}
        named["profile"] = ("GetConfigurationProfile", params, f"configuration profile {profile}")
    if strategy:
        params = {"DeploymentStrategyId": strategy}
        named["strategy"] = ("GetDeploymentStrategy", params, f"deployment strategy {strategy}")
    params = {"ApplicationId": application, "EnvironmentId": environment}
    named["environment"] = ("GetEnvironment", params, f"environment {environment} of application {application}")
    return named


async def _gather_appconfig(subject: Subject, evidence: Evidence) -> Facts:
    application, environment = config(subject, "Application"), config(subject, "Environment")
    if not deploys_to(subject, "AppConfig") or not application or not environment:
        return {}
    where = {"ApplicationId": application, "EnvironmentId": environment}
    reads: dict[str, Awaitable[Fact]] = {
        "deployments": ask(subject, evidence, "appconfig", "ListDeployments", where, pages=1),
        **{
            name: ask(subject, evidence, "appconfig", operation, params)
            for name, (operation, params, _) in _named(subject).items()
        },
    }
    found, inside = await asyncio.gather(side_by_side(**reads), read_files(subject, evidence, _files(subject)))
    facts = {**found, **inside}
    number = facts["deployments"].get("Items", 0, "DeploymentNumber")
    if isinstance(number, int):
        params = {**where, "DeploymentNumber": number}
        facts["deployment"] = await ask(subject, evidence, "appconfig", "GetDeployment", params)
    return facts


def _files(subject: Subject) -> list[str]:
    path = config(subject, "InputArtifactConfigurationPath")
    return [path] if path else []


def _gone(subject: Subject, facts: Facts) -> str:
    """What the action names and AppConfig does not know; empty for nothing."""
    for name, (_, _, words) in _named(subject).items():
        if facts[name].outcome is Outcome.NO_DATA:
            return f"AppConfig in {subject.region} knows no {words}"
    return ""


def _validators(facts: Facts) -> list[tuple[int, str]]:
    fact = facts.get("profile")
    found: Sequence[_Map] = fact.get("Validators", default=()) if fact else ()
    return [(fact.n if fact else 0, f"validator {each.get('Type')}") for each in found]


def _judge_appconfig(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    listed, fact = facts.get("deployments"), facts.get("deployment")
    if listed is None:
        return not_applicable("The action does not deploy through AppConfig.")
    if cannot := unseen(*facts.values()):
        return cannot
    show: Show = ("appconfig", "ListDeployments", dict(listed.params))
    if gone := _gone(subject, facts):
        return told_by(subject, facts, "flow.structure-invalid", gone, show)
    if lost := lost_file(facts, _files(subject)):
        trouble = f"the artifact {subject.action.inputs[0]} has no {lost}, which the action deploys"
        return told_by(subject, facts, "artifact.missing", trouble, show)
    lines = _validators(facts)
    if fact is None:
        return unknown("The environment has no deployment yet.", *facts.values(), lines=lines)
    state = str(fact.get("State", default="?"))
    events: Sequence[_Map] = fact.get("EventLog", default=())
    lines += [
        (fact.n, f"{each.get('EventType')} by {each.get('TriggeredBy')}: {each.get('Description', '')}")
        for each in events[:6]
    ]
    if state in ("ROLLED_BACK", "ROLLING_BACK", "REVERTED"):
        why = next((each for each in events if "ROLLBACK" in str(each.get("EventType"))), {})
        by = f" by {why.get('TriggeredBy')}: {why.get('Description', '')}" if why else ""
        title = f"Deployment {fact.get('DeploymentNumber')} was rolled back{by}"
        if "ALARM" not in str(why.get("TriggeredBy", "")) or healthy(subject):
            return failed(f"{title}.", *facts.values(), lines=lines)
        return _alarmed(subject, facts, title, lines)
    return passed(f"Deployment {fact.get('DeploymentNumber')} is {state}.", *facts.values(), lines=lines)


def _alarmed(subject: Subject, facts: Facts, title: str, lines: Sequence[tuple[int, str]]) -> Answer:
    found: Sequence[_Map] = facts["environment"].get("Monitors", default=())
    monitors = [str(each.get("AlarmArn", "")).rpartition(":")[2] for each in found]
    fix = manual(
        "appconfig.alarm",
        "Look at the alarm of the environment",
        [
            "The environment's monitor fired while the configuration was rolled out.",
            f"Its monitors: {', '.join(monitors)}." if monitors else "See the environment's monitors.",
            retry_hint(subject),
        ],
        commands=[command(subject, "cloudwatch", "DescribeAlarms", StateValue="ALARM")],
    )
    one = finding(
        subject,
        ID,
        "codedeploy.alarm-rollback",
        0.8,
        title,
        f"{title}. AppConfig takes a configuration back when an alarm of its environment fires.",
        list(facts.values()),
        fixes=[fix],
        disproved_by="an event log without an alarm",
    )
    return failed(f"{title}.", *facts.values(), findings=[one], lines=lines)


APPCONFIG = Step(
    id="appconfig",
    question="For AppConfig: is all there that the action names, and was the deployment rolled back, by what?",
    why="A validator or an alarm takes a configuration back; the deployment's event log says which.",
    reads=(
        "appconfig:ListDeployments",
        "appconfig:GetConfigurationProfile",
        "appconfig:GetDeploymentStrategy",
        "appconfig:GetEnvironment",
        "appconfig:GetDeployment",
        *INSIDE_READS,
    ),
    gather=_gather_appconfig,
    judge=_judge_appconfig,
)
