"""Changes of ECS services. Pure.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.fact import Fact
from core.plan import Call, Check, Plan, Risk
from core.plans.setting import Setting, Where, setting

__all__ = [
    "force_deployment",
    "service_of",
    "set_circuit_breaker",
    "set_grace_period",
    "set_rollout",
    "use_task_definition",
]


def service_of(current: Fact) -> Mapping[str, Any]:
    """Return the service that DescribeServices gave; empty where it gave none."""
    found = current.get("services", 0, default={})
    return found if isinstance(found, Mapping) else {}


def _names(service: Mapping[str, Any]) -> dict[str, Any]:
    return {"cluster": service.get("clusterArn", ""), "service": service.get("serviceName", "")}


def _set(
    where: Where,
    service: Mapping[str, Any],
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    texts: tuple[str, str, str, str],
    region: str,
    shown: Callable[[Mapping[str, Any]], str],
) -> Plan:
    title, old, new, note = texts
    return setting(
        where,
        Setting(
            id="ecs.set-service",
            title=title,
            resource=str(service.get("serviceArn", service.get("serviceName", ""))),
            call=Call("ecs", "UpdateService", {**_names(service), **values}, region),
            back=Call("ecs", "UpdateService", {**_names(service), **before}, region),
            back_words="Put the earlier setting of the service back",
            before=old,
            present=lambda facts: shown(service_of(facts[0])),
            after=new,
            risk=Risk.MEDIUM,
            risk_note=note,
            permissions=("ecs:UpdateService", "ecs:DescribeServices"),
            syntax="text",
        ),
    )


def set_grace_period(where: Where, current: Fact, seconds: int, *, region: str = "") -> Plan | None:
    """Plan to have new tasks' health checks count only after some seconds; None where nothing would change."""
    service = service_of(current)
    now = int(service.get("healthCheckGracePeriodSeconds") or 0)
    if not service or now == seconds:
        return None
    name = service.get("serviceName")
    texts = (
        f"Set the health-check grace period of service {name} to {seconds} s",
        f"{name}: grace period {now} s",
        f"{name}: grace period {seconds} s",
        "A task that is really broken is noticed later by as much.",
    )
    member = "healthCheckGracePeriodSeconds"

    def shown(seen: Mapping[str, Any]) -> str:
        return f"{name}: grace period {seen.get(member) or 0} s"

    return _set(where, service, {member: seconds}, {member: now}, texts, region, shown)


def set_circuit_breaker(where: Where, current: Fact, *, enable: bool, rollback: bool, region: str = "") -> Plan | None:
    """Plan to set whether a deployment that cannot come up is given up, and rolled back; None where it is so."""
    service = service_of(current)
    configuration = dict(service.get("deploymentConfiguration") or {})
    now = dict(configuration.get("deploymentCircuitBreaker") or {"enable": False, "rollback": False})
    wanted = {"enable": enable, "rollback": rollback}
    if not service or {key: bool(now.get(key)) for key in wanted} == wanted:
        return None
    name = service.get("serviceName")
    word = ("on, with rollback" if rollback else "on") if enable else "off"
    texts = (
        f"Turn the deployment circuit breaker of service {name} {word}",
        f"{name}: circuit breaker {now}",
        f"{name}: circuit breaker {wanted}",
        "Later deployments that cannot come up are given up on." if enable else "A bad deployment tries on for hours.",
    )

    def put(breaker: dict[str, Any]) -> dict[str, Any]:
        return {"deploymentConfiguration": {**configuration, "deploymentCircuitBreaker": breaker}}

    def shown(seen: Mapping[str, Any]) -> str:
        return f"{name}: circuit breaker {(seen.get('deploymentConfiguration') or {}).get('deploymentCircuitBreaker')}"

    return _set(where, service, put(wanted), put(now), texts, region, shown)


def set_rollout(
    where: Where, current: Fact, values: Mapping[str, int], *, title: str, note: str, region: str = ""
) -> Plan | None:
    """Plan to set numbers of a service's deployment configuration; None where it was not read or they are so.

    Args:
        where: for which pipeline, by whom.
        current: DescribeServices of the one service.
        values: members such as ``maximumPercent`` and ``bakeTimeInMinutes``, each of which has a value now.
        title: a sentence in the imperative.
        note: what else it means.
        region: where it lies, if not in the pipeline's region.
    """
    service = service_of(current)
    configuration = dict(service.get("deploymentConfiguration") or {})
    now = {name: configuration.get(name) for name in values}
    if not service or None in now.values() or now == dict(values):
        return None
    name = service.get("serviceName")
    texts = (title, f"{name}: {now}", f"{name}: {dict(values)}", note)

    def shown(seen: Mapping[str, Any]) -> str:
        held = seen.get("deploymentConfiguration") or {}
        return f"{name}: { {each: held.get(each) for each in values} }"

    after = {"deploymentConfiguration": {**configuration, **values}}
    return _set(where, service, after, {"deploymentConfiguration": configuration}, texts, region, shown)


def _primary(fact: Fact) -> str:
    deployments = service_of(fact).get("deployments") or ()
    return next((str(each.get("id", "")) for each in deployments if each.get("status") == "PRIMARY"), "")


def force_deployment(where: Where, current: Fact, *, region: str = "") -> Plan | None:
    """Plan to replace all tasks of a service by new ones of the same task definition; None where it was not read."""
    service, primary = service_of(current), _primary(current)
    if not service or not primary:
        return None
    read = Call(
        "ecs", "DescribeServices", {"cluster": service["clusterArn"], "services": [service["serviceName"]]}, region
    )
    return Plan(
        id="ecs.force-deployment",
        title=f"Deploy service {service['serviceName']} again",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=str(service.get("serviceArn", "")),
        call=Call("ecs", "UpdateService", {**_names(service), "forceNewDeployment": True}, region),
        risk=Risk.MEDIUM,
        risk_note="All tasks are replaced, as many at a time as the service's deployment settings allow.",
        precondition=Check("No newer deployment has begun", (read,), lambda facts: _primary(facts[0]) == primary),
        verification=Check(
            "A new deployment has begun", (read,), lambda facts: _primary(facts[0]) not in ("", primary)
        ),
        before=f"deployment {primary}",
        present=lambda facts: f"deployment {_primary(facts[0])}",
        after="a new deployment of the same task definition",
        syntax="text",
        permissions=("ecs:UpdateService", "ecs:DescribeServices"),
    )


def use_task_definition(where: Where, current: Fact, task_definition: str, *, region: str = "") -> Plan | None:
    """Plan to go back to a task definition that ran well (its ARN); None where the service uses it."""
    service = service_of(current)
    now = str(service.get("taskDefinition", ""))
    if not service or not now or now == task_definition:
        return None
    name = service.get("serviceName")
    short = task_definition.rpartition("/")[2]
    texts = (
        f"Take service {name} back to {short}",
        f"{name}: {now.rpartition('/')[2]}",
        f"{name}: {short}",
        "All tasks are replaced by ones of that definition; the pipeline's next deployment replaces it again.",
    )

    def shown(seen: Mapping[str, Any]) -> str:
        return f"{name}: {str(seen.get('taskDefinition', '')).rpartition('/')[2]}"

    return _set(where, service, {"taskDefinition": task_definition}, {"taskDefinition": now}, texts, region, shown)
