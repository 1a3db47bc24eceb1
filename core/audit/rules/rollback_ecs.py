"""An ECS service whose rolling deployments go on for ever when new tasks do not come up."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind, service_key
from core.audit.deploys import rolls_back
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.console import ecs_service_url
from core.plans.ecs import service_of, set_circuit_breaker


def _judge(case: Case) -> Iterator[Issue]:
    for stage, action in case.actions:
        if action.provider != "ECS":
            continue
        cluster, name = action.configuration.get("ClusterName", "default"), action.configuration.get("ServiceName", "")
        region = case.region_of(action)
        fact = case.ok(Kind.SERVICE, service_key(region, cluster, name))
        service = service_of(fact) if fact else {}
        if fact is None or not service or (service.get("deploymentController") or {}).get("type", "ECS") != "ECS":
            continue
        configuration = service.get("deploymentConfiguration") or {}
        breaker = configuration.get("deploymentCircuitBreaker") or {}
        alarms = configuration.get("alarms") or {}
        if (breaker.get("enable") and breaker.get("rollback")) or (alarms.get("enable") and alarms.get("rollback")):
            continue
        if rolls_back(case, stage):
            continue
        plan = set_circuit_breaker(case.where, fact, enable=True, rollback=True, region=region)
        wanted = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        update = command(
            case, "ecs", "UpdateService", region=region, cluster=cluster, service=name, deploymentConfiguration=wanted
        )
        half = "on, but does not roll back" if breaker.get("enable") else "off"
        yield Issue(
            Severity.MEDIUM,
            f"ECS service {name} does not roll back a bad deployment",
            "New tasks that never come up are started again and again, until the pipeline's time limit of an hour.",
            str(service.get("serviceArn", name)),
            facts=(fact,),
            lines=((fact.n, f"deploymentCircuitBreaker is {half}"),),
            fixes=(
                fix(
                    f"audit.breaker:{name}",
                    f"Turn the circuit breaker of {name} on, with rollback",
                    ("Turn the deployment circuit breaker on, with rollback.",),
                    plan=plan,
                    commands=(update,),
                    url=ecs_service_url(cluster, name, region, case.identity.partition),
                ),
            ),
        )


RULE = Rule(
    "rollback-ecs",
    "audit.no-rollback",
    "An ECS service does not give a bad deployment up",
    "The old tasks serve on, but nobody learns for an hour that the new ones never will.",
    Severity.MEDIUM,
    (Kind.SERVICE,),
    _judge,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
)
