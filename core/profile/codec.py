"""The models of a history as JSON-like lists, short enough to keep thousands. Pure.

The order of the members is the order of the dataclasses' fields; a change of them changes the cache's version.
"""

from __future__ import annotations

from typing import Any

from core.profile.model import ActionRun, PastBuild, PastRun, StoredArtifact

__all__ = ["dump_build", "dump_run", "load_build", "load_run"]


def dump_run(run: PastRun) -> list[Any]:
    """Return an execution as a list."""
    return [
        run.id,
        run.status,
        run.started_at,
        run.ended_at,
        run.mode,
        run.trigger,
        run.kind,
        list(run.revisions),
        [_dump_action(each) for each in run.actions],
    ]


def load_run(held: list[Any]) -> PastRun:
    """Return the execution of a list; raises ValueError, TypeError or IndexError where it is none."""
    run_id, status, started, ended, mode, trigger, kind, revisions, actions = held
    return PastRun(
        str(run_id),
        str(status),
        float(started),
        _number(ended),
        str(mode),
        str(trigger),
        str(kind),
        tuple(map(str, revisions)),
        tuple(_load_action(each) for each in actions),
    )


def _dump_action(run: ActionRun) -> list[Any]:
    return [
        run.id,
        run.stage,
        run.action,
        run.status,
        run.started_at,
        run.ended_at,
        run.category,
        run.provider,
        run.region,
        run.external_id,
        [[each.name, each.bucket, each.key] for each in run.inputs],
        [[each.name, each.bucket, each.key] for each in run.outputs],
    ]


def _load_action(held: list[Any]) -> ActionRun:
    run_id, stage, action, status, started, ended, category, provider, region, external, inputs, outputs = held
    return ActionRun(
        str(run_id),
        str(stage),
        str(action),
        str(status),
        float(started),
        _number(ended),
        str(category),
        str(provider),
        str(region),
        str(external),
        tuple(StoredArtifact(*map(str, each)) for each in inputs),
        tuple(StoredArtifact(*map(str, each)) for each in outputs),
    )


def dump_build(build: PastBuild) -> list[Any]:
    """Return a build as a list."""
    return [
        build.id,
        build.project,
        build.status,
        build.started_at,
        build.ended_at,
        [list(each) for each in build.phases],
        build.compute,
        build.environment,
        build.image,
        build.cache,
        build.log_group,
        build.log_stream,
        list(build.reports),
    ]


def load_build(held: list[Any]) -> PastBuild:
    """Return the build of a list; raises ValueError, TypeError or IndexError where it is none."""
    build_id, project, status, started, ended, phases, compute, environment, image, cache, group, stream, reports = held
    return PastBuild(
        str(build_id),
        str(project),
        str(status),
        _number(started),
        _number(ended),
        tuple((str(name), float(seconds)) for name, seconds in phases),
        str(compute),
        str(environment),
        str(image),
        str(cache),
        str(group),
        str(stream),
        tuple(map(str, reports)),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
