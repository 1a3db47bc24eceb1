"""From what was read to what the report says. Pure."""

from __future__ import annotations

from core.age import duration
from core.causes import CAUSES
from core.console import pipeline_url
from core.pipeline import ActionExecution, Execution
from core.redact import mask_secrets
from core.report.causes import causes_of, looks_of
from core.report.changes import change_of
from core.report.follow_ups import follow_ups
from core.report.incident import Incident, failure_of, recovery_of
from core.report.model import Cause, Change, Delivered, Report, StageRun
from core.report.timeline import timeline, trigger_words
from core.report.words import brief
from core.text import clip, sanitize

__all__ = ["assemble"]

_MESSAGE_CHARS = 4000
_HEADLINE_CHARS = 140


def assemble(incident: Incident) -> Report:
    """Return the report of an incident; nothing in it is masked yet beyond what the parts have masked themselves."""
    diagnosis = incident.diagnosis
    subject, execution = diagnosis.subject, incident.execution
    failed = failure_of(incident.runs)
    over = recovery_of(failed, incident.runs, execution, incident.executions)
    changes = tuple(change_of(entry) for entry in incident.entries)
    ruled_out, unseen = looks_of(diagnosis)
    ran = subject.action_state
    said = f"{ran.error_code}: {ran.error_message}" if ran.error_code else ran.error_message or ran.summary
    status = "recovered" if over else _STATUS.get(diagnosis.status, diagnosis.status)
    message = clip(mask_secrets(sanitize(said)), _MESSAGE_CHARS) if status in _SPEAKING else ""
    causes, evidence = causes_of(diagnosis, incident.excerpts, message)
    failed_at = (failed.updated_at if failed else None) or (ran.changed_at if status in _TROUBLED else None)
    return Report(
        pipeline=subject.ref.name,
        account=incident.account,
        region=subject.ref.place.region,
        headline=_headline(incident, causes, failed, status),
        status=status,
        summary=_summary(incident, causes, changes, failed_at, over),
        written_at=incident.now,
        tool=incident.tool,
        execution_id=execution.id if execution else "",
        trigger=trigger_words(execution) if execution else "",
        stage=subject.stage.name,
        action=subject.action.name,
        provider=subject.action.provider,
        message=message,
        failed_at=failed_at,
        recovered_at=over[0] if over else None,
        after=incident.after,
        history=_history(incident.executions),
        url=pipeline_url(subject.ref.name, subject.ref.place.region, incident.partition),
        delivered=_delivered(execution),
        stages=_stages(incident),
        timeline=timeline(incident),
        causes=causes,
        evidence=evidence,
        excerpts=incident.excerpts,
        ruled_out=ruled_out,
        unseen=unseen,
        changes=changes,
        follow_ups=follow_ups(incident, causes, recovered=over is not None),
    )


_TROUBLED = frozenset({"failed", "stuck"})
_FINE = frozenset({"ok", "succeeded"})
# Where nothing is wrong, what an action says is a commit's message or the like.
_SPEAKING = _TROUBLED | {"recovered", "approval", "stopped"}
_STATUS = {"inprogress": "running"}


def _headline(incident: Incident, causes: tuple[Cause, ...], failed: ActionExecution | None, status: str) -> str:
    subject = incident.diagnosis.subject
    point = " / ".join(filter(None, (subject.stage.name, subject.action.name)))
    if causes:
        known = CAUSES.get(causes[0].id)
        return brief(f"{point}: {known.title if known else causes[0].title}", _HEADLINE_CHARS)
    if failed is not None or status in _TROUBLED:
        return brief(f"{point}: {status}, cause not known", _HEADLINE_CHARS)
    if status == "running":
        return "running, and nothing has failed"
    return "nothing is wrong" if status in _FINE else brief(f"{point}: {status}", _HEADLINE_CHARS)


def _summary(
    incident: Incident,
    causes: tuple[Cause, ...],
    changes: tuple[Change, ...],
    failed_at: float | None,
    over: tuple[float, str] | None,
) -> str:
    sentences = []
    if causes:
        summary = causes[0].summary.rstrip(". ")
        sentences.append(f"{summary[:1].upper()}{summary[1:]} ({causes[0].sureness}, {causes[0].id}).")
    applied = [each for each in changes if each.applied]
    if applied:
        sentences.append(f"Changed: {'; '.join(f'{each.title} ({each.state})' for each in applied)}.")
    if over is not None:
        after = f" {duration(over[0] - failed_at)} after the failure" if failed_at is not None else ""
        sentences.append(f"Recovered{after}: {over[1]}.")
    elif failed_at is not None and incident.diagnosis.status in _TROUBLED:
        sentences.append(
            f"Not recovered when this was written, {duration(incident.now - failed_at)} after the failure."
        )
    return " ".join(sentences)


def _delivered(execution: Execution | None) -> tuple[Delivered, ...]:
    revisions = execution.revisions if execution else ()
    return tuple(
        Delivered(each.action, each.id, brief(each.summary, 200), each.author, each.branch, each.url)
        for each in revisions
    )


def _stages(incident: Incident) -> tuple[StageRun, ...]:
    """Each stage of the definition with how the execution left it; of an action that ran again the last run counts."""
    last: dict[tuple[str, str], ActionExecution] = {}
    for run in sorted(incident.runs, key=lambda each: each.started_at or 0.0):
        last[run.stage, run.action] = run
    return tuple(
        StageRun(stage.name, _stage_word([run.status for (name, _), run in last.items() if name == stage.name]))
        for stage in incident.diagnosis.subject.definition.stages
    )


def _stage_word(statuses: list[str]) -> str:
    if not statuses:
        return "not reached"
    words = (("Failed", "failed"), ("InProgress", "running"), ("Abandoned", "stopped"))
    return next((word for status, word in words if status in statuses), "succeeded")


def _history(executions: tuple[Execution, ...]) -> str:
    """How often it fails, of the executions that have ended."""
    ended = [each for each in executions if each.status in {"Succeeded", "Failed"}]
    bad = sum(each.status == "Failed" for each in ended)
    if len(ended) < 2 or not bad:  # a failure that a retry has healed does not count there: none is no praise
        return ""
    return f"{bad} of the last {len(ended)} executions that ended have failed"
