"""A deployment to production after which nothing looks whether it works."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind, group_key, service_key
from core.audit.deploys import after, checks, is_deploy, is_production
from core.audit.fixes import fix
from core.audit.model import Issue, Rule, Severity
from core.console import pipeline_url
from core.pipeline import ActionDecl, StageDecl
from core.plans.ecs import service_of


def _judge(case: Case) -> Iterator[Issue]:
    for stage, action in case.actions:
        if not (is_deploy(action) and is_production(stage, action)):
            continue
        if any(checks(*each) for each in after(case, stage, action)) or "onSuccess" in stage.conditions:
            continue
        if _watched(case, action):
            continue
        yield Issue(
            Severity.LOW,
            f"Nothing checks what {stage.name} / {action.name} of {case.ref.name} deployed",
            "It is the last look that anything takes: no load balancer's check, alarm, test or condition follows it.",
            case.arn,
            f"{stage.name}/{action.name}",
            facts=tuple(filter(None, (case.ok(Kind.PIPELINE, case.arn),))),
            lines=((0, f"after {stage.name} / {action.name}: {_following(case, stage, action)}"),),
            fixes=(
                fix(
                    f"audit.check-after:{action.name}",
                    "Look at what was deployed",
                    (
                        f"Add a smoke test behind {action.name}: a build that asks the new version one real question.",
                        "Or give the stage an onSuccess condition on an alarm, with result ROLLBACK (type V2).",
                    ),
                    url=pipeline_url(case.ref.name, case.region, case.identity.partition),
                ),
            ),
        )


def _watched(case: Case, action: ActionDecl) -> bool:
    """Whether the target itself is checked, or whether that is not known."""
    config, region = action.configuration, case.region_of(action)
    if action.provider == "ECS":
        fact = case.ok(
            Kind.SERVICE, service_key(region, config.get("ClusterName", "default"), config.get("ServiceName", ""))
        )
        return fact is None or bool(service_of(fact).get("loadBalancers")) or not service_of(fact)
    if action.provider in {"CodeDeploy", "CodeDeployToECS"}:
        key = group_key(region, config.get("ApplicationName", ""), config.get("DeploymentGroupName", ""))
        group = case.ok(Kind.GROUP, key)
        info = group.get("deploymentGroupInfo", default={}) if group else {}
        return (
            group is None
            or bool(info.get("loadBalancerInfo"))
            or bool((info.get("alarmConfiguration") or {}).get("enabled"))
        )
    return False


def _following(case: Case, stage: StageDecl, action: ActionDecl) -> str:
    names = [f"{each.name} / {one.name}" for each, one in after(case, stage, action)]
    return ", ".join(names) or "nothing"


RULE = Rule(
    "health-after",
    "audit.no-health-check",
    "Nothing looks at what was deployed to production",
    "The first to notice are then those who use it.",
    Severity.LOW,
    (Kind.PIPELINE, Kind.SERVICE, Kind.GROUP),
    _judge,
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html",
)
