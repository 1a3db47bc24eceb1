"""ECS through CodeDeploy (blue/green): hooks, the replacement task set, listeners and target groups, alarms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.console import deployment_url
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding
from core.playbook import Facts, Playbook, Step, Subject
from core.text import clip

from ._answers import failed, failing, finding, healthy, not_applicable, passed, plural, unknown, unseen
from ._ask import ask
from ._blue_green_files import FILES
from ._codedeploy import (
    DEPLOYMENT_READS,
    GROUP_READS,
    TARGET_READS,
    Failed,
    deployment_of,
    error_of,
    failed_events,
    group_of,
    read_deployment,
    read_group,
    read_targets,
    targets_of,
)
from ._ecs import TASK_READS, service_of, stopped_tasks
from ._fixes import command, manual, retry_hint
from ._hook_log import hook_step
from ._targets import HEALTH_READS, check_of, healths
from ._text import message_step
from .codedeploy._deployment import DEPLOYMENT, GROUP
from .codedeploy._room import BUSY
from .codedeploy._traffic import ALARMS
from .ecs._tasks import classify

__all__ = ["PLAYBOOK"]

_ID = "ecs-blue-green"
_Map = Mapping[str, Any]
_HOOKS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")


_NO_SERVICE = re.compile(
    r"ECS_SERVICE|service.{0,80}(?:not found|not exist|not there|missing|inactive|draining)", re.IGNORECASE
)


# --- lifecycle events


def _judge_event(subject: Subject, facts: Facts) -> Answer:
    if "deployment" not in facts:
        return not_applicable("There is no deployment whose events could be looked at.")
    read = [facts[name] for name in ("deployment", "target-ids", "targets") if name in facts]
    if cannot := unseen(*read):
        return cannot
    events = failed_events(targets_of(facts))
    if not events:
        return passed("No lifecycle event failed.", *read)
    first = events[0]
    detail = f"{first.event} failed first: {first.message or first.code or 'no reason given'}"
    lines = [(facts["targets"].n, clip(line, 300)) for line in (first.message, *first.tail[-8:]) if line]
    findings = [] if healthy(subject) else [_event_finding(subject, facts, first)]
    return failed(detail, *read, findings=findings, lines=lines)


def _event_finding(subject: Subject, facts: Facts, first: Failed) -> Finding:
    hook = first.event in _HOOKS
    cause = "codedeploy.hook-failed" if hook else "codedeploy.blue-green"
    if hook:
        what = f"the hook of {first.event} (a Lambda function) failed or did not answer"
        steps = [
            "Read the function's log; it must call PutLifecycleEventHookExecutionStatus within an hour.",
            "Its role needs codedeploy:PutLifecycleEventHookExecutionStatus.",
        ]
    elif first.event == "Install":
        what = "the replacement task set never became stable"
        steps = ["Look at the step on the tasks of the replacement set: image, secrets, crash or health check."]
    else:
        what = f"{first.event} did not come to its end"
        steps = ["Look at the step on traffic: listeners must point at one of the group's two target groups."]
    deployment = subject.action_state.external_id
    fix = manual(
        f"{cause}:{first.event}",
        f"Put {first.event} right",
        [*steps, retry_hint(subject)],
        commands=[
            command(
                subject, "codedeploy", "BatchGetDeploymentTargets", deploymentId=deployment, targetIds=[first.target]
            )
        ],
        url=deployment_url(deployment, subject.region, subject.identity.partition),
    )
    return finding(
        subject,
        _ID,
        cause,
        0.945 if hook else 0.8,
        f"{first.event} failed: {what}",
        f"{first.message or what}. Traffic stays on, or went back to, the original task set.",
        [facts["targets"], facts["deployment"]],
        fixes=[fix],
        disproved_by=f"a deployment of the same revision in which {first.event} succeeded",
        proven=True,
    )


_EVENT = Step(
    id="event",
    question="Which lifecycle event failed first: a hook, the new task set, or the shift of traffic?",
    why="Blue/green fails in one of three places, and each wants another cure.",
    reads=TARGET_READS,
    gather=read_targets,
    judge=_judge_event,
)


# --- the replacement tasks


def _service_key(facts: Facts) -> tuple[str, str]:
    """(cluster, service) that the deployment group names."""
    found: Sequence[_Map] = group_of(facts).get("ecsServices") or ()
    first: _Map = found[0] if found else {}
    return str(first.get("clusterName", "default")), str(first.get("serviceName", ""))


async def _gather_tasks(subject: Subject, evidence: Evidence) -> Facts:
    group, deployment = await asyncio.gather(read_group(subject, evidence), read_deployment(subject, evidence))
    facts = {**group, **deployment}
    cluster, service = _service_key(facts)
    if not service:
        return facts
    params = {"cluster": cluster, "serviceName": service, "desiredStatus": "STOPPED"}
    described, listed = await asyncio.gather(
        ask(subject, evidence, "ecs", "DescribeServices", {"cluster": cluster, "services": [service]}),
        ask(subject, evidence, "ecs", "ListTasks", params, pages=1),
    )
    facts |= {"service": described, "task-arns": listed}
    arns = [str(each) for each in listed.get("taskArns", default=())][:20]
    if arns:
        facts["tasks"] = await ask(subject, evidence, "ecs", "DescribeTasks", {"cluster": cluster, "tasks": arns})
    return facts


def _judge_tasks(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(*facts.values()):
        return cannot
    cluster, name = _service_key(facts)
    if not name:
        return unknown("The deployment group names no ECS service.", *facts.values())
    service = service_of(facts)
    if not service and facts["service"].ok and not facts["service"].get("failures"):
        return unknown(f"ECS says nothing of service {cluster}/{name}.", *facts.values())
    if not service or service.get("status") != "ACTIVE":
        return _no_service(subject, facts, f"{cluster}/{name}")
    sets: Sequence[_Map] = service.get("taskSets") or ()
    lines = [
        (
            facts["service"].n,
            (
                f"Task set {each.get('id')} {each.get('status')}: {each.get('runningCount')} of "
                f"{each.get('computedDesiredCount')} run, {each.get('stabilityStatus')}"
            ),
        )
        for each in sets
    ]
    stopped = stopped_tasks(facts)
    bad = [task for task in stopped if classify(task)[0]]
    lines += [(facts["tasks"].n, f"{task.id[:12]}: {task.reason} {classify(task)[1]}") for task in bad[:5]]
    if not bad or healthy(subject):
        return passed(f"{plural(len(stopped), 'stopped task')}; none stopped by itself.", *facts.values(), lines=lines)
    cause, what = classify(bad[0])
    fix = manual(
        f"{cause}.task",
        "Put the task right",
        [
            f"{bad[0].reason}: {what}.",
            "The original task set still serves; nothing is lost meanwhile.",
            retry_hint(subject),
        ],
        commands=[command(subject, "ecs", "DescribeTasks", cluster=cluster, tasks=[bad[0].id])],
    )
    one = finding(
        subject,
        _ID,
        cause,
        0.95,
        f"Tasks of the replacement set stop: {what}",
        f"{bad[0].reason}. {len(bad)} of {plural(len(stopped), 'stopped task')} ended so.",
        [facts["tasks"], facts["service"]],
        fixes=[fix],
        disproved_by="tasks of the same revision that stay up",
        proven=True,
    )
    return failed(f"{what}: {bad[0].reason}", *facts.values(), findings=[one], lines=lines)


def _no_service(subject: Subject, facts: Facts, name: str) -> Answer:
    title = f"Service {name} is not there or not ACTIVE"
    fix = manual(
        "ecs.service",
        "Name a service that exists",
        [f"{title}; correct the deployment group.", retry_hint(subject)],
        commands=[command(subject, "ecs", "ListServices", cluster=name.partition("/")[0])],
    )
    sure = bool(service_of(facts)) or _NO_SERVICE.search(" ".join(error_of(facts))) is not None
    one = finding(
        subject,
        _ID,
        "ecs.service-config",
        0.95 if sure else 0.35,
        title,
        f"{title}: CodeDeploy has nothing to deploy to.",
        [facts["service"]],
        fixes=[fix],
        disproved_by="an ACTIVE service of that name",
        proven=sure,
    )
    return failed(f"{title}.", *facts.values(), findings=[one] if failing(subject) else [])


_TASKS = Step(
    id="tasks",
    question="Do the tasks of the replacement set stay up?",
    why="Install waits until the replacement set is stable; its tasks' stop reasons say why it never is.",
    reads=(*GROUP_READS, *DEPLOYMENT_READS, *TASK_READS),
    gather=_gather_tasks,
    judge=_judge_tasks,
)


# --- traffic


def _pair(facts: Facts) -> tuple[list[str], list[str]]:
    """(target group names, production and test listener ARNs) of the deployment group."""
    pairs: Sequence[_Map] = (group_of(facts).get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or ()
    groups = [str(each.get("name")) for pair in pairs for each in pair.get("targetGroups") or ()]
    routes = [pair.get(kind) or {} for pair in pairs for kind in ("prodTrafficRoute", "testTrafficRoute")]
    return groups, [str(arn) for route in routes for arn in route.get("listenerArns") or ()]


async def _gather_traffic(subject: Subject, evidence: Evidence) -> Facts:
    group, targets = await asyncio.gather(read_group(subject, evidence), read_targets(subject, evidence))
    facts = {**group, **targets}
    names, listeners = _pair(facts)
    reads = {}
    if names:
        reads["target-groups"] = ask(subject, evidence, "elbv2", "DescribeTargetGroups", {"Names": names})
    if listeners:
        reads["listeners"] = ask(subject, evidence, "elbv2", "DescribeListeners", {"ListenerArns": listeners})
    facts |= dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
    found: Sequence[_Map] = facts["target-groups"].get("TargetGroups", default=()) if names else ()

    async def one(arn: str) -> Fact:
        return await ask(subject, evidence, "elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn})

    arns = [str(each["TargetGroupArn"]) for each in found[:2]]
    read = await asyncio.gather(*(one(arn) for arn in arns))
    return {**facts, **{f"health:{arn}": fact for arn, fact in zip(arns, read, strict=True)}}


def _stray(facts: Facts) -> str:
    """A listener that forwards to neither target group; empty for none. (Rules beside the default are not read.)"""
    known = {str(each.get("TargetGroupArn")) for each in facts["target-groups"].get("TargetGroups", default=())}
    for listener in facts["listeners"].get("Listeners", default=()) if "listeners" in facts else ():
        aims = set()
        for action in listener.get("DefaultActions") or ():
            aims.add(action.get("TargetGroupArn"))
            aims |= {
                each.get("TargetGroupArn") for each in (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
            }
        aims.discard(None)
        if aims and not aims & known:
            return str(listener.get("ListenerArn", "?"))
    return ""


def _shifting(facts: Facts) -> list[str]:
    """How traffic is to be shifted: the configuration, the wait before, and what becomes of the old tasks."""
    group = group_of(facts)
    style = group.get("blueGreenDeploymentConfiguration") or {}
    config = deployment_of(facts).get("deploymentConfigName") or group.get("deploymentConfigName")
    said = [f"Traffic is shifted by {config}."] if config else []
    ready = style.get("deploymentReadyOption") or {}
    if ready.get("actionOnTimeout") == "STOP_DEPLOYMENT":
        wait = ready.get("waitTimeInMinutes", "?")
        said.append(f"It waits {wait} minutes for a person to shift the traffic, and stops if none does.")
    end = style.get("terminateBlueInstancesOnDeploymentSuccess") or {}
    if end.get("terminationWaitTimeInMinutes") is not None:
        said.append(f"The original tasks stay for {end['terminationWaitTimeInMinutes']} minutes afterwards.")
    return said


def _judge_traffic(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if cannot := unseen(facts.get("group")):
        return cannot
    groups = facts.get("target-groups")
    if groups is None:
        return unknown("The deployment group names no pair of target groups.", *facts.values())
    checked = [fact for name, fact in facts.items() if name.startswith("health:")]
    if cannot := unseen(groups, facts.get("listeners"), *checked):
        return cannot
    names, listeners = _pair(facts)
    found: Sequence[_Map] = groups.get("TargetGroups", default=())
    bad = [(fact, one) for fact in checked for one in healths(fact) if one[1] in ("unhealthy", "unavailable")]
    lines = [(fact.n, f"{target} {state} {said}") for fact, (target, state, said) in bad[:6]]
    lines += [(groups.n, f"{each.get('TargetGroupName')}: {check_of(each)}") for each in found]
    lines += [(facts["group"].n, text) for text in _shifting(facts)]
    cited = [facts["group"], groups, *([facts["listeners"]] if "listeners" in facts else []), *checked]
    over = deployment_of(facts).get("status") in ("Failed", "Stopped") and not healthy(subject)
    if groups.outcome is Outcome.NO_DATA or len(found) < len(names):
        what = f"of the target groups {', '.join(names)} only {len(found)} are there"
        return _traffic_trouble(subject, cited, what, lines, "codedeploy.blue-green", over=over)
    if "listeners" in facts and len(facts["listeners"].get("Listeners", default=())) < len(listeners):
        return _traffic_trouble(
            subject, cited, "a listener of the group is gone", lines, "codedeploy.blue-green", over=over
        )
    if stray := _stray(facts):
        what = f"listener {stray} forwards to neither of {', '.join(names)}"
        return _traffic_trouble(subject, cited, what, lines, "codedeploy.blue-green", over=over)
    if bad and over:
        what = f"targets of the new set fail their check: {bad[0][1][0]} {bad[0][1][2]}"
        return _traffic_trouble(subject, cited, what, lines, "ecs.health-check", over=over)
    return passed(f"Both target groups and {plural(len(listeners), 'listener')} are there.", *cited, lines=lines)


def _traffic_trouble(
    subject: Subject, cited: Sequence[Fact], what: str, lines: Sequence[tuple[int, str]], cause: str, *, over: bool
) -> Answer:
    text = what[:1].upper() + what[1:]
    if not over:
        return unknown(f"{text}.", *cited, lines=lines)
    fix = manual(
        "bluegreen.traffic",
        "Make listeners and target groups agree with the deployment group",
        [
            f"{text}.",
            (
                "Each listener forwards to one of the two target groups of the pair; after a failed shift by hand "
                "point the "
                "production listener at the group that serves."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "elbv2", "DescribeListeners", ListenerArns=["ARN"])],
    )
    one = finding(
        subject,
        _ID,
        cause,
        0.94,
        text,
        f"{text}. CodeDeploy shifts traffic between exactly those two.",
        cited,
        fixes=[fix],
        disproved_by="listeners that forward to one of the pair",
        proven=True,
    )
    return failed(f"{text}.", *cited, findings=[one], lines=lines)


_TRAFFIC = Step(
    id="traffic",
    question="Are both target groups and the listeners there, and are the new targets healthy?",
    why="CodeDeploy shifts traffic between exactly two groups; a listener changed by hand stops it.",
    reads=(*GROUP_READS, *TARGET_READS, *HEALTH_READS, "elasticloadbalancing:DescribeListeners"),
    gather=_gather_traffic,
    judge=_judge_traffic,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "CodeDeployToECS" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="ECS blue/green through CodeDeploy",
    summary="Tells a failed hook from a task set that never got stable and from traffic that could not be shifted.",
    steps=(message_step(_ID), DEPLOYMENT, _EVENT, hook_step(_ID), _TASKS, _TRAFFIC, GROUP, ALARMS, BUSY, FILES),
    applies=_applies,
    causes=(
        "artifact.missing",
        "codedeploy.alarm-rollback",
        "codedeploy.appspec-invalid",
        "codedeploy.autoscaling",
        "codedeploy.blue-green",
        "codedeploy.configuration",
        "codedeploy.hook-failed",
        "codedeploy.load-balancer",
        "codedeploy.no-instances",
        "ecs.capacity",
        "ecs.health-check",
        "ecs.image-definitions",
        "ecs.image-pull",
        "ecs.secrets",
        "ecs.service-config",
        "ecs.task-crash",
        "flow.stopped",
        "flow.throttled",
        "permission.action-denied",
        "permission.role-trust",
        "source.token-invalid",
    ),
)
