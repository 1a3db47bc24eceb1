"""The CloudFormation action: creates or updates a stack.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
"""

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import arn, console_url

__all__ = ["perform"]

_STUCK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")


def perform(context: ActionContext) -> Process:
    """Create or update the stack and wait for it."""
    config, name = context.config, context.config["StackName"]
    stack = context.world.stacks.stacks.get((context.region, name))
    if context.past or stack is None:
        if stack is None and not context.past:
            yield from _create(context, name)
            return
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
    facts = commit.facts if commit is not None else {}
    changed = context.world.stacks.update(
        stack, facts.get("resources", ()), context.now, facts.get("cannot_roll_back", {})
    )
    good = yield context.world.scheduler.spawn(changed)
    if not good:
        raise ActionFailed("JobFailed", f"Stack {name} is in {stack.status} state. {stack.reason}".strip())
    context.run.summary = f"Stack {name} was updated"
    context.produce(commit)


def _create(context: ActionContext, name: str) -> Process:
    """Create the stack that is not there."""
    config, commit, stacks = context.config, context.commit(), context.world.stacks
    context.require("cloudformation:CreateStack", arn("cloudformation", context.region, f"stack/{name}/*"))
    if "RoleArn" not in config:
        raise ActionFailed("ConfigurationError", "RoleArn is required to create a stack")
    context.require("iam:PassRole", config["RoleArn"])
    wanted = commit.facts.get("resources", ()) if commit is not None else ()
    good = yield context.world.scheduler.spawn(
        stacks.create(name, context.region, config["RoleArn"], wanted, context.now)
    )
    stack = stacks.stacks[context.region, name]
    context.run.external_id = stack.id
    if not good:
        raise ActionFailed("JobFailed", f"Stack {name} is in {stack.status} state. {stack.reason}".strip())
    context.run.summary = f"Stack {name} was created"
    context.produce(commit)
