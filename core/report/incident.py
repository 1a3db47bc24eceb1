"""What a report is made of: one execution of one pipeline, as it was read, diagnosed and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.diagnosis import Diagnosis
from core.journal import Entry
from core.pipeline import ActionExecution, Execution
from core.place import PipelineRef
from core.report.model import Excerpt

__all__ = ["Incident", "failure_of", "recovery_of"]

_NO_TITLES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Incident:
    """All that was read for a report.

    Attributes:
        diagnosis: of the failure; where it had recovered before anyone looked, made of what the failure left behind.
        runs: every run of every action in the execution, retries included, in any order.
        executions: the pipeline's executions, newest first, as many as were read.
        excerpts: parts of logs around what counts, secrets masked.
        entries: changes out of the journal that belong to this pipeline, in any order.
        titles: names of playbooks by id.
        after: whether the checks were made after the recovery.
        now: when the report is written (epoch seconds).
    """

    ref: PipelineRef
    account: str
    diagnosis: Diagnosis
    now: float
    execution: Execution | None = None
    runs: tuple[ActionExecution, ...] = ()
    executions: tuple[Execution, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    entries: tuple[Entry, ...] = ()
    titles: Mapping[str, str] = field(default_factory=lambda: _NO_TITLES)
    after: bool = False
    partition: str = "aws"
    tool: str = "pipemedic"


def _ended(run: ActionExecution) -> float:
    return run.updated_at or run.started_at or 0.0


def failure_of(runs: tuple[ActionExecution, ...]) -> ActionExecution | None:
    """Return the run that broke an execution: of the last attempt that failed, the action that failed first.

    Actions of one stage that run side by side may fail together; a run that ended before the last failing one began
    belongs to an earlier attempt.
    """
    failed = [each for each in runs if each.status == "Failed"]
    if not failed:
        return None
    last = max(failed, key=_ended)
    beside = [each for each in failed if each.stage == last.stage and _ended(each) >= (last.started_at or 0.0)]
    return min(beside, key=_ended)


def recovery_of(
    failed: ActionExecution | None,
    runs: tuple[ActionExecution, ...],
    execution: Execution | None,
    executions: tuple[Execution, ...],
) -> tuple[float, str] | None:
    """Return when an incident was over and what showed it; None while it is not, or where nothing had failed.

    Either the action succeeded on a later run of the same execution and the execution went through, or a later
    execution did.
    """
    if failed is None:
        return None
    broke = _ended(failed)
    if execution is not None and execution.status == "Succeeded" and (execution.updated_at or 0.0) >= broke:
        again = [
            each
            for each in runs
            if (each.stage, each.action) == (failed.stage, failed.action)
            and each.status == "Succeeded"
            and _ended(each) > broke
        ]
        how = "the failed stage was retried and the execution went through" if again else "the execution went through"
        return execution.updated_at or broke, how
    later = [
        each
        for each in executions
        if each.status == "Succeeded" and (each.started_at or 0.0) > broke and each.updated_at is not None
    ]
    if not later:
        return None
    first = min(later, key=lambda each: each.updated_at or 0.0)
    word = "rollback" if first.kind == "ROLLBACK" else "execution"
    return first.updated_at or broke, f"{word} {first.id[:8]} went through"
