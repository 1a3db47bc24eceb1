"""The machine a build runs on: image, Docker, memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.console import project_url
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Fix
from core.plan import Plan
from core.plans.codebuild import set_environment
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, not_applicable, passed, unknown, unseen
from playbooks._ask import ask
from playbooks._build_needs import ecr_repository
from playbooks._fixes import command, elsewhere, foreign, manual, planned, retry_hint, where_of
from playbooks._scan import Pattern, first

from ._log import message_of
from ._reads import (
    BUILD_READS,
    LOG_READS,
    build_of,
    failed_phase,
    log_lines,
    phase_said,
    read_build,
    read_build_and_project,
    read_log,
    spoken,
)

__all__ = ["DOCKER", "IMAGE", "MEMORY"]

_ID = "codebuild"
_PULL = re.compile(r"UNABLE_TO_PULL|pull.{0,40}image|manifest unknown|image.{0,30}not found", re.IGNORECASE)
# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html (Linux, GiB of memory)
_MEMORY_GIB: Mapping[str, int] = {
    "BUILD_GENERAL1_SMALL": 4,
    "BUILD_GENERAL1_MEDIUM": 8,
    "BUILD_GENERAL1_LARGE": 16,
    "BUILD_GENERAL1_XLARGE": 72,
    "BUILD_GENERAL1_2XLARGE": 144,
}
_LARGER: Mapping[str, str] = dict(zip(list(_MEMORY_GIB)[:-1], list(_MEMORY_GIB)[1:], strict=True))
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


def _environment(facts: Facts) -> Mapping[str, Any]:
    found = build_of(facts).get("environment") or {}
    return found if isinstance(found, Mapping) else {}


async def _gather_image(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build(subject, evidence)
    image = str(_environment(facts).get("image", ""))
    repository = ecr_repository(image)
    if repository and failed_phase(build_of(facts)).get("phaseType") == "PROVISIONING":
        account, region, name = repository
        tag = image.rpartition(":")[2] if ":" in image.rpartition("/")[2] else "latest"
        which = {"imageDigest": image.partition("@")[2]} if "@" in image else {"imageTag": tag}
        params = {"registryId": account, "repositoryName": name, "imageIds": [which]}
        facts["image"] = await ask(subject, evidence, "ecr", "DescribeImages", params, region=region)
    return facts


def _judge_image(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    build, environment = build_of(facts), _environment(facts)
    image = str(environment.get("image", ""))
    if not build:
        return unknown("There is no build to ask for its image.", *spoken(facts))
    phase = failed_phase(build)
    if phase.get("phaseType") in ("SUBMITTED", "QUEUED"):
        return unknown(f"The build ended before it pulled its image {image}.", *spoken(facts))
    if phase.get("phaseType") != "PROVISIONING":
        detail = (
            f"The image {image} was pulled ({environment.get('type', '?')}, {environment.get('computeType', '?')})."
        )
        return passed(detail, *spoken(facts), refutes=["build.image-pull-failed"] if phase else [])
    said, found = phase_said(phase), facts.get("image")
    absent = found is not None and (found.outcome is Outcome.NO_DATA or found.get("imageDetails") == [])
    if not absent and not _PULL.search(said):
        return failed(f"The build machine could not be made ready: {said}", *spoken(facts))
    credentials = environment.get("imagePullCredentialsType", "CODEBUILD")
    cited = [*spoken(facts), *([found] if found else [])]
    title = f"CodeBuild cannot pull the build image {image}"
    why = "the registry has no such image or tag" if absent else f"credentials used: {credentials}"
    summary = f"PROVISIONING failed before any command ran: {said} ({why})."
    fix = manual(
        "codebuild.image",
        "Name an image that exists and that CodeBuild may pull",
        [
            f"Check that {image} exists in its registry, for the project's architecture ({environment.get('type')}).",
            (
                "A private image of another account needs imagePullCredentialsType SERVICE_ROLE, the role's "
                "ECR rights, and a repository policy that lets this account in; with CODEBUILD credentials that policy "
                "must let codebuild.amazonaws.com in."
            ),
            retry_hint(subject),
        ],
        commands=[command(subject, "codebuild", "ListCuratedEnvironmentImages")],
    )
    one = finding(
        subject,
        _ID,
        "build.image-pull-failed",
        0.96 if absent else 0.9,
        title,
        summary,
        cited,
        fixes=[fix],
        disproved_by="the image in its registry under that tag, and a repository policy that lets the puller in",
        proven=True,
    )
    return failed(f"{title}: {why}.", *cited, findings=[one])


IMAGE = Step(
    id="image",
    question="Could the build image be pulled?",
    why="A wrong tag, a missing right on the repository or another architecture ends the build in PROVISIONING.",
    reads=(*BUILD_READS, "ecr:DescribeImages"),
    gather=_gather_image,
    judge=_judge_image,
)


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


def _environment_plan(subject: Subject, facts: Facts, values: Mapping[str, Any]) -> Plan | None:
    """The plan that sets members of the project's environment, where the project was read and is ours."""
    project = facts.get("project")
    if project is None or foreign(subject):
        return None
    return set_environment(where_of(subject), project, values, region=elsewhere(subject))


def _judge_docker(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    environment, build = _environment(facts), build_of(facts)
    hit = _first(_DAEMON, subject, facts) if build.get("buildStatus") not in ("SUCCEEDED", "IN_PROGRESS") else None
    privileged = bool(environment.get("privilegedMode"))
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
            _environment_plan(subject, facts, {"privilegedMode": True}),
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
    start, end = build.get("startTime"), build.get("endTime")
    if not isinstance(start, (int, float)) or not isinstance(end, (int, float)):
        return facts
    if build.get("buildStatus") == "FAILED" and _first(_KILLED, subject, facts):
        facts = {**(await read_build_and_project(subject, evidence)), **facts}
        dimensions = {
            "ProjectName": build.get("projectName", ""),
            "BuildId": str(build.get("id", "")).partition(":")[2],
            "BuildNumber": str(build.get("buildNumber", "")),
        }
        params = {
            "Namespace": "AWS/CodeBuild",
            "MetricName": "MemoryUtilizedPercent",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items() if value],
            "StartTime": start - 60,
            "EndTime": end + 60,
            "Period": 60,
            "Statistics": ["Maximum"],
        }
        facts["memory"] = await ask(subject, evidence, "cloudwatch", "GetMetricStatistics", params)
    return facts


def _peak(facts: Facts) -> float | None:
    fact = facts.get("memory")
    points = fact.get("Datapoints", default=()) if fact else ()
    seen = [float(point["Maximum"]) for point in points if isinstance(point.get("Maximum"), (int, float))]
    return max(seen, default=None)


def _judge_memory(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    build, compute = build_of(facts), str(_environment(facts).get("computeType", ""))
    if build.get("buildStatus") in (None, "SUCCEEDED", "IN_PROGRESS"):
        return not_applicable("The build has not failed.", *spoken(facts))
    hit, peak = _first(_KILLED, subject, facts), _peak(facts)
    size = f"{compute} ({_MEMORY_GIB[compute]} GiB)" if compute in _MEMORY_GIB else compute or "its machine"
    if hit is None:
        return passed(f"Nothing speaks of memory running out on {size}.", *spoken(facts))
    measured = f" CloudWatch saw memory at {peak:.0f} % at the most." if peak is not None else ""
    project = str(build.get("projectName", ""))
    title = f"The build of {project} ran out of memory on {size}"
    summary = f"A process was killed or could not get memory: {hit[2]}.{measured}"
    low = peak is not None and peak < 80
    one = finding(
        subject,
        _ID,
        "build.out-of-memory",
        0.6 if low else 0.95,
        title,
        summary,
        [*spoken(facts), *([facts["memory"]] if "memory" in facts else [])],
        fixes=[_memory_fix(subject, facts, project, compute)],
        disproved_by="CloudWatch metrics that show memory far below 100 % when the process was killed",
        proven=not low,
    )
    return failed(f"{title}.{measured}", *_cited(facts), findings=[one], lines=_quoted(hit))


def _memory_fix(subject: Subject, facts: Facts, project: str, compute: str) -> Fix:
    bigger = _LARGER.get(compute, "")
    steps = [
        f"Set computeType {bigger} instead of {compute}." if bigger else "Use a larger machine.",
        "Or let it need less: fewer parallel workers, a smaller heap (NODE_OPTIONS=--max-old-space-size=…, -Xmx…).",
        retry_hint(subject),
    ]
    url = project_url(subject.identity.account, project, subject.region, subject.identity.partition)
    return planned(
        "codebuild.memory",
        f"Give {project} more memory",
        _environment_plan(subject, facts, {"computeType": bigger}) if bigger else None,
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
    return [*spoken(facts), *([facts["memory"]] if "memory" in facts else [])]


MEMORY = Step(
    id="memory",
    question="Did the build run out of memory?",
    why="Exit code 137 is a kill from outside, nearly always for memory; the log of the command says nothing of it.",
    reads=(*LOG_READS, "codebuild:BatchGetProjects", "cloudwatch:GetMetricStatistics"),
    gather=_gather_memory,
    judge=_judge_memory,
)
