"""The CodeBuild action: starts a build with the pipeline's artifacts and waits for it."""

from dataclasses import replace

from demo.engine.batch import Batch, batch_names
from demo.engine.build import Build, Project, run_build
from demo.engine.buildspec import locate
from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process
from demo.names import arn, token, uuid

__all__ = ["flips", "perform"]

_FLIPPING = ("cart.spec.js", "shows the total after a voucher", "Timeout 5000ms exceeded waiting for .total")


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
    if context.config.get("BatchEnabled") == "true":
        yield from _batch(context, project)
        return
    build = _new_build(context, project, keys)
    context.run.external_id = build.id
    context.run.external_url = world.build_url(build)
    if context.past:
        yield from run_build(world, build, context.timeline)
    else:
        build.task = world.scheduler.spawn(run_build(world, build, context.timeline))
        yield build.task
    _conclude(context, build, keys)


def _new_build(context: ActionContext, project: Project, keys: list[tuple[str, str]]) -> Build:
    commit = context.commit()
    if commit is not None and flips(context, project):
        commit = replace(commit, facts={**commit.facts, "failing_tests": [_FLIPPING]})
    return context.world.new_build(
        project,
        initiator=f"codepipeline/{context.pipeline.name}",
        commit=commit,
        inputs=context.run.inputs,
        outputs=keys,
        at=context.now(),
        past=context.past,
        rng=context.rng,
    )


def flips(context: ActionContext, project: Project) -> bool:
    """Whether this is the first of two told runs of which only the second passes, on the same revision."""
    if not (context.past and project.flips) or context.execution.number % project.flips:
        return False
    name = context.run.name
    return sum(run.name == name and run.stage == context.run.stage for run in context.execution.runs) == 1


def _batch(context: ActionContext, project: Project) -> Process:
    """Run a batch in the build's place: told ones are of a single build, whatever the buildspec lists."""
    world = context.world
    commit = context.commit()
    text, _ = locate({"source": project.data["source"]}, commit, "")
    names = batch_names(text or "")
    number = 1 + sum(each.project is project for each in world.batches.values())
    batch = Batch(
        f"{project.name}:{uuid(context.rng)}",
        project,
        number,
        context.now(),
        {},
        {name: [] for name in names},
        f"codepipeline/{context.pipeline.name}",
    )
    world.batches[batch.id] = batch

    def launch() -> Build:
        build = _new_build(context, project, [])
        build.task = world.scheduler.spawn(run_build(world, build, context.timeline))
        return build

    context.run.external_id = batch.id
    yield from batch.run(world, names, launch)
    if batch.status != "SUCCEEDED":
        raise ActionFailed("JobFailed", f"Build terminated with state: {batch.status}")
    context.produce(commit)


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
