"""Changes as the journal tells them: intent, result and outcome of one change put together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.place import Place
from core.plan import ApplyOutcome, Call, Check, Plan, Risk, Undo
from core.plans.readback import readback

__all__ = ["MASK", "Entry", "EntryState", "entries", "undo_plan", "why_no_undo"]

MASK = "‹masked›"
# A change whose program still lives is under way for at most this long (s); the longest verification takes 10 min.
_LONGEST_S = 1800.0


class EntryState(StrEnum):
    """How a change in the journal ended."""

    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"
    CONFLICT = "conflict"
    FAILED = "failed"
    UNDER_WAY = "under way"
    UNCHECKED = "applied, unchecked"  # AWS took it; the program ended before the proof
    UNKNOWN = "unknown: check"  # the program ended between intent and result
    FOUND_THERE = "found there"  # was unknown; a later look found the change in place
    FOUND_ABSENT = "found absent"  # was unknown; a later look did not find it


_OUTCOMES = {
    ApplyOutcome.VERIFIED.value: EntryState.VERIFIED,
    ApplyOutcome.NOT_VERIFIED.value: EntryState.NOT_VERIFIED,
    ApplyOutcome.CONFLICT.value: EntryState.CONFLICT,
    ApplyOutcome.FAILED.value: EntryState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One change.

    Attributes:
        who: the caller's ARN; `at` epoch seconds of the intent.
        call: what was sent (secrets masked), or None where the record lacks it.
        undo: the call that takes it back, where there is one; `undo_words` says it.
        ended_at: epoch seconds of the last record about it; 0 while there is only the intent.
        made: what it has made, by name, e.g. a grant's id.
        request_id: AWS's id of the request, where an answer came.
        error: AWS's refusal.
    """

    id: str
    at: float
    state: EntryState
    who: str = ""
    account: str = ""
    place: Place = field(default_factory=lambda: Place("", ""))
    pipeline: str = ""
    plan: str = ""
    title: str = ""
    resource: str = ""
    call: Call | None = None
    undo: Call | None = None
    undo_words: str = ""
    before: str = ""
    after: str = ""
    request_id: str = ""
    error: str = ""
    pid: int = 0
    ended_at: float = 0.0
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def unknown(self) -> bool:
        """Whether somebody must look what came of it."""
        return self.state in (EntryState.UNKNOWN, EntryState.UNCHECKED)


def entries(
    records: Iterable[Mapping[str, Any]], now: float, alive: Callable[[int], bool] = lambda _: False
) -> tuple[Entry, ...]:
    """Return the changes, newest first.

    Args:
        records: of the journal, oldest first.
        now: epoch seconds.
        alive: whether a process of that id runs on this machine.
    """
    found: dict[str, Entry] = {}
    for record in records:
        change_id, kind = str(record.get("id", "")), record.get("kind")
        if kind == "intent":
            found[change_id] = _begun(change_id, record)
        elif change_id in found:
            found[change_id] = _go_on(found[change_id], str(kind), record)
    newest_first = sorted(found.values(), key=lambda entry: entry.at, reverse=True)
    return tuple(_settled(entry, now, alive) for entry in newest_first)


def _begun(change_id: str, record: Mapping[str, Any]) -> Entry:
    def text(name: str) -> str:
        return str(record.get(name) or "")

    pid = record.get("pid")
    at = record.get("at")
    undo = record.get("undo_call")
    return Entry(
        id=change_id,
        at=float(at) if isinstance(at, int | float) else 0.0,
        state=EntryState.UNKNOWN,
        who=text("who"),
        account=text("account"),
        place=Place(text("profile"), text("region")),
        pipeline=text("pipeline"),
        plan=text("plan"),
        title=text("title"),
        resource=text("resource"),
        call=_call(record),
        undo=_call(undo) if isinstance(undo, Mapping) else None,
        undo_words=text("undo"),
        before=text("before"),
        after=text("after"),
        pid=pid if isinstance(pid, int) else 0,
    )


def _call(record: Mapping[str, Any]) -> Call | None:
    params = record.get("params")
    if not (record.get("service") and record.get("operation") and isinstance(params, Mapping)):
        return None
    return Call(str(record["service"]), str(record["operation"]), params, str(record.get("region") or ""))


def _go_on(entry: Entry, kind: str, record: Mapping[str, Any]) -> Entry:
    at = record.get("at")
    if isinstance(at, int | float):
        entry = replace(entry, ended_at=float(at))
    if kind == "result":
        result = record.get("result")
        state = {"accepted": EntryState.UNCHECKED, "refused": EntryState.FAILED}.get(str(result), EntryState.UNKNOWN)
        made, undo = record.get("made"), record.get("undo_call")
        return replace(
            entry,
            state=state,
            request_id=str(record.get("request_id") or ""),
            error=str(record.get("error") or ""),
            made={str(key): str(value) for key, value in made.items()} if isinstance(made, Mapping) else {},
            undo=_call(undo) if isinstance(undo, Mapping) else entry.undo,
        )
    if kind == "outcome":
        return replace(entry, state=_OUTCOMES.get(str(record.get("outcome")), entry.state))
    if kind == "check":
        return replace(entry, state=EntryState.FOUND_THERE if record.get("there") else EntryState.FOUND_ABSENT)
    return entry


def _settled(entry: Entry, now: float, alive: Callable[[int], bool]) -> Entry:
    """A change without an end is under way while its program lives."""
    if entry.unknown and entry.pid and now - entry.at < _LONGEST_S and alive(entry.pid):
        return replace(entry, state=EntryState.UNDER_WAY)
    return entry


def _masked(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_masked(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_masked(item) for item in value)
    return isinstance(value, str) and MASK in value


def why_no_undo(entry: Entry) -> str:
    """Return why a change cannot be taken back from the journal; empty where it can."""
    words = {
        EntryState.UNDER_WAY: "It is still under way.",
        EntryState.UNKNOWN: "What came of it is not known: check it first.",
        EntryState.CONFLICT: "Nothing was changed.",
        EntryState.FAILED: "Nothing was changed.",
        EntryState.FOUND_ABSENT: "Nothing was changed.",
    }
    if entry.state in words:
        return words[entry.state]
    if entry.undo is None or entry.call is None:
        return f"No single call does it: {entry.undo_words}." if entry.undo_words else "It cannot be undone."
    if _masked(entry.undo.params):
        return "The journal keeps no secrets, and the earlier setting holds one."
    if readback(entry.undo) is None or readback(entry.call, entry.made) is None:
        return "What it set cannot be read back."
    return ""


def undo_plan(entry: Entry) -> Plan | None:
    """Plan to take a change back: only while what it set still stands, proven by what was there before.

    The undo is a plan like any other and can itself be undone. None where it cannot be made (`why_no_undo`).
    """
    if why_no_undo(entry) or entry.undo is None or entry.call is None:
        return None
    was, will = readback(entry.call, entry.made), readback(entry.undo)
    if was is None or will is None:
        return None
    redo = None if _masked(entry.call.params) else entry.call
    return Plan(
        id=f"undo.{entry.plan}",
        title=f"Undo: {entry.title}",
        place=Place(entry.place.profile, entry.undo.region or entry.place.region),
        account=entry.account,
        pipeline=entry.pipeline,
        resource=entry.resource,
        call=entry.undo,
        risk=Risk.MEDIUM,
        risk_note=f"{entry.undo_words}. What relied on the change loses it again.",
        precondition=Check(f"Nothing has changed it since: {was.describe}", was.reads, was.holds),
        verification=Check(will.describe, will.reads, will.holds),
        before=entry.after,
        after=entry.before,
        syntax="json" if entry.after.lstrip().startswith("{") else "text",
        permissions=(f"{entry.undo.service}:{entry.undo.operation}",),
        undo=Undo(f"Do it again: {entry.title}", redo),
    )
