from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.profile.api import action_run, assemble, past_build, past_run
from core.profile.codec import dump_build, dump_run, load_build, load_run
from core.profile.delivery import delivery_of
from core.profile.flaky import flaky_actions
from core.profile.model import ActionRun, History, PastBuild, PastRun
from core.profile.numbers import percentile, series_of, slope_per_week
from core.profile.prices import prices
from core.profile.spans import Kind, breakdown, critical_path, pieces
from tests.profile.histories import KNOWN
from tests.profile.made import START

DAY = 86_400.0


def ran(name: str, start: float, took: float, status: str = "Succeeded", **more: str) -> ActionRun:
    given: dict[str, Any] = {"category": "Build", "provider": "CodeBuild", **more}
    return ActionRun(f"{name}-{start}", given.pop("stage", name), name, status, start, start + took, **given)


def run(*actions: ActionRun, run_id: str = "e", status: str = "Succeeded", rev: str = "c1") -> PastRun:
    ends = [each.ended_at or 0.0 for each in actions]
    return PastRun(run_id, status, actions[0].started_at, max(ends), revisions=(rev,), actions=actions)


def test_percentiles_lie_between_neighbours_and_need_values() -> None:
    assert percentile([10, 20, 30], 0.5) == 20
    assert percentile([10, 20], 0.9) == pytest.approx(19)
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_series_tells_the_last_ten_from_those_before() -> None:
    points = [(START + n * DAY, 100.0 if n < 20 else 160.0) for n in range(30)][::-1]
    series = series_of(points)
    assert series
    assert (series.recent_s, series.before_s, series.regressed) == (160.0, 100.0, True)
    assert series.slower == pytest.approx(1.6)
    assert series.last_good_s == 160.0
    assert series_of([]) is None


def test_the_trend_is_not_bent_by_single_slow_runs() -> None:
    points = [(n * DAY, 100.0 + n) for n in range(28)]
    points[5] = (5 * DAY, 5000.0)
    assert slope_per_week(points) == pytest.approx(7.0, rel=0.05)
    assert slope_per_week([(0.0, 1.0)]) == 0.0


def test_the_critical_path_leads_through_the_longest_of_each_group() -> None:
    past = run(
        ran("Source", 0, 5, category="Source"),
        ran("A", 5, 100, stage="Test"),
        ran("B", 5, 160, stage="Test"),
        ran("C", 165, 30, stage="Test"),
        ran("Ship", 400, 20, stage="Deploy"),
    )
    path = critical_path(past)
    assert [leg.run.action for leg in path] == ["Source", "B", "C", "Ship"]
    assert path[-1].wait_s == pytest.approx(205)


def test_kinds_of_time_add_up_to_what_the_execution_took() -> None:
    for known in KNOWN:
        history = known.player.history(5)
        for past in history.runs:
            assert sum(breakdown(past, history).values()) == pytest.approx(past.took_s, abs=0.01)


def test_time_after_a_failure_is_told_from_queueing() -> None:
    past = run(
        ran("Source", 0, 5, category="Source"),
        ran("Unit", 5, 60, "Failed"),
        ran("Unit", 600, 55),
        ran("Ship", 700, 10),
    )
    found = breakdown(past, History("shop", (past,)))
    assert found[Kind.RETRY] == pytest.approx(60 + 535)
    assert found[Kind.QUEUE] == pytest.approx(45)
    assert past.retried


def test_an_approval_waits_and_a_build_is_split_by_its_phases() -> None:
    approval = ran("Approve", 0, 900, category="Approval", provider="Manual")
    assert [(piece.kind, piece.seconds) for piece in pieces(approval)] == [(Kind.APPROVAL, 900)]
    build = PastBuild(
        "b:1", "b", "SUCCEEDED", phases=(("QUEUED", 10.0), ("PROVISIONING", 20.0), ("BUILD", 50.0), ("FINALIZING", 5.0))
    )
    split = pieces(ran("Build", 0, 100), build)
    assert sum(piece.seconds for piece in split) == pytest.approx(100)
    by = {kind: sum(piece.seconds for piece in split if piece.kind is kind) for kind in Kind}
    assert (by[Kind.QUEUE], by[Kind.PROVISIONING], by[Kind.WORK]) == (25, 25, 50)


def test_delivery_counts_failures_restores_lead_and_frequency() -> None:
    runs = [
        run(ran("A", START, 100), run_id="1", rev="c1"),
        run(ran("A", START + DAY, 100, "Failed"), run_id="2", status="Failed", rev="c2"),
        run(ran("A", START + DAY + 1000, 100, "Failed"), run_id="3", status="Failed", rev="c3"),
        run(ran("A", START + DAY + 4000, 100), run_id="4", rev="c2"),
    ]
    made = delivery_of(runs, START + 7 * DAY)
    assert (made.succeeded, made.failed, made.failure_rate) == (2, 2, 0.5)
    assert made.restore_s == 4000
    assert made.lead_s == pytest.approx((100 + 4100) / 2)
    assert made.a_week == pytest.approx(2)
    assert delivery_of([], START).failure_rate is None


def test_flaky_is_what_fails_and_then_passes_on_the_same_revision() -> None:
    retried = run(ran("Unit", 0, 60, "Failed"), ran("Unit", 100, 60), run_id="1", rev="c1")
    again = [
        run(ran("E2E", 1000, 60, "Failed"), run_id="2", status="Failed", rev="c2"),
        run(ran("E2E", 2000, 60), run_id="3", rev="c2"),
        run(ran("Lint", 3000, 60, "Failed"), run_id="4", status="Failed", rev="c3"),
        run(ran("Lint", 4000, 60), run_id="5", rev="c4"),
    ]
    found = {each.node[1]: each for each in flaky_actions(History("shop", tuple(reversed([retried, *again]))))}
    assert set(found) == {"Unit", "E2E"}
    assert found["Unit"].lost_s == 100
    assert found["Unit"].flakes[0].same_execution
    assert not found["E2E"].flakes[0].same_execution
    assert found["E2E"].rate == 0.5


def test_answers_of_aws_become_models_and_survive_the_cache() -> None:
    summary = {
        "pipelineExecutionId": "e-1",
        "status": "Succeeded",
        "startTime": 100.0,
        "lastUpdateTime": 200.0,
        "sourceRevisions": [{"actionName": "Source", "revisionId": "abc"}],
        "trigger": {"triggerType": "Webhook"},
    }
    detail = {
        "pipelineExecutionId": "e-1",
        "actionExecutionId": "a-1",
        "stageName": "Build",
        "actionName": "Build",
        "startTime": 110.0,
        "lastUpdateTime": 190.0,
        "status": "Succeeded",
        "input": {"actionTypeId": {"category": "Build", "provider": "CodeBuild"}, "region": "eu-west-1"},
        "output": {
            "outputArtifacts": [{"name": "App", "s3location": {"bucket": "b", "key": "k"}}],
            "executionResult": {"externalExecutionId": "p:1"},
        },
    }
    head, action = past_run(summary), action_run(detail)
    assert head
    assert action
    whole = assemble([head], [action, action])[0]
    assert [each.action for each in whole.actions] == ["Build"]
    assert whole.revisions == ("Source=abc",)
    assert load_run(dump_run(whole)) == whole
    build = past_build(
        {
            "id": "p:1",
            "environment": {"environmentVariables": [{"name": "TOKEN", "value": "hunter2"}]},
            "phases": [{"phaseType": "BUILD", "durationInSeconds": 7}],
        }
    )
    assert build.phases == (("BUILD", 7.0),)
    assert load_build(dump_build(build)) == build
    assert "hunter2" not in repr(dump_build(build))
    assert past_run({"status": "Failed"}) is None


def test_a_build_costs_by_the_started_minute_and_unknown_types_cost_nothing_known() -> None:
    table = prices()
    build = PastBuild("p:1", "p", "SUCCEEDED", 0, 61, (), "BUILD_GENERAL1_SMALL", "LINUX_CONTAINER")
    assert table.build(build) == pytest.approx(0.01)
    assert table.build(replace(build, compute="BUILD_GENERAL9_HUGE")) is None
    assert table.as_of < "2027"
    assert table.source.startswith("https://aws.amazon.com/codebuild/pricing")
