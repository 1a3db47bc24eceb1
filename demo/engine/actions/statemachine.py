"""The Step Functions action: starts an execution of a state machine and waits for it."""

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import console_url

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Run the state machine to its end."""
    identity = context.config["StateMachineArn"]
    context.require("states:StartExecution", identity, "The execution could not be started: ")
    machine = context.world.machines.machines.get(identity)
    if machine is None:
        raise ActionFailed("ConfigurationError", f"State Machine Does Not Exist: '{identity}'")
    run, process = context.world.machines.start(machine, context.now, context.rng)
    context.run.external_id = run.arn
    context.run.external_url = console_url(context.region, f"states/home?region={context.region}#/executions/{run.arn}")
    yield from process
    if run.status != "SUCCEEDED":
        error = f" Error: {run.error[0]}, cause: {run.error[1]}" if run.error else ""
        raise ActionFailed("JobFailed", f"The execution {run.arn} ended with status {run.status}.{error}")
    context.produce(context.commit())
