"""The machine a build runs on: Docker, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.console import project_url
from core.fact import Evidence, Fact
from core.finding import Answer, Fix
from core.plan import Plan
from core.plans.codebuild import set_environment
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, not_applicable, passed, unseen
from playbooks._fixes import command, elsewhere, foreign, manual, planned, retry_hint, where_of
from playbooks._scan import Pattern, first

from ._log import message_of
from ._metrics import METRIC_READS, peak, read_metric
from ._reads import (
    LOG_READS,
    build_of,
    log_lines,
    read_build_and_project,
    read_log,
    spoken,
)

__all__ = ["DOCKER", "MEMORY", "environment_of", "environment_plan", "larger"]

_ID = "codebuild"
# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html (Linux, GiB of memory)
_MEMORY_GIB: Mapping[str, int] = {
    "BUILD_GENERAL1_SMALL": 4,
    "BUILD_GENERAL1_MEDIUM": 8,
    "BUILD_GENERAL1_LARGE": 16,
    "BUILD_GENERAL1_XLARGE": 72,
    "BUILD_GENERAL1_2XLARGE": 144,
}
_LARGER: Mapping[str, str] = dict(zip(list(_MEMORY_GIB)[:-1], list(_MEMORY_GIB)[1:], strict=True))
_METRIC = "MemoryUtilizedPercent"
_DAEMON = Pattern(
    r"Cannot connect to the Docker daemon|docker\.sock: connect|Is the docker daemon running",
    "docker daemon",
    "docker.sock",
)
_KILLED = Pattern(
    r"exit (?:status|code):? 137\b|exited? with (?:code|status) 137\b|JavaScript heap out of memory|"
    r"java\.lang\.OutOfMemoryError|Cannot allocate memory|OOMKilled|signal: killed|\bENOMEM\b|^Killed$|"
    r"fatal error: runtime: out of memory|virtual memory exhausted|Container killed due to memory",
    "137",
    "out of memory",
    "outofmemory",
    "allocate memory",
    "oomkilled",
    "killed",
    "enomem",
    "virtual memory",
)


def larger(compute: str) -> str:
    """The next larger machine of the same kind; empty for none."""
    return _LARGER.get(compute, "")


def environment_of(facts: Facts) -> Mapping[str, Any]:
    """The environment of the build; empty where there is none."""
    found = build_of(facts).get("environment") or {}
    return found if isinstance(found, Mapping) else {}


def _first(pattern: Pattern, subject: Subject, facts: Facts) -> tuple[int, int, str] | None:
    """The first line (fact number, line number, text) that matches, in the log or in what the services say."""
    log = facts.get("log")
    if found := first(pattern, log_lines(facts)):
        return (log.n if log else 0, found[0], found[1].strip())
    for line in message_of(subject, facts).splitlines():
        if pattern.search(line):
            return (facts["build"].n if "build" in facts else 0, 0, line.strip())
    return None


def _quoted(hit: tuple[int, int, str]) -> Sequence[tuple[int, str]]:
    return [(hit[0], f"line {hit[1]}: {hit[2]}" if hit[1] else hit[2])]


async def _gather_docker(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_log(subject, evidence)
    return {**(await read_build_and_project(subject, evidence)), **facts} if _first(_DAEMON, subject, facts) else facts


def environment_plan(subject: Subject, facts: Facts, values: Mapping[str, Any]) -> Plan | None:
    """The plan that sets members of the project's environment, where the project was read and is ours."""
    project = facts.get("project")
    if project is None or foreign(subject):
        return None
    return set_environment(where_of(subject), project, values, region=elsewhere(subject))


def _judge_docker(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    environment, build = environment_of(facts), build_of(facts)
    hit = _first(_DAEMON, subject, facts) if build.get("buildStatus") not in ("SUCCEEDED", "IN_PROGRESS") else None
    privileged = bool(environment.get("privilegedMode"))
    if not build and hit is None:
        return not_applicable("There is no build that could have used Docker.", *spoken(facts))
    if hit is None:
        return passed(
            f"No trouble with a Docker daemon; privileged mode is {'on' if privileged else 'off'}.", *spoken(facts)
        )
    project = str(build.get("projectName", ""))
    if privileged:
        title = f"The Docker daemon did not answer in the build of {project}"
        summary = f"Privileged mode is on, so a daemon can run, but the build could not reach it: {hit[2]}"
        steps = [
            "A custom image must start dockerd itself (dockerd-entrypoint.sh) and wait until it answers.",
            retry_hint(subject),
        ]
        fix = manual("codebuild.dockerd", "Start the Docker daemon before it is used", steps)
    else:
        title = f"The build of {project} uses Docker, and privileged mode is off"
        summary = f"Without privileged mode no Docker daemon runs in the build: {hit[2]}"
        fix = planned(
            "codebuild.privileged",
            f"Turn privileged mode on for {project}",
            environment_plan(subject, facts, {"privilegedMode": True}),
            [
                (
                    f"Edit project {project}, Environment, and enable the privileged flag (its image, type and compute "
                    "stay as they are)."
                ),
                retry_hint(subject),
            ],
            commands=_edit_environment(subject, project),
            url=project_url(subject.identity.account, project, subject.region, subject.identity.partition),
        )
    one = finding(
        subject,
        _ID,
        "build.docker-daemon",
        0.96 if not privileged else 0.85,
        title,
        summary,
        spoken(facts),
        fixes=[fix],
        disproved_by="a Docker command that works earlier in the same log",
        proven=not privileged,
    )
    return failed(f"{title}.", *spoken(facts), findings=[one], lines=_quoted(hit))


DOCKER = Step(
    id="docker",
    question="If the build uses Docker, does a daemon run?",
    why="Docker in CodeBuild needs privileged mode, a setting of the project that no log names.",
    reads=(*LOG_READS, "codebuild:BatchGetProjects"),
    gather=_gather_docker,
    judge=_judge_docker,
)


async def _gather_memory(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_log(subject, evidence)
    build = build_of(facts)
    if build.get("buildStatus") == "FAILED" and _first(_KILLED, subject, facts):
        facts = {**(await read_build_and_project(subject, evidence)), **facts}
        facts |= await read_metric(subject, evidence, build, _METRIC)
    return facts


def _judge_memory(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    build, compute = build_of(facts), str(environment_of(facts).get("computeType", ""))
    if build.get("buildStatus") in (None, "SUCCEEDED", "IN_PROGRESS"):
        return not_applicable("The build has not failed.", *spoken(facts))
    hit, seen = _first(_KILLED, subject, facts), peak(facts.get(_METRIC))
    size = f"{compute} ({_MEMORY_GIB[compute]} GiB)" if compute in _MEMORY_GIB else compute or "its machine"
    if hit is None:
        return passed(f"Nothing speaks of memory running out on {size}.", *spoken(facts))
    measured = f" CloudWatch saw memory at {seen:.0f} % at the most." if seen is not None else ""
    project = str(build.get("projectName", ""))
    title = f"The build of {project} ran out of memory on {size}"
    summary = f"A process was killed or could not get memory: {hit[2]}.{measured}"
    low = seen is not None and seen < 80
    one = finding(
        subject,
        _ID,
        "build.out-of-memory",
        0.6 if low else 0.95,
        title,
        summary,
        [*spoken(facts), *([facts[_METRIC]] if _METRIC in facts else [])],
        fixes=[_memory_fix(subject, facts, project, compute)],
        disproved_by="CloudWatch metrics that show memory far below 100 % when the process was killed",
        proven=not low,
    )
    return failed(f"{title}.{measured}", *_cited(facts), findings=[one], lines=_quoted(hit))


def _memory_fix(subject: Subject, facts: Facts, project: str, compute: str) -> Fix:
    bigger = larger(compute)
    steps = [
        f"Set computeType {bigger} instead of {compute}." if bigger else "Use a larger machine.",
        "Or let it need less: fewer parallel workers, a smaller heap (NODE_OPTIONS=--max-old-space-size=…, -Xmx…).",
        retry_hint(subject),
    ]
    url = project_url(subject.identity.account, project, subject.region, subject.identity.partition)
    return planned(
        "codebuild.memory",
        f"Give {project} more memory",
        environment_plan(subject, facts, {"computeType": bigger}) if bigger else None,
        steps,
        commands=_edit_environment(subject, project),
        url=url,
    )


def _edit_environment(subject: Subject, project: str) -> list[str]:
    """Commands that change a project's environment and keep its variables (the update replaces all of it)."""
    read = command(subject, "codebuild", "BatchGetProjects", names=[project])
    write = command(subject, "codebuild", "UpdateProject", name=project, environment="file://environment.json")
    return [f"{read} --query 'projects[0].environment' > environment.json", write]


def _cited(facts: Facts) -> list[Fact]:
    """The build's facts with the metric."""
    return [*spoken(facts), *([facts[_METRIC]] if _METRIC in facts else [])]


MEMORY = Step(
    id="memory",
    question="Did the build run out of memory?",
    why="Exit code 137 is a kill from outside, nearly always for memory; the log of the command says nothing of it.",
    reads=(*LOG_READS, "codebuild:BatchGetProjects", *METRIC_READS),
    gather=_gather_memory,
    judge=_judge_memory,
)
