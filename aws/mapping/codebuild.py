"""CodeBuild responses to models (API 2016-10-06): BatchGetBuilds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws.mapping.values import count, maps, moment, text
from core.arn import Arn
from core.build import Build, BuildPhase, LogLocation
from core.secret_values import secret_values

__all__ = ["build", "log_location"]


def build(answer: Mapping[str, Any]) -> Build:
    """Map one Build of BatchGetBuilds."""
    environment = answer.get("environment") or {}
    return Build(
        id=text(answer.get("id")),
        arn=text(answer.get("arn")),
        project=text(answer.get("projectName")),
        status=text(answer.get("buildStatus")),
        current_phase=text(answer.get("currentPhase")),
        started_at=moment(answer.get("startTime")),
        ended_at=moment(answer.get("endTime")),
        phases=tuple(_phase(phase) for phase in maps(answer.get("phases"))),
        log=log_location(answer),
        service_role=text(answer.get("serviceRole")),
        image=text(environment.get("image")),
        compute_type=text(environment.get("computeType")),
        privileged=bool(environment.get("privilegedMode")),
        timeout_min=count(answer.get("timeoutInMinutes")),
        initiator=text(answer.get("initiator")),
        source_version=text(answer.get("resolvedSourceVersion") or answer.get("sourceVersion")),
        environment={
            text(variable.get("name")): text(variable.get("type")) or "PLAINTEXT"
            for variable in maps(environment.get("environmentVariables"))
        },
        hidden=secret_values(maps(environment.get("environmentVariables"))),
    )


def _phase(phase: Mapping[str, Any]) -> BuildPhase:
    seconds = phase.get("durationInSeconds")
    return BuildPhase(
        name=text(phase.get("phaseType")),
        status=text(phase.get("phaseStatus")),
        started_at=moment(phase.get("startTime")),
        duration_s=float(seconds) if isinstance(seconds, int | float) else None,
        contexts=tuple(
            (text(context.get("statusCode")), text(context.get("message"))) for context in maps(phase.get("contexts"))
        ),
    )


def log_location(answer: Mapping[str, Any]) -> LogLocation:
    """Return where a build's log is, from its `logs` member alone.

    CodeBuild fills group and stream in once the build has started; until then the deep link names none.
    """
    logs = answer.get("logs") or {}
    watch = logs.get("cloudWatchLogs") or {}
    s3_logs = logs.get("s3Logs") or {}
    s3_arn = text(logs.get("s3LogsArn")) if s3_logs.get("status", "ENABLED") != "DISABLED" else ""
    arn = Arn.parse(text(logs.get("cloudWatchLogsArn"))) or Arn.parse(text(answer.get("arn")))
    where = {"region": arn.region if arn else "", "url": text(logs.get("deepLink")), "s3_arn": s3_arn}
    if watch.get("status") == "DISABLED":
        return LogLocation(**where, state="ready" if s3_arn else "disabled")
    group, stream = text(logs.get("groupName")), text(logs.get("streamName"))
    if group and stream:
        return LogLocation(group=group, stream=stream, **where)
    return LogLocation(group=group, **where, state="pending" if not answer.get("endTime") else "disabled")
