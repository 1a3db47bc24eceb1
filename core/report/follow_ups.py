"""What is left to do when the report is written, the most pressing first."""

from __future__ import annotations

from core.fact import Outcome
from core.finding import Fix
from core.journal import Entry, EntryState
from core.report.incident import Incident
from core.report.model import Cause, FollowUp

__all__ = ["follow_ups"]

_SURE_ENOUGH = 0.75
_BROKEN = frozenset({"failed", "stuck", "stopped"})
# An execution that goes round again, or a way that opens: nothing that code could take back.
_CONTROLS = "codepipeline"
_OPEN = frozenset({EntryState.UNKNOWN, EntryState.UNCHECKED, EntryState.NOT_VERIFIED})


def follow_ups(incident: Incident, causes: tuple[Cause, ...], *, recovered: bool) -> tuple[FollowUp, ...]:
    """Return what is left to do."""
    found: list[FollowUp] = []
    if not recovered and (causes or incident.diagnosis.status in _BROKEN):
        found += _put_right(incident, causes)
    found += [_look_again(entry) for entry in incident.entries if entry.state in _OPEN]
    found += _closed_ways(incident)
    found += _into_code(incident)
    found += _doubt(causes)
    found += _rights(incident)
    return tuple({each.title: each for each in found}.values())


def _put_right(incident: Incident, causes: tuple[Cause, ...]) -> list[FollowUp]:
    if not causes:
        return [FollowUp("Find the cause", "no check and no known message names one")]
    findings = incident.diagnosis.findings
    fixes: tuple[Fix, ...] = findings[0].fixes if findings else ()
    best = next((each for each in fixes if each.plan), None) or (fixes[0] if fixes else None)
    if best is None:
        return [FollowUp(f"Put it right: {causes[0].title}")]
    remedy = next((each for each in causes[0].remedies if each.title == best.title), None)
    command = remedy.commands[0] if remedy and remedy.commands else ""
    why = "pipemedic can do it: d, then f" if best.plan else "by hand"
    return [FollowUp(best.title, f"{why} · {best.risk.value} risk", command)]


def _look_again(entry: Entry) -> FollowUp:
    return FollowUp(f"Look what came of: {entry.title}", f"the journal says: {entry.state.value}")


def _closed_ways(incident: Incident) -> list[FollowUp]:
    return [
        FollowUp(f"Open the way into {stage.name} again", f"disabled: {stage.transition.reason or 'no reason given'}")
        for stage in incident.diagnosis.subject.state.stages
        if not stage.transition.enabled
    ]


def _into_code(incident: Incident) -> list[FollowUp]:
    """A change by hand lasts until the code that makes the resource is deployed again."""
    last = (EntryState.VERIFIED, EntryState.NOT_VERIFIED, EntryState.UNCHECKED, EntryState.FOUND_THERE)
    return [
        FollowUp(
            f"Make the same change where {entry.resource} is defined",
            f"“{entry.title}” was made by hand; a deployment of that code would take it back",
        )
        for entry in incident.entries
        if entry.state in last and entry.call is not None and entry.call.service != _CONTROLS and entry.resource
    ]


def _doubt(causes: tuple[Cause, ...]) -> list[FollowUp]:
    if not causes or causes[0].proven or causes[0].confidence >= _SURE_ENOUGH:
        return []
    why = f"it would be disproved by: {causes[0].disproved_by}" if causes[0].disproved_by else "no check has proven it"
    return [FollowUp("Confirm the cause", f"{causes[0].sureness}; {why}")]


def _rights(incident: Incident) -> list[FollowUp]:
    denied = dict.fromkeys(
        fact.action for fact in incident.diagnosis.facts if fact.outcome is Outcome.DENIED and fact.action
    )
    if not denied:
        return []
    return [FollowUp(f"Ask for {', '.join(denied)}", "without it some checks could not look")]
