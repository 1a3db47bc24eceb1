"""Privileged builds that have no use for Docker."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.audit.buildspecs import buildspec_of
from core.audit.case import Case, Kind, project_of
from core.audit.fixes import environment_command, project_fix, shows_no_secret
from core.audit.grants import grants
from core.audit.model import Issue, Rule, Severity
from core.fact import Fact
from core.plans.codebuild import set_environment

_DOCKER = re.compile(
    r"(?i)\b(?:docker|buildx|buildah|podman|kaniko|dockerd|compose|sam build .*--use-container|testcontainers)\b"
)
_SCRIPT = re.compile(r"\.sh\b|\bmake\b|(?:npm|yarn|pnpm) run\b|gradlew|mvnw|\./")
_HINTS = re.compile(r"(?i)docker|ecr|image|container|repo")


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.PROJECT):
        project = project_of(fact)
        environment = project.get("environment") or {}
        if not environment.get("privilegedMode") or str(environment.get("type", "")).startswith("WINDOWS"):
            continue
        sure, why = _without_docker(case, key, fact)
        if not why:
            continue
        name, region = str(project.get("name", "")), key.partition("/")[0]
        values = {"privilegedMode": False}
        plan = set_environment(case.where, fact, values, region=region) if shows_no_secret(fact) else None
        yield Issue(
            Severity.MEDIUM if sure else Severity.LOW,
            f"Build project {name} runs privileged {'without need' if sure else 'and nothing shows a need'}",
            f"{why} Privileged means root over the host's devices for everything that the build downloads.",
            str(project.get("arn", name)),
            facts=(fact,),
            lines=((fact.n, "environment.privilegedMode: true"),),
            fixes=(
                project_fix(
                    case,
                    key,
                    "audit.unprivileged",
                    f"Turn privileged mode off in {name}",
                    ("Turn it off and run the build once; a build that needs Docker says so at once.",),
                    plan=plan,
                    commands=environment_command(case, key, project, values),
                ),
            ),
        )


def _without_docker(case: Case, key: str, fact: Fact) -> tuple[bool, str]:
    """Whether it is sure that no Docker is used, and why it seems so; empty where something points to Docker."""
    project = project_of(fact)
    if spec := buildspec_of(case, key, fact):
        if _DOCKER.search(spec.text):
            return False, ""
        if spec.fact is fact:
            return True, "Its buildspec has no command that uses Docker."
        if not _SCRIPT.search(spec.text):
            return True, f"No command of {spec.where} uses Docker, and none runs a script that could."
    environment = project.get("environment") or {}
    names = (str(each.get("name", "")) for each in environment.get("environmentVariables") or ())
    cached = "LOCAL_DOCKER_LAYER_CACHE" in ((project.get("cache") or {}).get("modes") or ())
    role = str(project.get("serviceRole", ""))
    pushes = any(grant.allows("ecr:PutImage") for grant in grants(case, role))
    hints = cached or pushes or "docker" in str(environment.get("image", "")) or any(map(_HINTS.search, names))
    if hints or not case.ok(Kind.INLINE_NAMES, role):
        return False, ""
    return False, (
        "Its buildspec could not be read, or runs scripts of the source; its role may not push an image, "
        "and neither its variables nor its cache speak of Docker."
    )


RULE = Rule(
    "privileged",
    "audit.privileged",
    "A build runs privileged without need",
    "A malicious dependency then breaks out of the container with no further hole.",
    Severity.MEDIUM,
    (Kind.PROJECT, Kind.RUNS, Kind.SPEC),
    _judge,
    "https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html#troubleshooting-cannot-connect-to-docker-daemon",
)
