"""The service and what it says: there, of the right kind, and why its deployment did not come to rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.console import ecs_service_url
from core.fact import Fact, Outcome
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, healthy, not_applicable, passed, unknown, unseen
from playbooks._ecs import SERVICE_READS, cluster, events_of, primary, read_service, service_name, service_of
from playbooks._fixes import command, manual, retry_hint
from playbooks._said import otherwise

__all__ = ["ROLLOUT", "SERVICE", "describe", "url"]

_ID = "ecs"
_Map = Mapping[str, Any]


def url(subject: Subject) -> str:
    """The service's page in the console."""
    return ecs_service_url(cluster(subject), service_name(subject), subject.region, subject.identity.partition)


def describe(subject: Subject) -> str:
    """The command that shows the service."""
    return command(subject, "ecs", "DescribeServices", cluster=cluster(subject), services=[service_name(subject)])


def _judge_service(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("service")
    if fact is None:
        return unknown("The action's configuration names no service.")
    if cannot := unseen(fact):
        return cannot
    service, name = service_of(facts), f"{cluster(subject)}/{service_name(subject)}"
    trouble = ""
    if not service and fact.ok and not fact.get("failures"):
        return unknown(f"ECS says nothing of service {name}.", fact)
    if not service:
        reasons = [str(each.get("reason", "")) for each in fact.get("failures", default=())]
        what = "cluster" if fact.outcome is Outcome.NO_DATA else "service"
        trouble = f"there is no {what} {name} in {subject.region} ({', '.join(reasons) or fact.code or 'MISSING'})"
    elif service.get("status") != "ACTIVE":
        trouble = f"service {name} is {service.get('status')}"
    else:
        controller = (service.get("deploymentController") or {}).get("type", "ECS")
        wanted = "CODE_DEPLOY" if subject.action.provider == "CodeDeployToECS" else "ECS"
        if controller != wanted:
            trouble = (
                f"service {name} has the deployment controller {controller}; action provider {subject.action.provider} "
                f"works with {wanted} only"
            )
    if not trouble:
        counts = f"{service.get('runningCount')} of {service.get('desiredCount')} tasks run"
        return passed(f"Service {name} is ACTIVE; {counts}, {service.get('pendingCount')} pending.", fact)
    fix = manual(
        "ecs.service",
        "Let the action name a service that it can deploy to",
        [
            f"{trouble[:1].upper()}{trouble[1:]}.",
            f"Correct ClusterName and ServiceName of action {subject.action.name}, or the service itself.",
            retry_hint(subject),
        ],
        commands=[command(subject, "ecs", "ListServices", cluster=cluster(subject))],
    )
    sure = bool(service) or not otherwise(subject, "ecs.service-config", symptoms=False)
    one = finding(
        subject,
        _ID,
        "ecs.service-config",
        0.96 if sure else 0.35,
        trouble[:1].upper() + trouble[1:],
        f"The action cannot deploy: {trouble}.",
        [fact],
        fixes=[fix],
        disproved_by="an ACTIVE service of that name and kind",
        proven=sure,
    )
    return failed(f"{trouble[:1].upper()}{trouble[1:]}.", fact, findings=[one] if failing(subject) else [])


SERVICE = Step(
    id="service",
    question="Is the service there, active, and of the kind that this action deploys to?",
    why="A renamed service, or one that CodeDeploy controls, refuses the deployment at once.",
    reads=SERVICE_READS,
    gather=read_service,
    judge=_judge_service,
)

# The service's own events (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html)
_EVENTS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause, what)
    for pattern, cause, what in (
        (
            (
                r"is unhealthy in .{0,80}(?:target-group|target group)|failed ELB health checks|failed container "
                "health checks"
                r"|is unhealthy in \(elb"
            ),
            "ecs.health-check",
            "Tasks fail their health check",
        ),
        (
            (
                r"no container instance met all|unable to place a task|insufficient (?:cpu|memory|capacity)|RESOURCE:"
                r"|reached the limit on the number of|Capacity is unavailable|insufficient free (?:IP )?addresses"
            ),
            "ecs.capacity",
            "Tasks cannot be placed",
        ),
        (r"CannotPullContainer", "ecs.image-pull", "The image cannot be pulled"),
        (r"ResourceInitializationError", "ecs.secrets", "Secrets or log driver cannot be reached"),
        (r"unable to assume (?:the )?role", "permission.role-trust", "ECS may not assume a role of the task"),
    )
)


def _since(facts: Facts) -> float:
    """From when on events belong to the newest deployment: its creation; a rollback's lets an hour before it count."""
    created = float(primary(facts).get("createdAt") or 0)
    return created - 3600 if created else 0.0


_UNSTABLE = re.compile(r"steady|stable|stability|timed? ?out", re.IGNORECASE)


def _bare(subject: Subject, fact: Fact, cause: str, sure: float, title: str, summary: str) -> Finding:
    """The finding where no more is known than how the deployment ended."""
    steps = [
        "Look at the service's events and at its stopped tasks; ECS keeps those for about an hour.",
        "Deploy once more and watch the new tasks: their stop reason is the cause.",
        retry_hint(subject),
    ]
    fix = manual(f"{cause}.look", "Catch a task as it stops", steps, commands=[describe(subject)], url=url(subject))
    wrong = "a stopped task or an event that names a reason"
    return finding(subject, _ID, cause, sure, title, summary, [fact], fixes=[fix], disproved_by=wrong)


def _judge_rollout(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("service")
    if cannot := unseen(fact):
        return cannot
    if fact is None or not service_of(facts):
        return not_applicable("Without the service there is nothing to read.")
    events = events_of(facts, since=_since(facts))
    deployments = service_of(facts).get("deployments") or ()
    states = [
        f"{each.get('status')} {each.get('rolloutState', '')}: {each.get('runningCount')}/{each.get('desiredCount')} "
        f"run, {each.get('failedTasks', 0)} failed. {each.get('rolloutStateReason', '')}".strip()
        for each in deployments
    ]
    lines = [(fact.n, text) for text in [*states, *events[:8]]]
    hit = next(
        (
            (pattern, cause, what, event)
            for event in events
            for pattern, cause, what in _EVENTS
            if pattern.search(event)
        ),
        None,
    )
    if healthy(subject) or service_of(facts).get("status") != "ACTIVE":
        return passed(f"{states[0] if states else 'No deployment is known'}", fact, lines=lines)
    if hit is None:
        breaker = next((each for each in [*states, *events] if "circuit breaker" in each.lower()), "")
        if breaker or "circuit breaker" in subject.action_state.error_message.lower():
            what, cause = "The circuit breaker ended the deployment", "ecs.circuit-breaker"
            why = breaker or subject.action_state.error_message
            one = _bare(subject, fact, cause, 0.88, what, f"{what}; its cause stands elsewhere: {why}")
            return unknown(f"{what}; its cause stands elsewhere: {why}", fact, findings=[one], lines=lines)
        detail = f"{states[0] if states else 'The service has no deployment'}; its events name no cause."
        waited = _UNSTABLE.search(subject.action_state.error_message)
        what = f"Service {service_name(subject)} did not become stable"
        stuck = [_bare(subject, fact, "ecs.not-stable", 0.5, what, f"{what} in time. {detail}")] if waited else []
        return unknown(detail, fact, findings=stuck, lines=lines)
    _, cause, what, event = hit
    fix = manual(
        f"{cause}.event",
        f"{what}: see why",
        [event, retry_hint(subject)],
        commands=[describe(subject)],
        url=url(subject),
    )
    one = finding(
        subject,
        _ID,
        cause,
        0.9,
        f"{what}, says the service",
        f"{event} The action waits until the service is stable, and that never came.",
        [fact],
        fixes=[fix],
        disproved_by="a service that reached a steady state with that revision",
        proven=True,
    )
    return failed(f"{what}: {event}", fact, findings=[one], lines=lines)


ROLLOUT = Step(
    id="rollout",
    question="How does the rollout stand, and what do the service's events say?",
    why="The service writes down why it cannot start, place or keep its tasks.",
    reads=SERVICE_READS,
    gather=read_service,
    judge=_judge_rollout,
)
