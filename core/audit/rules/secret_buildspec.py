"""Secrets written into a build project's own buildspec."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind, project_of
from core.audit.fixes import project_fix
from core.audit.model import Issue, Rule, Severity
from core.audit.secrets import secret_lines


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.PROJECT):
        project = project_of(fact)
        text = str((project.get("source") or {}).get("buildspec", ""))
        if "\n" not in text:
            continue  # the name of a file in the source, which is not read here
        found = list(secret_lines(text))
        if not found:
            continue
        name = str(project.get("name", ""))
        steps = (
            "Name the secret under env/secrets-manager (or env/parameter-store) of the buildspec and use the variable.",
            "Allow the project's role to read it, and change the secret: what stood in plain text counts as known.",
        )
        yield Issue(
            Severity.HIGH,
            f"The buildspec of project {name} holds a secret",
            f"{len(found)} line{'s' if len(found) > 1 else ''} give one away to all who may read the project.",
            str(project.get("arn", name)),
            "buildspec",
            facts=(fact,),
            lines=tuple((fact.n, f"line {number}: {who or 'a value'}: {why}") for number, who, why in found[:8]),
            fixes=(
                project_fix(
                    case,
                    key,
                    "audit.buildspec-secret",
                    "Move the secret out of the buildspec",
                    steps,
                    plan=None,
                    commands=(),
                ),
            ),
        )


RULE = Rule(
    "secret-buildspec",
    "audit.plaintext-secret",
    "A secret is written into a buildspec",
    "A buildspec is read by many and kept in every build's description.",
    Severity.HIGH,
    (Kind.PROJECT,),
    _judge,
    "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html",
)
