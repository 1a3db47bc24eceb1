"""STS: who am I, and roles to act as; one that is entered with an MFA device takes the code 123456."""

from collections.abc import Mapping
from typing import Any

from demo.names import ACCOUNT_ID
from demo.services import Handler, Invocation
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]


def get_caller_identity(call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetCallerIdentity."""
    return {"UserId": "AIDACKCEVSQ6C2EXAMPLE", "Account": ACCOUNT_ID, "Arn": call.caller}


def assume_role(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve AssumeRole."""
    role, session = str(params["RoleArn"]), str(params["RoleSessionName"])
    if params.get("SerialNumber") and params.get("TokenCode") != CODE:
        text = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        raise AwsError("AccessDenied", text, 403)
    name = role.rpartition("/")[2]
    return {
        "Credentials": {
            "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "SessionToken": "example-session-token",
            "Expiration": call.world.clock.now() + float(params.get("DurationSeconds") or 3600),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"AROACKCEVSQ6C2EXAMPLE:{session}",
            "Arn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{name}/{session}",
        },
    }


CODE = "123456"
OPERATIONS: Mapping[str, Handler] = {"AssumeRole": assume_role, "GetCallerIdentity": get_caller_identity}
