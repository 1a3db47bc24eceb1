"""STS: who am I."""

from collections.abc import Mapping
from typing import Any

from demo.names import ACCOUNT_ID
from demo.services import Handler, Invocation

__all__ = ["OPERATIONS"]


def get_caller_identity(call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetCallerIdentity."""
    return {"UserId": "AIDACKCEVSQ6C2EXAMPLE", "Account": ACCOUNT_ID, "Arn": call.caller}


OPERATIONS: Mapping[str, Handler] = {"GetCallerIdentity": get_caller_identity}
