"""Step Functions: state machines, their executions and histories. Pipelines start them."""

import json
from collections.abc import Mapping
from typing import Any

from demo.platform.machines import Machine, MachineRun
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidToken", "Invalid Token: 'Invalid token'")
_MOST = 1_000  # events on a page


def _machine(call: Invocation, identity: str) -> Machine:
    found = call.world.machines.machines.get(identity)
    if found is None or found.region != call.region:
        raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{identity}'")
    return found


def _run(call: Invocation, identity: str) -> MachineRun:
    found = call.world.machines.runs.get(identity)
    if found is None or found.machine.region != call.region:
        raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{identity}'")
    return found


def describe_state_machine(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeStateMachine."""
    machine = _machine(call, params["stateMachineArn"])
    names = list(machine.tasks)
    states = {
        name: {"Type": "Task", "Resource": function.arn}
        | ({"Next": names[number]} if number < len(names) else {"End": True})
        for number, (name, function) in enumerate(machine.tasks.items(), 1)
    }
    group = f"arn:aws:logs:{machine.region}:{machine.arn.split(':')[4]}:log-group:{machine.log_group}:*"
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}] if machine.log_group else []
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": json.dumps({"StartAt": names[0], "States": states}),
        "roleArn": machine.role,
        "type": "STANDARD",
        "creationDate": machine.made,
        "loggingConfiguration": {
            "level": "ALL" if machine.log_group else "OFF",
            "includeExecutionData": False,
            "destinations": destinations,
        },
    }


def describe_execution(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeExecution."""
    run = _run(call, params["executionArn"])
    found: dict[str, Any] = {
        "executionArn": run.arn,
        "stateMachineArn": run.machine.arn,
        "name": run.name,
        "status": run.status,
        "startDate": run.started,
        "input": "{}",
    }
    if run.ended is not None:
        found["stopDate"] = run.ended
    if run.error:
        found |= {"error": run.error[0], "cause": run.error[1]}
    return found


def get_execution_history(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetExecutionHistory, page by page."""
    events = list(_run(call, params["executionArn"]).events)
    if params.get("reverseOrder"):
        events.reverse()
    chosen, token = page(events, params.get("nextToken"), params.get("maxResults") or _MOST, _BAD_TOKEN)
    return {"events": chosen, "nextToken": token}


OPERATIONS: Mapping[str, Handler] = {
    "DescribeExecution": describe_execution,
    "DescribeStateMachine": describe_state_machine,
    "GetExecutionHistory": get_execution_history,
}
