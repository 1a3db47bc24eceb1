"""What happened, in order: what began it, what ran and failed, what was looked at and changed, and how it ended."""

from __future__ import annotations

from core.age import duration
from core.arn import Arn
from core.delivery import TRIGGERS
from core.diagnosis import Checked
from core.finding import Verdict
from core.journal import Entry
from core.pipeline import ActionExecution, Execution, StageState
from core.report.incident import Incident, failure_of, recovery_of
from core.report.model import Moment, MomentKind
from core.report.words import brief
from core.text import first_line

__all__ = ["timeline", "trigger_words"]

_DETAIL_CHARS = 240
_ORDER = list(MomentKind)
_RAN = {
    "Succeeded": "succeeded",
    "Failed": "failed",
    "InProgress": "is running",
    "Abandoned": "was abandoned",
}


def trigger_words(execution: Execution) -> str:
    """Return what started an execution, in words."""
    words = TRIGGERS.get(execution.trigger, execution.trigger)
    detail = execution.trigger_detail
    arn = Arn.parse(detail)
    if arn is not None:  # a person or rule by name; a connection's id tells a reader nothing
        detail = arn.resource.rpartition("/")[2] if arn.service in {"iam", "sts", "events", "scheduler"} else ""
    return f"{words} ({detail})" if detail else words


def timeline(incident: Incident) -> tuple[Moment, ...]:
    """Return all that happened, by time; what has no time comes first."""
    moments = [
        *_began(incident.execution),
        *(_ran(run, incident) for run in incident.runs),
        *_held(incident),
        *_looked(incident),
        *(_changed(entry) for entry in incident.entries),
        *_ended(incident),
    ]
    return tuple(sorted(moments, key=lambda each: (each.at or 0.0, _ORDER.index(each.kind))))


def _began(execution: Execution | None) -> list[Moment]:
    if execution is None or execution.started_at is None:
        return []
    revision = next((each for each in execution.revisions if each.summary or each.id), None)
    detail = ""
    if revision:
        by = f" by {revision.author}" if revision.author else ""
        on = f" on {revision.branch}" if revision.branch else ""
        what = first_line(revision.summary)
        detail = f"{revision.id[:12]}{on}{by}" + (f": {what}" if what else "")
    title = f"Execution {execution.id[:8]} begins"
    words = trigger_words(execution)
    if words:
        title += f": {words}"
    return [Moment(execution.started_at, MomentKind.TRIGGERED, title, brief(detail, _DETAIL_CHARS))]


def _ran(run: ActionExecution, incident: Incident) -> Moment:
    declared = incident.diagnosis.subject.definition.action(run.stage, run.action)
    provider = run.provider or (declared.provider if declared else "")
    approval = bool(declared and declared.category == "Approval")
    word = _RAN.get(run.status, run.status.lower())
    if approval:
        word = {"Succeeded": "was approved", "Failed": "was rejected or ran out", "InProgress": "waits"}.get(
            run.status, word
        )
    attempt = _attempt(run, incident.runs)
    title = f"{run.stage} / {run.action} {word}"
    facts = [provider, attempt]
    kind = {
        "Failed": MomentKind.FAILED,
        "Abandoned": MomentKind.STOPPED,
        "InProgress": MomentKind.WAITED if approval else MomentKind.RUNS,
    }.get(run.status, MomentKind.RAN)
    # A failure happens when it ends; what goes well is told by its beginning.
    at = run.updated_at if kind is MomentKind.FAILED else run.started_at
    said = ""
    if kind is MomentKind.FAILED:
        said = first_line(run.error_message or run.summary)
        facts.append(f"after {duration(at - run.started_at)}" if at and run.started_at else "")
    detail = " · ".join(filter(None, (*facts, said)))
    ended = run.updated_at if kind is MomentKind.RAN else None
    return Moment(at or run.started_at, kind, title, brief(detail, _DETAIL_CHARS), ended)


def _attempt(run: ActionExecution, runs: tuple[ActionExecution, ...]) -> str:
    same = sorted(
        (each for each in runs if (each.stage, each.action) == (run.stage, run.action)),
        key=lambda each: each.started_at or 0.0,
    )
    return f"attempt {same.index(run) + 1} of {len(same)}" if len(same) > 1 else ""


def _held(incident: Incident) -> list[Moment]:
    """Ways into stages that somebody has closed, as they stand now."""

    def told(stage: StageState) -> Moment:
        way = stage.transition
        who = f" by {way.changed_by}" if way.changed_by else ""
        return Moment(way.changed_at, MomentKind.STOPPED, f"The way into {stage.name} was disabled{who}", way.reason)

    closed = [each for each in incident.diagnosis.subject.state.stages if not each.transition.enabled]
    return [told(each) for each in closed]


def _looked(incident: Incident) -> list[Moment]:
    """One line a playbook: when its facts were read, how many checks, how they came out."""
    times = {fact.n: (fact.read_at, fact.read_at + fact.took_s) for fact in incident.diagnosis.facts if fact.read_at}
    by_book: dict[str, list[Checked]] = {}
    for each in incident.diagnosis.checks:
        if each.answer.verdict is not Verdict.NOT_APPLICABLE:
            by_book.setdefault(each.playbook, []).append(each)
    moments = []
    for book, checks in by_book.items():
        read = [times[n] for each in checks for n in each.answer.facts if n in times]
        at = min((begin for begin, _ in read), default=None)
        if at is None:
            continue
        counts = {verdict: sum(each.answer.verdict is verdict for each in checks) for verdict in Verdict}
        words = [
            f"{counts[Verdict.PASSED]} passed" if counts[Verdict.PASSED] else "",
            f"{counts[Verdict.FAILED]} failed" if counts[Verdict.FAILED] else "",
            f"{counts[Verdict.UNKNOWN]} could not tell" if counts[Verdict.UNKNOWN] else "",
            f"{counts[Verdict.DENIED]} not allowed to look" if counts[Verdict.DENIED] else "",
        ]
        title = f"Looked at: {incident.titles.get(book, book)}"
        many = "check" if len(checks) == 1 else "checks"
        detail = f"{len(checks)} {many}: {', '.join(filter(None, words))}"
        moments.append(Moment(at, MomentKind.LOOKED, title, detail, max(end for _, end in read)))
    return moments


def _changed(entry: Entry) -> Moment:
    who = f" by {entry.who.rpartition('/')[2] or entry.who}" if entry.who else ""
    ended = entry.ended_at if entry.ended_at > entry.at else None
    return Moment(entry.at, MomentKind.CHANGED, entry.title, f"{entry.state.value}{who} · {entry.resource}", ended)


def _ended(incident: Incident) -> list[Moment]:
    failed = failure_of(incident.runs)
    over = recovery_of(failed, incident.runs, incident.execution, incident.executions)
    if over is None or failed is None:
        return []
    at, how = over
    broke = failed.updated_at or failed.started_at or at
    return [Moment(at, MomentKind.RECOVERED, f"Recovered: {how}", f"{duration(at - broke)} after the failure")]
