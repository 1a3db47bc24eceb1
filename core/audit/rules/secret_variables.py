"""Secrets in plain environment variables of build projects."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind, project_of
from core.audit.fixes import command, project_fix
from core.audit.model import Issue, Rule, Severity
from core.audit.secrets import why_secret
from core.finding import Fix


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.PROJECT):
        project = project_of(fact)
        name = str(project.get("name", ""))
        for variable in (project.get("environment") or {}).get("environmentVariables") or ():
            if variable.get("type", "PLAINTEXT") != "PLAINTEXT":
                continue
            called = str(variable.get("name", ""))
            if why := why_secret(called, str(variable.get("value", ""))):
                yield Issue(
                    Severity.HIGH,
                    f"Variable {called} of build project {name} is a secret in plain text",
                    f"Of {called}: {why}. Everyone who may read the project, a build or its log can read it.",
                    str(project.get("arn", name)),
                    called,
                    facts=(fact,),
                    lines=((fact.n, f"{called}: PLAINTEXT, {why}"),),
                    fixes=(_fix(case, key, name, called),),
                )


def _fix(case: Case, key: str, project: str, variable: str) -> Fix:
    """By hand: a plan would show, and the journal keep, the present value for the way back."""
    secret = f"{project}/{variable.lower().replace('_', '-')}"
    region = key.partition("/")[0]
    create = command(
        case, "secretsmanager", "CreateSecret", region=region, Name=secret, SecretString="file://secret.txt"
    )
    return project_fix(
        case,
        key,
        f"audit.move-secret:{variable}",
        f"Read {variable} from the secret {secret}",
        (
            f"First make the secret: {create}",
            f"Allow the project's role secretsmanager:GetSecretValue on it, then read {variable} from there.",
            "Change the secret where it came from: what stood in plain text counts as known.",
        ),
        plan=None,
        commands=(create,),
    )


RULE = Rule(
    "secret-variable",
    "audit.plaintext-secret",
    "A secret stands in a plain variable of a build project",
    "Plain variables show in the console, in every build's description and in the output of `env`.",
    Severity.HIGH,
    (Kind.PROJECT,),
    _judge,
)
