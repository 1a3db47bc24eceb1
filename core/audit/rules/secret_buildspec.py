"""Secrets written into a buildspec: a project's own, or the file in the source."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.buildspecs import buildspecs
from core.audit.case import Case, Kind
from core.audit.fixes import project_fix
from core.audit.model import Issue, Rule, Severity
from core.audit.secrets import secret_lines


def _judge(case: Case) -> Iterator[Issue]:
    for spec in buildspecs(case):
        found = list(secret_lines(spec.text))
        if not found:
            continue
        name = str(spec.project.get("name", ""))
        own = spec.where == "its buildspec"
        who_reads = "read the project" if own else "read the repository"
        steps = (
            "Name the secret under env/secrets-manager (or env/parameter-store) of the buildspec and use the variable.",
            "Allow the project's role to read it, and change the secret: what stood in plain text counts as known.",
            *(() if own else ("The repository's past holds it as well: changing it is what helps.",)),
        )
        yield Issue(
            Severity.HIGH,
            f"The buildspec of project {name} holds a secret",
            f"{len(found)} line{'s give' if len(found) > 1 else ' gives'} one away to all who may {who_reads}"
            f"{'' if own else f' ({spec.where})'}.",
            str(spec.project.get("arn", name)),
            "buildspec",
            facts=(spec.fact,),
            lines=tuple((spec.fact.n, f"line {number}: {who or 'a value'}: {why}") for number, who, why in found[:8]),
            fixes=(
                project_fix(
                    case,
                    spec.key,
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
    (Kind.PROJECT, Kind.RUNS, Kind.SPEC),
    _judge,
    "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html",
)
