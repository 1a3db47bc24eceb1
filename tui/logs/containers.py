"""Where the containers of an ECS service write: from the task definition that the service runs, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from core.fact import Evidence

__all__ = ["ContainerLog", "container_logs"]


@dataclass(frozen=True, slots=True)
class ContainerLog:
    """The ``awslogs`` configuration of one container; its streams are named ``prefix/container/task id``."""

    container: str
    group: str
    region: str
    prefix: str = ""


async def container_logs(evidence: Evidence, cluster: str, service: str, region: str) -> tuple[ContainerLog, ...]:
    """Return the logs of a service's containers; none where they log elsewhere or this may not be read."""
    params = {"cluster": cluster, "services": [service]}
    found = await evidence.read("ecs", "DescribeServices", params, region=region)
    # While a deployment runs, the newest definition is the one in question.
    definition = found.get("services", 0, "deployments", 0, "taskDefinition") or found.get(
        "services", 0, "taskDefinition"
    )
    if not definition:
        return ()
    task = await evidence.read("ecs", "DescribeTaskDefinition", {"taskDefinition": definition}, region=region)
    logs = []
    for container in task.get("taskDefinition", "containerDefinitions", default=[]):
        configuration = container.get("logConfiguration") or {}
        options = configuration.get("options") or {}
        if configuration.get("logDriver") == "awslogs" and options.get("awslogs-group"):
            logs.append(
                ContainerLog(
                    str(container.get("name", "")),
                    str(options["awslogs-group"]),
                    str(options.get("awslogs-region") or region),
                    str(options.get("awslogs-stream-prefix", "")),
                )
            )
    return tuple(logs)
