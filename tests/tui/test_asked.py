from __future__ import annotations

import pytest

from core.errors import UsageError
from core.pipeline import (
    ActionDecl,
    ActionExecution,
    ActionState,
    Definition,
    Execution,
    PipelineSnapshot,
    PipelineState,
    StageDecl,
    StageState,
)
from core.place import PipelineRef, Place
from tui.asked import chosen_execution, point_of_past, point_of_present

REF = PipelineRef(Place("", "eu-west-1"), "checkout")
DEFINITION = Definition(
    "checkout",
    3,
    "arn:aws:iam::111122223333:role/pipeline",
    (
        StageDecl("Source", (ActionDecl("App", "Source", "CodeStarSourceConnection"),)),
        StageDecl(
            "Build",
            (ActionDecl("Unit", "Test", "CodeBuild"), ActionDecl("Image", "Build", "CodeBuild")),
        ),
        StageDecl("Deploy", (ActionDecl("Image", "Deploy", "ECS"),)),
    ),
    {},
)
NOW, THEN = Execution("exec-2-aaaa", "Failed"), Execution("exec-1-bbbb", "Succeeded")


def snapshot(unit: str, image: str, latest: Execution | None = NOW) -> PipelineSnapshot:
    stages = (
        StageState("Source", "Succeeded", "exec-2-aaaa", actions=(ActionState("App", "Succeeded"),)),
        StageState(
            "Build",
            "Failed" if "Failed" in (unit, image) else "Succeeded",
            "exec-2-aaaa",
            actions=(ActionState("Unit", unit, external_id="unit:1"), ActionState("Image", image)),
        ),
        StageState("Deploy", "Succeeded", "exec-1-bbbb", actions=(ActionState("Image", "Succeeded"),)),
    )
    return PipelineSnapshot(REF, 1000.0, PipelineState("checkout", 3, stages), latest)


def ran(action: str, status: str, started: float, *, stage: str = "Build", message: str = "") -> ActionExecution:
    return ActionExecution(
        f"{action}-{started}", "exec-1-bbbb", stage, action, status, started, started + 10, "CodeBuild",
        external_id=f"{action}:{started}", error_message=message,
    )  # fmt: skip


def test_failed_action_is_meant_when_nothing_is_named() -> None:
    point = point_of_present(DEFINITION, snapshot("Succeeded", "Failed"), (NOW, THEN), "", "")
    assert (point.stage.name, point.action.name, point.ran.status) == ("Build", "Image", "Failed")
    assert point.execution == NOW


def test_named_stage_means_its_failed_action() -> None:
    point = point_of_present(DEFINITION, snapshot("Succeeded", "Failed"), (NOW, THEN), "Build", "")
    assert point.action.name == "Image"


def test_named_action_brings_the_execution_of_its_own_stage() -> None:
    point = point_of_present(DEFINITION, snapshot("Failed", ""), (NOW, THEN), "Deploy", "Image")
    assert point.action.provider == "ECS"
    assert point.execution == THEN


def test_execution_that_is_not_listed_is_still_named() -> None:
    point = point_of_present(DEFINITION, snapshot("Failed", ""), (), "Deploy", "")
    assert point.execution is not None
    assert point.execution.id == "exec-1-bbbb"


@pytest.mark.parametrize(
    ("stage", "action", "says"),
    [
        ("Rollout", "", "Stages: Source, Build, Deploy"),
        ("Build", "Lint", "Actions: Unit, Image"),
        ("", "Lint", "Actions: App, Unit, Image, Image"),
        ("", "Image", "Build, Deploy"),
    ],
)
def test_unknown_or_ambiguous_names_are_refused_with_those_there_are(stage: str, action: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        point_of_present(DEFINITION, snapshot("Failed", ""), (), stage, action)


def test_past_execution_shows_the_action_that_failed_first() -> None:
    runs = (ran("Image", "Failed", 50, message="second"), ran("Unit", "Failed", 20, message="first"))
    point = point_of_past(DEFINITION, THEN, runs, "", "")
    assert (point.action.name, point.ran.error_message, point.execution) == ("Unit", "first", THEN)


def test_retry_that_succeeded_counts_instead_of_the_failure_it_repeats() -> None:
    runs = (ran("Unit", "Succeeded", 90), ran("Image", "Failed", 50), ran("Unit", "Failed", 20))
    assert point_of_past(DEFINITION, THEN, runs, "", "").action.name == "Image"


def test_past_execution_without_failure_shows_what_ended_last() -> None:
    runs = (ran("Unit", "Succeeded", 20), ran("Image", "Succeeded", 50))
    assert point_of_past(DEFINITION, THEN, runs, "", "").ran.external_id == "Image:50"


def test_action_that_the_definition_has_lost_is_still_shown() -> None:
    point = point_of_past(DEFINITION, THEN, (ran("Old", "Failed", 5, stage="Gone"),), "", "")
    assert (point.stage.name, point.action.name, point.action.provider) == ("Gone", "Old", "CodeBuild")


def test_action_that_did_not_run_in_a_past_execution_is_refused() -> None:
    with pytest.raises(UsageError, match="Actions run: Build / Unit"):
        point_of_past(DEFINITION, THEN, (ran("Unit", "Failed", 20),), "Deploy", "")


@pytest.mark.parametrize("wanted", ["exec-2-aaaa", "exec-2"])
def test_execution_is_found_by_its_id_or_beginning(wanted: str) -> None:
    assert chosen_execution((NOW, THEN), wanted, "checkout") is NOW


@pytest.mark.parametrize(("wanted", "says"), [("exec-", "Several executions"), ("zzz", "has no execution 'zzz'")])
def test_ambiguous_or_unknown_execution_is_refused(wanted: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        chosen_execution((NOW, THEN), wanted, "checkout")
