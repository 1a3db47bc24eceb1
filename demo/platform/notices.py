"""Notification rules: who is told of what happens to a pipeline."""

import hashlib
from dataclasses import dataclass

from demo.names import ACCOUNT_ID, arn

__all__ = ["Notice", "Notices"]

_EVENTS = (
    "codepipeline-pipeline-pipeline-execution-failed",
    "codepipeline-pipeline-manual-approval-needed",
)


@dataclass(slots=True)
class Notice:
    """One notification rule."""

    arn: str
    name: str
    region: str
    resource: str
    made: float
    events: tuple[str, ...] = _EVENTS
    topic: str = ""
    status: str = "ENABLED"


class Notices:
    """The notification rules of the account, by ARN."""

    def __init__(self) -> None:
        self.rules: dict[str, Notice] = {}

    def add(self, region: str, name: str, resource: str, made: float) -> Notice:
        """Make a rule that tells a topic of failed executions of a pipeline (its ARN)."""
        identity = f"notificationrule/{hashlib.sha256(resource.encode()).hexdigest()[:40]}"
        rule = Notice(arn("codestar-notifications", region, identity), name, region, resource, made)
        rule.topic = f"arn:aws:sns:{region}:{ACCOUNT_ID}:delivery-alerts"
        self.rules[rule.arn] = rule
        return rule
