"""An ECS service whose tasks count as well as soon as they have started."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind, service_key
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.console import ecs_service_url
from core.plans.ecs import service_of

_EXAMPLE = '{"command": ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"], "startPeriod": 30}'


def _judge(case: Case) -> Iterator[Issue]:
    for _, action in case.actions:
        if action.provider != "ECS":
            continue
        cluster, name = action.configuration.get("ClusterName", "default"), action.configuration.get("ServiceName", "")
        region = case.region_of(action)
        fact = case.ok(Kind.SERVICE, service_key(region, cluster, name))
        service = service_of(fact) if fact else {}
        if fact is None or not service or service.get("loadBalancers"):
            continue  # the load balancer's target group checks
        definition = str(service.get("taskDefinition", ""))
        task = case.ok(Kind.TASK, definition)
        containers = task.get("taskDefinition", "containerDefinitions", default=()) if task else ()
        if task is None or any(each.get("healthCheck") for each in containers):
            continue
        yield Issue(
            Severity.MEDIUM,
            f"Nothing checks the health of ECS service {name}",
            "It has no load balancer, and no container of its task definition has a health check: "
            "a task that has started but does nothing counts as well, and a deployment of it as done.",
            str(service.get("serviceArn", name)),
            facts=(fact, task),
            lines=((fact.n, "loadBalancers: none"), (task.n, "healthCheck: none in any container")),
            fixes=(
                fix(
                    f"audit.task-health:{name}",
                    "Give the essential container a health check",
                    (
                        f"Add healthCheck to the essential container in the task definition's source: {_EXAMPLE}",
                        "Let the pipeline deploy it: a task then counts once the check has passed.",
                    ),
                    commands=(
                        command(case, "ecs", "DescribeTaskDefinition", region=region, taskDefinition=definition),
                    ),
                    url=ecs_service_url(cluster, name, region, case.identity.partition),
                ),
            ),
        )


RULE = Rule(
    "health-ecs",
    "audit.no-health-check",
    "Nothing checks the health of an ECS service",
    "A deployment that starts and serves nothing is reported as a success.",
    Severity.MEDIUM,
    (Kind.SERVICE, Kind.TASK),
    _judge,
)
