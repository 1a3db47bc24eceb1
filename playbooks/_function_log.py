"""What a Lambda function wrote around a moment. Shared by invoked functions and hooks of deployments."""

from __future__ import annotations

import re

from core.fact import Evidence, Fact
from core.playbook import Subject

from ._ask import ask

__all__ = ["ERRORS", "read_function_log"]

ERRORS = re.compile(
    r"Task timed out after|\[ERROR\]|Unhandled|errorType|Traceback|Runtime\.|Process exited", re.IGNORECASE
)
_BEFORE_S, _AFTER_S = 3600.0, 300.0


async def read_function_log(
    subject: Subject, evidence: Evidence, function: Fact, name: str, at: float | None = None
) -> dict[str, Fact]:
    """Read the function's log from an hour before a moment (the action's last change) on; nothing without function.

    Fact: ``log``.
    """
    if not function.ok:
        return {}
    moment = at or subject.action_state.changed_at or subject.now
    group = function.get("LoggingConfig", "LogGroup", default=f"/aws/lambda/{name}")
    params = {
        "logGroupName": group,
        "startTime": int((moment - _BEFORE_S) * 1000),
        "endTime": int(min(subject.now, moment + _AFTER_S) * 1000),
        "limit": 1000,
    }
    return {"log": await ask(subject, evidence, "logs", "FilterLogEvents", params, pages=3)}
