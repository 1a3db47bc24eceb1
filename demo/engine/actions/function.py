"""The Lambda invoke action."""

from demo.engine.context import ActionContext
from demo.engine.scheduler import Process
from demo.names import arn, console_url

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Invoke a function and take its answer."""
    name = context.config["FunctionName"]
    resource = arn("lambda", context.region, f"function:{name}")
    context.require("lambda:InvokeFunction", resource, "The AWS Lambda function could not be invoked: ")
    lasts_s = context.rng.uniform(2, 14)
    request = context.fresh_id()
    machines = context.world.machines
    if function := machines.functions.get((context.region, name)):
        machines.call(function, context.now(), lasts_s, request)
    yield lasts_s
    context.run.external_id = request
    context.run.external_url = console_url(context.region, f"lambda/home?region={context.region}#/functions/{name}")
    context.produce(context.commit())
