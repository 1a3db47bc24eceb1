"""Events folded into a state give what the API shows, in whatever order and however often they come."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws.events_apply import fold
from aws.events_message import NotAnEvent, StateChange, parse
from aws.watch_policy import statuses
from core.pipeline import PipelineSnapshot
from tests.aws.lives import Life, event

NOW = 1_768_446_720.0
LATER = NOW + 86_400


def lived(data: st.DataObject, runs: int) -> Life:
    life = Life(lambda many: data.draw(st.integers(0, many - 1)))
    life.states.append(life.snapshot)
    life.bodies.append("")
    for _ in range(runs):
        life.run()
    return life


def tells_too_little(change: StateChange) -> bool:
    """Whether a change asks for a read whenever it comes."""
    return change.kind == "action" and (change.status == "Failed" or change.category == "Approval")


def seen_at(snapshot: PipelineSnapshot) -> Iterator[float]:
    """When what was read last changed."""
    assert snapshot.state is not None
    yield from (
        one.changed_at for stage in snapshot.state.stages for one in stage.actions if one.changed_at is not None
    )
    if snapshot.execution is not None and snapshot.execution.updated_at is not None:
        yield snapshot.execution.updated_at


def plain(snapshot: PipelineSnapshot) -> tuple[Any, ...]:
    """What events can tell: who is in each stage, how all stands, and the latest execution."""
    assert snapshot.state is not None
    execution = snapshot.execution
    ids = [[one.action_execution_id for one in stage.actions] for stage in snapshot.state.stages]
    return statuses(snapshot.state), ids, (execution.id, execution.status) if execution else None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_order_and_any_number_of_deliveries_end_where_a_sweep_would(data: st.DataObject) -> None:
    life = lived(data, data.draw(st.integers(1, 4)))
    base_at = data.draw(st.integers(0, len(life.states) - 1))
    told = [parse(body, LATER) for body in life.bodies[1:]]
    # What came before the read may come again, late; what came after it always comes.
    late = data.draw(st.lists(st.sampled_from(told), max_size=6))
    coming = data.draw(st.permutations([*told[base_at:], *late]))
    folded = fold(life.states[base_at], coming, LATER)
    # An event's time is whole seconds: what fell into the second of the read may be settled by another read alone.
    within = {one.id for one in coming if one.id in folded.wants_read and not tells_too_little(one)}
    assert within or plain(folded.snapshot) == plain(life.states[-1])
    seconds = {math.floor(at) for at in seen_at(life.states[base_at])}
    assert all(one.at in seconds for one in coming if one.id in within)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_changes_one_by_one_end_like_all_at_once(data: st.DataObject) -> None:
    life = lived(data, 2)
    told = [parse(body, LATER) for body in life.bodies[1:]]
    order = data.draw(st.permutations(told))
    seen: list[StateChange] = []
    for change in order:
        seen += [change, change]
        step = fold(life.states[0], seen, LATER).snapshot
    assert plain(step) == plain(fold(life.states[0], told, LATER).snapshot)


def test_an_execution_that_left_a_stage_stands_before_the_next_one() -> None:
    life = Life(lambda _: 0)
    base = life.snapshot
    life.run()
    told = [parse(body, LATER) for body in life.bodies]
    until = next(at for at, one in enumerate(told) if one.kind == "stage" and one.stage == "Build")
    state = fold(base, told[:until], LATER).snapshot.state
    assert state is not None
    assert state.stages[1].inbound == ("x-1",)
    whole = fold(base, told, LATER).snapshot.state
    assert whole is not None
    assert not any(stage.inbound for stage in whole.stages)


def change(kind: str, state: str, **detail: Any) -> StateChange:
    whole = {
        "pipeline": "web",
        "execution-id": "x-1",
        "state": state,
        "start-time": "2026-01-15T03:12:00.000Z",
        **detail,
    }
    number = abs(hash((kind, state, json.dumps(detail, sort_keys=True))))
    return parse(json.dumps(event(whole, NOW + 5, kind=kind, number=number)), LATER)


def test_a_failed_action_says_why_and_wants_a_read() -> None:
    life = Life(lambda _: 0)
    result = {"external-execution-summary": "exit status 2", "external-execution-id": "p:1", "error-code": "JobFailed"}
    failed = change("Action", "FAILED", stage="Build", action="BuildIt", **{"execution-result": result})
    folded = fold(life.snapshot, [failed], LATER)
    assert folded.snapshot.state is not None
    action = folded.snapshot.state.stages[1].actions[0]
    assert (action.status, action.error_code, action.error_message) == ("Failed", "JobFailed", "exit status 2")
    assert folded.wants_read == {failed.id}
    assert folded.snapshot.read_at == LATER


def test_an_approval_waits_until_it_is_answered() -> None:
    kind = {"category": "Approval", "provider": "Manual", "owner": "AWS", "version": "1"}
    asked = change("Action", "STARTED", stage="Deploy", action="DeployIt", type=kind, **{"action-execution-id": "a"})
    base = Life(lambda _: 0).snapshot
    folded = fold(base, [asked], LATER)
    assert folded.snapshot.state is not None
    assert folded.snapshot.state.stages[2].actions[0].token
    assert folded.wants_read
    answered = replace(asked, id="e-9", status="Succeeded", at=asked.at + 60)
    done = fold(base, [answered, asked], LATER).snapshot.state
    assert done is not None
    assert not done.stages[2].actions[0].token


def test_what_a_source_brought_is_what_is_delivered() -> None:
    said = json.dumps({"ProviderType": "GitHub", "CommitMessage": "Raise cart limit"})
    result = {"external-execution-summary": said, "external-execution-id": "8cf40f2"}
    kind = {"category": "Source", "provider": "CodeStarSourceConnection", "owner": "AWS", "version": "1"}
    brought = change(
        "Action", "SUCCEEDED", stage="Source", action="SourceIt", type=kind, **{"execution-result": result}
    )
    begun = change("Pipeline", "STARTED", **{"execution-trigger": {"trigger-type": "WebhookV2", "trigger-detail": "d"}})
    found = fold(Life(lambda _: 0).snapshot, [brought, replace(begun, at=begun.at - 3)], LATER).snapshot.execution
    assert found is not None
    assert (found.id, found.status, found.trigger) == ("x-1", "InProgress", "WebhookV2")
    assert [(each.id, each.summary) for each in found.revisions] == [("8cf40f2", "Raise cart limit")]


def test_a_late_start_of_what_ended_in_the_same_second_changes_nothing() -> None:
    life = Life(lambda _: 0)
    life.run()
    begun = next(one for body in life.bodies if (one := parse(body, LATER)).kind == "stage" and one.stage == "Source")
    folded = fold(life.snapshot, [begun], LATER)
    assert folded.snapshot is not None
    assert plain(folded.snapshot) == plain(life.snapshot)
    assert not folded.wants_read


def test_a_retry_in_the_second_of_the_read_is_shown_and_read_again() -> None:
    base = Life(lambda many: 2 if many == 4 else 1 if many == 3 else 0)
    base.run()
    resumed = replace(change("Stage", "RESUMED", stage="Source"), at=float(math.floor(base.now)))
    folded = fold(base.snapshot, [resumed], LATER)
    assert folded.snapshot.state is not None
    assert folded.snapshot.state.stages[0].status == "InProgress"
    assert folded.wants_read == {resumed.id}


def test_an_older_execution_tried_again_is_not_the_latest() -> None:
    life = Life(lambda _: 0)
    life.run()
    life.now += 60
    life.run()
    again = replace(change("Pipeline", "RESUMED"), at=life.now + 5)
    assert fold(life.snapshot, [again], LATER).snapshot.execution == life.snapshot.execution


def test_an_unknown_stage_wants_a_read_and_changes_nothing() -> None:
    base = Life(lambda _: 0).snapshot
    folded = fold(base, [change("Stage", "STARTED", stage="Canary")], LATER)
    assert folded.snapshot is base
    assert folded.wants_read


GOOD = event({"pipeline": "web", "execution-id": "x-1", "state": "STARTED"}, NOW)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no event"),
        ("null", "no event"),
        (json.dumps({"source": "aws.codepipeline", "detail": "x"}), "no event"),
        (json.dumps(GOOD | {"source": "aws.ec2"}), "no event"),
        (json.dumps(GOOD | {"detail-type": "CodePipeline Something Else"}), "another type"),
        (json.dumps(GOOD | {"time": "yesterday"}), "no time"),
        (json.dumps(GOOD | {"time": "9999-12-31T23:59:59Z"}), "no time"),
        (json.dumps(GOOD | {"time": "2030-01-01T00:00:00Z"}), "future"),
        (json.dumps(GOOD | {"account": "me"}), "account"),
        (json.dumps(GOOD | {"region": "x" * 5000}), "region"),
        (json.dumps(GOOD | {"id": "\x1b]52;c;eA==\x07"}), "id"),
        (json.dumps(GOOD | {"detail": GOOD["detail"] | {"state": "EXPLODED"}}), "state"),
        (json.dumps(GOOD | {"detail": GOOD["detail"] | {"pipeline": "../../x"}}), "pipeline"),
        (json.dumps(GOOD | {"detail": GOOD["detail"] | {"execution-id": {"a": 1}}}), "execution-id"),
        (json.dumps(GOOD | {"more": "x" * 300_000}), "too large"),
        ('{"source": "aws.codepipeline", "detail": {"a": "\ud800"}}', "no JSON"),
    ],
)
def test_a_malformed_message_is_named(body: str, why: str) -> None:
    with pytest.raises(NotAnEvent, match=why):
        parse(body, NOW)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, *GOOD["detail"]]), inner),
        max_leaves=12,
    ),
    st.sampled_from([*GOOD, *(f"detail/{key}" for key in (*GOOD["detail"], "execution-result", "type", "stage"))]),
)
def test_whatever_stands_in_a_member_is_read_or_refused(value: Any, member: str) -> None:
    hostile = json.loads(json.dumps(GOOD))
    held = hostile["detail"] if member.startswith("detail/") else hostile
    held[member.removeprefix("detail/")] = value
    try:
        found = parse(json.dumps(hostile), NOW)
    except NotAnEvent:
        return
    fold(Life(lambda _: 0).snapshot, [found], NOW)


def test_who_enters_a_stage_in_the_second_in_which_another_leaves_it_is_in_it() -> None:
    base = Life(lambda _: 0).snapshot
    leaves = change("Stage", "SUCCEEDED", stage="Build")
    enters = replace(
        change("Stage", "STARTED", stage="Build"), id="e-2", execution_id="x-0", started_at=NOW + 4, at=leaves.at
    )
    for order in ([leaves, enters], [enters, leaves]):
        state = fold(base, order, LATER).snapshot.state
        assert state is not None
        assert (state.stages[1].execution_id, state.stages[1].status) == ("x-0", "InProgress")
