"""What an execution delivers, in one line of plain text. Pure."""

from __future__ import annotations

from core.pipeline import Execution
from core.text import first_line, sanitize

__all__ = ["TRIGGERS", "delivery"]

#: What started an execution, in words, by CodePipeline's own name.
TRIGGERS = {
    "AutomatedRollback": "automatic rollback",
    "CloudWatchEvent": "event rule",
    "CreatePipeline": "created",
    "ManualRollback": "rollback by hand",
    "PollForSourceChanges": "polling",
    "PutActionRevision": "revision put",
    "StartPipelineExecution": "started by hand",
    "Webhook": "webhook",
    "WebhookV2": "push",
}


def delivery(execution: Execution) -> str:
    """Return commit message, branch and author of an execution's first telling revision, else what started it."""
    revision = next((each for each in execution.revisions if each.summary), None)
    parts = [revision.summary] if revision else []
    if revision and (revision.author or revision.branch):
        parts.append(" ".join(filter(None, (revision.branch, revision.author and f"by {revision.author}"))))
    if not parts:
        parts.append(TRIGGERS.get(execution.trigger, execution.trigger))
    return " · ".join(first_line(sanitize(part)) for part in parts if part)
