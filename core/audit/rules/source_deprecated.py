"""Actions of a type that something newer has taken the place of."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.audit.tables import superseded
from core.console import pipeline_url


def _judge(case: Case) -> Iterator[Issue]:
    fact = case.ok(Kind.PIPELINE, case.arn)
    for stage, action in case.actions:
        ended = superseded(action.owner, action.provider, action.version)
        if ended is None:
            continue
        yield Issue(
            Severity.MEDIUM,
            f"{stage.name} / {action.name} of {case.ref.name} uses {ended.what}",
            f"It is superseded. Use {ended.instead}.",
            case.arn,
            f"{stage.name}/{action.name}",
            facts=(fact,) if fact else (),
            lines=((fact.n if fact else 0, f"{action.owner}/{action.provider} version {action.version}"),),
            fixes=(
                fix(
                    f"audit.superseded:{action.name}",
                    f"Move to {ended.instead}",
                    (
                        f"See {ended.source} for the steps.",
                        "Make the connection, replace the action, and remove the old token and webhook.",
                    )
                    if action.category == "Source"
                    else (f"See {ended.source} for the steps.",),
                    commands=(command(case, "codepipeline", "GetPipeline", name=case.ref.name),),
                    url=pipeline_url(case.ref.name, case.region, case.identity.partition),
                ),
            ),
        )


RULE = Rule(
    "source-deprecated",
    "audit.source-deprecated",
    "An action's type is superseded",
    "It rests on a personal token with access to all that its owner sees, or on a service that has ended.",
    Severity.MEDIUM,
    (Kind.PIPELINE,),
    _judge,
)
