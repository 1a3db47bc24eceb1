"""What the ECS playbooks read: the service, its task definition and its stopped tasks. Shared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.arn import Arn
from core.build import LogLocation
from core.fact import Evidence, Fact
from core.playbook import Facts, Subject

from ._ask import ask

__all__ = [
    "DEFINITION_READS",
    "SERVICE_READS",
    "TASK_READS",
    "Stopped",
    "cluster",
    "containers_of",
    "definition_of",
    "events_of",
    "family",
    "log_of",
    "newest_definition",
    "primary",
    "read_definition",
    "read_service",
    "read_tasks",
    "service_name",
    "service_of",
    "stopped_tasks",
]

SERVICE_READS = ("ecs:DescribeServices",)
DEFINITION_READS = (*SERVICE_READS, "ecs:DescribeTaskDefinition")
TASK_READS = (*SERVICE_READS, "ecs:ListTasks", "ecs:DescribeTasks")
_MOST_TASKS = 20
_Map = Mapping[str, Any]


def cluster(subject: Subject) -> str:
    """The cluster's name."""
    return subject.action.configuration.get("ClusterName", "") or "default"


def service_name(subject: Subject) -> str:
    """The service's name."""
    return subject.action.configuration.get("ServiceName", "")


async def read_service(subject: Subject, evidence: Evidence, *, where: tuple[str, str] = ("", "")) -> dict[str, Fact]:
    """Read the service; `where` is (cluster, service) where the configuration does not name them."""
    in_cluster, name = where if where[1] else (cluster(subject), service_name(subject))
    if not name:
        return {}
    params = {"cluster": in_cluster, "services": [name]}
    return {"service": await ask(subject, evidence, "ecs", "DescribeServices", params)}


async def read_definition(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the service and the task definition that it is being deployed with."""
    facts = await read_service(subject, evidence)
    name = newest_definition(facts)
    if name:
        params = {"taskDefinition": name}
        facts["definition"] = await ask(subject, evidence, "ecs", "DescribeTaskDefinition", params)
    return facts


async def read_tasks(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the service and its stopped tasks (ECS keeps them for about an hour)."""
    if not service_name(subject):
        return {}
    params: dict[str, Any] = {"cluster": cluster(subject), "serviceName": service_name(subject)}
    params["desiredStatus"] = "STOPPED"
    facts, listed = await asyncio.gather(
        read_service(subject, evidence), ask(subject, evidence, "ecs", "ListTasks", params, pages=1)
    )
    arns = [str(each) for each in listed.get("taskArns", default=())][:_MOST_TASKS]
    facts["task-arns"] = listed
    if arns:
        params = {"cluster": cluster(subject), "tasks": arns}
        facts["tasks"] = await ask(subject, evidence, "ecs", "DescribeTasks", params)
    return facts


def service_of(facts: Facts) -> _Map:
    """The service; empty where it is not there."""
    fact = facts.get("service")
    found = fact.get("services", 0, default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def primary(facts: Facts) -> _Map:
    """The service's primary deployment."""
    found: Sequence[_Map] = service_of(facts).get("deployments") or ()
    return next((each for each in found if each.get("status") == "PRIMARY"), {})


def newest_definition(facts: Facts) -> str:
    """The newest task definition that a deployment of the service has."""
    found: Sequence[_Map] = service_of(facts).get("deployments") or ()
    newest = max(found, key=lambda each: float(each.get("createdAt") or 0), default={})
    return str(newest.get("taskDefinition") or service_of(facts).get("taskDefinition") or "")


def events_of(facts: Facts, *, since: float = 0.0) -> list[str]:
    """The service's events, newest first, from a time on."""
    found: Sequence[_Map] = service_of(facts).get("events") or ()
    return [str(each.get("message", "")) for each in found if float(each.get("createdAt") or 0) >= since]


def definition_of(facts: Facts) -> _Map:
    """The task definition; empty where it was not read."""
    fact = facts.get("definition")
    found = fact.get("taskDefinition", default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def containers_of(facts: Facts) -> list[_Map]:
    """The task definition's containers."""
    return list(definition_of(facts).get("containerDefinitions") or ())


@dataclass(frozen=True, slots=True)
class Stopped:
    """One stopped task.

    Attributes:
        container: the container that speaks: the one that exited badly or gives a reason; empty for none.
        exit_code: of that container; None where it has none.
        reason: the task's and that container's reasons in one text.
        stopped_at: epoch seconds.
    """

    id: str
    definition: str
    code: str
    reason: str
    container: str
    exit_code: int | None
    stopped_at: float


def stopped_tasks(facts: Facts) -> list[Stopped]:
    """The stopped tasks, the latest first."""
    fact = facts.get("tasks")
    found: Sequence[_Map] = fact.get("tasks", default=()) if fact else ()
    made = []
    for task in found:
        containers: Sequence[_Map] = task.get("containers") or ()
        bad = [each for each in containers if each.get("reason") or each.get("exitCode") not in (None, 0)]
        one: _Map = bad[0] if bad else {}
        reasons = [str(task.get("stoppedReason") or ""), str(one.get("reason") or "")]
        code = one.get("exitCode")
        made.append(
            Stopped(
                id=str(task.get("taskArn", "")).rpartition("/")[2],
                definition=str(task.get("taskDefinitionArn", "")),
                code=str(task.get("stopCode") or ""),
                reason=": ".join(dict.fromkeys(each for each in reasons if each)),
                container=str(one.get("name", "")),
                exit_code=code if isinstance(code, int) else None,
                stopped_at=float(task.get("stoppedAt") or task.get("stoppingAt") or 0),
            )
        )
    return sorted(made, key=lambda each: -each.stopped_at)


def log_of(subject: Subject, facts: Facts, task: Stopped) -> LogLocation | None:
    """Where the log of a stopped task's container is, where it uses awslogs with a stream prefix; else None."""
    containers = containers_of(facts)
    chosen = next(
        (each for each in containers if each.get("name") == task.container), containers[0] if containers else {}
    )
    configured = chosen.get("logConfiguration") or {}
    options = configured.get("options") or {}
    group, prefix = options.get("awslogs-group"), options.get("awslogs-stream-prefix")
    if configured.get("logDriver") != "awslogs" or not group or not prefix:
        return None
    stream = f"{prefix}/{chosen.get('name')}/{task.id}"
    return LogLocation(group=str(group), stream=stream, region=str(options.get("awslogs-region") or subject.region))


def family(definition: str) -> str:
    """``family:revision`` of a task definition's ARN."""
    arn = Arn.parse(definition)
    return arn.resource.rpartition("/")[2] if arn else definition
