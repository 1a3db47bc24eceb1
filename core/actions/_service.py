"""Settings of the ECS service behind the action under the cursor, and of its targets' health check. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.actions._form import changed, choices, number
from core.actions.model import Action, Answers, Ask, Choice, Facts, Situation
from core.errors import UsageError
from core.fact import Fact
from core.pipeline import ActionDecl
from core.plan import Call, Plan
from core.plans.balancer import set_health_check
from core.plans.ecs import force_deployment, service_of, set_circuit_breaker, set_grace_period, use_task_definition

__all__ = ["of_service"]

_BREAKER = {"off": (False, False), "on": (True, False), "on, with rollback": (True, True)}
_MOST_DEFINITIONS = 10
# Members of the health check with their bounds (API_ModifyTargetGroup).
_NUMBERS = {
    "HealthCheckIntervalSeconds": (5, 300, "Seconds between checks"),
    "HealthCheckTimeoutSeconds": (2, 120, "Seconds until a check fails"),
    "HealthyThresholdCount": (2, 10, "Good checks until healthy"),
    "UnhealthyThresholdCount": (2, 10, "Bad checks until unhealthy"),
}


def of_service(situation: Situation, declared: ActionDecl) -> tuple[Action, ...]:
    """Grace period, circuit breaker, a new deployment, an earlier task definition, the targets' health check."""
    given = declared.configuration
    cluster, name, region = given.get("ClusterName", "default"), given.get("ServiceName", ""), declared.region
    read = Call("ecs", "DescribeServices", {"cluster": cluster, "services": [name]}, region)
    where = situation.where

    def settings(answers: Answers, facts: Facts) -> Plan | None:
        service = _service(facts, name)
        seconds = changed(answers, "grace", _grace(service))
        breaker = changed(answers, "breaker", _breaker(service))
        if seconds is not None and breaker is not None:
            raise UsageError("One change at a time: the grace period or the circuit breaker.")
        if seconds is not None:
            wanted = number("A grace period", seconds, 0, 2_147_483_647)
            return set_grace_period(where, facts[0], wanted, region=region)
        if breaker is None:
            raise UsageError("Nothing was changed in the form.")
        enable, rollback = _BREAKER[breaker]
        return set_circuit_breaker(where, facts[0], enable=enable, rollback=rollback, region=region)

    def again(answers: Answers, facts: Facts) -> Plan | None:
        del answers
        _service(facts, name)
        return force_deployment(where, facts[0], region=region)

    def back(answers: Answers, facts: Facts) -> Plan | None:
        return use_task_definition(where, facts[0], answers["definition"], region=region)

    def health(answers: Answers, facts: Facts) -> Plan | None:
        return _health_plan(situation, answers, facts, region)

    return (
        Action(
            id=f"service:{name}",
            title=f"Set the grace period or the circuit breaker of service {name} …",
            consequence="How long new tasks may take to become healthy; whether a bad deployment is given up on.",
            reads=(read,),
            asks=lambda facts: _asks(_service(facts, name)),
            make=settings,
        ),
        Action(
            id=f"redeploy:{name}",
            title=f"Deploy service {name} again, with the same task definition",
            consequence="All tasks are replaced, as many at a time as the service's deployment settings allow.",
            reads=(read,),
            make=again,
        ),
        Action(
            id=f"task-definition:{name}",
            title=f"Take service {name} back to a task definition that ran well …",
            consequence="All tasks are replaced; the pipeline's next deployment replaces the definition again.",
            reads=(read,),
            more=lambda facts: _definition_reads(_service(facts, name), region),
            asks=_definition_asks,
            make=back,
        ),
        Action(
            id=f"health-check:{name}",
            title=f"Set the health check of the targets of service {name} …",
            consequence="Counts at once for every target of the group, those that serve now included.",
            reads=(read,),
            more=lambda facts: _group_reads(_service(facts, name), region),
            asks=_health_asks,
            make=health,
        ),
    )


def _service(facts: Facts, name: str) -> Mapping[str, Any]:
    found = service_of(facts[0])
    if not found:
        raise UsageError(f"Service {name} could not be read. {facts[0].error}".strip())
    return found


def _grace(service: Mapping[str, Any]) -> str:
    return str(service.get("healthCheckGracePeriodSeconds") or 0)


def _breaker(service: Mapping[str, Any]) -> str:
    held = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    now = (bool(held.get("enable")), bool(held.get("rollback")))
    return next((word for word, value in _BREAKER.items() if value == now), "off")


def _asks(service: Mapping[str, Any]) -> tuple[Ask, ...]:
    now = _breaker(service)
    return (
        Ask("grace", "Grace period", "seconds in which health checks do not count", _grace(service)),
        Ask("breaker", "Circuit breaker", default=now, choices=choices(tuple(_BREAKER), now)),
    )


def _definition_reads(service: Mapping[str, Any], region: str) -> tuple[Call, ...]:
    family = str(service.get("taskDefinition", "")).rpartition("/")[2].rpartition(":")[0]
    return (Call("ecs", "ListTaskDefinitions", {"familyPrefix": family, "sort": "DESC", "status": "ACTIVE"}, region),)


def _definition_asks(facts: Facts) -> tuple[Ask, ...]:
    service = service_of(facts[0])
    now = str(service.get("taskDefinition", ""))
    running = {
        str(each.get("taskDefinition", "")): int(each.get("runningCount") or 0)
        for each in service.get("deployments") or ()
        if each.get("rolloutState") == "COMPLETED" or each.get("status") == "ACTIVE"
    }
    listed = [str(each) for each in facts[1].get("taskDefinitionArns", default=()) if each != now]
    listed.sort(key=lambda arn: not running.get(arn))  # those that serve now go first, the newest of the others next
    if not listed:
        raise UsageError(f"The family of the service has no other task definition. {facts[1].error}".strip())
    found = tuple(Choice(arn, _definition_words(arn, running.get(arn, 0))) for arn in listed[:_MOST_DEFINITIONS])
    return (Ask("definition", f"Back to which, from {now.rpartition('/')[2]}?", required=True, choices=found),)


def _definition_words(arn: str, running: int) -> str:
    return f"{arn.rpartition('/')[2]}{f'   serves now: {running} tasks' if running else ''}"


def _group_reads(service: Mapping[str, Any], region: str) -> tuple[Call, ...]:
    arns = [str(each["targetGroupArn"]) for each in service.get("loadBalancers") or () if each.get("targetGroupArn")]
    if not arns:
        raise UsageError("The service stands behind no target group.")
    return (Call("elbv2", "DescribeTargetGroups", {"TargetGroupArns": arns[:1]}, region),)


def _health(facts: Facts) -> Mapping[str, str]:
    group = facts[1].get("TargetGroups", 0, default={})
    if not group:
        raise UsageError(f"The target group could not be read. {facts[1].error}".strip())
    matcher = group.get("Matcher") or {}
    return {
        "HealthCheckPath": str(group.get("HealthCheckPath", "")),
        "HealthCheckPort": str(group.get("HealthCheckPort", "")),
        "Matcher": str(matcher.get("HttpCode") or matcher.get("GrpcCode") or ""),
        **{name: str(group.get(name, "")) for name in _NUMBERS},
    }


def _health_asks(facts: Facts) -> tuple[Ask, ...]:
    now = _health(facts)
    texts = (
        Ask("HealthCheckPath", "Path", default=now["HealthCheckPath"]),
        Ask("HealthCheckPort", "Port", "a number, or traffic-port", now["HealthCheckPort"]),
        Ask("Matcher", "Good answers", "200, 200-299 …", now["Matcher"]),
    )
    asked = texts if now["HealthCheckPath"] else texts[1:2]
    numbers = (Ask(name, label, f"{least} to {most}", now[name]) for name, (least, most, label) in _NUMBERS.items())
    return (*asked, *numbers)


def _health_plan(situation: Situation, answers: Answers, facts: Facts, region: str) -> Plan | None:
    now, values = _health(facts), dict[str, Any]()
    for name in ("HealthCheckPath", "HealthCheckPort"):
        answer = changed(answers, name, now[name])
        if answer:
            values[name] = answer
    codes = changed(answers, "Matcher", now["Matcher"])
    if codes:
        group: Fact = facts[1]
        kind = "GrpcCode" if group.get("TargetGroups", 0, "Matcher", "GrpcCode") else "HttpCode"
        values["Matcher"] = {kind: codes}
    for name, (least, most, label) in _NUMBERS.items():
        answer = changed(answers, name, now[name])
        if answer:
            values[name] = number(label, answer, least, most)
    if not values:
        raise UsageError("Nothing was changed in the form.")
    said = ", ".join(f"{name} {values[name]}" if name != "Matcher" else f"good answers {codes}" for name in values)
    name = str(facts[1].get("TargetGroups", 0, "TargetGroupName", default=""))
    return set_health_check(
        situation.where, facts[1], values, title=f"Set {said} of target group {name}", region=region
    )
