"""CodeDeploy: applications, groups, and deployments that go from instance to instance, hook by hook.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from demo.engine.model import Artifact, Commit
from demo.engine.scheduler import Process, Signal, Task
from demo.names import arn

__all__ = ["Deployment", "Fleets", "Group", "Instance"]

HOOKS = (
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)
_NO_AGENT = (
    "CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and "
    "make sure the agent is running and can connect to the CodeDeploy server."
)
_TOO_MANY = (
    "The overall deployment failed because too many individual instances failed deployment, too few healthy instances "
    "are available for deployment, or some instances in your deployment group are experiencing problems."
)


@dataclass(slots=True)
class Instance:
    """A server with the agent on it."""

    id: str
    region: str
    agent: bool = True


@dataclass(slots=True)
class Group:
    """A deployment group: AWS's structure and its instances."""

    application: str
    name: str
    region: str
    data: dict[str, Any]
    instances: list[Instance]
    minimum_healthy: int = 0


@dataclass(slots=True)
class Deployment:
    """A deployment and how far it has come on each instance."""

    id: str
    group: Group
    created: float
    artifact: Artifact
    rng: random.Random
    status: str = "InProgress"
    ended: float | None = None
    error: tuple[str, str] | None = None
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    task: Task | None = None
    rolled_back: dict[str, str] = field(default_factory=dict)
    ready: Signal = field(default_factory=Signal)

    @property
    def waits(self) -> bool:
        """Whether it waits for a person before it sends traffic on: blue/green, where the group says so."""
        style = self.group.data.get("deploymentStyle", {})
        option = self.group.data.get("blueGreenDeploymentConfiguration", {}).get("deploymentReadyOption", {})
        waits = style.get("deploymentType") == "BLUE_GREEN" and option.get("actionOnTimeout") == "STOP_DEPLOYMENT"
        return waits and self.task is not None


class Fleets:
    """All of CodeDeploy in the account."""

    def __init__(self) -> None:
        self.applications: dict[tuple[str, str], dict[str, Any]] = {}
        self.groups: dict[tuple[str, str, str], Group] = {}
        self.deployments: dict[str, Deployment] = {}

    def add(self, application: str, name: str, region: str, role: str, created: float, rng: random.Random) -> Group:
        """Make an application with one deployment group of three tagged instances."""
        self.applications[region, application] = {
            "applicationId": f"{rng.getrandbits(128):032x}",
            "applicationName": application,
            "createTime": created,
            "linkedToGitHub": False,
            "computePlatform": "Server",
        }
        instances = [Instance(f"i-{rng.getrandbits(68):017x}", region) for _ in range(3)]
        data = {
            "applicationName": application,
            "deploymentGroupId": f"{rng.getrandbits(128):032x}",
            "deploymentGroupName": name,
            "deploymentConfigName": "CodeDeployDefault.OneAtATime",
            "ec2TagFilters": [{"Key": "service", "Value": application, "Type": "KEY_AND_VALUE"}],
            "onPremisesInstanceTagFilters": [],
            "autoScalingGroups": [],
            "serviceRoleArn": role,
            "triggerConfigurations": [],
            "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
            "autoRollbackConfiguration": {"enabled": False, "events": []},
            "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
            "outdatedInstancesStrategy": "UPDATE",
            "computePlatform": "Server",
            "terminationHookEnabled": False,
        }
        group = Group(application, name, region, data, instances)
        self.groups[region, application, name] = group
        return group

    def create(self, group: Group, artifact: Artifact, at: float, rng: random.Random) -> Deployment:
        """Make a deployment of an artifact to a group."""
        identity = "d-" + "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=9))
        made = Deployment(identity, group, at, artifact, rng)
        for instance in group.instances:
            made.targets[instance.id] = {
                "deploymentId": identity,
                "targetId": instance.id,
                "targetArn": arn("ec2", group.region, f"instance/{instance.id}"),
                "status": "Pending",
                "lastUpdatedAt": at,
                "lifecycleEvents": [{"lifecycleEventName": hook, "status": "Pending"} for hook in HOOKS],
            }
        self.deployments[identity] = made
        return made

    def run(self, deployment: Deployment, now: Callable[[], float]) -> Process:
        """Deploy to one instance after another; the first failure ends it."""
        for instance in deployment.group.instances:
            target = deployment.targets[instance.id]
            target["status"] = "InProgress"
            yield from self._one(deployment, instance, target, now)
            target["lastUpdatedAt"] = now()
            if target["status"] == "Failed":
                for other in deployment.targets.values():
                    if other["status"] == "Pending":
                        other["status"] = "Skipped"
                        for event in other["lifecycleEvents"]:
                            event["status"] = "Skipped"
                deployment.status, deployment.error = "Failed", ("HEALTH_CONSTRAINTS", _TOO_MANY)
                break
        else:
            if deployment.waits:
                deployment.status = "Ready"
                yield deployment.ready
                deployment.status = "InProgress"
                yield deployment.rng.uniform(20, 60)
            deployment.status = "Succeeded"
        deployment.ended = now()

    def last_good(self, group: Group, before: Deployment) -> Deployment | None:
        """Find the newest deployment of a group that went well before another one."""
        good = [
            each
            for each in self.deployments.values()
            if each.group is group and each.status == "Succeeded" and each.created < before.created
        ]
        return max(good, key=lambda each: each.created, default=None)

    def _one(
        self, deployment: Deployment, instance: Instance, target: dict[str, Any], now: Callable[[], float]
    ) -> Process:
        commit = deployment.artifact.commit
        for number, event in enumerate(target["lifecycleEvents"]):
            event |= {"status": "InProgress", "startTime": now()}
            if not instance.agent:
                yield 3600.0
                _fail(event, now(), _diagnose("UnknownError", "", _NO_AGENT, ""))
            else:
                yield deployment.rng.uniform(1, 9)
                problem = _problem(commit, str(event["lifecycleEventName"]))
                if problem is None:
                    script = {"errorCode": "Success", "scriptName": "", "message": "Succeeded", "logTail": ""}
                    event |= {"status": "Succeeded", "endTime": now(), "diagnostics": script}
                    continue
                _fail(event, now(), problem)
            for later in target["lifecycleEvents"][number + 1 :]:
                later["status"] = "Skipped"
            target["status"] = "Failed"
            return
        target["status"] = "Succeeded"


def _fail(event: dict[str, Any], at: float, diagnostics: dict[str, str]) -> None:
    event |= {"status": "Failed", "endTime": at, "diagnostics": diagnostics}


def _diagnose(code: str, script: str, message: str, tail: str) -> dict[str, str]:
    return {"errorCode": code, "scriptName": script, "message": message, "logTail": tail}


def _problem(commit: Commit | None, hook: str) -> dict[str, str] | None:
    if commit is None:
        return None
    lost = _lost_script(commit, hook)
    if lost:
        where = f"/opt/codedeploy-agent/deployment-root/deployment-archive/{lost}"
        return _diagnose("ScriptMissing", lost, f"Script does not exist at specified location: {where}", "")
    fact = commit.facts.get("hook_fails")
    if not fact or fact["hook"] != hook:
        return None
    message = f"Script at specified location: {fact['script']} run as user root failed with exit code {fact['exit']}"
    return _diagnose("ScriptFailed", fact["script"], message, "\n".join(fact["tail"]))


def _lost_script(commit: Commit, hook: str) -> str:
    """The first script of a hook that the revision has not; empty where all are there or no scripts are held here."""
    if not any(name.startswith("scripts/") for name in commit.files):
        return ""
    spec = yaml.safe_load(commit.files.get("appspec.yml", "")) or {}
    named = [str(each.get("location", "")) for each in (spec.get("hooks") or {}).get(hook, ())]
    return next((each for each in named if each and each not in commit.files), "")
