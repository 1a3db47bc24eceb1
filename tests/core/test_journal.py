"""The journal read back: what became of each change, and the plan that takes one back."""

from __future__ import annotations

from typing import Any

import pytest

from core.fact import Fact, Outcome
from core.journal import MASK, EntryState, entries, undo_plan, why_no_undo

RULE = {"Name": "start", "EventBusName": "default"}
INTENT: dict[str, Any] = {
    "kind": "intent",
    "id": "c1",
    "at": 1000.0,
    "who": "arn:aws:iam::111122223333:user/oncall",
    "account": "111122223333",
    "profile": "prod",
    "region": "eu-west-1",
    "plan": "events.enable-rule",
    "title": "Enable the EventBridge rule start",
    "pipeline": "web",
    "resource": "start",
    "service": "events",
    "operation": "EnableRule",
    "params": RULE,
    "before": "start: DISABLED",
    "after": "start: ENABLED",
    "undo": "Disable rule start again",
    "undo_call": {"service": "events", "operation": "DisableRule", "params": RULE, "region": "eu-west-1"},
    "pid": 4242,
}
ACCEPTED = {"kind": "result", "id": "c1", "result": "accepted", "request_id": "r-1", "error": ""}
REFUSED = {"kind": "result", "id": "c1", "result": "refused", "request_id": "", "error": "not allowed"}
LOST = {"kind": "result", "id": "c1", "result": "unknown", "request_id": "", "error": "no answer"}


def outcome(word: str) -> dict[str, Any]:
    return {"kind": "outcome", "id": "c1", "outcome": word}


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ([INTENT], EntryState.UNKNOWN),
        ([INTENT, LOST], EntryState.UNKNOWN),
        ([INTENT, ACCEPTED], EntryState.UNCHECKED),
        ([INTENT, REFUSED], EntryState.FAILED),
        ([INTENT, REFUSED, outcome("conflict")], EntryState.CONFLICT),
        ([INTENT, ACCEPTED, outcome("verified")], EntryState.VERIFIED),
        ([INTENT, ACCEPTED, outcome("not verified")], EntryState.NOT_VERIFIED),
        ([INTENT, LOST, outcome("verified")], EntryState.VERIFIED),
        ([INTENT, {"kind": "check", "id": "c1", "there": True}], EntryState.FOUND_THERE),
        ([INTENT, {"kind": "check", "id": "c1", "there": False}], EntryState.FOUND_ABSENT),
        ([ACCEPTED], None),
    ],
)
def test_a_change_is_told_as_far_as_it_got(records: list[dict[str, Any]], state: EntryState | None) -> None:
    found = entries(records, 1010.0)
    assert [entry.state for entry in found] == ([state] if state else [])


def test_a_change_of_a_living_program_is_under_way_and_not_for_ever() -> None:
    assert entries([INTENT], 1010.0, lambda pid: pid == 4242)[0].state is EntryState.UNDER_WAY
    assert entries([INTENT], 1010.0, lambda _: False)[0].state is EntryState.UNKNOWN
    assert entries([INTENT], 90_000.0, lambda _: True)[0].state is EntryState.UNKNOWN


def test_the_newest_change_comes_first_with_who_where_and_the_request() -> None:
    later = {**INTENT, "id": "c2", "at": 2000.0}
    first, second = entries([INTENT, later, ACCEPTED, outcome("verified")], 2010.0)
    assert (first.id, second.id) == ("c2", "c1")
    assert (second.who, second.account, second.request_id) == (INTENT["who"], "111122223333", "r-1")
    assert (second.place.profile, second.place.region) == ("prod", "eu-west-1")


def test_undo_goes_on_only_while_the_change_still_stands() -> None:
    entry = entries([INTENT, ACCEPTED, outcome("verified")], 1010.0)[0]
    plan = undo_plan(entry)
    assert plan
    assert (plan.call.operation, plan.id) == ("DisableRule", "undo.events.enable-rule")
    assert (plan.before, plan.after) == ("start: ENABLED", "start: DISABLED")

    def rule(state: str) -> tuple[Fact, ...]:
        return (Fact(1, "events", "DescribeRule", {}, Outcome.OK, {"State": state}),)

    assert plan.precondition.holds(rule("ENABLED"))
    assert not plan.precondition.holds(rule("DISABLED"))
    assert plan.verification.holds(rule("DISABLED"))
    assert plan.undo
    assert plan.undo.call == entry.call


@pytest.mark.parametrize(
    ("change", "after", "words"),
    [
        ({}, [], "check it first"),
        ({}, [REFUSED], "Nothing was changed"),
        ({"undo_call": None}, [ACCEPTED, outcome("verified")], "No single call"),
        ({"undo_call": None, "undo": ""}, [ACCEPTED, outcome("verified")], "cannot be undone"),
        (
            {"undo_call": {**INTENT["undo_call"], "params": {"Name": MASK}}},
            [ACCEPTED, outcome("verified")],
            "no secrets",
        ),
        ({"operation": "TagResource"}, [ACCEPTED, outcome("verified")], "cannot be read back"),
    ],
)
def test_what_cannot_be_undone_says_why(change: dict[str, Any], after: list[dict[str, Any]], words: str) -> None:
    entry = entries([{**INTENT, **change}, *after], 1010.0)[0]
    assert words in why_no_undo(entry)
    assert undo_plan(entry) is None
