"""CloudTrail's event history: the refusals roles met while the account lived, and who changed what."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson

from demo.names import ACCOUNT_ID, uuid
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidNextTokenException", "Invalid token")
_SOURCES = {"logs": "logs", "ssm": "ssm", "secretsmanager": "secretsmanager"}


def lookup_events(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve LookupEvents, newest first."""
    low, high = params.get("StartTime", 0), params.get("EndTime", 1 << 40)
    held = [
        item
        for item in call.world.denials
        if item["region"] == call.region and low <= item["at"] <= high and _matches(item, params)
    ]
    held.reverse()
    chosen, token = page(held, params.get("NextToken"), params.get("MaxResults", 50), _BAD_TOKEN)
    return {"Events": [_event(call, item) for item in chosen], "NextToken": token}


def _matches(item: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    service, _, name = item["action"].partition(":")
    facts = {
        "EventName": name,
        "EventSource": f"{_SOURCES.get(service, service)}.amazonaws.com",
        "ReadOnly": str(name.startswith(("Get", "List", "Describe"))).lower(),
        "ResourceName": item["resource"],
        "Username": item["role"].rpartition("/")[2],
    }
    return all(
        facts.get(wanted["AttributeKey"]) == wanted["AttributeValue"] for wanted in params.get("LookupAttributes", [])
    )


def _event(call: Invocation, item: Mapping[str, Any]) -> dict[str, Any]:
    service, _, name = item["action"].partition(":")
    role = item["role"].rpartition("/")[2]
    session = str(int(item["at"] * 1000))
    identity = uuid(call.world.rng("event", item["at"], item["action"]))
    source = f"{_SOURCES.get(service, service)}.amazonaws.com"
    moment = dt.datetime.fromtimestamp(item["at"], tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/{session}",
            "accountId": ACCOUNT_ID,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": item["role"], "userName": role}},
        },
        "eventTime": moment,
        "eventSource": source,
        "eventName": name,
        "awsRegion": item["region"],
        "errorCode": "AccessDenied",
        "errorMessage": item["message"],
        "resources": [{"ARN": item["resource"]}],
        "eventID": identity,
        "readOnly": name.startswith(("Get", "List", "Describe")),
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT_ID,
    }
    return {
        "EventId": identity,
        "EventName": name,
        "ReadOnly": str(detail["readOnly"]).lower(),
        "EventTime": item["at"],
        "EventSource": source,
        "Username": role,
        "Resources": [{"ResourceName": item["resource"]}],
        "CloudTrailEvent": orjson.dumps(detail).decode(),
    }


OPERATIONS: Mapping[str, Handler] = {"LookupEvents": lookup_events}
