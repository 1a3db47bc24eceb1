"""Production that a change reaches without a test or anyone's yes."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.deploys import before, checks, is_deploy, is_production
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.console import pipeline_url


def _judge(case: Case) -> Iterator[Issue]:
    fact = case.ok(Kind.PIPELINE, case.arn)
    for stage, action in case.actions:
        if not (is_deploy(action) and is_production(stage, action)):
            continue
        earlier = list(before(case, stage, action))
        gated = any(checks(*each) or is_deploy(each[1]) for each in earlier)
        if gated or "beforeEntry" in stage.conditions:
            continue
        names = ", ".join(f"{each.name} / {one.name}" for each, one in earlier)
        yield Issue(
            Severity.MEDIUM,
            f"{case.ref.name} deploys to production with no gate before it",
            f"Before {stage.name} / {action.name} run only {names or 'no actions'}: "
            "no test, no earlier environment, no approval and no condition.",
            case.arn,
            f"{stage.name}/{action.name}",
            facts=(fact,) if fact else (),
            lines=((fact.n if fact else 0, f"before {stage.name} / {action.name}: {names or 'nothing'}"),),
            fixes=(
                fix(
                    "audit.gate",
                    f"Put a gate before {stage.name}",
                    (
                        "Add a stage that tests the change (integration tests, or a deployment to staging),",
                        "or a manual approval, or a beforeEntry condition (pipeline type V2).",
                    ),
                    commands=(command(case, "codepipeline", "GetPipeline", name=case.ref.name),),
                    url=pipeline_url(case.ref.name, case.region, case.identity.partition),
                ),
            ),
        )
        return


RULE = Rule(
    "gate",
    "audit.no-approval",
    "Production has no gate before it",
    "A slip in one commit is in production minutes later, and nobody looked.",
    Severity.MEDIUM,
    (Kind.PIPELINE,),
    _judge,
)
