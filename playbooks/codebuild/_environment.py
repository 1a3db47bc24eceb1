"""Environment variables: whether the parameters and secrets they name exist; what should not stand in plain text."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.arn import Arn
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding, Fix
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, healthy, not_applicable, passed, unseen, why_unseen
from playbooks._ask import ask
from playbooks._fixes import command, manual, retry_hint

from ._reads import BUILD_READS, build_of, failed_phase, phase_said, project_of, read_build_and_project, spoken

__all__ = ["ENVIRONMENT"]

_ID = "codebuild"
_SECRETIVE = re.compile(r"(?:SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY)", re.IGNORECASE)
_KEY_ID = re.compile(r"^(?:AKIA|ASIA)[0-9A-Z]{16}$")
_MOST_SECRETS = 8
_Map = Mapping[str, Any]


def variables_of(facts: Facts) -> list[_Map]:
    """The build's variables (the action's overrides are among them), or the project's where there is no build."""
    holder = build_of(facts) or project_of(facts)
    return list((holder.get("environment") or {}).get("environmentVariables") or ())


def _values(variables: Sequence[_Map], kind: str) -> dict[str, str]:
    """What variables of a kind refer to, by variable name."""
    return {str(each.get("name")): str(each.get("value", "")) for each in variables if each.get("type") == kind}


def _parameter(value: str) -> str:
    """A parameter's name as Systems Manager lists it, from a name or an ARN."""
    if not value.startswith("arn:"):
        return value
    name = value.partition(":parameter/")[2]
    return f"/{name}" if "/" in name else name


def _secret_id(value: str) -> str:
    """A secret's id, from ``id:json-key:stage:version``."""
    return ":".join(value.split(":")[:7]) if value.startswith("arn:") else value.split(":", 1)[0]


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build_and_project(subject, evidence)
    variables = variables_of(facts)
    parameters = sorted({_parameter(each) for each in _values(variables, "PARAMETER_STORE").values()})
    secrets = sorted({_secret_id(each) for each in _values(variables, "SECRETS_MANAGER").values()})[:_MOST_SECRETS]
    reads = {}
    if parameters:
        names = {"Key": "Name", "Option": "Equals", "Values": parameters[:50]}
        reads["parameters"] = ask(subject, evidence, "ssm", "DescribeParameters", {"ParameterFilters": [names]})
    for secret in secrets:
        reads[f"secret:{secret}"] = ask(subject, evidence, "secretsmanager", "DescribeSecret", {"SecretId": secret})
    found = await asyncio.gather(*reads.values())
    return {**facts, **dict(zip(reads, found, strict=True))}


def _shared(subject: Subject, value: str) -> bool:
    """Whether a parameter belongs to another account: those are not listed here."""
    arn = Arn.parse(value)
    return arn is not None and arn.account not in ("", subject.identity.account)


def _missing_parameters(subject: Subject, facts: Facts, variables: Sequence[_Map]) -> list[tuple[str, str, Fact]]:
    """(variable, parameter, fact) of parameters that do not exist."""
    fact = facts.get("parameters")
    if fact is None or not (fact.ok or fact.outcome is Outcome.NO_DATA):
        return []
    known = {str(each.get("Name")) for each in fact.get("Parameters", default=())}
    wanted = _values(variables, "PARAMETER_STORE")
    return [
        (name, _parameter(value), fact)
        for name, value in wanted.items()
        if _parameter(value) not in known and not _shared(subject, value)
    ]


def _missing_secrets(facts: Facts, variables: Sequence[_Map]) -> list[tuple[str, str, Fact]]:
    """(variable, secret, fact) of secrets that do not exist or are being deleted."""
    found = []
    for name, value in _values(variables, "SECRETS_MANAGER").items():
        fact = facts.get(f"secret:{_secret_id(value)}")
        if fact and (fact.outcome is Outcome.NO_DATA or fact.get("DeletedDate") is not None or _empty(fact)):
            found.append((name, _secret_id(value), fact))
    return found


def _empty(fact: Fact) -> bool:
    """Whether a secret has no current value: it was made, and nothing was ever put into it."""
    stages = fact.get("VersionIdsToStages")
    return isinstance(stages, Mapping) and not any("AWSCURRENT" in each for each in stages.values())


def _fix(subject: Subject, kind: str, name: str) -> Fix:
    if kind == "parameter":
        make = command(subject, "ssm", "PutParameter", Name=name, Type="SecureString", Value="VALUE")
    else:
        make = command(subject, "secretsmanager", "CreateSecret", Name=name, SecretString="VALUE")
    return manual(
        f"codebuild.{kind}:{name}",
        f"Create the {kind} {name}, or correct the name",
        [
            (
                f"Look whether the {kind} exists under another name, path or region (this build runs in "
                f"{subject.region})."
            ),
            (
                "Correct the name in the project's environment, in the action's EnvironmentVariables or in the "
                "buildspec's env section, or create it."
            ),
            retry_hint(subject),
        ],
        commands=[make],
    )


def _odd(variables: Sequence[_Map]) -> list[tuple[int, str]]:
    """Remarks on variables that work: plain-text secrets and reserved names."""
    lines = []
    for each in variables:
        name, value = str(each.get("name", "")), str(each.get("value", ""))
        if each.get("type", "PLAINTEXT") == "PLAINTEXT" and value and (_SECRETIVE.search(name) or _KEY_ID.match(value)):
            lines.append((0, f"{name} looks like a secret and stands in plain text (its value is not shown here)."))
        if name.startswith("CODEBUILD_"):
            lines.append((0, f"{name} begins with CODEBUILD_, which CodeBuild keeps for itself."))
    return lines


def _judge(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(*spoken(facts)):
        return cannot
    variables = variables_of(facts)
    if not variables:
        return not_applicable("The build has no environment variables of its own.", *spoken(facts))
    missing = [("parameter", *each) for each in _missing_parameters(subject, facts, variables)]
    missing += [("secret", *each) for each in _missing_secrets(facts, variables)]
    lines = _odd(variables)
    asked = [fact for name, fact in facts.items() if name == "parameters" or name.startswith("secret:")]
    if not missing:
        if cannot := unseen(*asked):
            return cannot
        kinds = len(_values(variables, "PARAMETER_STORE")) + len(_values(variables, "SECRETS_MANAGER"))
        detail = f"{len(variables)} variables; all {kinds} parameters and secrets they name exist."
        return passed(detail if kinds else f"{len(variables)} plain variables.", *spoken(facts), *asked, lines=lines)
    findings = [] if healthy(subject) else [_finding(subject, facts, *each) for each in missing]
    said = "; ".join(f"{name} needs {kind} {value}, which is not there" for kind, name, value, _ in missing)
    denied = [(fact.n, why_unseen(fact)) for fact in asked if fact.outcome is Outcome.DENIED]
    return failed(f"{said}.", *spoken(facts), *asked, findings=findings, lines=[*lines, *denied])


def _finding(subject: Subject, facts: Facts, kind: str, name: str, value: str, fact: Fact) -> Finding:
    phase = failed_phase(build_of(facts))
    early = phase.get("phaseType") in ("DOWNLOAD_SOURCE", "SUBMITTED", "QUEUED", "PROVISIONING")
    gone = "has no value" if kind == "secret" and fact.ok and _empty(fact) else "does not exist"
    deleted = " (it is scheduled for deletion)" if fact.get("DeletedDate") is not None else ""
    title = f"The {kind} {value} that variable {name} names {gone}{deleted}"
    summary = (
        f"CodeBuild fetches it before the first command and ends the build without it. {phase_said(phase)}".strip()
    )
    return finding(
        subject,
        _ID,
        "build.env-secret",
        0.97 if early else 0.7,
        title,
        summary,
        [*spoken(facts), fact],
        fixes=[_fix(subject, kind, value)],
        disproved_by=f"a {kind} of that exact name in {subject.region}",
        proven=early,
    )


ENVIRONMENT = Step(
    id="environment",
    question="Do the parameters and secrets that the build is given exist, and have they a value?",
    why="CodeBuild fetches them before the first command; one wrong name ends the build in DOWNLOAD_SOURCE.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects", "ssm:DescribeParameters", "secretsmanager:DescribeSecret"),
    gather=_gather,
    judge=_judge,
)
