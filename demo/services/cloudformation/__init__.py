"""CloudFormation: stacks, events, resources; and the ways out of a failed state."""

import json
from collections.abc import Mapping
from typing import Any

from demo.platform.stacks import Resource, Stack
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("ValidationError", "Invalid NextToken")
_PAGE = 100


def _find(call: Invocation, wanted: str) -> Stack:
    for (region, name), stack in call.world.stacks.stacks.items():
        if region == call.region and wanted in {name, stack.id}:
            return stack
    raise AwsError("ValidationError", f"Stack with id {wanted} does not exist")


def _view(stack: Stack) -> dict[str, Any]:
    view: dict[str, Any] = {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "StackStatus": stack.status,
        "DisableRollback": False,
        "NotificationARNs": [],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "RoleARN": stack.role,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        "Outputs": [],
        "Tags": [],
        "EnableTerminationProtection": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }
    if stack.reason:
        view["StackStatusReason"] = stack.reason
    return view


def describe_stacks(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeStacks."""
    if "StackName" in params:
        return {"Stacks": [_view(_find(call, params["StackName"]))]}
    return {"Stacks": [_view(item) for (region, _), item in call.world.stacks.stacks.items() if region == call.region]}


def list_stacks(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListStacks."""
    wanted = params.get("StackStatusFilter")
    return {
        "StackSummaries": [
            {
                "StackId": item.id,
                "StackName": item.name,
                "CreationTime": item.created,
                "LastUpdatedTime": item.updated,
                "StackStatus": item.status,
                "StackStatusReason": item.reason or None,
            }
            for (region, _), item in call.world.stacks.stacks.items()
            if region == call.region and (not wanted or item.status in wanted)
        ]
    }


def describe_stack_events(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeStackEvents, newest first."""
    events = _find(call, params["StackName"]).events[::-1]
    chosen, token = page(events, params.get("NextToken"), _PAGE, _BAD_TOKEN)
    return {"StackEvents": chosen, "NextToken": token}


def _resource(item: Resource) -> dict[str, Any]:
    return {
        "LogicalResourceId": item.logical,
        "PhysicalResourceId": item.physical,
        "ResourceType": item.kind,
        "ResourceStatus": item.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def list_stack_resources(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListStackResources."""
    stack = _find(call, params["StackName"])
    held = [_resource(item) | {"LastUpdatedTimestamp": item.at} for item in stack.resources.values()]
    return {"StackResourceSummaries": held}


def describe_stack_resources(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeStackResources, by stack or by a physical id."""
    physical = params.get("PhysicalResourceId")
    if "StackName" in params:
        stacks = [_find(call, params["StackName"])]
    else:
        stacks = [
            stack
            for (region, _), stack in call.world.stacks.stacks.items()
            if region == call.region and any(item.physical == physical for item in stack.resources.values())
        ]
        if not stacks:
            raise AwsError("ValidationError", f"Stack for {physical} does not exist")
    held = []
    for stack in stacks:
        for item in stack.resources.values():
            named = _resource(item) | {"StackName": stack.name, "StackId": stack.id, "Timestamp": item.at}
            named["DriftInformation"] = {"StackResourceDriftStatus": "NOT_CHECKED"}
            if params.get("LogicalResourceId") in {None, item.logical}:
                held.append(named)
    return {"StackResources": held}


def get_template(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetTemplate."""
    stack = _find(call, params["StackName"])
    body = {"Resources": {item.logical: {"Type": item.kind} for item in stack.resources.values()}}
    return {"TemplateBody": json.dumps(body, indent=1), "StagesAvailable": ["Original", "Processed"]}


def delete_stack(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DeleteStack."""
    stack = _find(call, params["StackName"])
    del call.world.stacks.stacks[call.region, stack.name]
    return {}


def continue_update_rollback(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ContinueUpdateRollback."""
    stack = _find(call, params["StackName"])
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise AwsError(
            "ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be updated with rollback"
        )
    skip = params.get("ResourcesToSkip", [])
    for logical in skip:
        if logical not in stack.stuck:
            raise AwsError("ValidationError", f"Resource {logical} is not in UPDATE_FAILED state and cannot be skipped")
    world = call.world
    world.scheduler.spawn(world.stacks.resume(stack, skip, lambda: world.scheduler.now))
    world.tick()
    return {}


OPERATIONS: Mapping[str, Handler] = {
    "ContinueUpdateRollback": continue_update_rollback,
    "DeleteStack": delete_stack,
    "DescribeStackEvents": describe_stack_events,
    "DescribeStackResources": describe_stack_resources,
    "DescribeStacks": describe_stacks,
    "GetTemplate": get_template,
    "ListStackResources": list_stack_resources,
    "ListStacks": list_stacks,
}
