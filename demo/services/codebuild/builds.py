"""Builds: read, list, start, stop, retry."""

import random
from collections.abc import Mapping
from typing import Any

from demo.engine.build import Build, Project, run_build
from demo.engine.context import Timeline
from demo.engine.s3_logs import s3_log_arn
from demo.names import arn, console_url
from demo.services import Handler, Invocation, page
from demo.services.codebuild import lookup
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS", "launch", "view"]

_BAD_TOKEN = AwsError("InvalidInputException", "Invalid next token provided")


def view(build: Build) -> dict[str, Any]:
    """Describe a build as BatchGetBuilds does."""
    project = build.project
    settings = build.settings
    described: dict[str, Any] = {
        "id": build.id,
        "arn": build.arn,
        "buildNumber": build.number,
        "startTime": build.started,
        "endTime": build.ended,
        "currentPhase": build.current_phase,
        "buildStatus": build.status,
        "projectName": project.name,
        "phases": build.phases,
        "source": settings["source"],
        "secondarySources": [],
        "secondarySourceVersions": [],
        "secondaryArtifacts": [],
        "cache": project.data.get("cache"),
        "environment": settings["environment"],
        "serviceRole": project.role,
        "logs": _logs(build),
        "timeoutInMinutes": project.data["timeoutInMinutes"],
        "queuedTimeoutInMinutes": project.data["queuedTimeoutInMinutes"],
        "buildComplete": build.ended is not None,
        "initiator": build.initiator,
        "encryptionKey": project.data["encryptionKey"],
        "exportedEnvironmentVariables": [{"name": key, "value": value} for key, value in build.exported.items()],
        "reportArns": build.report_arns,
    }
    if build.inputs:
        first = build.inputs[0]
        described["sourceVersion"] = f"arn:aws:s3:::{first.bucket}/{first.key}"
        if build.commit is not None:
            described["resolvedSourceVersion"] = build.commit.id
    if build.outputs:
        bucket, key = build.outputs[0]
        described["artifacts"] = {"location": f"arn:aws:s3:::{bucket}/{key}", "encryptionDisabled": False}
    return described


def _logs(build: Build) -> dict[str, Any]:
    region, group, stream = build.project.region, build.log.group, build.log.stream
    config = build.project.data["logsConfig"]
    if build.project.logs_to_s3:
        return {
            "s3LogsArn": s3_log_arn(build),
            "s3DeepLink": console_url(region, f"s3/object/{s3_log_arn(build).removeprefix('arn:aws:s3:::')}"),
            "cloudWatchLogs": config["cloudWatchLogs"],
            "s3Logs": config["s3Logs"],
        }
    if not build.log_started:
        group_path = "null"
        return {
            "deepLink": console_url(
                region, f"cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group_path}"
            ),
            "cloudWatchLogsArn": arn("logs", region, "log-group:null:log-stream:null"),
            "cloudWatchLogs": config["cloudWatchLogs"],
            "s3Logs": config["s3Logs"],
        }
    escaped = group.replace("/", "$252F"), stream.replace("/", "$252F")
    return {
        "groupName": group,
        "streamName": stream,
        "deepLink": console_url(
            region,
            f"cloudwatch/home?region={region}#logsV2:log-groups/log-group/{escaped[0]}/log-events/{escaped[1]}",
        ),
        "cloudWatchLogsArn": arn("logs", region, f"log-group:{group}:log-stream:{stream}"),
        "cloudWatchLogs": config["cloudWatchLogs"],
        "s3Logs": config["s3Logs"],
    }


def batch_get_builds(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetBuilds."""
    builds, missing = [], []
    for identity in params["ids"]:
        found = lookup.build(call, identity)
        if found is None:
            missing.append(identity)
        else:
            builds.append(view(found))
    return {"builds": builds, "buildsNotFound": missing}


def list_builds(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListBuilds."""
    for (region, _), project in call.world.projects.items():
        if region == call.region:
            lookup.builds_of(call, project)
    found = [build for build in call.world.builds.values() if build.project.region == call.region]
    return _listed(found, params)


def list_builds_for_project(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListBuildsForProject."""
    return _listed(lookup.builds_of(call, lookup.project(call, params["projectName"])), params)


def _listed(found: list[Build], params: Mapping[str, Any]) -> dict[str, Any]:
    newest_first = params.get("sortOrder", "DESCENDING") == "DESCENDING"
    ordered = sorted(found, key=lambda build: build.started, reverse=newest_first)
    chosen, token = page(ordered, params.get("nextToken"), 100, _BAD_TOKEN)
    return {"ids": [build.id for build in chosen], "nextToken": token}


def start_build(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StartBuild, with the overrides people use."""
    project = lookup.project(call, params["projectName"])
    if project.data["source"]["type"] == "CODEPIPELINE" and "sourceTypeOverride" not in params:
        raise AwsError(
            "InvalidInputException", "Project with source type CODEPIPELINE can only be started by CodePipeline"
        )
    return {"build": view(launch(call, project, params))}


def retry_build(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve RetryBuild: the same inputs again."""
    found = lookup.build(call, params["id"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Build with id {params.get('id')} cannot be found")
    if found.initiator.startswith("codepipeline/"):
        raise AwsError("InvalidInputException", "Builds started by CodePipeline cannot be retried")
    return {"build": view(launch(call, found.project, {}, found))}


def launch(call: Invocation, project: Project, params: Mapping[str, Any], model: Build | None = None) -> Build:
    """Start a build by itself, with overrides; `model` is the build it repeats."""
    environment = dict(model.settings["environment"] if model is not None else project.data["environment"])
    for override, name in (
        ("computeTypeOverride", "computeType"),
        ("imageOverride", "image"),
        ("privilegedModeOverride", "privilegedMode"),
    ):
        if override in params:
            environment[name] = params[override]
    changed = {item["name"]: item for item in params.get("environmentVariablesOverride", [])}
    kept = [item for item in environment["environmentVariables"] if item["name"] not in changed]
    environment["environmentVariables"] = [*kept, *changed.values()]
    source = dict(project.data["source"])
    if "buildspecOverride" in params:
        source["buildspec"] = params["buildspecOverride"]
    repository = call.world.repositories.get(source.get("location", ""))
    commit = model.commit if model is not None else (repository.head("main") if repository is not None else None)
    world = call.world
    build = world.new_build(
        project,
        initiator="oncall",
        commit=commit,
        inputs=model.inputs if model is not None else (),
        outputs=(),
        at=world.scheduler.now,
        rng=random.Random(f"{project.name}:{project.counter}"),
        overrides={"environment": environment, "source": source},
    )
    build.task = world.scheduler.spawn(run_build(world, build, Timeline(world)))
    world.tick()
    return build


def stop_build(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve StopBuild."""
    found = lookup.build(call, params["id"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Build with id {params['id']} cannot be found")
    if found.status == "IN_PROGRESS" and found.task is not None:
        now = call.world.scheduler.now
        found.log.closed_at = now
        found.status, found.ended = "STOPPED", now
        phase = found.phases[-1]
        if "endTime" not in phase:
            phase |= {
                "endTime": now,
                "durationInSeconds": int(now - phase["startTime"]),
                "phaseStatus": "STOPPED",
                "contexts": [{"statusCode": "", "message": ""}],
            }
        found.phases.append({"phaseType": "COMPLETED", "startTime": now})
        call.world.scheduler.cancel(found.task)
        call.world.tick()
    return {"build": view(found)}


OPERATIONS: Mapping[str, Handler] = {
    "BatchGetBuilds": batch_get_builds,
    "ListBuilds": list_builds,
    "ListBuildsForProject": list_builds_for_project,
    "RetryBuild": retry_build,
    "StartBuild": start_build,
    "StopBuild": stop_build,
}
