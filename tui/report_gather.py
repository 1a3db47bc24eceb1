"""Reads what a report is made of: the execution that broke, its diagnosis, its logs, the journal. Changes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.attention import Condition, assess
from core.build import LogLocation
from core.console import log_url
from core.diagnosis import Checked, Diagnosis
from core.errors import AwsError, UsageError
from core.fact import Fact
from core.pipeline import ActionExecution, Execution, PipelineSnapshot, PipelineState
from core.place import PipelineRef
from core.playbook import Subject
from core.report.changes import changes_for
from core.report.excerpts import excerpts_of
from core.report.incident import Incident, failure_of, recovery_of
from core.report.model import Excerpt
from core.signatures import Failure, examine
from tui.asked import chosen_execution
from tui.triage import subject_at, subject_of, triage, triage_subject
from tui.version import __version__

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["EarlierDiagnosis", "gather"]

Clock = Callable[[], float]
Progress = Callable[[Checked], None]
#: Gives the diagnosis that was made of an execution (by id) while it was red, or None.
EarlierDiagnosis = Callable[[str], Diagnosis | None]

_TROUBLED = frozenset({Condition.FAILED, Condition.STUCK, Condition.WAITING, Condition.OFF})
_HISTORY = 100
# Of so many newest executions the actions are looked at for a failure that a retry has hidden.
_LOOK_BACK = 10
_LOGS, _EXCERPTS = 3, 4


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The execution that the report is about, and the run that broke it."""

    execution: Execution | None
    runs: tuple[ActionExecution, ...] = ()
    failed: ActionExecution | None = None


async def gather(
    cloud: Cloud,
    ref: PipelineRef,
    *,
    execution_id: str = "",
    earlier: EarlierDiagnosis | None = None,
    progress: Progress | None = None,
    clock: Clock = time.time,
) -> Incident:
    """Read all that a report tells.

    Args:
        cloud: an open cloud.
        ref: the pipeline.
        execution_id: the execution (its id or an unambiguous beginning); empty: the present trouble, else the newest
            execution in which something failed, else the newest one.
        earlier: diagnoses that were made while it was red.
        progress: called with each check as it is answered.
        clock: epoch seconds.

    Raises:
        UsageError: no such execution.
        AwsError: the pipeline could not be read.
    """
    reader = cloud.pipelines(ref.place)
    state, executions = await asyncio.gather(reader.state(ref.name), _executions(cloud, ref, execution_id))
    present = not execution_id and _in_trouble(ref, state, executions, clock())
    if present:
        from tui.incident_file import remember_diagnosis  # noqa: PLC0415

        diagnosis = await triage(cloud, ref, progress=progress, clock=clock)
        await asyncio.to_thread(remember_diagnosis, diagnosis)
        chosen = await _of_id(cloud, ref, diagnosis.subject.execution, executions)
        after = False
    else:
        chosen = await _choose(cloud, ref, execution_id, executions)
        over = recovery_of(chosen.failed, chosen.runs, chosen.execution, executions)
        known = earlier(chosen.execution.id) if earlier and chosen.execution else None
        if known is None and over is not None:
            known = await _recalled(cloud, ref, chosen, clock)
        diagnosis = known or await _diagnose(cloud, ref, chosen, progress, clock)
        after = known is None and over is not None
    return await _incident(cloud, diagnosis, chosen, executions, after=after, now=clock())


async def _incident(
    cloud: Cloud,
    diagnosis: Diagnosis,
    chosen: _Chosen,
    executions: tuple[Execution, ...],
    *,
    after: bool,
    now: float,
) -> Incident:
    """Put it together with excerpts and the journal's changes."""
    from tui.journal_file import read_entries  # noqa: PLC0415 (the room that talks to AWS)
    from tui.team.load import all_playbooks  # noqa: PLC0415 (walks and imports every playbook)

    diagnosis = await _with_logs(cloud, diagnosis)
    subject = diagnosis.subject
    entries = await asyncio.to_thread(read_entries, cloud.journal, now)
    over = recovery_of(chosen.failed, chosen.runs, chosen.execution, executions)
    since = chosen.execution.started_at if chosen.execution else None
    account = subject.identity.account
    return Incident(
        ref=subject.ref,
        account=account,
        diagnosis=diagnosis,
        now=now,
        execution=chosen.execution,
        runs=chosen.runs,
        executions=executions,
        excerpts=await asyncio.to_thread(_excerpts, diagnosis),
        entries=changes_for(entries, subject.ref, account, since, over[0] if over else None),
        titles={book.id: book.title for book in await asyncio.to_thread(all_playbooks)},
        after=after,
        partition=subject.identity.partition,
        tool=f"pipemedic {__version__}",
    )


async def _executions(cloud: Cloud, ref: PipelineRef, wanted: str) -> tuple[Execution, ...]:
    """The newest executions; further pages only to find the wanted one (at most 1,000 executions)."""
    reader, found, token = cloud.pipelines(ref.place), list[Execution](), ""
    for _ in range(10 if wanted else 1):
        try:
            page = await reader.executions(ref.name, token=token, limit=_HISTORY)
        except AwsError:
            if wanted:
                raise
            return ()  # the state alone is enough to report the present
        found += page.items
        token = page.next_token
        if not token or any(each.id.startswith(wanted) for each in page.items):
            break
    return tuple(found)


def _in_trouble(ref: PipelineRef, state: PipelineState, executions: tuple[Execution, ...], now: float) -> bool:
    snapshot = PipelineSnapshot(ref, now, state, executions[0] if executions else None)
    return assess(snapshot, now).condition in _TROUBLED


async def _of_id(cloud: Cloud, ref: PipelineRef, meant: Execution | None, executions: tuple[Execution, ...]) -> _Chosen:
    """An execution as the history tells it (the state knows its id alone), with its runs where they may be read."""
    if meant is None or not meant.id:
        return _Chosen(meant)
    execution = next((each for each in executions if each.id == meant.id), meant)
    try:
        runs = await cloud.pipelines(ref.place).action_executions(ref.name, execution.id)
    except AwsError:
        return _Chosen(execution)
    return _Chosen(execution, runs, failure_of(runs))


async def _choose(cloud: Cloud, ref: PipelineRef, wanted: str, executions: tuple[Execution, ...]) -> _Chosen:
    """The execution asked for; else the newest in which something failed, else the newest."""
    if wanted:
        return await _of_id(cloud, ref, chosen_execution(executions, wanted, ref.name), executions)
    newest = _Chosen(None)
    for number, execution in enumerate(executions):
        if number >= _LOOK_BACK and execution.status != "Failed":
            continue
        found = await _of_id(cloud, ref, execution, executions)
        if found.failed is not None:
            return found
        newest = found if newest.execution is None else newest
    return newest


async def _diagnose(
    cloud: Cloud, ref: PipelineRef, chosen: _Chosen, progress: Progress | None, clock: Clock
) -> Diagnosis:
    """Diagnose the run that failed, or what the execution came to where none did."""
    execution, failed = chosen.execution, chosen.failed
    if execution is None or not chosen.runs:
        return await triage(cloud, ref, progress=progress, clock=clock)
    if failed is None:
        return await triage(cloud, ref, execution_id=execution.id, progress=progress, clock=clock)
    began = clock()
    moved = await _subject(cloud, ref, execution, failed, clock)
    status = "running" if execution.status == "InProgress" else execution.status.lower()
    return await triage_subject(cloud, moved, status, past=True, progress=progress, clock=clock, began=began)


async def _recalled(cloud: Cloud, ref: PipelineRef, chosen: _Chosen, clock: Clock) -> Diagnosis | None:
    """The diagnosis kept of an execution that has healed since: what it proved cannot be proved any more."""
    from tui.incident_file import recall_diagnosis  # noqa: PLC0415 (only where there may be one)

    execution, failed = chosen.execution, chosen.failed
    if execution is None or failed is None:
        return None
    subject = await _subject(cloud, ref, execution, failed, clock)
    return await asyncio.to_thread(recall_diagnosis, subject, execution.id, execution.started_at or 0.0)


async def _subject(
    cloud: Cloud, ref: PipelineRef, execution: Execution, failed: ActionExecution, clock: Clock
) -> Subject:
    """The run that failed, as a diagnosis takes it."""
    try:
        subject = await subject_of(
            cloud, ref, execution_id=execution.id, stage=failed.stage, action=failed.action, clock=clock
        )
    except UsageError:  # the action is not in the definition any more
        subject = await subject_of(cloud, ref, clock=clock)
    return await subject_at(subject, failed, execution)


async def _with_logs(cloud: Cloud, diagnosis: Diagnosis) -> Diagnosis:
    """A diagnosis out of a record names the logs it has read, and not their lines: these are read once more."""
    if any(_lines(each) for each in diagnosis.facts):
        return diagnosis
    evidence = cloud.evidence(diagnosis.subject.ref.place)
    facts = []
    for fact in diagnosis.facts:
        if fact.ok and fact.operation == "GetLogEvents":
            again = await evidence.log(_location(fact))
            facts.append(replace(fact, value=again.value))
        else:
            facts.append(fact)
    return replace(diagnosis, facts=tuple(facts))


def _excerpts(diagnosis: Diagnosis) -> tuple[Excerpt, ...]:
    """The parts of all logs read that count; the engine reads each log once more, as a whole."""
    subject = diagnosis.subject
    ran = subject.action_state
    message = "\n".join(filter(None, (ran.error_code, ran.error_message, ran.summary)))
    found: list[Excerpt] = []
    for fact in [each for each in diagnosis.facts if _lines(each)][:_LOGS]:
        lines = _lines(fact)
        where = _location(fact)
        said = examine(Failure(subject.action.category, subject.action.provider, message, lines))
        if said.verdict == "healthy" and ran.status not in {"Failed", "Abandoned"}:
            continue  # a log in which nothing went wrong tells a reader nothing
        url = log_url(where, subject.identity.partition) if where.group else ""
        found += excerpts_of(where.name, lines, said, url=url)
    return tuple(found[:_EXCERPTS])


def _lines(fact: Fact) -> list[str]:
    """The lines of a fact that is a whole log; none for any other."""
    lines = fact.get("lines", default=[]) if fact.ok and isinstance(fact.value, dict) else []
    return [str(line) for line in lines] if isinstance(lines, list) else []


def _location(fact: Fact) -> LogLocation:
    params = fact.params
    if fact.service == "s3":
        return LogLocation(s3_arn=f"{params.get('Bucket', '')}/{params.get('Key', '')}", region=fact.region)
    return LogLocation(str(params.get("logGroupName", "")), str(params.get("logStreamName", "")), fact.region)
