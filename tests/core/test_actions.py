"""What can be done to a pipeline: what cannot says why, and each consequence is said before."""

from __future__ import annotations

from core.actions import Action, Situation, actions_of
from core.actions._flow import _variable
from core.attention import FocusPoint
from core.fact import Fact, Outcome
from core.pipeline import (
    ActionDecl,
    ActionState,
    Definition,
    Execution,
    PipelineState,
    StageDecl,
    StageState,
    Transition,
)
from core.place import PipelineRef, Place

REF = PipelineRef(Place("", "eu-west-1"), "web")


def situation(*, kind: str = "V2", point: FocusPoint | None = None, **prod: object) -> Situation:
    source = ActionDecl("Src", "Source", "CodeCommit")
    ship = ActionDecl("Ship", "Deploy", "CodeDeploy", region="us-east-1")
    stages = (StageDecl("Source", (source,)), StageDecl("Prod", (ship,)))
    definition = Definition("web", 1, "r", stages, {}, pipeline_type=kind, variables=("LEVEL",))
    state = StageState("Prod", **{"status": "Succeeded", "execution_id": "e-1", **prod})  # type: ignore[arg-type]
    pipeline = PipelineState("web", 1, (StageState("Source", "Succeeded", "e-1"), state))
    return Situation(REF, "111122223333", pipeline, definition, (Execution("e-1", "Succeeded"),), point)


def found(given: Situation) -> dict[str, Action]:
    return {each.id: each for each in actions_of(given)}


def test_a_variable_is_asked_for_with_its_default_and_without_one_it_is_needed() -> None:
    declared = [{"name": "A", "defaultValue": "x", "description": "Which"}, {"name": "B"}]
    fact = Fact(1, "codepipeline", "GetPipeline", {}, Outcome.OK, {"pipeline": {"variables": declared}})
    first, second = (_variable(name, (fact,)) for name in "AB")
    assert (first.hint, first.required) == ("Which · empty: x", False)
    assert (second.hint, second.required) == ("it has no default", True)
    assert _variable("A", ()).hint == "empty: its default"


def test_a_pipeline_at_rest_can_be_started_with_variables_and_pinned_revisions() -> None:
    actions = found(situation())
    assert actions["retry"].why_not == "no stage has failed"
    assert actions["stop"].why_not == "no execution runs"
    start = actions["start"]
    assert [ask.name for ask in start.asks(())] == ["variable:LEVEL", "revision:Src"]
    assert start.make
    plan = start.make({"variable:LEVEL": "high", "revision:Src": "abc"}, ())
    assert plan
    assert plan.call.params == {
        "name": "web",
        "variables": [{"name": "LEVEL", "value": "high"}],
        "sourceRevisions": [{"actionName": "Src", "revisionType": "COMMIT_ID", "revisionValue": "abc"}],
    }


def test_only_pipelines_of_type_v2_roll_back() -> None:
    assert found(situation())["rollback:Prod"].possible
    assert "V2" in found(situation(kind="V1"))["rollback:Prod"].why_not
    assert "runs" in found(situation(status="InProgress"))["rollback:Prod"].why_not


def test_a_stopped_stage_can_be_retried_and_is_expected_to_stand_stopped() -> None:
    retry = found(situation(status="Stopped"))["retry-failed:Prod"]
    assert retry.make
    plan = retry.make({}, ())
    assert plan
    assert plan.before == "Prod: Stopped\nexecution e-1"


def test_a_deployment_under_way_is_stopped_where_it_runs() -> None:
    ship = ActionState("Ship", "InProgress", external_id="d-1")
    stop = found(situation(status="InProgress", actions=(ship,)))["roll-back-deployment:Ship"]
    assert stop.make
    plan = stop.make({}, ())
    assert plan
    assert (plan.call.region, plan.call.params["autoRollbackEnabled"]) == ("us-east-1", True)


def test_a_disabled_way_comes_before_everything_but_what_failed_or_waits() -> None:
    way = Transition(enabled=False, reason="freeze")
    first = actions_of(situation(transition=way, inbound=("e-2",)))[0]
    assert first.id == "enable:Prod"
    assert "1 waiting goes in at once" in first.consequence
    assert "freeze" in first.consequence


def test_a_condition_that_failed_can_be_overridden() -> None:
    assert "override:Prod/beforeEntry" in found(situation(conditions=("beforeEntry",)))
    assert "override:Prod/onFailure" not in found(situation(conditions=("onFailure",)))


def test_stop_and_abandon_say_what_they_leave_behind() -> None:
    actions = found(situation(status="InProgress"))
    assert "finish first" in actions["stop:e-1"].consequence
    assert "unwatched" in actions["abandon:e-1"].consequence


def test_the_stage_under_the_cursor_narrows_the_menu() -> None:
    assert "disable:Prod" in found(situation(point=FocusPoint("Prod")))
    assert "edit:Prod/Ship" in found(situation(point=FocusPoint("Prod", "Ship")))
    assert "edit:Prod/Ship" not in found(situation(point=FocusPoint("Prod")))


def test_read_only_forbids_all_of_it() -> None:
    assert {each.why_not for each in actions_of(situation(), read_only=True)} == {"pipemedic runs in read-only mode"}
