from __future__ import annotations

import pytest

from core.attention import Condition, FocusPoint, assess, focus_of, stage_condition, stage_reached
from core.pipeline import PipelineSnapshot, StageState
from tests.builders import NOW, action, definition, execution, snapshot, stage, state

OK = stage("Source", "Succeeded")
FAILED = stage("Build", "Failed", action("Lint", "Failed", ago_s=50), action("Build", "Failed", ago_s=90))


def condition(shot: PipelineSnapshot) -> Condition:
    return assess(shot, NOW).condition


def test_the_first_action_that_failed_is_where_to_look() -> None:
    found = assess(snapshot(OK, FAILED, latest=execution("Failed")), NOW)
    assert found.condition is Condition.FAILED
    assert found.focus == FocusPoint("Build", "Build")
    assert found.since == NOW - 90


def test_a_failure_says_the_actions_own_words() -> None:
    broken = stage("Build", "Failed", action("Build", "Failed", ago_s=5, error_message="403", summary="less"))
    assert assess(snapshot(broken), NOW).why == "403"


def test_a_failed_condition_of_a_stage_is_named_where_no_action_failed() -> None:
    gate = stage("Prod", "Failed", action("Ship", "Succeeded"), conditions=("entry",))
    found = assess(snapshot(OK, gate), NOW)
    assert (found.why, found.focus) == ("entry condition failed", FocusPoint("Prod"))


def test_a_failure_that_a_newer_run_has_passed_does_not_count() -> None:
    old = stage("Build", "Failed", run="run-0")
    newer = stage("Source", "Succeeded", run="run-1")
    assert condition(snapshot(newer, old, latest=execution("Succeeded", run="run-1"))) is Condition.OK
    assert condition(snapshot(newer, old, latest=execution("InProgress", run="run-1"))) is Condition.FAILED


def test_an_older_failure_yields_to_a_newer_run_that_waits_for_a_person() -> None:
    gate = stage("Gate", "InProgress", action("Approve", "InProgress", ago_s=3600, token="t"), run="run-1")
    shipped = stage("Prod", "Failed", run="run-0")
    found = assess(snapshot(OK, gate, shipped, latest=execution("InProgress", run="run-1")), NOW)
    assert (found.condition, found.focus) == (Condition.WAITING, FocusPoint("Gate", "Approve"))


def test_an_older_failure_yields_to_a_newer_run_that_was_stopped() -> None:
    cut = stage("Build", "Stopped", action("Build", "Abandoned", ago_s=60), run="run-1")
    shipped = stage("Prod", "Failed", run="run-0")
    found = assess(snapshot(OK, cut, shipped, latest=execution("Stopped", run="run-1", stop_reason="freeze")), NOW)
    assert (found.condition, found.why) == (Condition.STOPPED, "freeze")
    assert found.focus == FocusPoint("Build", "Build")


def test_an_approval_waits_for_a_person() -> None:
    gate = stage("Prod", "InProgress", action("Approve", "InProgress", ago_s=3600, token="t"))
    found = assess(snapshot(OK, gate), NOW)
    assert (found.condition, found.word, found.focus) == (Condition.WAITING, "approval", FocusPoint("Prod", "Approve"))


@pytest.mark.parametrize(
    ("ran_s", "usual_s", "expected"),
    [
        (600, 240, Condition.RUNNING),  # long, but under a quarter of an hour
        (901, 240, Condition.STUCK),
        (901, 400, Condition.RUNNING),  # under three times the usual
        (1201, 400, Condition.STUCK),
        (3 * 3600 - 1, None, Condition.RUNNING),
        (3 * 3600 + 1, None, Condition.STUCK),
    ],
)
def test_a_run_is_stuck_when_it_takes_far_longer_than_usual(
    ran_s: float, usual_s: float | None, expected: Condition
) -> None:
    running = stage("Build", "InProgress", action("Build", "InProgress", ago_s=ran_s))
    assert condition(snapshot(OK, running, usual_s=usual_s)) is expected


def test_a_queue_is_stuck_after_half_an_hour() -> None:
    queue = stage("Build", "InProgress", action("Build", "InProgress", ago_s=60), inbound=("run-2",))
    assert condition(snapshot(OK, queue, latest=execution("InProgress", ago_s=1700))) is Condition.RUNNING
    assert condition(snapshot(OK, queue, latest=execution("InProgress", ago_s=1900))) is Condition.STUCK


def test_a_closed_way_is_off_and_says_who_says_so() -> None:
    found = assess(snapshot(OK, stage("Prod", "Succeeded", closed="Index freeze")), NOW)
    assert (found.condition, found.why) == (Condition.OFF, "into Prod: Index freeze")
    assert found.focus == FocusPoint("Prod")


def test_a_failure_outranks_what_waits_and_what_runs() -> None:
    running = stage("Smoke", "InProgress", action("Smoke", "InProgress", ago_s=5))
    assert condition(snapshot(FAILED, running, stage("Prod", closed="x"))) is Condition.FAILED
    assert condition(snapshot(OK, running, stage("Prod", closed="x"))) is Condition.RUNNING


@pytest.mark.parametrize(
    ("latest", "expected", "word"),
    [
        ("Succeeded", Condition.OK, "succeeded"), ("Stopped", Condition.STOPPED, "stopped"),
        ("Cancelled", Condition.STOPPED, "cancelled"), ("Failed", Condition.FAILED, "failed"),
        ("InProgress", Condition.RUNNING, "running"),
    ],
)  # fmt: skip
def test_where_no_stage_says_anything_the_execution_decides(latest: str, expected: Condition, word: str) -> None:
    found = assess(snapshot(OK, latest=execution(latest)), NOW)
    assert (found.condition, found.word) == (expected, word if expected is not Condition.OK else found.word)


def test_a_pipeline_that_never_ran_says_so() -> None:
    assert condition(snapshot(stage("Source"), stage("Build"))) is Condition.NEVER
    assert condition(snapshot(OK)) is Condition.OK


def test_what_could_not_be_read_is_unknown() -> None:
    found = assess(snapshot(error="not allowed"), NOW)
    assert (found.condition, found.why) == (Condition.UNKNOWN, "not allowed")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Failed", Condition.FAILED), ("InProgress", Condition.RUNNING), ("Stopping", Condition.RUNNING),
        ("Succeeded", Condition.OK), ("Skipped", Condition.OK), ("Stopped", Condition.STOPPED), ("", Condition.NEVER),
    ],
)  # fmt: skip
def test_a_stage_has_a_condition_of_its_own(status: str, expected: Condition) -> None:
    assert stage_condition(StageState("Build", status)) is expected


def test_an_older_success_does_not_make_a_stage_reached() -> None:
    new, old = stage("Source", "Succeeded", run="b"), stage("Deploy", "Succeeded", run="a")
    whole = state(new, old)
    assert stage_reached(whole, new)
    assert not stage_reached(whole, old)


def test_the_focus_always_has_an_action() -> None:
    ran = assess(snapshot(OK, stage("Build", "InProgress", closed=None)), NOW)
    assert focus_of(ran, definition()).action == "Build"
    assert focus_of(assess(snapshot(OK), NOW), definition()) == FocusPoint("Source", "Source")
    gone = assess(snapshot(stage("Renamed", closed="x")), NOW)
    assert focus_of(gone, definition()) == FocusPoint("Source", "Source")
