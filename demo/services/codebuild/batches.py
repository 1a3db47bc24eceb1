"""Batch builds: started, retried, stopped, read. A batch runs the builds of its buildspec's list one after another.

https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html
"""

import random
from collections.abc import Mapping
from typing import Any

from demo.engine.batch import Batch, batch_names
from demo.engine.build import Build, Project
from demo.names import arn, uuid
from demo.services import Handler, Invocation, page
from demo.services.codebuild import lookup
from demo.services.codebuild.builds import launch, view
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidInputException", "Invalid next token provided")


def _find(call: Invocation, identity: str) -> Batch:
    found = call.world.batches.get(identity.rpartition(":build-batch/")[2] or identity)
    if found is None or found.project.region != call.region:
        raise AwsError("ResourceNotFoundException", f"Build batch {identity} cannot be found")
    return found


def _groups(call: Invocation, project: Project) -> list[str]:
    source = project.data["source"]
    repository = call.world.repositories.get(source.get("location", ""))
    commit = repository.head("main") if repository is not None else None
    named = source.get("buildspec") or "buildspec.yml"
    text = named if "\n" in named else (commit.files.get(named, "") if commit is not None else "")
    return batch_names(text)


def _begin(call: Invocation, project: Project, params: Mapping[str, Any], groups: list[str]) -> Batch:
    world, held = call.world, call.world.batches
    number = 1 + sum(each.project is project for each in held.values())
    rng = random.Random(f"batch:{project.name}:{len(held)}")
    now = world.scheduler.now
    made = Batch(f"{project.name}:{uuid(rng)}", project, number, now, params, {name: [] for name in groups})
    held[made.id] = made
    _run(call, made, groups)
    return made


def _run(call: Invocation, batch: Batch, groups: list[str]) -> None:
    world = call.world
    launched = batch.run(world, groups, lambda: launch(call, batch.project, batch.params))
    batch.task = world.scheduler.spawn(launched)
    world.tick()


def _view(batch: Batch) -> dict[str, Any]:
    data = batch.project.data
    return {
        "id": batch.id,
        "arn": arn("codebuild", batch.project.region, f"build-batch/{batch.id}"),
        "startTime": batch.started,
        "endTime": batch.ended,
        "currentPhase": batch.phases[-1]["phaseType"],
        "buildBatchStatus": batch.status,
        "projectName": batch.project.name,
        "phases": batch.phases,
        "source": data["source"],
        "environment": data["environment"],
        "serviceRole": batch.project.role,
        "buildTimeoutInMinutes": data["timeoutInMinutes"],
        "queuedTimeoutInMinutes": data["queuedTimeoutInMinutes"],
        "complete": batch.ended is not None,
        "initiator": batch.initiator,
        "buildBatchNumber": batch.number,
        "buildGroups": [_group(name, builds) for name, builds in batch.groups.items()],
    }


def _group(name: str, builds: list[Build]) -> dict[str, Any]:
    group: dict[str, Any] = {"identifier": name, "dependsOn": [], "ignoreFailure": False}
    summaries = [
        {"arn": each.arn, "requestedOn": each.started, "buildStatus": view(each)["buildStatus"]} for each in builds
    ]
    if summaries:
        group |= {"currentBuildSummary": summaries[-1], "priorBuildSummaryList": summaries[:-1]}
    return group


def start_build_batch(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StartBuildBatch."""
    project = lookup.project(call, params["projectName"])
    if project.data["source"]["type"] == "CODEPIPELINE":
        raise AwsError("InvalidInputException", "Project with source type CODEPIPELINE needs a pipeline to start it")
    return {"buildBatch": _view(_begin(call, project, params, _groups(call, project)))}


def retry_build_batch(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve RetryBuildBatch: a new run of the failed builds, or of all, in the same batch."""
    batch = _find(call, params["id"])
    if batch.status in {"IN_PROGRESS", "SUCCEEDED"}:
        raise AwsError("InvalidInputException", f"Build batch {batch.id} has not failed and cannot be retried")
    every = params.get("retryType", "RETRY_ALL_BUILDS") == "RETRY_ALL_BUILDS"
    again = [name for name, held in batch.groups.items() if every or not held or held[-1].status != "SUCCEEDED"]
    batch.status, batch.ended = "IN_PROGRESS", None
    _run(call, batch, again)
    return {"buildBatch": _view(batch)}


def stop_build_batch(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StopBuildBatch."""
    batch = _find(call, params["id"])
    if batch.status == "IN_PROGRESS" and batch.task is not None:
        call.world.scheduler.cancel(batch.task)
        for held in batch.groups.values():
            build = held[-1] if held else None
            if build is not None and build.status == "IN_PROGRESS" and build.task is not None:
                build.status, build.ended = "STOPPED", call.world.scheduler.now
                call.world.scheduler.cancel(build.task)
        batch.end("STOPPED", call.world.scheduler.now)
    return {"buildBatch": _view(batch)}


def batch_get_build_batches(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetBuildBatches."""
    held = {key: each for key, each in call.world.batches.items() if each.project.region == call.region}
    wanted = [each.rpartition(":build-batch/")[2] or each for each in params["ids"]]
    return {
        "buildBatches": [_view(held[each]) for each in wanted if each in held],
        "buildBatchesNotFound": [each for each in wanted if each not in held],
    }


def list_build_batches_for_project(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListBuildBatchesForProject, newest first."""
    name = params.get("projectName", "")
    found = [
        each.id
        for each in reversed(call.world.batches.values())
        if each.project.region == call.region and each.project.name == name
    ]
    chosen, token = page(found, params.get("nextToken"), params.get("maxResults", 100), _BAD_TOKEN)
    return {"ids": chosen, "nextToken": token}


OPERATIONS: Mapping[str, Handler] = {
    "BatchGetBuildBatches": batch_get_build_batches,
    "ListBuildBatchesForProject": list_build_batches_for_project,
    "RetryBuildBatch": retry_build_batch,
    "StartBuildBatch": start_build_batch,
    "StopBuildBatch": stop_build_batch,
}
