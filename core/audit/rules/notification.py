"""A pipeline whose failures nobody is told of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.audit.case import Case, Kind
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.console import pipeline_url
from core.event_pattern import mismatch
from core.fact import Fact, Outcome

FAILED = "codepipeline-pipeline-pipeline-execution-failed"


def failure_event(case: Case) -> dict[str, Any]:
    """Return the event that EventBridge gets when an execution of the pipeline fails."""
    return {
        "source": "aws.codepipeline",
        "detail-type": "CodePipeline Pipeline Execution State Change",
        "account": case.identity.account,
        "region": case.region,
        "resources": [case.arn],
        "detail": {"pipeline": case.ref.name, "state": "FAILED"},
    }


def speaks_of(rule: dict[str, Any], case: Case) -> bool:
    """Whether an EventBridge rule is on and matches a failed execution, stage or action of the pipeline."""
    try:
        pattern = json.loads(rule.get("EventPattern") or "{}")
    except ValueError:
        return False
    if not isinstance(pattern, dict) or not pattern or rule.get("State") == "DISABLED":
        return False
    event = failure_event(case)
    kinds = ("Pipeline", "Stage", "Action")
    return any(
        not mismatch(pattern, {**event, "detail-type": f"CodePipeline {kind} Execution State Change"}) for kind in kinds
    )


def _judge(case: Case) -> Iterator[Issue]:
    rules, notices = case.of(Kind.EVENT_RULES).get(case.region), case.of(Kind.NOTICES).get(case.arn)
    if rules is None or notices is None or rules.outcome is not Outcome.OK or notices.outcome is not Outcome.OK:
        return
    told_by = [rule for rule in rules.get("Rules", default=()) if speaks_of(rule, case)]
    targets = {str(rule.get("Name")): case.of(Kind.RULE_TARGETS).get(str(rule.get("Name"))) for rule in told_by}
    if any(fact is None or not fact.ok or fact.get("Targets") for fact in targets.values()):
        return
    described = [
        case.of(Kind.NOTICE).get(str(each.get("Arn"))) for each in notices.get("NotificationRules", default=())
    ]
    if any(fact is None or not fact.ok or _reaches(fact) for fact in described):
        return
    idle = [f"rule {name} matches, but has no target" for name in targets]
    idle += [f"notification rule {fact.get('Name')}: {_why_idle(fact)}" for fact in described if fact]
    yield Issue(
        Severity.MEDIUM,
        f"Nobody is told when {case.ref.name} fails",
        "No notification rule of the pipeline covers failed executions, and no EventBridge rule matches them.",
        case.arn,
        facts=(notices, rules),
        lines=tuple((0, each) for each in idle),
        fixes=(
            fix(
                f"audit.notify:{case.ref.name}",
                "Add a notification rule for failed executions",
                (
                    f"Add a notification rule to {case.ref.name} with the event {FAILED}.",
                    "Send it to a chat client or an SNS topic whose policy lets codestar-notifications publish.",
                ),
                commands=(
                    command(
                        case,
                        "codestar-notifications",
                        "CreateNotificationRule",
                        Name=f"{case.ref.name[:50]}-failed",
                        DetailType="FULL",
                        Resource=case.arn,
                        EventTypeIds=[FAILED],
                        Targets=[{"TargetType": "SNS", "TargetAddress": "TOPIC_ARN"}],
                    ),
                ),
                url=pipeline_url(case.ref.name, case.region, case.identity.partition),
            ),
        ),
    )


def _reaches(fact: Fact) -> bool:
    return fact.get("Status", default="ENABLED") == "ENABLED" and bool(fact.get("Targets"))


def _why_idle(fact: Fact) -> str:
    return "it has no target" if not fact.get("Targets") else f"it is {fact.get('Status', default='off')}"


RULE = Rule(
    "notification",
    "audit.no-notification",
    "Nobody is told of a failure",
    "A pipeline that is red over the weekend is found on Monday, by those who wait for its change.",
    Severity.MEDIUM,
    (Kind.NOTICES, Kind.NOTICE, Kind.EVENT_RULES, Kind.RULE_TARGETS),
    _judge,
)
