"""`pipemedic fleet check`: is a context's queue of events set up so that changes reach it? Reads only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.event_pattern import mismatch
from core.fact import Fact, Outcome
from core.policy import statements
from tui.fleet_template import DETAIL_TYPES

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from tui.config_places import Context

__all__ = ["Answer", "check_context"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question: `ok`, `warning`, `failed` or `unknown`, with what to do where it is not ok."""

    id: str
    outcome: str
    text: str
    next_step: str = ""


async def check_context(cloud: Cloud, context: Context) -> AsyncIterator[Answer]:
    """Yield the answers for one context that has a queue, each as it comes; without the queue no more come."""
    from aws.events import queue_region  # noqa: PLC0415 (slow to import)

    evidence = cloud.evidence(context.place)
    region = queue_region(context.queue) or context.place.region
    fact = await evidence.read(
        "sqs", "GetQueueAttributes", {"QueueUrl": context.queue, "AttributeNames": ["All"]}, region=region
    )
    yield (reachable := _reachable(fact, context.queue))
    if reachable.outcome != "ok":
        return
    held: Mapping[str, str] = fact.value.get("Attributes", {})
    queue_arn = held.get("QueueArn", "")
    yield _kind(queue_arn, held)
    named = await evidence.read("events", "ListRuleNamesByTarget", {"TargetArn": queue_arn}, region=region)
    names = list(named.value.get("RuleNames", [])) if named.outcome is Outcome.OK else []
    if named.outcome is not Outcome.OK or not names:
        yield _no_rule(named, queue_arn)
    rules = []
    for name in names:
        rule = await evidence.read("events", "DescribeRule", {"Name": name}, region=region)
        targets = await evidence.read("events", "ListTargetsByRule", {"Rule": name}, region=region)
        yield _rule(name, rule, targets, queue_arn)
        if rule.outcome is Outcome.OK:
            rules.append(str(rule.value.get("Arn", "")))
    yield _policy(held.get("Policy", ""), queue_arn, rules)


def _reachable(fact: Fact, url: str) -> Answer:
    if fact.outcome is Outcome.OK:
        attributes = fact.value.get("Attributes", {})
        waiting, taken = attributes.get("ApproximateNumberOfMessages", "0"), "ApproximateNumberOfMessagesNotVisible"
        return Answer(
            "queue", "ok", f"the queue answers: {waiting} messages wait, {attributes.get(taken, '0')} are taken"
        )
    if fact.outcome is Outcome.DENIED:
        step = f"Allow {fact.action or 'sqs:GetQueueAttributes'} on the queue: attach the policy of the template."
        return Answer("queue", "failed", f"not allowed to look at the queue: {fact.error}", step)
    if fact.outcome is Outcome.NO_DATA:
        step = "Deploy the template (pipemedic fleet template) and put its output QueueUrl into the configuration."
        return Answer("queue", "failed", f"there is no queue {url}", step)
    return Answer("queue", "failed", f"the queue cannot be read: {fact.error}", "Check the URL and the network.")


def _kind(queue_arn: str, held: Mapping[str, str]) -> Answer:
    if queue_arn.endswith(".fifo"):
        step = "Use a standard queue: rules send to FIFO queues only with a message group, and a group has one reader."
        return Answer("kind", "warning", "it is a FIFO queue", step)
    if key := held.get("KmsMasterKeyId"):
        step = (
            f"See that the policy of {key} lets events.amazonaws.com use kms:GenerateDataKey and kms:Decrypt, "
            "and you kms:Decrypt. Without it events are dropped silently."
        )
        return Answer("kind", "warning", f"it is encrypted with the KMS key {key}", step)
    if held.get("SqsManagedSseEnabled", "true") == "false":
        return Answer("kind", "warning", "it is not encrypted", "Set SqsManagedSseEnabled, as the template does.")
    return Answer("kind", "ok", "it is a standard queue, encrypted by SQS")


def _no_rule(named: Fact, queue_arn: str) -> Answer:
    if named.outcome is Outcome.DENIED:
        step = "Allow events:ListRuleNamesByTarget: attach the policy of the template."
        return Answer("rule", "unknown", f"not allowed to look for the rule: {named.error}", step)
    if named.outcome is not Outcome.OK:
        return Answer("rule", "unknown", f"the rule cannot be looked for: {named.error}")
    step = "Deploy the template (pipemedic fleet template) in the account and region of the pipelines."
    return Answer("rule", "failed", f"no rule of the default event bus sends to {queue_arn}", step)


def _rule(name: str, rule: Fact, targets: Fact, queue_arn: str) -> Answer:
    if rule.outcome is not Outcome.OK:
        step = f"Allow {rule.action} on the rule: attach the policy of the template."
        return Answer("rule", "unknown", f"rule {name} cannot be read: {rule.error}", step)
    if not str(rule.value.get("State", "")).startswith("ENABLED"):
        return Answer("rule", "failed", f"rule {name} is disabled", f"aws events enable-rule --name {name}")
    missing = [kind for kind in DETAIL_TYPES if not _passes(rule.value.get("EventPattern"), kind)]
    if missing:
        step = "Give it the event pattern of the template: source aws.codepipeline, and these three detail types."
        outcome = "failed" if len(missing) == len(DETAIL_TYPES) else "warning"
        return Answer("rule", outcome, f"rule {name} does not pass on: {', '.join(missing)}", step)
    found = targets.value.get("Targets", []) if targets.outcome is Outcome.OK else []
    target: Mapping[str, Any] = next((each for each in found if each.get("Arn") == queue_arn), {})
    if any(target.get(member) for member in ("Input", "InputPath", "InputTransformer")):
        step = "Remove the target's input transformation: pipemedic reads the event as it is."
        return Answer("rule", "failed", f"rule {name} changes the event before it sends it", step)
    return Answer("rule", "ok", f"rule {name} is enabled and sends all state changes to the queue")


def _passes(pattern: object, kind: str) -> bool:
    """Whether a rule's pattern lets an ordinary event of a kind through."""
    try:
        read = json.loads(pattern) if isinstance(pattern, str) else None
    except ValueError:
        return False
    detail = {"pipeline": "any", "state": "STARTED", "execution-id": "any", "stage": "any", "action": "any"}
    return isinstance(read, dict) and not mismatch(
        {key: value for key, value in read.items() if key in {"source", "detail-type", "detail"}},
        {"source": "aws.codepipeline", "detail-type": kind, "detail": detail},
    )


def _policy(policy: str, queue_arn: str, rules: list[str]) -> Answer:
    step = (
        "Let events.amazonaws.com call sqs:SendMessage in the queue's policy, for the rule's ARN as aws:SourceArn, "
        "as the template does."
    )
    try:
        document = json.loads(policy) if policy else {}
    except ValueError:
        document = {}
    allowing = [each for each in statements(document) if _lets_send(each, queue_arn)]
    if not allowing:
        return Answer("policy", "failed", "the queue's policy does not let EventBridge send", step)
    sources = [source for each in allowing for source in _sources(each)]
    strangers = [rule for rule in rules if sources and not any(_like(source, rule) for source in sources)]
    if strangers:
        return Answer("policy", "failed", f"the queue's policy does not name the rule {', '.join(strangers)}", step)
    if any(not _sources(each) for each in allowing):
        return Answer("policy", "warning", "the queue's policy lets any rule of any account send", step)
    return Answer("policy", "ok", "the queue's policy lets the rule send, and nobody else")


def _lets_send(statement: Mapping[str, Any], queue_arn: str) -> bool:
    principal = statement.get("Principal")
    services = _listed(principal.get("Service")) if isinstance(principal, Mapping) else []
    actions = [each.lower() for each in _listed(statement.get("Action"))]
    return (
        statement.get("Effect") == "Allow"
        and (principal == "*" or "events.amazonaws.com" in services)
        and bool({"sqs:sendmessage", "sqs:*", "*"} & set(actions))
        and any(_like(each, queue_arn) for each in _listed(statement.get("Resource")))
    )


def _sources(statement: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for operator, tests in (statement.get("Condition") or {}).items():
        if operator.lower() in {"arnequals", "arnlike", "stringequals", "stringlike"} and isinstance(tests, Mapping):
            found += [text for key, value in tests.items() if key.lower() == "aws:sourcearn" for text in _listed(value)]
    return found


def _like(pattern: str, text: str) -> bool:
    from fnmatch import fnmatchcase  # noqa: PLC0415

    return fnmatchcase(text, pattern)


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, list) else []
