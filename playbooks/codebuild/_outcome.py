"""Which build it is and how it ended; who stopped it; whether time ran out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.age import duration
from core.console import build_url
from core.fact import Evidence, Fact
from core.finding import Answer, Finding, Fix
from core.plan import Risk
from core.plans.codebuild import set_project
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, not_applicable, passed, unknown, unseen, why_unseen
from playbooks._ask import ask
from playbooks._fixes import command, elsewhere, foreign, manual, planned, retry_hint, where_of
from playbooks._said import otherwise

from ._machine import environment_of, environment_plan, larger
from ._metrics import METRIC_READS, average, read_metric
from ._reads import (
    BUILD_READS,
    batch_lines,
    batch_member,
    batch_said,
    build_of,
    failed_phase,
    phase_said,
    project_name,
    project_of,
    read_build,
    read_build_and_project,
    spoken,
)

__all__ = ["BUILD", "PROJECT", "STOPPED", "TIME"]

_ID = "codebuild"
_LONGEST_MIN = 2160  # https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html
_Map = Mapping[str, Any]


def _took(build: _Map) -> str:
    start, end = build.get("startTime"), build.get("endTime")
    return (
        f" after {duration(end - start)}" if isinstance(start, (int, float)) and isinstance(end, (int, float)) else ""
    )


def _phase_lines(fact: Fact, build: _Map) -> list[tuple[int, str]]:
    lines = []
    for phase in build.get("phases") or ():
        seconds = phase.get("durationInSeconds")
        took = f" {duration(seconds)}" if isinstance(seconds, (int, float)) else ""
        said = f": {phase_said(phase)}" if phase_said(phase) else ""
        lines.append((fact.n, f"{phase.get('phaseType', '?')} {phase.get('phaseStatus') or 'running'}{took}{said}"))
    return lines


def _judge_build(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if not subject.action_state.external_id:
        if subject.action_state.status == "Failed":
            return failed("No build was started; CodePipeline failed before it: see what its message says.")
        return not_applicable("No build has been started yet.")
    if cannot := unseen(*spoken(facts)):
        return cannot
    build = build_of(facts)
    if not build and (said := batch_said(facts)):
        return _no_member(subject, facts, said)
    if not build:
        gone = f"CodeBuild no longer knows build {subject.action_state.external_id} (builds are kept for a year)."
        return unknown(gone, *spoken(facts))
    fact = facts["build"]
    status, lines = build.get("buildStatus", ""), [*batch_lines(facts), *_phase_lines(fact, build)]
    member = batch_member(facts, str(build.get("arn", "")))
    name = f"Build {build.get('id', subject.action_state.external_id)}{f' ({member} of the batch)' if member else ''}"
    if status == "SUCCEEDED":
        return passed(f"{name} succeeded{_took(build)}.", *spoken(facts), lines=lines)
    if status == "IN_PROGRESS":
        return unknown(f"{name} is in phase {build.get('currentPhase', '?')}.", *spoken(facts), lines=lines)
    phase = failed_phase(build)
    where = f" in phase {phase.get('phaseType')}" if phase else ""
    said = f": {phase_said(phase)}" if phase_said(phase) else ""
    detail = f"{name} ended {status}{where}{_took(build)}{said}".rstrip(".") + "."
    findings: list[Finding] = []
    if status == "FAULT":
        title = f"{build.get('projectName', 'The build')} failed by a fault on CodeBuild's side{where}"
        summary = f"{detail} A fault is CodeBuild's own; a retry usually passes."
        findings.append(
            finding(
                subject,
                _ID,
                "build.infrastructure",
                0.8,
                title,
                summary,
                [fact],
                fixes=[manual("codebuild.retry", "Retry the stage", [retry_hint(subject)])],
                disproved_by="a second run of the same revision that fails in the same way",
            )
        )
    return failed(detail, *spoken(facts), findings=findings, lines=lines)


_NO_ROLE = re.compile(r"service ?role|not authorized|assume|permission", re.IGNORECASE)


def _no_member(subject: Subject, facts: Facts, said: str) -> Answer:
    """The answer where a batch ended before it had a build."""
    project, batch = project_name(subject), facts["batch"]
    role = _NO_ROLE.search(said) is not None
    cause = "permission.action-denied" if role else "build.buildspec-invalid"
    steps = [
        said,
        "A batch needs a role of its own (project, Batch configuration) that may StartBuild, StopBuild and RetryBuild."
        if role
        else "The `batch:` section of the buildspec must be readable and name its builds: `pipemedic lint buildspec`.",
        retry_hint(subject),
    ]
    one = finding(
        subject,
        _ID,
        cause,
        0.85,
        f"The batch of {project} ended before it started a build",
        said,
        [batch],
        fixes=[manual("codebuild.batch", "Correct what the batch names", steps)],
        disproved_by="a build in the batch's groups",
    )
    return failed(f"The batch ended before it started a build: {said}", batch, findings=[one], lines=batch_lines(facts))


BUILD = Step(
    id="build",
    question="Which build is it, and in which phase did it end?",
    why="The phase that failed says where to look: before the sources came, in the commands, or while uploading.",
    reads=BUILD_READS,
    gather=read_build,
    judge=_judge_build,
)


def _judge_project(subject: Subject, facts: Facts) -> Answer:
    fact, name = facts.get("project"), project_name(subject)
    if fact is None:
        return unknown("The action's configuration names no project.")
    if cannot := unseen(fact):
        return cannot
    if project_of(facts):
        return passed(f"Project {name} exists in {subject.region}.", fact)
    if build_of(facts) or not failing(subject):
        return unknown(f"Project {name} is not shown now, though a build of it ran.", fact)
    if fact.ok and name not in fact.get("projectsNotFound", default=()):
        return unknown(f"CodeBuild says nothing of project {name}.", fact)
    title = f"There is no CodeBuild project {name} in {subject.region}"
    sure = not otherwise(subject, "build.project-missing") and not subject.action_state.external_id
    summary = (
        f"Action {subject.action.name} starts project {name}, and CodeBuild in {subject.region} does not know it: it "
        "was renamed or deleted, or lies in another region or account."
    )
    fix = manual(
        "codebuild.project",
        "Name a project that exists",
        [
            f"List the projects of {subject.region} and correct ProjectName in action {subject.action.name}.",
            "A project of another region needs `region` in the action; one of another account needs `roleArn`.",
        ],
        commands=[command(subject, "codebuild", "ListProjects")],
    )
    found = finding(
        subject,
        _ID,
        "build.project-missing",
        0.97 if sure else 0.4,
        title,
        summary,
        [fact],
        fixes=[fix],
        disproved_by="the project in a list of that region",
        proven=sure,
    )
    return failed(f"{title}.", fact, findings=[found])


PROJECT = Step(
    id="project",
    question="Does the project exist where the action looks for it?",
    why="An action can name only a project of its own region and account; a renamed one fails before any build.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects"),
    gather=read_build_and_project,
    judge=_judge_project,
)


async def _gather_stopped(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build(subject, evidence)
    build = build_of(facts)
    ended = build.get("endTime")
    if build.get("buildStatus") == "STOPPED" and isinstance(ended, (int, float)):
        params = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "StopBuild"}],
            "StartTime": ended - 900,
            "EndTime": ended + 300,
        }
        facts["trail"] = await ask(subject, evidence, "cloudtrail", "LookupEvents", params, pages=2)
    return facts


def _judge_stopped(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    build = build_of(facts)
    if build.get("buildStatus") != "STOPPED":
        return passed("Nobody stopped the build.", *spoken(facts), refutes=["build.stopped"] if build else [])
    trail = facts.get("trail")
    events = trail.get("Events", default=()) if trail else ()
    build_id = str(build.get("id", ""))
    mine = [event for event in events if build_id and build_id in str(event.get("CloudTrailEvent", ""))]
    who = str(mine[0].get("Username", "")) if mine else ""
    by = f" by {who}" if who else ""
    note = "" if who or trail is None or trail.ok else f" {why_unseen(trail)}"
    title = f"Build {build_id} was stopped{by}"
    summary = f"CodeBuild reports STOPPED: nothing in the build failed, it was ended from outside{by}.{note}"
    fix = manual(
        "codebuild.retry-stopped",
        "Ask why, then retry the stage",
        [f"Ask {who or 'whoever stopped it'} why it was stopped.", retry_hint(subject)],
    )
    cited = [*spoken(facts), *([trail] if trail else [])]
    whole = subject.execution is not None and subject.execution.status in ("Stopped", "Stopping")
    sure = 0.4 if whole else 0.95  # the execution was stopped, and its build with it
    found = finding(subject, _ID, "build.stopped", sure, title, summary, cited, fixes=[fix], proven=not whole)
    return failed(f"{title}.{note}", *cited, findings=[found])


STOPPED = Step(
    id="stopped",
    question="Did someone stop the build?",
    why="A stopped build has nothing wrong in it; the question is who stopped it and why.",
    reads=(*BUILD_READS, "cloudtrail:LookupEvents"),
    gather=_gather_stopped,
    judge=_judge_stopped,
)


_METRIC = "CPUUtilizedPercent"
_BUSY_PERCENT = 85.0  # from here on, on average, a build waits for its processors


async def _gather_time(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build_and_project(subject, evidence)
    build = build_of(facts)
    if build.get("buildStatus") == "TIMED_OUT":
        facts |= await read_metric(subject, evidence, build, _METRIC)
    return facts


def _phase(build: _Map, name: str) -> _Map:
    return next((phase for phase in build.get("phases") or () if phase.get("phaseType") == name), {})


def _judge_time(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    build = build_of(facts)
    if not build:
        return unknown("There is no build to time.", *spoken(facts))
    limit, queued_limit = build.get("timeoutInMinutes"), build.get("queuedTimeoutInMinutes")
    project, phase = str(build.get("projectName", "")), failed_phase(build)
    queued = _phase(build, "QUEUED")
    if phase.get("phaseStatus") == "TIMED_OUT" and phase.get("phaseType") in ("QUEUED", "SUBMITTED"):
        return _queue_timeout(subject, facts, project, queued_limit)
    if build.get("buildStatus") == "TIMED_OUT" or phase.get("phaseStatus") == "TIMED_OUT":
        return _build_timeout(subject, facts, project, limit, str(phase.get("phaseType", "")))
    waited = queued.get("durationInSeconds")
    queue = f", {duration(waited)} of it in the queue" if isinstance(waited, (int, float)) and waited >= 1 else ""
    ended = ("build.timeout", "build.queue-timeout") if build.get("endTime") else ()
    return passed(f"The build kept within its limit of {limit} minutes{queue}.", *spoken(facts), refutes=ended)


def _queue_timeout(subject: Subject, facts: Facts, project: str, limit: object) -> Answer:
    cap = project_of(facts).get("concurrentBuildLimit")
    capped = f" The project itself allows {cap} builds at once." if cap else ""
    title = f"A build of {project} waited in the queue for its whole limit of {limit} minutes"
    summary = f"CodeBuild never started it: other builds held the capacity.{capped} It was given up unstarted."
    fix = manual(
        "codebuild.concurrency",
        "Make room in the build queue",
        [
            "See which builds run now, and whether one of them hangs.",
            (
                "Raise the project's concurrent build limit, or ask for a higher account quota (Service Quotas, "
                "AWS CodeBuild, concurrently running builds of the compute type)."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "codebuild", "ListBuilds")],
    )
    found = finding(subject, _ID, "build.queue-timeout", 0.95, title, summary, spoken(facts), fixes=[fix], proven=True)
    return failed(f"{title}.", *spoken(facts), findings=[found])


def _build_timeout(subject: Subject, facts: Facts, project: str, limit: object, phase: str) -> Answer:
    title = f"The build of {project} ran into its limit of {limit} minutes in phase {phase or 'unknown'}"
    summary = (
        "CodeBuild ended it at the time-out. Either a command hangs (its last log line says which), or the work has "
        "outgrown the limit."
    )
    cpu, compute = average(facts.get(_METRIC)), str(environment_of(facts).get("computeType", ""))
    busy = cpu is not None and cpu >= _BUSY_PERCENT
    if cpu is not None:
        what = f"{compute} is what holds it up" if busy else "the machine was not what held it up"
        summary += f" CloudWatch saw the CPU at {cpu:.0f} % on average: {what}."
    raised = min(limit * 2, _LONGEST_MIN) if isinstance(limit, int) else 120
    build = build_of(facts)
    url = build_url(
        subject.identity.account, project, str(build.get("id", "")), subject.region, subject.identity.partition
    )
    current = facts.get("project")
    title_of = f"Set the time-out of build project {project} to {raised} minutes"
    values = {"timeoutInMinutes": raised}
    plan = (
        set_project(where_of(subject), current, values, title=title_of, region=elsewhere(subject))
        if current is not None and not foreign(subject)
        else None
    )
    fix = planned(
        "codebuild.timeout",
        f"Raise the time-out of {project}, or find what hangs",
        plan,
        [
            "Read the last lines of the log: the same line for minutes means a command that hangs or waits for input.",
            f"If it only needs longer, raise the limit from {limit} to {raised} minutes.",
            retry_hint(subject),
        ],
        commands=[command(subject, "codebuild", "UpdateProject", name=project, timeoutInMinutes=raised)],
        url=url,
        risk=Risk.LOW,
    )
    faster = _faster(subject, facts, project, compute) if busy else []
    cited = [*spoken(facts), *([facts[_METRIC]] if _METRIC in facts else [])]
    found = finding(
        subject,
        _ID,
        "build.timeout",
        0.95,
        title,
        summary,
        cited,
        fixes=[*faster, fix],
        disproved_by="a build status other than TIMED_OUT",
        proven=True,
    )
    return failed(f"{title}.", *cited, findings=[found])


def _faster(subject: Subject, facts: Facts, project: str, compute: str) -> list[Fix]:
    """The fix for a build whose processors were busy all the time."""
    bigger = larger(compute)
    if not bigger:
        return []
    plan = environment_plan(subject, facts, {"computeType": bigger})
    steps = (f"Set computeType {bigger} instead of {compute}: its processors were busy.", retry_hint(subject))
    return [planned("codebuild.faster", f"Give {project} more processors", plan, steps)]


TIME = Step(
    id="time",
    question="Did the build run out of time, in the queue or at work, and was its machine busy?",
    why="A time-out looks like a failure of the last command, and is none.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects", *METRIC_READS),
    gather=_gather_time,
    judge=_judge_time,
)
