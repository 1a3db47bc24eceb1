"""Why tasks stopped, what their containers wrote last, and whether the load balancer takes them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer, Fix
from core.plans.ecs import set_grace_period
from core.playbook import Facts, Step, Subject
from core.text import clip
from playbooks._answers import failed, finding, healthy, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._ecs import (
    DEFINITION_READS,
    SERVICE_READS,
    TASK_READS,
    Stopped,
    cluster,
    family,
    log_of,
    newest_definition,
    read_definition,
    read_service,
    read_tasks,
    service_of,
    stopped_tasks,
)
from playbooks._fixes import command, elsewhere, foreign, manual, planned, retry_hint, where_of
from playbooks._targets import HEALTH_READS, check_of, healths
from playbooks._text import read_text

from ._service import describe, url

__all__ = ["TARGETS", "TASKS"]

_ID = "ecs"
_Map = Mapping[str, Any]
_KINDS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause, what)
    for pattern, cause, what in (
        (r"CannotPullContainer|ecr registry auth|pull image manifest", "ecs.image-pull", "the image cannot be pulled"),
        (
            r"CannotStartContainer|CannotCreateContainer|exec format|executable file not found",
            "ecs.task-crash",
            "a container cannot start",
        ),
        (r"ResourceInitializationError|unable to pull secrets|log driver", "ecs.secrets", "the task cannot be set up"),
        (r"ELB health checks|container health checks|health check", "ecs.health-check", "the health check failed"),
        (
            r"RESOURCE:|insufficient|Capacity is unavailable|timeout waiting for (?:network|EphemeralStorage)",
            "ecs.capacity",
            "no room for it",
        ),
        (r"OutOfMemory|memory usage", "ecs.task-crash", "a container was killed for memory"),
    )
)


def classify(task: Stopped) -> tuple[str, str]:
    """(cause, what happened) of a stopped task; an empty cause for one that a deployment or a person ended."""
    for pattern, cause, what in _KINDS:
        if pattern.search(task.reason):
            return cause, what
    crashed = task.exit_code not in (None, 0) or task.code == "EssentialContainerExited"
    if crashed and task.code not in ("ServiceSchedulerInitiated", "UserInitiated"):
        code = f" with exit code {task.exit_code}" if task.exit_code is not None else ""
        memory = " (killed from outside, mostly for memory)" if task.exit_code == 137 else ""
        return "ecs.task-crash", f"container {task.container or '?'} exited{code}{memory}"
    return "", ""


async def _gather_tasks(subject: Subject, evidence: Evidence) -> Facts:
    tasks, definition = await asyncio.gather(read_tasks(subject, evidence), read_definition(subject, evidence))
    facts = {**tasks, **definition}
    bad = _bad(facts)
    where = log_of(subject, facts, bad[0]) if bad else None
    if where is not None:
        facts["container-log"] = await evidence.log(where)
    return facts


def _bad(facts: Facts) -> list[Stopped]:
    """Tasks that stopped for a reason of their own, those of the newest revision first."""
    newest = newest_definition(facts)
    found = [task for task in stopped_tasks(facts) if classify(task)[0]]
    return sorted(found, key=lambda task: (task.definition != newest, -task.stopped_at))


def _judge_tasks(subject: Subject, facts: Facts) -> Answer:
    read = [facts[name] for name in ("service", "task-arns", "tasks") if name in facts]
    if cannot := unseen(*read):
        return cannot
    stopped, bad = stopped_tasks(facts), _bad(facts)
    if not stopped:
        return unknown("No stopped task is left to look at (ECS keeps them for about an hour).", *read)
    if not bad:
        return passed(f"{plural(len(stopped), 'stopped task')}; none stopped by itself.", *read)
    first = bad[0]
    cause, what = classify(first)
    log, fact = facts.get("container-log"), facts["tasks"]
    tail = [str(line) for line in log.get("lines", default=())][-40:] if log else []
    lines = [
        (fact.n, f"{task.id[:12]} {family(task.definition)}: {task.reason} {classify(task)[1]}") for task in bad[:5]
    ]
    lines += [(log.n if log else 0, clip(line, 300)) for line in tail[-8:]]
    detail = f"Task {first.id[:12]} of {family(first.definition)} stopped: {what}. {first.reason}".strip()
    if healthy(subject):
        return unknown(detail, *read, lines=lines)
    inner = read_text(subject, first.reason, tail) if tail else ()
    hint = next((each for each in inner if not each.cause.startswith(("flow.", "ecs."))), None)
    more = f" Its log reads like: {hint.title}." if hint and cause == "ecs.task-crash" else ""
    cited = [*read, *([log] if log else [])]
    one = finding(
        subject,
        _ID,
        cause,
        0.95,
        f"Task {first.id[:12]} of {family(first.definition)}: {what}",
        f"{first.reason}. {len(bad)} of {plural(len(stopped), 'stopped task')} ended so.{more}",
        cited,
        fixes=[_fix(subject, first, cause, tail)],
        disproved_by="a task of the same revision that stays up",
        proven=True,
    )
    return failed(detail, *cited, findings=[one], lines=lines)


def _fix(subject: Subject, task: Stopped, cause: str, tail: Sequence[str]) -> Any:
    steps = {
        "ecs.image-pull": [
            (
                "Check that the image and tag exist, that the execution role may pull them, and that the subnets "
                "reach the "
                "registry (NAT, public address, or endpoints for ECR and S3)."
            ),
        ],
        "ecs.secrets": [
            (
                "Check that each secret and parameter of the task definition exists, that the execution role may "
                "read it, "
                "and that the subnets reach Secrets Manager, Systems Manager and CloudWatch Logs."
            ),
        ],
        "ecs.health-check": [
            "Ask the container itself for the checked path, and compare port, path and expected code with the check.",
            "If it only starts slowly: raise the service's health-check grace period.",
        ],
        "ecs.capacity": ["Add capacity (instances, subnets with free addresses, Fargate quota) or ask for less."],
    }.get(
        cause,
        [
            f"Read the last lines of container {task.container or '?'}: {clip(tail[-1], 160) if tail else 'its log'}",
            "A task definition that worked is still there: deploy the revision before, while you look.",
        ],
    )
    show = command(subject, "ecs", "DescribeTasks", cluster=cluster(subject), tasks=[task.id])
    return manual(
        f"{cause}.task", "Put the task right", [*steps, retry_hint(subject)], commands=[show], url=url(subject)
    )


TASKS = Step(
    id="tasks",
    question="Why did tasks stop, with which exit code and which last words?",
    why="A task's own stop reason tells crash from image, secrets, health check and lack of room.",
    reads=(*TASK_READS, *DEFINITION_READS, "logs:GetLogEvents"),
    gather=_gather_tasks,
    judge=_judge_tasks,
)


# --- targets


async def _gather_targets(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_service(subject, evidence)
    arns = [
        str(each["targetGroupArn"])
        for each in service_of(facts).get("loadBalancers") or ()
        if each.get("targetGroupArn")
    ]
    if not arns:
        return facts
    reads = {"target-groups": ask(subject, evidence, "elbv2", "DescribeTargetGroups", {"TargetGroupArns": arns})}
    for arn in arns[:3]:
        reads[f"health:{arn}"] = ask(subject, evidence, "elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn})
    return {**facts, **dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))}


def _grace(subject: Subject, facts: Facts, grace: int, give_up: int, service: str) -> list[Fix]:
    """The fix for an application that only starts slowly, where checks give up before anything could start."""
    seconds = max(60, give_up * 3)
    if grace >= seconds or foreign(subject):
        return []
    plan = set_grace_period(where_of(subject), facts["service"], seconds, region=elsewhere(subject))
    steps = ("Only if the application starts well and just needs longer than the check waits.", retry_hint(subject))
    return (
        [planned("ecs.grace", f"Give service {service} {seconds} s before checks count", plan, steps)] if plan else []
    )


def _check_fix(subject: Subject, group: _Map, said: str) -> Fix:
    change = command(
        subject,
        "elbv2",
        "ModifyTargetGroup",
        TargetGroupArn=str(group.get("TargetGroupArn", "ARN")),
        HealthCheckPath="PATH",
    )
    steps = [
        f"The check: {check_of(group)}. It got: {said or 'no reason given'}.",
        "A wrong code or path: correct the check's path or the application.",
        "A time-out: check port and security group, and whether the application listens on 0.0.0.0.",
        "A slow start: raise the grace period.",
        retry_hint(subject),
    ]
    title = "Make application and health check agree"
    return manual("ecs.health-check", title, steps, commands=[change, describe(subject)], url=url(subject))


def _judge_targets(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("service")):
        return cannot
    groups = facts.get("target-groups")
    if groups is None:
        return not_applicable(
            "The service has no target group in front of it.", *([facts["service"]] if "service" in facts else [])
        )
    checked = [fact for name, fact in facts.items() if name.startswith("health:")]
    if cannot := unseen(groups, *checked):
        return cannot
    found: Sequence[_Map] = groups.get("TargetGroups", default=())
    by_arn = {str(each.get("TargetGroupArn")): each for each in found}
    bad: list[tuple[Fact, str, str]] = []
    total = 0
    for fact in checked:
        for target, state, said in healths(fact):
            total += 1
            if state in ("unhealthy", "unavailable"):
                bad.append((fact, target, said))
    grace = int(service_of(facts).get("healthCheckGracePeriodSeconds") or 0)
    lines = [(fact.n, f"{target} unhealthy: {said}") for fact, target, said in bad[:6]]
    lines += [(groups.n, f"{each.get('TargetGroupName')}: {check_of(each)}") for each in found]
    lines.append((facts["service"].n, f"Grace period of the service: {grace} s."))
    cited = [facts["service"], groups, *checked]
    if not bad:
        return passed(f"{plural(total, 'registered target')}, none unhealthy now.", *cited, lines=lines)
    fact, target, said = bad[0]
    group = by_arn.get(str(fact.params.get("TargetGroupArn")), {})
    detail = f"{len(bad)} of {plural(total, 'target')} unhealthy: {target} {said}."
    if healthy(subject):
        return unknown(detail, *cited, lines=lines)
    give_up = int(group.get("UnhealthyThresholdCount") or 0) * int(group.get("HealthCheckIntervalSeconds") or 0)
    timing = f" Checks give up after {give_up} s; the grace period is {grace} s." if give_up else ""
    fixes = [
        _check_fix(subject, group, said),
        *_grace(subject, facts, grace, give_up, str(service_of(facts).get("serviceName", ""))),
    ]
    one = finding(
        subject,
        _ID,
        "ecs.health-check",
        0.93,
        f"{len(bad)} of {plural(total, 'target')} fail their health check: {said or target}",
        f"{target}: {said}. The check: {check_of(group)}.{timing}",
        cited,
        fixes=fixes,
        disproved_by="targets that turn healthy with the same revision and check",
        proven=True,
    )
    return failed(detail, *cited, findings=[one], lines=lines)


TARGETS = Step(
    id="targets",
    question="Are the targets healthy, and does the check fit the application?",
    why="A rolling deployment waits until new tasks pass the load balancer's check.",
    reads=(*SERVICE_READS, *HEALTH_READS),
    gather=_gather_targets,
    judge=_judge_targets,
)
