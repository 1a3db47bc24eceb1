"""A CodeDeploy deployment group that goes back by itself neither when a deployment fails nor when an alarm rings."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.deploys import rolls_back, stage_of_group
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.plans.codedeploy import set_group

_WANTED = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.GROUP):
        group = fact.get("deploymentGroupInfo", default={})
        region, _, rest = key.partition("/")
        rollback = group.get("autoRollbackConfiguration") or {}
        alarms = group.get("alarmConfiguration") or {}
        alarmed = bool(alarms.get("enabled") and alarms.get("alarms"))
        events = rollback.get("events") or () if rollback.get("enabled") else ()
        resource = f"arn:{case.identity.partition}:codedeploy:{region}:{case.identity.account}:deploymentgroup:{rest}"
        if "DEPLOYMENT_FAILURE" not in events and not rolls_back(case, stage_of_group(case, key)):
            title = f"Let deployments of {rest} roll back when they fail"
            values = {"autoRollbackConfiguration": _WANTED}
            names = {
                "applicationName": group.get("applicationName", ""),
                "currentDeploymentGroupName": group.get("deploymentGroupName", ""),
            }
            yield Issue(
                Severity.MEDIUM,
                f"Deployment group {rest} does not roll back",
                "A deployment that fails leaves servers with the new revision beside others with the old one.",
                resource,
                "rollback",
                facts=(fact,),
                lines=((fact.n, f"autoRollbackConfiguration: {'on' if rollback.get('enabled') else 'off'}"),),
                fixes=(
                    fix(
                        f"audit.rollback:{key}",
                        title,
                        (f"{title}, and when an alarm stops them.",),
                        plan=set_group(case.where, fact, values, title=title, region=region),
                        commands=(
                            command(case, "codedeploy", "UpdateDeploymentGroup", region=region, **names, **values),
                        ),
                    ),
                ),
            )
        if not alarmed:
            yield Issue(
                Severity.LOW,
                f"No alarm stops a bad deployment of {rest}",
                "CodeDeploy sees whether hooks pass, not whether customers are served.",
                resource,
                "alarms",
                facts=(fact,),
                lines=((fact.n, f"alarmConfiguration: {'on, without alarms' if alarms.get('enabled') else 'off'}"),),
                fixes=(
                    fix(
                        f"audit.alarms:{key}",
                        f"Watch an alarm while {rest} is deployed",
                        ("Name a CloudWatch alarm on errors or latency in the group's alarm configuration.",),
                        commands=(command(case, "cloudwatch", "DescribeAlarms", region=region, StateValue="OK"),),
                    ),
                ),
            )


RULE = Rule(
    "rollback-codedeploy",
    "audit.no-rollback",
    "A deployment group goes back neither by itself nor on an alarm",
    "Whoever is woken then has to do it by hand, on servers in two states.",
    Severity.MEDIUM,
    (Kind.GROUP,),
    _judge,
)
