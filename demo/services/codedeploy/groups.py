"""Applications, deployment groups, deployment configurations."""

from collections.abc import Mapping
from typing import Any

from demo.platform.fleets import Group
from demo.services import Handler, Invocation
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS", "find_group"]

_CONFIGS = {
    "CodeDeployDefault.OneAtATime": {"type": "HOST_COUNT", "value": 99},
    "CodeDeployDefault.HalfAtATime": {"type": "FLEET_PERCENT", "value": 50},
    "CodeDeployDefault.AllAtOnce": {"type": "HOST_COUNT", "value": 0},
}


def find_group(call: Invocation, application: str, name: str) -> Group:
    """Find a deployment group, or refuse as CodeDeploy does."""
    _application(call, application)
    found = call.world.fleets.groups.get((call.region, application, name))
    if found is None:
        raise AwsError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    return found


def _application(call: Invocation, name: str) -> dict[str, Any]:
    found = call.world.fleets.applications.get((call.region, name))
    if found is None:
        raise AwsError("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return found


def get_application(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetApplication."""
    return {"application": _application(call, params["applicationName"])}


def batch_get_applications(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetApplications."""
    return {"applicationsInfo": [_application(call, name) for name in params["applicationNames"]]}


def list_applications(call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListApplications."""
    return {"applications": sorted(name for region, name in call.world.fleets.applications if region == call.region)}


def get_deployment_group(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetDeploymentGroup."""
    return {
        "deploymentGroupInfo": _view(call, find_group(call, params["applicationName"], params["deploymentGroupName"]))
    }


def batch_get_deployment_groups(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetDeploymentGroups."""
    found = [find_group(call, params["applicationName"], name) for name in params["deploymentGroupNames"]]
    return {"deploymentGroupsInfo": [_view(call, group) for group in found], "errorMessage": ""}


def list_deployment_groups(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListDeploymentGroups."""
    name = params["applicationName"]
    _application(call, name)
    held = [group for region, app, group in call.world.fleets.groups if region == call.region and app == name]
    return {"applicationName": name, "deploymentGroups": sorted(held)}


def update_deployment_group(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve UpdateDeploymentGroup: what is given replaces what was there."""
    group = find_group(call, params["applicationName"], params["currentDeploymentGroupName"])
    ignored = {"applicationName", "currentDeploymentGroupName", "newDeploymentGroupName"}
    group.data = group.data | {key: value for key, value in params.items() if key not in ignored}
    return {"hooksNotCleanedUp": []}


def get_deployment_config(_call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetDeploymentConfig for CodeDeploy's own configurations."""
    name = params["deploymentConfigName"]
    if name not in _CONFIGS:
        raise AwsError("DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}")
    return {
        "deploymentConfigInfo": {
            "deploymentConfigName": name,
            "minimumHealthyHosts": _CONFIGS[name],
            "computePlatform": "Server",
        }
    }


def list_deployment_configs(_call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListDeploymentConfigs."""
    return {"deploymentConfigsList": list(_CONFIGS)}


def _view(call: Invocation, group: Group) -> dict[str, Any]:
    held = [item for item in call.world.fleets.deployments.values() if item.group is group]
    data = dict(group.data)
    for name, chosen in (
        ("lastSuccessfulDeployment", [item for item in held if item.status == "Succeeded"]),
        ("lastAttemptedDeployment", held),
    ):
        if chosen:
            last = max(chosen, key=lambda item: item.created)
            data[name] = {
                "deploymentId": last.id,
                "status": last.status,
                "createTime": last.created,
                "endTime": last.ended,
            }
    return data


OPERATIONS: Mapping[str, Handler] = {
    "BatchGetApplications": batch_get_applications,
    "BatchGetDeploymentGroups": batch_get_deployment_groups,
    "GetApplication": get_application,
    "GetDeploymentConfig": get_deployment_config,
    "GetDeploymentGroup": get_deployment_group,
    "ListApplications": list_applications,
    "ListDeploymentConfigs": list_deployment_configs,
    "ListDeploymentGroups": list_deployment_groups,
    "UpdateDeploymentGroup": update_deployment_group,
}
