"""Approvals that wait: since and until when, what would go out, and what stands behind it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.age import duration
from core.pipeline import ActionState, Definition, Execution, PipelineState, Revision, StageState
from core.place import PipelineRef

__all__ = ["DEFAULT_TIMEOUT_MIN", "Waiting", "waiting_in", "warnings_of"]

# https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
DEFAULT_TIMEOUT_MIN = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """One approval that waits.

    Attributes:
        execution_id: which execution holds the stage.
        since: epoch seconds; `until` is when it fails by itself.
        revisions: what would go out; empty until the execution was read.
        custom_data: what the pipeline's author wants the approver to know; `review_url` where to look.
        behind: executions that wait to enter the stage, newest last.
        newer: executions that started after the one that waits, newest first.
    """

    ref: PipelineRef
    stage: str
    action: str
    token: str
    execution_id: str
    since: float | None = None
    until: float | None = None
    revisions: tuple[Revision, ...] = ()
    custom_data: str = ""
    review_url: str = ""
    behind: tuple[str, ...] = ()
    newer: tuple[Execution, ...] = ()

    @property
    def key(self) -> str:
        """A stable key for tables."""
        return f"{self.ref.key}|{self.stage}|{self.action}"


def waiting_in(
    ref: PipelineRef,
    state: PipelineState,
    definition: Definition | None = None,
    executions: Sequence[Execution] = (),
) -> tuple[Waiting, ...]:
    """Return the approvals that wait in a pipeline.

    Args:
        ref: the pipeline.
        state: as last read.
        definition: its structure, once read; without it the default time-out counts.
        executions: its executions, newest first, as far as read.
    """
    return tuple(
        _waiting(ref, stage, action, definition, executions)
        for stage in state.stages
        for action in stage.actions
        if action.status == "InProgress" and action.token
    )


def _waiting(
    ref: PipelineRef,
    stage: StageState,
    action: ActionState,
    definition: Definition | None,
    executions: Sequence[Execution],
) -> Waiting:
    declared = definition.action(stage.name, action.name) if definition else None
    minutes = (declared.timeout_min if declared else None) or DEFAULT_TIMEOUT_MIN
    at = next((i for i, each in enumerate(executions) if each.id == stage.execution_id), None)
    configuration = declared.configuration if declared else {}
    return Waiting(
        ref=ref,
        stage=stage.name,
        action=action.name,
        token=action.token,
        execution_id=stage.execution_id,
        since=action.changed_at,
        until=action.changed_at + minutes * 60 if action.changed_at is not None else None,
        revisions=executions[at].revisions if at is not None else (),
        custom_data=configuration.get("CustomData", ""),
        review_url=configuration.get("ExternalEntityLink", "") or action.entity_url,
        behind=stage.inbound,
        newer=tuple(executions[:at]) if at is not None else (),
    )


def warnings_of(waiting: Waiting, now: float) -> tuple[str, ...]:
    """Return what an approver must know before answering, in plain sentences; empty where there is nothing."""
    said: list[str] = []
    open_ = [each for each in waiting.newer if each.status == "InProgress"]
    gone = [each for each in waiting.newer if each.status in ("Superseded", "Cancelled")]
    if waiting.newer:
        short = waiting.execution_id[:8]
        said.append(
            f"This is not the newest revision: the older execution {short} holds the stage, and approving sends out "
            f"what it brought, not what {_plural(len(waiting.newer), 'later execution')} brought."
        )
    if waiting.behind:
        names = ", ".join(each[:8] for each in waiting.behind)
        said.append(f"Behind it {names} wait{'s' if len(waiting.behind) == 1 else ''} to enter {waiting.stage}.")
    elif open_:
        said.append(f"{_plural(len(open_), 'newer execution')} still on the way here.")
    if gone:
        was = "was superseded before it" if len(gone) == 1 else "were superseded before they"
        said.append(f"{_plural(len(gone), 'later execution')} {was} came this far.")
    if waiting.until is not None and waiting.until - now < 24 * 3600:
        left = waiting.until - now
        said.append(f"It fails by itself in {duration(left)}." if left > 0 else "Its time is up: it fails any moment.")
    return tuple(said)


def _plural(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
