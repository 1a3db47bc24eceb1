"""Whether the task definition holds together: CPU and memory, ports against the load balancer, health checks.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, passed, unknown, unseen
from playbooks._ecs import (
    DEFINITION_READS,
    containers_of,
    definition_of,
    family,
    newest_definition,
    read_definition,
    service_of,
)
from playbooks._fixes import command, manual, retry_hint
from playbooks._said import otherwise

__all__ = ["SHAPE", "health_lines"]

_ID = "ecs"
_Map = Mapping[str, Any]
# CPU units and the memory (MiB) that Fargate takes with them: least, most.
_FARGATE: Mapping[int, tuple[int, int]] = {
    256: (512, 2048),
    512: (1024, 4096),
    1024: (2048, 8192),
    2048: (4096, 16384),
    4096: (8192, 30720),
    8192: (16384, 61440),
    16384: (32768, 122880),
}


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    return await read_definition(subject, evidence)


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdigit() else 0


def _size_trouble(task: _Map, containers: Sequence[_Map]) -> str:
    """What is wrong with CPU and memory; empty for nothing."""
    cpu, memory = _number(task.get("cpu")), _number(task.get("memory"))
    fargate = "FARGATE" in (task.get("requiresCompatibilities") or ())
    if fargate and cpu and memory:
        bounds = _FARGATE.get(cpu)
        if bounds is None:
            return f"Fargate knows no size of {cpu} CPU units"
        if not bounds[0] <= memory <= bounds[1]:
            return f"Fargate takes {bounds[0]} to {bounds[1]} MiB with {cpu} CPU units, not {memory}"
    for each in containers:
        most, least = _number(each.get("memory")), _number(each.get("memoryReservation"))
        if memory and max(most, least) > memory:
            return f"container {each.get('name')} wants {max(most, least)} MiB, the task has {memory}"
        if most and least > most:
            return f"container {each.get('name')} reserves {least} MiB and may take {most} at most"
    if cpu and sum(_number(each.get("cpu")) for each in containers) > cpu:
        return f"the containers want more than the {cpu} CPU units of the task"
    return ""


def _port_trouble(service: _Map, task: _Map, containers: Sequence[_Map]) -> str:
    """What is wrong between the service's load balancers and the containers; empty for nothing."""
    for each in service.get("loadBalancers") or ():
        name, port = str(each.get("containerName", "")), each.get("containerPort")
        mine = next((one for one in containers if one.get("name") == name), None)
        if name and mine is None:
            known = ", ".join(str(one.get("name")) for one in containers)
            return f"the load balancer sends to container {name}; the task definition has {known}"
        mapped = [one.get("containerPort") for one in (mine or {}).get("portMappings") or ()]
        if mine is not None and port and mapped and port not in mapped:
            return f"the load balancer sends to port {port} of {name}, which maps {', '.join(map(str, mapped))}"
        if mine is not None and port and mine.get("portMappings") == []:
            return f"the load balancer sends to port {port} of {name}, which maps no port"
    if "FARGATE" in (task.get("requiresCompatibilities") or ()) and task.get("networkMode") not in ("awsvpc", None):
        return f"Fargate needs the network mode awsvpc, not {task.get('networkMode')}"
    return ""


def health_lines(number: int, containers: Sequence[_Map]) -> list[tuple[int, str]]:
    """The containers' own health checks, each in a line, with how long one has until it counts as unhealthy."""
    lines = []
    for each in containers:
        check = each.get("healthCheck") or {}
        if not check:
            continue
        interval, retries = _number(check.get("interval")) or 30, _number(check.get("retries")) or 3
        start = _number(check.get("startPeriod"))
        asks = f"{each.get('name')}: {' '.join(map(str, check.get('command') or ()))}, every {interval} s"
        lines.append((number, f"{asks}; unhealthy after {start + interval * retries} s ({start} s of them to start)"))
    return lines


def _judge(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("service"), facts.get("definition")):
        return cannot
    containers, task = containers_of(facts), definition_of(facts)
    if not containers:
        return unknown("The task definition is not known.", *facts.values())
    fact, name = facts["definition"], family(newest_definition(facts))
    lines = health_lines(fact.n, containers)
    if not any(each.get("essential", True) for each in containers):
        trouble = "no container of it is essential"
    else:
        trouble = _size_trouble(task, containers) or _port_trouble(service_of(facts), task, containers)
    cited = [facts["service"], fact]
    if not trouble:
        size = f"{task.get('cpu', '?')} CPU units, {task.get('memory', '?')} MiB"
        return passed(f"{name} holds together ({size}).", *cited, lines=lines)
    text = f"{name}: {trouble}"
    if not failing(subject) or otherwise(subject, "ecs.service-config"):
        return unknown(f"{text}.", *cited, lines=lines)
    fix = manual(
        "ecs.task-definition",
        "Correct the task definition, or what the service expects of it",
        [f"{text}.", "Register a corrected revision (or correct the service), then deploy it.", retry_hint(subject)],
        commands=[command(subject, "ecs", "DescribeTaskDefinition", taskDefinition=newest_definition(facts))],
    )
    one = finding(
        subject,
        _ID,
        "ecs.service-config",
        0.85,
        text,
        f"{text}. ECS refuses such a task, or never gets it healthy. {subject.action_state.error_message}".strip(),
        cited,
        fixes=[fix],
        disproved_by="a task of that revision that runs and is healthy",
    )
    return failed(f"{text}.", *cited, findings=[one], lines=lines)


SHAPE = Step(
    id="task-definition",
    question="Does the task definition hold together: CPU and memory, ports, health checks?",
    why="A port that no container maps, or a size that Fargate does not know, never becomes a healthy task.",
    reads=DEFINITION_READS,
    gather=_gather,
    judge=_judge,
)
