"""The ECS deploy action: registers the image as a new task definition and waits for the service.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
"""

from demo.engine.artifacts import container_in
from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import ACCOUNT_ID, arn, console_url

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Deploy to the service."""
    config = context.config
    cluster, name = config["ClusterName"], config["ServiceName"]
    url = f"ecs/home?region={context.region}#/clusters/{cluster}/services/{name}/deployments"
    context.run.external_url = console_url(context.region, url)
    if context.past:
        context.run.external_id = f"ecs-svc/{context.rng.randrange(10**18, 10**19)}"
        yield context.rng.uniform(110, 260)
        return
    service_arn = arn("ecs", context.region, f"service/{cluster}/{name}")
    for action in ("ecs:DescribeServices", "ecs:UpdateService"):
        context.require(action, service_arn)
    context.require("ecs:RegisterTaskDefinition", "*")
    service = context.world.containers.find(context.region, cluster, name)
    if service is None:
        raise ActionFailed("ConfigurationError", f"Service not found: {name}")
    commit = context.commit()
    named, held = container_in(commit), service.definitions[-1].container if service.definitions else "app"
    if named != held:
        raise ActionFailed(
            "ConfigurationError", f"Invalid action configuration: The AWS ECS container {named} does not exist"
        )
    tag = commit.id[:12] if commit is not None else "latest"
    image = f"{ACCOUNT_ID}.dkr.ecr.{context.region}.amazonaws.com/{name}:{tag}"
    definition = service.define(image, commit, context.now())
    rolling = context.world.scheduler.spawn(context.world.containers.roll_out(service, definition, context.now))
    yield 1.0
    context.run.external_id = service.rollouts[0].id
    rollout = yield rolling
    if rollout is None or rollout.state != "COMPLETED":
        reason = rollout.reason if rollout is not None else "the deployment was replaced"
        raise ActionFailed(
            "JobFailed",
            f"The Amazon ECS deployment {context.run.external_id} of service {name} in cluster {cluster} failed. "
            f"{reason}",
        )
    context.run.summary = f"Deployment {rollout.id} completed"
