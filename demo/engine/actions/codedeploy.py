"""The CodeDeploy action for servers."""

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import arn, console_url

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Create a deployment and wait for it."""
    config, world = context.config, context.world
    application, name = config["ApplicationName"], config["DeploymentGroupName"]
    if not context.past:
        for action, kind in (
            ("codedeploy:GetApplication", "application"),
            ("codedeploy:RegisterApplicationRevision", "application"),
            ("codedeploy:CreateDeployment", "deploymentgroup"),
        ):
            tail = f"{application}/{name}" if kind == "deploymentgroup" else application
            context.require(action, arn("codedeploy", context.region, f"{kind}:{tail}"))
    group = world.fleets.groups.get((context.region, application, name))
    if group is None:
        raise ActionFailed(
            "ConfigurationError",
            f"No Deployment Group found for name: {name} (Service: AmazonCodeDeploy; Status Code: 400)",
        )
    deployment = world.fleets.create(group, context.run.inputs[0], context.now(), context.rng)
    context.run.external_id = deployment.id
    context.run.external_url = console_url(
        context.region, f"codedeploy/home?region={context.region}#/deployments/{deployment.id}"
    )
    process = world.fleets.run(deployment, context.now)
    if context.past:
        yield from process
    else:
        deployment.task = world.scheduler.spawn(process)
        yield deployment.task
    if deployment.status != "Succeeded":
        code, message = deployment.error or ("MANUAL_STOP", "The deployment was stopped by a user.")
        raise ActionFailed("JobFailed", f"Deployment {deployment.id} failed. {message} (Error code: {code})")
    context.run.summary = "Deployment Succeeded"
