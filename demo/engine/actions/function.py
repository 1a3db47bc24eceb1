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
    yield context.rng.uniform(2, 14)
    context.run.external_id = context.fresh_id()
    context.run.external_url = console_url(context.region, f"lambda/home?region={context.region}#/functions/{name}")
    context.produce(context.commit())
