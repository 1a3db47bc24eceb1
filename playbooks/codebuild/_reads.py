"""What the steps of this playbook read of a build, and where it stands in the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.arn import build_project_of
from core.build import LogLocation
from core.fact import Evidence, Fact
from core.playbook import Facts, Subject
from playbooks._ask import ask
from playbooks._fixes import elsewhere
from playbooks._inside import input_places, place_of_arn, read_runs

__all__ = [
    "BUILD_READS",
    "LOG_READS",
    "batch_lines",
    "batch_member",
    "batch_said",
    "build_of",
    "failed_phase",
    "log_lines",
    "log_of",
    "phase_said",
    "project_name",
    "project_of",
    "read_build",
    "read_build_and_project",
    "read_log",
    "read_source",
    "spoken",
]

BUILD_READS = ("codebuild:BatchGetBuilds", "codebuild:BatchGetBuildBatches")
LOG_READS = (*BUILD_READS, "logs:GetLogEvents", "s3:GetObject")
_BAD = ("FAILED", "FAULT", "TIMED_OUT", "CLIENT_ERROR", "STOPPED")
_Map = Mapping[str, Any]


def project_name(subject: Subject) -> str:
    """The project: as the action's configuration names it, or as its build's id does."""
    return subject.action.configuration.get("ProjectName", "") or build_project_of(subject.action_state.external_id)


async def read_build(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the action's build; of a batch build the batch, and the build of it that failed (or why there is none)."""
    build_id = subject.action_state.external_id
    if not build_id:
        return {}
    if subject.action.configuration.get("BatchEnabled", "").lower() != "true":
        return {"build": await ask(subject, evidence, "codebuild", "BatchGetBuilds", {"ids": [build_id]})}
    batch = await ask(subject, evidence, "codebuild", "BatchGetBuildBatches", {"ids": [build_id]})
    member = _failed_member(batch)
    if not member:
        return {"batch": batch, "build": batch}
    return {"batch": batch, "build": await ask(subject, evidence, "codebuild", "BatchGetBuilds", {"ids": [member]})}


def _failed_member(batch: Fact) -> str:
    """ARN of the first build of a batch that went wrong, else of its first build; empty for none."""
    builds = [each.get("currentBuildSummary") or {} for each in batch.get("buildBatches", 0, "buildGroups", default=())]
    wrong = [each for each in builds if each.get("buildStatus") in _BAD]
    chosen = (wrong or builds or [{}])[0]
    return str(chosen.get("arn", ""))


def _groups(facts: Facts) -> Sequence[_Map]:
    fact = facts.get("batch")
    found: Sequence[_Map] = fact.get("buildBatches", 0, "buildGroups", default=()) if fact else ()
    return found


def batch_lines(facts: Facts) -> list[tuple[int, str]]:
    """The builds of a batch, each in a line; empty where the build belongs to none."""
    lines = []
    for group in _groups(facts):
        one: _Map = group.get("currentBuildSummary") or {}
        tries = len(group.get("priorBuildSummaryList") or ())
        again = f", after {tries} earlier" if tries else ""
        after = f", after {', '.join(group['dependsOn'])}" if group.get("dependsOn") else ""
        state = one.get("buildStatus") or "not started"
        lines.append((facts["batch"].n, f"batch: {group.get('identifier', '?')} {state}{again}{after}"))
    return lines


def batch_member(facts: Facts, arn: str) -> str:
    """The identifier within its batch of the build with that ARN; empty where it belongs to none."""
    mine = (each for each in _groups(facts) if (each.get("currentBuildSummary") or {}).get("arn") == arn and arn)
    return str(next(mine, {}).get("identifier", ""))


def batch_said(facts: Facts) -> str:
    """Why a batch as a whole went wrong, by its own phases; empty where it did not."""
    fact = facts.get("batch")
    phases: Sequence[_Map] = fact.get("buildBatches", 0, "phases", default=()) if fact else ()
    return next((phase_said(each) for each in phases if each.get("phaseStatus") in _BAD and phase_said(each)), "")


async def read_build_and_project(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the build and its project side by side."""
    name = project_name(subject)
    if not name:
        return await read_build(subject, evidence)
    project = ask(subject, evidence, "codebuild", "BatchGetProjects", {"names": [name]})
    build, found = await asyncio.gather(read_build(subject, evidence), project)
    return {**build, "project": found}


async def read_log(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the build, and its log from where the build says it is."""
    facts = await read_build(subject, evidence)
    where = log_of(build_of(facts), subject.region)
    if where.state == "ready":
        facts["log"] = await evidence.log(where)
    return facts


async def read_source(subject: Subject, evidence: Evidence, facts: Facts, names: Sequence[str]) -> Fact | None:
    """Look into the archive that was built for files; None where it is not known where it lies."""
    bucket, key = place_of_arn(str(build_of(facts).get("sourceVersion", "")))
    if not key:
        places = input_places(subject, await read_runs(subject, evidence))
        primary = subject.action.configuration.get("PrimarySource") or next(iter(subject.action.inputs), "")
        bucket, key = next(((bucket, key) for name, bucket, key in places if name == primary), ("", ""))
    return await evidence.archive(bucket, key, names, region=elsewhere(subject)) if key else None


def build_of(facts: Facts) -> _Map:
    """The build within the facts; empty where there is none."""
    fact = facts.get("build")
    found = fact.get("builds", 0, default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def project_of(facts: Facts) -> _Map:
    """The project within the facts; empty where there is none."""
    fact = facts.get("project")
    found = fact.get("projects", 0, default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def spoken(facts: Facts) -> list[Fact]:
    """The facts that a judgement of the build rests on, in order."""
    return [facts[name] for name in ("batch", "build", "project", "log") if name in facts]


def log_of(build: _Map, region: str) -> LogLocation:
    """Where a build's log is, as its ``logs`` block says; never guessed from the project's name."""
    logs = build.get("logs") or {}
    group, stream = logs.get("groupName") or "", logs.get("streamName") or ""
    if group and stream:
        return LogLocation(group=group, stream=stream, region=region, url=logs.get("deepLink") or "")
    s3 = logs.get("s3LogsArn") or ""
    if s3:
        return LogLocation(region=region, s3_arn=s3, url=logs.get("s3DeepLink") or "")
    off = [(logs.get(kind) or {}).get("status") == "DISABLED" for kind in ("cloudWatchLogs", "s3Logs")]
    return LogLocation(region=region, state="disabled" if all(off) else "pending")


def log_lines(facts: Facts) -> list[str]:
    """The lines of the log; empty where none was read."""
    fact = facts.get("log")
    return list(fact.get("lines", default=())) if fact else []


def failed_phase(build: _Map) -> _Map:
    """The first phase that went wrong; empty for none."""
    phases = build.get("phases") or ()
    return next((phase for phase in phases if phase.get("phaseStatus") in _BAD), {})


def phase_said(phase: _Map) -> str:
    """What a phase's context says: ``COMMAND_EXECUTION_ERROR: Error while executing …``."""
    texts = []
    for context in phase.get("contexts") or ():
        code, message = context.get("statusCode") or "", context.get("message") or ""
        if message:
            texts.append(f"{code}: {message}" if code and code not in message else message)
    return "; ".join(texts)
