"""Deployments and their targets."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from demo.platform.fleets import Deployment
from demo.services import Handler, Invocation, page
from demo.services.codedeploy.groups import find_group
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidNextTokenException", "The next token is invalid")


def _find(call: Invocation, identity: str) -> Deployment:
    found = call.world.fleets.deployments.get(identity)
    if found is None or found.group.region != call.region:
        raise AwsError("DeploymentDoesNotExistException", f"The deployment {identity} could not be found")
    return found


def _view(item: Deployment) -> dict[str, Any]:
    group = item.group.data
    counts = Counter(target["status"] for target in item.targets.values())
    info: dict[str, Any] = {
        "applicationName": item.group.application,
        "deploymentGroupName": item.group.name,
        "deploymentConfigName": group["deploymentConfigName"],
        "deploymentId": item.id,
        "revision": {
            "revisionType": "S3",
            "s3Location": {"bucket": item.artifact.bucket, "key": item.artifact.key, "bundleType": "zip"},
        },
        "status": item.status,
        "createTime": item.created,
        "startTime": item.created + 1,
        "completeTime": item.ended,
        "deploymentOverview": {
            name: counts.get(name, 0) for name in ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")
        },
        "creator": "user",
        "ignoreApplicationStopFailures": False,
        "autoRollbackConfiguration": group["autoRollbackConfiguration"],
        "updateOutdatedInstancesOnly": False,
        "deploymentStyle": group["deploymentStyle"],
        "instanceTerminationWaitTimeStarted": False,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "Server",
    }
    if item.rolled_back:
        info["rollbackInfo"] = item.rolled_back
        if "rollbackTriggeringDeploymentId" in item.rolled_back:
            info["creator"] = "codeDeployRollback"
    if item.error is not None:
        info["errorInformation"] = {"code": item.error[0], "message": item.error[1]}
    return info


def get_deployment(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetDeployment."""
    return {"deploymentInfo": _view(_find(call, params["deploymentId"]))}


def batch_get_deployments(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetDeployments."""
    held = call.world.fleets.deployments
    return {"deploymentsInfo": [_view(held[item]) for item in params["deploymentIds"] if item in held]}


def list_deployments(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListDeployments, newest first."""
    group = None
    if "applicationName" in params and "deploymentGroupName" in params:
        group = find_group(call, params["applicationName"], params["deploymentGroupName"])
    for pipeline in call.world.pipelines.values():
        if pipeline.region == call.region and any(
            action["actionTypeId"]["provider"] == "CodeDeploy"
            for stage in pipeline.definition["stages"]
            for action in stage["actions"]
        ):
            pipeline.executions()
    wanted = params.get("includeOnlyStatuses")
    span = params.get("createTimeRange", {})
    held = [
        item
        for item in call.world.fleets.deployments.values()
        if item.group.region == call.region
        and (group is None or item.group is group)
        and (not wanted or item.status in wanted)
        and span.get("start", 0) <= item.created <= span.get("end", 1 << 40)
    ]
    held.sort(key=lambda item: item.created, reverse=True)
    chosen, token = page(held, params.get("nextToken"), 100, _BAD_TOKEN)
    return {"deployments": [item.id for item in chosen], "nextToken": token}


def list_deployment_targets(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListDeploymentTargets."""
    wanted = params.get("targetFilters", {}).get("TargetStatus")
    targets = _find(call, params["deploymentId"]).targets
    return {"targetIds": [key for key, target in targets.items() if not wanted or target["status"] in wanted]}


def batch_get_deployment_targets(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetDeploymentTargets."""
    targets = _find(call, params["deploymentId"]).targets
    for wanted in params["targetIds"]:
        if wanted not in targets:
            raise AwsError("DeploymentTargetDoesNotExistException", f"Deployment target {wanted} does not exist")
    return {
        "deploymentTargets": [
            {"deploymentTargetType": "InstanceTarget", "instanceTarget": targets[wanted]}
            for wanted in params["targetIds"]
        ]
    }


def get_deployment_target(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetDeploymentTarget."""
    found = batch_get_deployment_targets(
        call, {"deploymentId": params["deploymentId"], "targetIds": [params["targetId"]]}
    )
    return {"deploymentTarget": found["deploymentTargets"][0]}


def stop_deployment(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StopDeployment; with ``autoRollbackEnabled`` the last good revision is deployed again."""
    item = _find(call, params["deploymentId"])
    if item.status not in {"InProgress", "Ready"}:
        raise AwsError("DeploymentAlreadyCompletedException", f"The deployment {item.id} is already completed")
    item.status, item.ended = "Stopped", call.world.scheduler.now
    item.error = ("MANUAL_STOP", "The deployment was stopped by a user.")
    if item.task is not None:
        call.world.scheduler.cancel(item.task)
    if params.get("autoRollbackEnabled"):
        _roll_back(call, item)
    call.world.tick()
    return {"status": "Succeeded", "statusMessage": "No more commands will be scheduled"}


def _roll_back(call: Invocation, item: Deployment) -> None:
    world, fleets = call.world, call.world.fleets
    good = fleets.last_good(item.group, item)
    if good is None:
        item.rolled_back = {"rollbackMessage": "There is no revision that was deployed well before."}
        return
    made = fleets.create(item.group, good.artifact, world.scheduler.now, item.rng)
    item.rolled_back = {"rollbackDeploymentId": made.id}
    made.rolled_back = {"rollbackTriggeringDeploymentId": item.id}
    made.task = world.scheduler.spawn(fleets.run(made, lambda: world.scheduler.now))


def continue_deployment(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ContinueDeployment for what waits before it sends traffic on."""
    item = _find(call, params["deploymentId"])
    if item.status != "Ready":
        raise AwsError(
            "DeploymentIsNotInReadyStateException", f"The deployment {item.id} is not in a ready state to be continued"
        )
    call.world.scheduler.fire(item.ready)
    call.world.tick()
    return {}


OPERATIONS: Mapping[str, Handler] = {
    "BatchGetDeploymentTargets": batch_get_deployment_targets,
    "BatchGetDeployments": batch_get_deployments,
    "ContinueDeployment": continue_deployment,
    "GetDeployment": get_deployment,
    "GetDeploymentTarget": get_deployment_target,
    "ListDeploymentTargets": list_deployment_targets,
    "ListDeployments": list_deployments,
    "StopDeployment": stop_deployment,
}
