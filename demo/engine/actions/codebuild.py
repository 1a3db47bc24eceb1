"""The CodeBuild action: starts a build with the pipeline's artifacts and waits for it."""

from demo.engine.build import Build, run_build
from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import arn, token

__all__ = ["perform"]


def perform(context: ActionContext) -> Process:
    """Run the build to its end."""
    world, name = context.world, context.config["ProjectName"]
    project = world.projects.get((context.region, name))
    resource = arn("codebuild", context.region, f"project/{name}")
    for action in ("codebuild:StartBuild", "codebuild:BatchGetBuilds"):
        suffix = (
            f" (Service: AWSCodeBuild; Status Code: 400; Error Code: AccessDeniedException; Request ID: "
            f"{context.fresh_id()}; Proxy: null)"
        )
        verb = "startBuild" if action.endswith("StartBuild") else "batchGetBuilds"
        context.require(action, resource, f"Error calling {verb}: ", suffix)
    if project is None:
        raise ActionFailed(
            "ConfigurationError",
            f"Error calling startBuild: Project cannot be found: {resource} (Service: AWSCodeBuild; Status Code: 400; "
            "Error Code: ResourceNotFoundException)",
        )
    keys = []
    for declared in context.run.action.get("outputArtifacts", []):
        bucket = context.pipeline.store(context.region)
        keys.append((bucket, f"{context.pipeline.name[:20]}/{declared['name'][:10]}/{token(context.rng)}"))
    build = world.new_build(
        project,
        initiator=f"codepipeline/{context.pipeline.name}",
        commit=context.commit(),
        inputs=context.run.inputs,
        outputs=keys,
        at=context.now(),
        past=context.past,
        rng=context.rng,
    )
    context.run.external_id = build.id
    context.run.external_url = world.build_url(build)
    if context.past:
        yield from run_build(world, build, context.timeline)
    else:
        build.task = world.scheduler.spawn(run_build(world, build, context.timeline))
        yield build.task
    _conclude(context, build, keys)


def _conclude(context: ActionContext, build: Build, keys: list[tuple[str, str]]) -> None:
    if build.status != "SUCCEEDED":
        failure = build.failure()
        text = f"Build terminated with state: {build.status}"
        if failure is not None and build.status == "FAILED":
            phase, code, message = failure
            text += f". Phase: {phase}, Code: {code}, Message: {message}"
        raise ActionFailed("JobFailed", text)
    context.produce(context.commit(), keys, build.project.ballast)
    context.publish(build.exported)
