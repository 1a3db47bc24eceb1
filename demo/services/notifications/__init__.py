"""Notification rules (CodeStar Notifications): who is told of what happens to pipelines.

https://docs.aws.amazon.com/codestar-notifications/latest/APIReference/API_ListNotificationRules.html
"""

from collections.abc import Mapping
from typing import Any

from demo.platform.notices import Notice
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidNextTokenException", "The next token is not valid.")


def _here(call: Invocation) -> list[Notice]:
    return [rule for rule in call.world.notices.rules.values() if rule.region == call.region]


def _fits(rule: Notice, name: str, values: set[str]) -> bool:
    held = {
        "RESOURCE": {rule.resource},
        "EVENT_TYPE_ID": set(rule.events),
        "TARGET_ADDRESS": {rule.topic},
    }
    return bool(held.get(name, set()) & values)


def list_notification_rules(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListNotificationRules: filters of one name are alternatives, those of different names all hold."""
    wanted: dict[str, set[str]] = {}
    for item in params.get("Filters", []):
        wanted.setdefault(item["Name"], set()).add(item["Value"])
    held = [rule for rule in _here(call) if all(_fits(rule, name, values) for name, values in wanted.items())]
    chosen, token = page(held, params.get("NextToken"), params.get("MaxResults", 50), _BAD_TOKEN)
    return {"NotificationRules": [{"Id": rule.arn.rpartition("/")[2], "Arn": rule.arn} for rule in chosen]} | (
        {"NextToken": token} if token else {}
    )


def describe_notification_rule(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeNotificationRule."""
    rule = next((each for each in _here(call) if each.arn == params["Arn"]), None)
    if rule is None:
        raise AwsError("ResourceNotFoundException", f"Notification rule {params['Arn']} was not found.", 404)
    targets = [{"TargetAddress": rule.topic, "TargetType": "SNS", "TargetStatus": "ACTIVE"}] if rule.topic else []
    return {
        "Arn": rule.arn,
        "Name": rule.name,
        "EventTypes": [
            {"EventTypeId": name, "ServiceName": "CodePipeline", "EventTypeName": name, "ResourceType": "Pipeline"}
            for name in rule.events
        ],
        "Resource": rule.resource,
        "Targets": targets,
        "DetailType": "FULL",
        "Status": rule.status,
        "CreatedTimestamp": rule.made,
        "LastModifiedTimestamp": rule.made,
    }


OPERATIONS: Mapping[str, Handler] = {
    "DescribeNotificationRule": describe_notification_rule,
    "ListNotificationRules": list_notification_rules,
}
