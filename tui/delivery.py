"""What an execution delivers, in one line of plain text. Pure; without Textual."""

from __future__ import annotations

import json

from core.pipeline import Execution, Revision
from core.text import first_line, sanitize

__all__ = ["delivery"]

_TRIGGERS = {
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
    parts = [_message(revision)] if revision else []
    if revision and (revision.author or revision.branch):
        parts.append(" ".join(filter(None, (revision.branch, revision.author and f"by {revision.author}"))))
    if not parts:
        parts.append(_TRIGGERS.get(execution.trigger, execution.trigger))
    return " · ".join(first_line(sanitize(part)) for part in parts if part)


def _message(revision: Revision) -> str:
    """A revision's summary; some providers wrap the commit message in JSON."""
    text = revision.summary
    if text.startswith("{"):
        try:
            parsed = json.loads(text, strict=False)  # control characters are sanitised later
        except ValueError:
            return text
        return str(parsed.get("CommitMessage", text)) if isinstance(parsed, dict) else text
    return text
