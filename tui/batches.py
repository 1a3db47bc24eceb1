"""The same change for several marked pipelines: which of them it can be made for, and its plans. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.actions import Ask, Choice
from core.approvals import waiting_in
from core.pipeline import PipelineSnapshot
from core.plan import Plan
from core.plans.pipeline import (
    answer_approval,
    disable_transition,
    enable_transition,
    retry_stage,
    start_execution,
    stop_execution,
)

__all__ = ["KINDS", "Kind", "asks_of", "kind_of", "plans_of", "retry_of"]

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One change that is made for many.

    Attributes:
        title: what it does to all of them, in the imperative.
        make: the plans for one pipeline, none where it does not apply; `account` is the caller's, answers as asked.
        says: whether a reason or comment is asked for.
    """

    title: str
    make: Callable[[PipelineSnapshot, str, Given], Sequence[Plan]]
    says: bool = False


def retry_of(snapshot: PipelineSnapshot, account: str) -> Plan | None:
    """Return the retry of a pipeline's first failed stage; None where none has failed."""
    state = snapshot.state
    stage = next((each for each in state.stages if each.status == "Failed"), None) if state else None
    if stage is None:
        return None
    failed_at = max((each.changed_at for each in stage.actions if each.changed_at), default=None)
    return retry_stage(snapshot.ref, account, stage.name, stage.execution_id, failed_at=failed_at)


def _retry(snapshot: PipelineSnapshot, account: str, given: Given) -> Sequence[Plan]:
    del given
    plan = retry_of(snapshot, account)
    return (plan,) if plan else ()


def _enable(snapshot: PipelineSnapshot, account: str, given: Given) -> Sequence[Plan]:
    del given
    closed = [each for each in snapshot.state.stages if not each.transition.enabled] if snapshot.state else []
    return [
        enable_transition(snapshot.ref, account, each.name, reason=each.transition.reason, waiting=each.inbound)
        for each in closed
    ]


def _start(snapshot: PipelineSnapshot, account: str, given: Given) -> Sequence[Plan]:
    del given
    newest = snapshot.execution.id if snapshot.execution else ""
    return (start_execution(snapshot.ref, account, newest=newest),)


def _disable(stage: str) -> Callable[[PipelineSnapshot, str, Given], Sequence[Plan]]:
    def make(snapshot: PipelineSnapshot, account: str, given: Given) -> Sequence[Plan]:
        found = snapshot.state.stages[1:] if snapshot.state else ()
        open_ = [each for each in found if each.name == stage and each.transition.enabled]
        return [disable_transition(snapshot.ref, account, each.name, given["words"]) for each in open_]

    return make


def _stop(*, abandon: bool) -> Callable[[PipelineSnapshot, str, Given], Sequence[Plan]]:
    def make(snapshot: PipelineSnapshot, account: str, given: Given) -> Sequence[Plan]:
        return [
            stop_execution(snapshot.ref, account, each, given["words"], abandon=abandon) for each in _running(snapshot)
        ]

    return make


def _running(snapshot: PipelineSnapshot) -> Sequence[str]:
    """Ids of the executions that run or wait in a pipeline."""
    stages = snapshot.state.stages if snapshot.state else ()
    running = dict.fromkeys(each.execution_id for each in stages if each.status == "InProgress" and each.execution_id)
    waiting = dict.fromkeys(name for each in stages for name in each.inbound)
    return list({**running, **waiting})


def _answer(*, approve: bool) -> Callable[[PipelineSnapshot, str, Given], Sequence[Plan]]:
    def make(snapshot: PipelineSnapshot, account: str, given: Given) -> Sequence[Plan]:
        held = waiting_in(snapshot.ref, snapshot.state) if snapshot.state else ()
        return [
            answer_approval(
                snapshot.ref, account, each.stage, each.action, each.token, approve=approve, summary=given["words"]
            )
            for each in held
        ]

    return make


KINDS: Mapping[str, Kind] = {
    "retry": Kind("Retry the failed stage of the marked pipelines", _retry),
    "enable": Kind("Enable the disabled transitions of the marked pipelines", _enable),
    "start": Kind("Start the marked pipelines with their newest revisions", _start),
    "stop": Kind("Stop the marked pipelines after the actions under way", _stop(abandon=False), says=True),
    "abandon": Kind(
        "Stop the marked pipelines at once: actions under way go on unwatched", _stop(abandon=True), says=True
    ),
    "approve": Kind("Approve all that waits in the marked pipelines", _answer(approve=True), says=True),
    "reject": Kind("Reject all that waits in the marked pipelines", _answer(approve=False), says=True),
}


def kind_of(name: str) -> Kind:
    """Return a change by its name; ``disable:STAGE`` closes the way into a stage of that name."""
    what, _, stage = name.partition(":")
    if what == "disable":
        return Kind(f"Disable the transition into {stage} of the marked pipelines", _disable(stage), says=True)
    return KINDS[name]


def _names(snapshots: Sequence[PipelineSnapshot]) -> tuple[str, ...]:
    """All changes that can be offered: a stage that every one of the pipelines has can be closed."""
    stages = [[each.name for each in snapshot.state.stages[1:]] for snapshot in snapshots if snapshot.state]
    shared = [name for name in (stages[0] if stages else ()) if all(name in each for each in stages)]
    return (*KINDS, *(f"disable:{name}" for name in shared))


def asks_of(snapshots: Sequence[PipelineSnapshot], accounts: Sequence[str]) -> tuple[Ask, ...]:
    """Return the questions: which change, of those that apply to any of the pipelines, and the words for it."""
    found = []
    for name in _names(snapshots):
        count = len(plans_of(name, snapshots, accounts, {"words": ""}))
        if count:
            found.append(Choice(name, f"{kind_of(name).title}: {count} {'change' if count == 1 else 'changes'}"))
    words = Ask("words", "Reason or comment", "for stop, disable, approve and reject; everyone sees it", limit=200)
    return (Ask("kind", "What, for all of them?", required=True, choices=tuple(found)), words)


def plans_of(kind: str, snapshots: Sequence[PipelineSnapshot], accounts: Sequence[str], given: Given) -> list[Plan]:
    """Return the plans of a change for the pipelines it applies to; `accounts` are theirs, in the same order."""
    pairs = zip(snapshots, accounts, strict=True)
    return [plan for snapshot, account in pairs for plan in kind_of(kind).make(snapshot, account, given)]
