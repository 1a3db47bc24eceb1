"""CodePipeline's and CodeBuild's answers as the models of a profile. Pure; takes datetimes or epoch seconds.

Sources: ListPipelineExecutions, ListActionExecutions (API 2015-07-09), BatchGetBuilds (API 2016-10-06).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.profile.model import ActionRun, PastBuild, PastRun, StoredArtifact

__all__ = ["action_run", "assemble", "past_build", "past_run"]

_Map = Mapping[str, Any]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _moment(value: Any) -> float | None:
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _maps(value: Any) -> Sequence[_Map]:
    return [each for each in value or () if isinstance(each, Mapping)]


def _ended(status: str, value: Any) -> float | None:
    return None if status in {"InProgress", "Stopping"} else _moment(value)


def past_run(summary: _Map) -> PastRun | None:
    """Map one summary of ListPipelineExecutions, without its actions; None where it has no start."""
    started = _moment(summary.get("startTime"))
    if started is None:
        return None
    status = _text(summary.get("status"))
    revisions = sorted(
        f"{_text(each.get('actionName'))}={_text(each.get('revisionId'))}"
        for each in _maps(summary.get("sourceRevisions"))
        if each.get("revisionId")
    )
    return PastRun(
        id=_text(summary.get("pipelineExecutionId")),
        status=status,
        started_at=started,
        ended_at=_ended(status, summary.get("lastUpdateTime")),
        mode=_text(summary.get("executionMode")),
        trigger=_text((summary.get("trigger") or {}).get("triggerType")),
        kind=_text(summary.get("executionType")) or "STANDARD",
        revisions=tuple(revisions),
    )


def _artifacts(value: Any) -> tuple[StoredArtifact, ...]:
    found = []
    for each in _maps(value):
        place = each.get("s3location") or {}
        found.append(StoredArtifact(_text(each.get("name")), _text(place.get("bucket")), _text(place.get("key"))))
    return tuple(found)


def action_run(detail: _Map) -> tuple[str, ActionRun] | None:
    """Map one detail of ListActionExecutions to its execution's id and the run; None where it has not begun."""
    started = _moment(detail.get("startTime"))
    if started is None:
        return None
    given, made = detail.get("input") or {}, detail.get("output") or {}
    kind = given.get("actionTypeId") or {}
    status = _text(detail.get("status"))
    run = ActionRun(
        id=_text(detail.get("actionExecutionId")),
        stage=_text(detail.get("stageName")),
        action=_text(detail.get("actionName")),
        status=status,
        started_at=started,
        ended_at=_ended(status, detail.get("lastUpdateTime")),
        category=_text(kind.get("category")),
        provider=_text(kind.get("provider")),
        region=_text(given.get("region")),
        external_id=_text((made.get("executionResult") or {}).get("externalExecutionId")),
        inputs=_artifacts(given.get("inputArtifacts")),
        outputs=_artifacts(made.get("outputArtifacts")),
    )
    return _text(detail.get("pipelineExecutionId")), run


def past_build(build: _Map) -> PastBuild:
    """Map one build of BatchGetBuilds; of its environment variables nothing is kept."""
    environment, logs = build.get("environment") or {}, build.get("logs") or {}
    phases = []
    for phase in _maps(build.get("phases")):
        seconds = _moment(phase.get("durationInSeconds"))
        start, end = _moment(phase.get("startTime")), _moment(phase.get("endTime"))
        if start is not None and end is not None:
            seconds = end - start  # durationInSeconds is cut to whole seconds
        if seconds is not None:
            phases.append((_text(phase.get("phaseType")), max(seconds, 0.0)))
    return PastBuild(
        id=_text(build.get("id")),
        project=_text(build.get("projectName")),
        status=_text(build.get("buildStatus")),
        started_at=_moment(build.get("startTime")),
        ended_at=_moment(build.get("endTime")),
        phases=tuple(phases),
        compute=_text(environment.get("computeType")),
        environment=_text(environment.get("type")),
        image=_text(environment.get("image")),
        cache=_text((build.get("cache") or {}).get("type")),
        log_group=_text(logs.get("groupName")),
        log_stream=_text(logs.get("streamName")),
        reports=tuple(map(_text, build.get("reportArns") or ())),
    )


def assemble(runs: Iterable[PastRun], actions: Iterable[tuple[str, ActionRun]]) -> tuple[PastRun, ...]:
    """Put action runs into their executions; executions newest first, actions oldest first, each once."""
    held: dict[str, dict[str, ActionRun]] = {}
    for execution_id, action in actions:
        held.setdefault(execution_id, {})[action.id] = action
    made = []
    for run in runs:
        mine = sorted(held.get(run.id, {}).values(), key=lambda each: (each.started_at, each.id))
        made.append(replace(run, actions=tuple(mine) or run.actions))
    return tuple(sorted(made, key=lambda each: each.started_at, reverse=True))
