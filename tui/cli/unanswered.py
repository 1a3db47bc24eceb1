"""A diagnosis that could not begin, as the same JSON object: why AWS could not be asked, as its one finding."""

from __future__ import annotations

from typing import Any

from core.causes import CAUSES
from core.diagnosis import SCHEMA
from core.errors import AwsError, CredentialsExpired, CredentialsMissing, Denied, PipemedicError, Throttled, UsageError

__all__ = ["unanswered"]

_CAUSES: tuple[tuple[type[PipemedicError], str], ...] = (
    (CredentialsExpired, "permission.credentials-expired"),
    (CredentialsMissing, "permission.credentials-expired"),
    (Denied, "permission.action-denied"),
    (Throttled, "flow.throttled"),
)


def unanswered(error: PipemedicError, pipeline: str, region: str, *, missing: bool = False) -> dict[str, Any]:
    """Return the JSON object of a diagnosis that ended before its first check.

    Args:
        error: what kept it from beginning.
        pipeline: the name asked for.
        region: where it was looked for; empty where no region was known.
        missing: whether the error says that there is no such pipeline.
    """
    cause = next((cause for kind, cause in _CAUSES if isinstance(error, kind)), "")
    if missing and isinstance(error, UsageError):
        cause = "flow.pipeline-missing"
    return {
        "schema": SCHEMA,
        "account": "",
        "region": error.region if isinstance(error, AwsError) and error.region else region,
        "pipeline": pipeline,
        "execution_id": "",
        "status": "unknown",
        "stage": "",
        "action": "",
        "findings": [_finding(cause, error)] if cause else [],
        "checks": [],
        "api_calls": 0,
        "duration_ms": 0,
    }


def _finding(cause: str, error: PipemedicError) -> dict[str, Any]:
    steps = list(CAUSES[cause].next)
    fix = {"id": f"{cause}.next", "title": error.next_step or steps[0], "kind": "manual", "risk": "low", "commands": []}
    return {
        "cause": cause,
        "confidence": 0.95,
        "title": CAUSES[cause].title,
        "summary": str(error),
        "stage": "",
        "action": "",
        "evidence": [],
        "fixes": [fix],
        "playbook": "",
    }
