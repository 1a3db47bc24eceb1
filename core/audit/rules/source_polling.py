"""A source that asks every minute instead of being told."""

from __future__ import annotations

import json
from collections.abc import Iterator

from core.arn import Arn
from core.audit.case import Case, Kind
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.console import pipeline_url
from core.pipeline import ActionDecl
from core.plan import Plan
from core.plans.definition import set_configuration
from core.plans.trigger import codecommit_pattern, create_trigger

# Providers whose source actions poll unless told not to (action reference).
_POLLS = frozenset({"CodeCommit", "S3", "GitHub"})
_MEMBER = "PollForSourceChanges"


def _judge(case: Case) -> Iterator[Issue]:
    fact = case.ok(Kind.PIPELINE, case.arn)
    for stage, action in case.actions:
        if action.category != "Source" or action.provider not in _POLLS:
            continue
        setting = action.configuration.get(_MEMBER, "")
        if setting.lower() == "false":
            continue
        rule = _rule_for(case, action)
        plan = _plan(case, stage.name, action, has_rule=bool(rule))
        how = f"rule {rule} starts it too, so every change runs twice" if rule else "a change waits up to minutes"
        yield Issue(
            Severity.MEDIUM if rule else Severity.LOW,
            f"{stage.name} / {action.name} of {case.ref.name} polls {action.provider}",
            f"{_MEMBER} is {setting or 'not set, which means true'}: {how}. "
            "Pipelines that poll and have been idle for 30 days are switched off by AWS.",
            case.arn,
            f"{stage.name}/{action.name}",
            facts=(fact,) if fact else (),
            lines=((fact.n if fact else 0, f"{action.provider}: {_MEMBER}={setting or '(absent)'}"),),
            fixes=(
                fix(
                    f"audit.no-polling:{action.name}",
                    f"Turn polling of {action.name} off" if rule else "Have an event start the pipeline",
                    _steps(action, rule),
                    plan=plan,
                    commands=(command(case, "codepipeline", "GetPipeline", name=case.ref.name),),
                    url=pipeline_url(case.ref.name, case.region, case.identity.partition),
                ),
            ),
        )


def _steps(action: ActionDecl, rule: str) -> tuple[str, ...]:
    off = f'Then set {_MEMBER} to "false" in the action, so that a change does not start it twice.'
    if rule:
        return (f'Set {_MEMBER} to "false": rule {rule} starts the pipeline.',)
    if action.provider == "S3":
        return (
            "Have the bucket send its events to EventBridge, and add a rule on the object with the pipeline as target.",
            off,
        )
    if action.provider == "GitHub":
        return ("Move the source to a connection (GitHub App); it brings its own trigger.",)
    return ("Add an EventBridge rule on the branch with the pipeline as target.", off)


def _rule_for(case: Case, action: ActionDecl) -> str:
    """The name of an enabled rule on changes of the source whose name or pattern speaks of it; empty for none."""
    rules = case.ok(Kind.EVENT_RULES, case.region)
    wanted = {"CodeCommit": "aws.codecommit", "S3": "aws.s3"}.get(action.provider)
    name = action.configuration.get("RepositoryName") or action.configuration.get("S3Bucket") or ""
    for rule in rules.get("Rules", default=()) if rules else ():
        text = str(rule.get("EventPattern") or "")
        if rule.get("State") != "ENABLED" or not wanted or not name or f'"{wanted}"' not in text:
            continue
        try:
            json.loads(text)
        except ValueError:
            continue
        if f':{name}"' in text or f'"{name}"' in text:
            return str(rule.get("Name", ""))
    return ""


def _plan(case: Case, stage: str, action: ActionDecl, *, has_rule: bool) -> Plan | None:
    current = case.ok(Kind.PIPELINE, case.arn)
    if current is None:
        return None
    if has_rule:
        return set_configuration(case.where, current, stage, action.name, {_MEMBER: "false"})
    branch = action.configuration.get("BranchName", "")
    if action.provider != "CodeCommit" or not branch or Arn.parse(case.arn) is None:
        return None
    region, account = case.region_of(action), case.account_of(action)
    repository = (
        f"arn:{case.identity.partition}:codecommit:{region}:{account}:{action.configuration.get('RepositoryName')}"
    )
    if account != case.identity.account:
        return None
    name = f"pipemedic-{case.ref.name}"[:60]
    return create_trigger(
        case.where, rule=name, pattern=codecommit_pattern(repository, branch), pipeline_arn=case.arn, role=name
    )


RULE = Rule(
    "source-polling",
    "audit.source-polling",
    "A source polls instead of reacting to events",
    "Polling is slower, counts against the rate of calls of the whole account, and stops by itself after a month.",
    Severity.LOW,
    (Kind.PIPELINE, Kind.EVENT_RULES),
    _judge,
)
