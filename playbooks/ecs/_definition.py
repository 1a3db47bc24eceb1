"""What the task definition names: image, secrets, roles."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._build_needs import ecr_repository
from playbooks._ecs import (
    DEFINITION_READS,
    TASK_READS,
    containers_of,
    definition_of,
    events_of,
    family,
    newest_definition,
    read_definition,
    read_tasks,
    stopped_tasks,
)
from playbooks._fixes import command, manual, retry_hint
from playbooks._grants import GRANT_READS, Judged, judge_grants, judge_role, read_grants
from playbooks._needs import Need, arn
from playbooks._roles import read_role, service_caller

__all__ = ["IMAGE", "ROLES", "SECRETS", "said"]

_ID = "ecs"
_Map = Mapping[str, Any]
_MOST = 6
_EARLY = re.compile(r"CannotPullContainer|ResourceInitializationError|unable to pull secrets", re.IGNORECASE)
_NO_IMAGE = ("ImageNotFoundException", "RepositoryNotFoundException")
_PULL = re.compile(r"CannotPull|pull.{0,20}image|image.{0,40}not found|manifest", re.IGNORECASE)
_SET_UP = re.compile(r"ResourceInitializationError|secret|parameter|ssm", re.IGNORECASE)


def said(subject: Subject, facts: Facts) -> str:
    """All the text there is: the action's message and the service's events."""
    return "\n".join([subject.action_state.error_message, *events_of(facts)[:20]])


def _ready(facts: Facts) -> Answer | None:
    """The answer where there is no task definition to look at."""
    if cannot := unseen(facts.get("service"), facts.get("definition")):
        return cannot
    return None if containers_of(facts) else unknown("The task definition is not known.", *facts.values())


# --- image


def _start_troubles(facts: Facts, kind: re.Pattern[str]) -> tuple[list[str], bool]:
    """What stopped tasks and events say of such a start, and whether tasks of the newest revision got past it."""
    newest = newest_definition(facts)
    stopped = [task for task in stopped_tasks(facts) if task.definition == newest]
    early = [task.reason for task in stopped if kind.search(task.reason)]
    early += [event for event in events_of(facts)[:20] if kind.search(event)]
    past = any(not _EARLY.search(task.reason) and task.code != "TaskFailedToStart" for task in stopped)
    return early, past


async def _read_with_tasks(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    definition, tasks = await asyncio.gather(read_definition(subject, evidence), read_tasks(subject, evidence))
    return {**tasks, **definition}


async def _gather_image(subject: Subject, evidence: Evidence) -> Facts:
    facts = await _read_with_tasks(subject, evidence)
    reads = {}
    for each in containers_of(facts)[:_MOST]:
        image = str(each.get("image", ""))
        if repository := ecr_repository(image):
            account, region, name = repository
            tag = image.rpartition(":")[2] if ":" in image.rpartition("/")[2] else "latest"
            which = {"imageDigest": image.partition("@")[2]} if "@" in image else {"imageTag": tag}
            params = {"registryId": account, "repositoryName": name, "imageIds": [which]}
            reads[f"image:{image}"] = ask(subject, evidence, "ecr", "DescribeImages", params, region=region)
    return {**facts, **dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))}


def _judge_image(subject: Subject, facts: Facts) -> Answer:
    if nothing := _ready(facts):
        return nothing
    images = {name.partition(":")[2]: fact for name, fact in facts.items() if name.startswith("image:")}
    if not images:
        return not_applicable("No container takes its image from ECR.", facts["definition"])
    gone = [
        image
        for image, fact in images.items()
        if fact.outcome is Outcome.NO_DATA or (fact.get("imageDetails") is not None and not fact.get("imageDetails", 0))
    ]
    if not gone:
        if cannot := unseen(*images.values()):
            return cannot
        return passed(
            f"{plural(len(images), 'image')} of {family(newest_definition(facts))} are in ECR.", *images.values()
        )
    title = f"The image {gone[0]} is not in ECR"
    early, past = _start_troubles(facts, _PULL)
    if past and not early:
        return unknown(f"{title} now, yet tasks of that revision did start.", *images.values())
    fix = manual(
        "ecs.image",
        "Push the image, or deploy one that is there",
        [
            (
                f"{family(newest_definition(facts))} names {gone[0]}. Was it pushed under that tag, and not expired "
                "by a "
                "lifecycle policy?"
            ),
            "Check that the build pushes the tag that imagedefinitions.json names.",
            retry_hint(subject),
        ],
        commands=[
            command(subject, "ecr", "DescribeImages", repositoryName=(ecr_repository(gone[0]) or ("", "", "?"))[2])
        ],
    )
    one = finding(
        subject,
        _ID,
        "ecs.image-pull",
        0.96 if early else 0.8 if images[gone[0]].ok or images[gone[0]].code in _NO_IMAGE else 0.4,
        title,
        f"{title}: every new task fails to start with CannotPullContainerError.",
        [images[gone[0]], facts["definition"]],
        fixes=[fix],
        disproved_by="the image in the repository under that tag",
        proven=bool(early),
    )
    return failed(f"{title}.", *images.values(), findings=[one] if failing(subject) else [])


IMAGE = Step(
    id="image",
    question="Is the image that the task definition names in its registry?",
    why="A tag that was never pushed, or has expired, stops every new task.",
    reads=(*DEFINITION_READS, *TASK_READS, "ecr:DescribeImages"),
    gather=_gather_image,
    judge=_judge_image,
)


# --- secrets


def _references(facts: Facts) -> list[tuple[str, str, str]]:
    """(container, variable, what it names) of all secrets."""
    return [
        (str(container.get("name")), str(secret.get("name")), str(secret.get("valueFrom", "")))
        for container in containers_of(facts)
        for secret in container.get("secrets") or ()
    ]


def _is_secret(value: str) -> bool:
    return ":secretsmanager:" in value


def _secret_id(value: str) -> str:
    return ":".join(value.split(":")[:7])


def _parameter(value: str) -> str:
    name = value.partition(":parameter/")[2] if value.startswith("arn:") else value
    return f"/{name}" if value.startswith("arn:") and "/" in name else name


async def _gather_secrets(subject: Subject, evidence: Evidence) -> Facts:
    facts = await _read_with_tasks(subject, evidence)
    values = list(dict.fromkeys(value for _, _, value in _references(facts)))
    parameters = sorted({_parameter(value) for value in values if not _is_secret(value)})[:50]
    reads = {}
    if parameters:
        filters = [{"Key": "Name", "Option": "Equals", "Values": parameters}]
        reads["parameters"] = ask(subject, evidence, "ssm", "DescribeParameters", {"ParameterFilters": filters})
    for secret in sorted({_secret_id(value) for value in values if _is_secret(value)})[:_MOST]:
        reads[f"secret:{secret}"] = ask(subject, evidence, "secretsmanager", "DescribeSecret", {"SecretId": secret})
    return {**facts, **dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))}


def _missing(facts: Facts) -> list[tuple[str, str, Fact]]:
    """(variable, what it names, fact) of secrets and parameters that are not there."""
    found = []
    for _, variable, value in _references(facts):
        if _is_secret(value):
            fact = facts.get(f"secret:{_secret_id(value)}")
            if fact and (fact.outcome is Outcome.NO_DATA or fact.get("DeletedDate") is not None):
                found.append((variable, _secret_id(value), fact))
        elif (fact := facts.get("parameters")) and fact.ok:
            known = {str(each.get("Name")) for each in fact.get("Parameters", default=())}
            if _parameter(value) not in known:
                found.append((variable, _parameter(value), fact))
    return found


def _judge_secrets(subject: Subject, facts: Facts) -> Answer:
    if nothing := _ready(facts):
        return nothing
    references = _references(facts)
    if not references:
        return not_applicable("The task definition names no secrets.", facts["definition"])
    asked = [fact for name, fact in facts.items() if name == "parameters" or name.startswith("secret:")]
    missing = _missing(facts)
    if not missing:
        if cannot := unseen(*asked):
            return cannot
        return passed(f"All {len(references)} secrets and parameters exist.", facts["definition"], *asked)
    variable, value, fact = missing[0]
    title = f"{value}, which variable {variable} names, does not exist"
    early, past = _start_troubles(facts, _SET_UP)
    if past and not early:
        return unknown(f"{title} now, yet tasks of that revision did start.", facts["definition"], *asked)
    fix = manual(
        f"ecs.secret:{value}",
        f"Create {value}, or correct the name in the task definition",
        [
            f"The task definition wants {value} for {variable}; ECS fetches it before the container starts.",
            retry_hint(subject),
        ],
        commands=[command(subject, "ecs", "DescribeTaskDefinition", taskDefinition=newest_definition(facts))],
    )
    one = finding(
        subject,
        _ID,
        "ecs.secrets",
        0.96 if early else 0.6,
        title,
        f"{title}: every new task ends in ResourceInitializationError before its container runs.",
        [facts["definition"], fact],
        fixes=[fix],
        disproved_by="a secret or parameter of exactly that name in that region",
        proven=bool(early),
    )
    all_of_them = "; ".join(f"{name} needs {what}, which is not there" for name, what, _ in missing)
    return failed(f"{all_of_them}.", facts["definition"], *asked, findings=[one] if failing(subject) else [])


SECRETS = Step(
    id="secrets",
    question="Do the secrets and parameters exist that the containers are given?",
    why="ECS fetches them before the container starts; a missing one stops every task.",
    reads=(*DEFINITION_READS, *TASK_READS, "ssm:DescribeParameters", "secretsmanager:DescribeSecret"),
    gather=_gather_secrets,
    judge=_judge_secrets,
)


# --- roles


def _needs(subject: Subject, facts: Facts) -> list[Need]:
    """What the execution role needs for this task definition."""
    needs: list[Need] = []
    for container in containers_of(facts):
        if repository := ecr_repository(str(container.get("image", ""))):
            account, region, name = repository
            resource = arn(subject, "ecr", f"repository/{name}", account=account, region=region)
            why, cause = "to pull the image", "ecs.image-pull"
            needs += [
                Need("ecr:GetAuthorizationToken", "*", why, cause),
                Need("ecr:BatchGetImage", resource, why, cause),
                Need("ecr:GetDownloadUrlForLayer", resource, why, cause),
            ]
        configured = container.get("logConfiguration") or {}
        group = (configured.get("options") or {}).get("awslogs-group")
        if configured.get("logDriver") == "awslogs" and group:
            resource = arn(subject, "logs", f"log-group:{group}:*")
            needs += [
                Need(f"logs:{name}", resource, "to write the log", "ecs.secrets")
                for name in ("CreateLogStream", "PutLogEvents")
            ]
        for secret in container.get("secrets") or ():
            value = str(secret.get("valueFrom", ""))
            if _is_secret(value):
                needs.append(Need("secretsmanager:GetSecretValue", _secret_id(value), "for a secret", "ecs.secrets"))
            else:
                parameter = value if value.startswith("arn:") else arn(subject, "ssm", f"parameter/{value.lstrip('/')}")
                needs.append(Need("ssm:GetParameters", parameter, "for a parameter", "ecs.secrets"))
    return list(dict.fromkeys(needs))


async def _gather_roles(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_definition(subject, evidence)
    role, own = (str(definition_of(facts).get(name, "")) for name in ("executionRoleArn", "taskRoleArn"))
    if own and own != role:
        facts["task-role"] = await read_role(subject, evidence, own)
    return {**facts, **(await read_grants(subject, evidence, role, _needs(subject, facts)))} if role else facts


def _task_role(subject: Subject, facts: Facts, text: str) -> Judged:
    """Whether the role that the containers themselves work with is there and lets ECS in."""
    if "task-role" not in facts:
        return Judged()
    role = str(definition_of(facts).get("taskRoleArn", ""))
    caller = service_caller(subject, "ecs-tasks.amazonaws.com")
    return judge_role(subject, _ID, {"role": facts["task-role"]}, role, caller, text)


def _judge_roles(subject: Subject, facts: Facts) -> Answer:
    if nothing := _ready(facts):
        return nothing
    role = str(definition_of(facts).get("executionRoleArn", ""))
    needs = _needs(subject, facts)
    if not role:
        wanted = ", ".join(dict.fromkeys(need.action for need in needs))
        return unknown(
            f"The task definition has no execution role{f'; it would need {wanted}' if wanted else ''}.",
            facts["definition"],
        )
    text = said(subject, facts)
    trust = judge_role(subject, _ID, facts, role, service_caller(subject, "ecs-tasks.amazonaws.com"), text)
    grants = judge_grants(subject, _ID, facts, role, needs, text)
    own = _task_role(subject, facts, text)
    of_roles = (name for name in facts if name in ("role", "task-role") or name.startswith("sim:"))
    cited = [facts["definition"], *(facts[name] for name in of_roles)]
    lines = [*trust.lines, *grants.lines, *own.lines]
    if trust.trouble or grants.trouble or own.trouble:
        return failed(
            " ".join(each for each in (trust.trouble, grants.trouble, own.trouble) if each),
            *cited,
            findings=(*trust.findings, *grants.findings, *own.findings),
            lines=lines,
        )
    if cannot := unseen(*cited):
        return cannot
    return passed(f"{trust.detail} {grants.detail}".strip(), *cited, lines=lines)


ROLES = Step(
    id="roles",
    question="May ECS use the execution role and the task role, and may the former pull, log and read secrets?",
    why="The execution role works before the container does; its lacks show as tasks that never start.",
    reads=(*DEFINITION_READS, *GRANT_READS),
    gather=_gather_roles,
    judge=_judge_roles,
)
