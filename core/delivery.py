"""What an execution delivers, in one line of plain text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.pipeline import ActionExecution, Definition, Execution, Revision
from core.text import first_line, sanitize

__all__ = ["TRIGGERS", "delivery", "traced"]

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


def traced(
    revisions: Iterable[Revision], definition: Definition | None, actions: Iterable[ActionExecution] = ()
) -> tuple[Revision, ...]:
    """Return revisions with branch and author, which AWS keeps elsewhere.

    The output variables of the source action tell both where it has any; else its configuration tells the branch.
    """
    ran = {each.action: each for each in actions if each.branch or each.author}
    declared = (
        {each.name: each.configuration for stage in definition.stages for each in stage.actions} if definition else {}
    )
    found: list[Revision] = []
    for revision in revisions:
        run, configuration = ran.get(revision.action), declared.get(revision.action, {})
        set_up = configuration.get("BranchName") or configuration.get("Branch") or ""
        branch = revision.branch or (run.branch if run else "") or set_up
        found.append(replace(revision, branch=branch, author=revision.author or (run.author if run else "")))
    return tuple(found)
