"""The CloudFormation action: creates or updates a stack.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
"""

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import arn, console_url

__all__ = ["perform"]

_STUCK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")


def perform(context: ActionContext) -> Process:
    """Update the stack and wait for it."""
    config, name = context.config, context.config["StackName"]
    stack = context.world.stacks.stacks.get((context.region, name))
    if context.past or stack is None:
        if stack is None and not context.past:
            raise ActionFailed("ConfigurationError", f"Stack with id {name} does not exist")
        yield context.rng.uniform(40, 160)
        return
    context.run.external_id = stack.id
    context.run.external_url = console_url(
        context.region, f"cloudformation/home?region={context.region}#/stacks/stackinfo?stackId={stack.id}"
    )
    resource = arn("cloudformation", context.region, f"stack/{name}/*")
    context.require("cloudformation:UpdateStack", resource)
    context.require("iam:PassRole", config.get("RoleArn", stack.role))
    if stack.status.endswith("_IN_PROGRESS") or stack.status in _STUCK:
        raise ActionFailed(
            "JobFailed",
            f"Failed to update CloudFormation stack: Stack:{stack.id} is in {stack.status} state and can not be "
            "updated.",
        )
    if not context.world.iam.trusts(stack.role, "cloudformation.amazonaws.com"):
        raise ActionFailed(
            "JobFailed",
            f"Role {stack.role} is invalid or cannot be assumed (Service: AmazonCloudFormation; Status Code: 400)",
        )
    commit = context.commit()
    wanted = commit.facts.get("resources", ()) if commit is not None else ()
    task = context.world.scheduler.spawn(context.world.stacks.update(stack, wanted, context.now))
    good = yield task
    if not good:
        raise ActionFailed("JobFailed", f"Stack {name} is in {stack.status} state. {stack.reason}".strip())
    context.run.summary = f"Stack {name} was updated"
    context.produce(commit)
