"""The template of `pipemedic fleet template`, deployed on the demo account: its properties, as they stand in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3

from demo.process import DemoAccount
from tui.fleet_template import template

__all__ = ["Stack", "deploy"]


@dataclass
class Stack:
    """What the stack has made, and the clients that made it."""

    url: str
    arn: str
    rule: str
    sqs: Any
    events: Any
    pipelines: Any


def deploy(account: DemoAccount, name: str = "pipemedic") -> Stack:
    """Make queue, rule and policy from the template's own properties (CloudFormation itself is not in the account)."""
    keys = {key.lower(): value for key, value in account.environment.items() if key.endswith(("_ID", "_ACCESS_KEY"))}
    session = boto3.Session(region_name="eu-west-1", **keys)

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=account.endpoint_url)

    sqs, events = client("sqs"), client("events")
    resources = template()["Resources"]
    made: dict[str, Any] = {"Name": name}
    queue = _filled(resources["Queue"]["Properties"], made)
    attributes = {key: str(value).lower() for key, value in queue.items() if key != "QueueName"}
    made["Queue"] = sqs.create_queue(QueueName=queue["QueueName"], Attributes=attributes)["QueueUrl"]
    held = sqs.get_queue_attributes(QueueUrl=made["Queue"], AttributeNames=["QueueArn"])["Attributes"]
    made["Queue.Arn"] = held["QueueArn"]
    rule = _filled(resources["Rule"]["Properties"], made)
    pattern = json.dumps(rule["EventPattern"])
    made["Rule.Arn"] = events.put_rule(Name=rule["Name"], EventPattern=pattern, State=rule["State"])["RuleArn"]
    events.put_targets(Rule=rule["Name"], Targets=rule["Targets"])
    policy = _filled(resources["QueuePolicy"]["Properties"], made)
    for url in policy["Queues"]:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy["PolicyDocument"])})
    return Stack(made["Queue"], made["Queue.Arn"], name, sqs, events, client("codepipeline"))


def _filled(value: Any, made: dict[str, Any]) -> Any:
    """Put what was made in place of references to it."""
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            return made[value["Ref"]]
        if set(value) == {"Fn::GetAtt"}:
            return made[".".join(value["Fn::GetAtt"])]
        return {key: _filled(one, made) for key, one in value.items()}
    return [_filled(one, made) for one in value] if isinstance(value, list) else value
