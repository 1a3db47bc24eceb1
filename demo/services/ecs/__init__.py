"""ECS: clusters, services, tasks, task definitions."""

from collections.abc import Mapping
from typing import Any

from demo.names import arn
from demo.platform.containers import Rollout, Service, Task, TaskDefinition
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidParameterException", "Invalid token")
_NETWORK = {
    "awsvpcConfiguration": {
        "subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1b2c3d4e5f60718"],
        "securityGroups": ["sg-0f1e2d3c4b5a69788"],
        "assignPublicIp": "DISABLED",
    }
}


def _services(call: Invocation, cluster: str | None = None) -> list[Service]:
    wanted = (cluster or "").rpartition("/")[2]
    return [
        item
        for (region, name, _), item in call.world.containers.services.items()
        if region == call.region and wanted in {"", name}
    ]


def list_clusters(call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListClusters."""
    return {"clusterArns": sorted({arn("ecs", call.region, f"cluster/{item.cluster}") for item in _services(call)})}


def describe_clusters(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeClusters."""
    found, failures = [], []
    for wanted in params.get("clusters", ["default"]):
        name = wanted.rpartition("/")[2]
        members = _services(call, name)
        resource = arn("ecs", call.region, f"cluster/{name}")
        if not members:
            failures.append({"arn": resource, "reason": "MISSING"})
            continue
        running = sum(len(item.running()) for item in members)
        found.append(
            {
                "clusterArn": resource,
                "clusterName": name,
                "status": "ACTIVE",
                "runningTasksCount": running,
                "pendingTasksCount": 0,
                "activeServicesCount": len(members),
                "registeredContainerInstancesCount": 0,
            }
        )
    return {"clusters": found, "failures": failures}


def list_services(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListServices."""
    held = [item.arn for item in _services(call, params.get("cluster", "default"))]
    chosen, token = page(held, params.get("nextToken"), params.get("maxResults", 10), _BAD_TOKEN)
    return {"serviceArns": chosen, "nextToken": token}


def describe_services(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeServices."""
    cluster = params.get("cluster", "default")
    if not _services(call, cluster):
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    found, failures = [], []
    for wanted in params["services"]:
        service = call.world.containers.find(call.region, cluster, wanted)
        if service is None:
            name = wanted.rpartition("/")[2]
            failures.append({"arn": arn("ecs", call.region, f"service/{name}"), "reason": "MISSING"})
        else:
            found.append(_service(call, service))
    return {"services": found, "failures": failures}


def _service(call: Invocation, item: Service) -> dict[str, Any]:
    return {
        "serviceArn": item.arn,
        "serviceName": item.name,
        "clusterArn": arn("ecs", item.region, f"cluster/{item.cluster}"),
        "loadBalancers": [
            {
                "targetGroupArn": item.group.arn,
                "containerName": item.current.container,
                "containerPort": item.current.port,
            }
        ],
        "serviceRegistries": [],
        "status": "ACTIVE",
        "desiredCount": item.desired,
        "runningCount": len(item.running()),
        "pendingCount": 0,
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "taskDefinition": item.current.arn,
        "deploymentConfiguration": {"deploymentCircuitBreaker": item.breaker, **item.rolling},
        "deployments": [_rollout(item, rollout, primary=n == 0) for n, rollout in enumerate(item.rollouts)],
        "events": call.world.containers.view_events(item, call.world.scheduler.now),
        "createdAt": item.created,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "networkConfiguration": _NETWORK,
        "healthCheckGracePeriodSeconds": item.grace_s,
        "enableECSManagedTags": True,
        "propagateTags": "NONE",
        "enableExecuteCommand": False,
    }


def _rollout(item: Service, rollout: Rollout, *, primary: bool) -> dict[str, Any]:
    running = sum(task.definition == rollout.definition for task in item.running())
    return {
        "id": rollout.id,
        "status": "PRIMARY" if primary else "ACTIVE",
        "taskDefinition": rollout.definition.arn,
        "desiredCount": item.desired,
        "pendingCount": 0,
        "runningCount": running,
        "failedTasks": rollout.failed,
        "createdAt": rollout.created,
        "updatedAt": rollout.updated,
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "networkConfiguration": _NETWORK,
        "rolloutState": rollout.state,
        "rolloutStateReason": rollout.reason,
    }


def list_tasks(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListTasks."""
    wanted = params.get("desiredStatus", "RUNNING")
    name = params.get("serviceName")
    held = []
    for item in _services(call, params.get("cluster", "default")):
        if name is not None and item.name != name.rpartition("/")[2]:
            continue
        if params.get("family") not in {None, item.name}:
            continue
        held += [
            _task_arn(item, task) for task in _shown(call, item) if (task.stopped is None) == (wanted == "RUNNING")
        ]
    chosen, token = page(held, params.get("nextToken"), params.get("maxResults", 100), _BAD_TOKEN)
    return {"taskArns": chosen, "nextToken": token}


def _shown(call: Invocation, item: Service) -> list[Task]:
    """Return the tasks ECS still shows: stopped ones for an hour, and always the last few of a failed deployment."""
    now = call.world.scheduler.now
    stopped = [task for task in item.tasks if task.stopped is not None]
    kept = [task for task in stopped if task.stopped is not None and now - task.stopped < 3600]
    return item.running() + (kept or stopped[-3:])


def _task_arn(item: Service, task: Task) -> str:
    return arn("ecs", item.region, f"task/{item.cluster}/{task.id}")


def describe_tasks(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeTasks."""
    wanted = {item.rpartition("/")[2] for item in params["tasks"]}
    found = [
        _task(item, task)
        for item in _services(call, params.get("cluster", "default"))
        for task in _shown(call, item)
        if task.id in wanted
    ]
    seen = {item["taskArn"].rpartition("/")[2] for item in found}
    missing = [{"arn": item, "reason": "MISSING"} for item in params["tasks"] if item.rpartition("/")[2] not in seen]
    return {"tasks": found, "failures": missing}


def _task(item: Service, task: Task) -> dict[str, Any]:
    status = "RUNNING" if task.stopped is None else "STOPPED"
    container: dict[str, Any] = {
        "name": task.definition.container,
        "image": task.definition.image,
        "lastStatus": status,
        "taskArn": _task_arn(item, task),
        "healthStatus": "UNKNOWN",
        "networkInterfaces": [{"privateIpv4Address": task.address}],
        "exitCode": task.exit_code,
    }
    return {
        "taskArn": _task_arn(item, task),
        "clusterArn": arn("ecs", item.region, f"cluster/{item.cluster}"),
        "taskDefinitionArn": task.definition.arn,
        "group": f"service:{item.name}",
        "lastStatus": status,
        "desiredStatus": status,
        "containers": [container],
        "createdAt": task.started - 18,
        "startedAt": task.started,
        "stoppedAt": task.stopped,
        "stoppedReason": task.reason or None,
        "stopCode": task.code or None,
        "launchType": "FARGATE",
        "cpu": "512",
        "memory": "1024",
        "healthStatus": "UNKNOWN",
        "startedBy": item.rollouts[0].id,
        "availabilityZone": f"{item.region}a",
    }


def describe_task_definition(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeTaskDefinition."""
    family, _, revision = params["taskDefinition"].rpartition("/")[2].partition(":")
    for item in _services(call):
        if item.name == family:
            for definition in reversed(item.definitions):
                if revision in {"", str(definition.revision)}:
                    return {"taskDefinition": _definition(item, definition), "tags": []}
    raise AwsError("ClientException", "Unable to describe task definition.")


def list_task_definitions(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListTaskDefinitions."""
    wanted = params.get("familyPrefix")
    found = [
        definition for item in _services(call) for definition in item.definitions if wanted in {None, definition.family}
    ]
    found.sort(key=lambda each: (each.family, each.revision), reverse=params.get("sort") == "DESC")
    return {"taskDefinitionArns": [each.arn for each in found] if params.get("status", "ACTIVE") == "ACTIVE" else []}


def _definition(item: Service, definition: TaskDefinition) -> dict[str, Any]:
    return {
        "taskDefinitionArn": definition.arn,
        "family": definition.family,
        "revision": definition.revision,
        "status": "ACTIVE",
        "taskRoleArn": f"arn:aws:iam::{definition.arn.split(':')[4]}:role/{item.name}-task",
        "executionRoleArn": f"arn:aws:iam::{definition.arn.split(':')[4]}:role/{item.name}-task-execution",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "registeredAt": definition.at,
        "volumes": [],
        "placementConstraints": [],
        "containerDefinitions": [
            {
                "name": definition.container,
                "image": definition.image,
                "essential": True,
                "portMappings": [{"containerPort": definition.port, "hostPort": definition.port, "protocol": "tcp"}],
                "environment": [{"name": "PORT", "value": str(definition.port)}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": f"/ecs/{item.name}",
                        "awslogs-region": item.region,
                        "awslogs-stream-prefix": "ecs",
                    },
                },
            }
        ],
    }


def update_service(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve UpdateService: its settings, its size, and a new deployment when one is wanted."""
    item = call.world.containers.find(call.region, params.get("cluster", "default"), params["service"])
    if item is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    item.grace_s = params.get("healthCheckGracePeriodSeconds", item.grace_s)
    item.desired = params.get("desiredCount", item.desired)
    given = params.get("deploymentConfiguration", {})
    item.breaker = given.get("deploymentCircuitBreaker", item.breaker)
    item.rolling = item.rolling | {name: value for name, value in given.items() if isinstance(value, int)}
    definition = item.current
    if "taskDefinition" in params:
        revision = params["taskDefinition"].rpartition(":")[2]
        definition = next((known for known in item.definitions if str(known.revision) == revision), definition)
    if params.get("forceNewDeployment") or definition is not item.current:
        scheduler = call.world.scheduler
        scheduler.spawn(call.world.containers.roll_out(item, definition, lambda: scheduler.now))
        call.world.tick()
    return {"service": _service(call, item)}


OPERATIONS: Mapping[str, Handler] = {
    "DescribeClusters": describe_clusters,
    "DescribeServices": describe_services,
    "DescribeTaskDefinition": describe_task_definition,
    "DescribeTasks": describe_tasks,
    "ListClusters": list_clusters,
    "ListServices": list_services,
    "ListTaskDefinitions": list_task_definitions,
    "ListTasks": list_tasks,
    "UpdateService": update_service,
}
