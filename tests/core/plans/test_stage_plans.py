"""Rollback, conditions, deployments, stacks and scaling: exact calls, and checks that see a moved state."""

from __future__ import annotations

from typing import Any

import pytest

from core.fact import Fact, Outcome
from core.place import PipelineRef, Place
from core.plan import Call
from core.plans.codedeploy import continue_deployment, stop_deployment
from core.plans.readback import covers, readback
from core.plans.scaling import resume_processes
from core.plans.setting import Where
from core.plans.stacks import continue_rollback, delete_stack
from core.plans.stage import override_condition, roll_back

REF = PipelineRef(Place("", "eu-west-1"), "web")
WHERE = Where.of(REF, "111122223333")


def facts(value: Any, outcome: Outcome = Outcome.OK) -> tuple[Fact, ...]:
    return (Fact(1, "x", "X", {}, outcome, value),)


def stage(execution: str, status: str = "Succeeded", kind: str = "STANDARD", **more: Any) -> tuple[Fact, ...]:
    latest = {"pipelineExecutionId": execution, "status": status, "type": kind}
    return facts({"stageStates": [{"stageName": "Prod", "latestExecution": latest, **more}]})


def test_a_rollback_wants_the_execution_seen_and_proves_a_rollback() -> None:
    plan = roll_back(REF, "111122223333", "Prod", "good-1", present="bad-2")
    assert plan.call.params["targetPipelineExecutionId"] == "good-1"
    assert plan.typed == "web"
    assert plan.precondition.holds(stage("bad-2", "Failed"))
    assert not plan.precondition.holds(stage("bad-2", "InProgress"))
    assert not plan.precondition.holds(stage("bad-3", "Failed"))
    assert plan.verification.holds(stage("new-3", "InProgress", "ROLLBACK"))
    assert not plan.verification.holds(stage("new-3", "InProgress"))
    assert not plan.verification.holds(stage("bad-2", "Failed", "ROLLBACK"))


def test_a_condition_is_overridden_only_while_it_holds_something_up() -> None:
    plan = override_condition(REF, "111122223333", "Prod", "e-1", "beforeEntry")
    assert plan.call.params["conditionType"] == "BEFORE_ENTRY"

    def condition(status: str) -> tuple[Fact, ...]:
        return stage("e-1", beforeEntryConditionState={"latestExecution": {"status": status}})

    assert plan.precondition.holds(condition("Failed"))
    assert not plan.precondition.holds(condition("Succeeded"))
    assert plan.verification.holds(condition("Overridden"))
    with pytest.raises(KeyError):
        override_condition(REF, "111122223333", "Prod", "e-1", "onFailure")


@pytest.mark.parametrize("roll_back_too", [True, False])
def test_a_deployment_is_stopped_while_it_is_under_way(roll_back_too: bool) -> None:
    plan = stop_deployment(WHERE, "d-1", roll_back=roll_back_too)
    assert plan.call.params == {"deploymentId": "d-1", "autoRollbackEnabled": roll_back_too}
    assert plan.precondition.holds(facts({"deploymentInfo": {"status": "InProgress"}}))
    assert not plan.precondition.holds(facts({"deploymentInfo": {"status": "Failed"}}))
    back = {"rollbackInfo": {"rollbackDeploymentId": "d-2"}}
    assert plan.verification.holds(facts({"deploymentInfo": {"status": "Stopped", **back}}))
    assert plan.verification.holds(facts({"deploymentInfo": {"status": "Stopped"}})) is not roll_back_too


def test_only_a_deployment_that_waits_is_continued() -> None:
    plan = continue_deployment(WHERE, "d-1")
    assert plan.precondition.holds(facts({"deploymentInfo": {"status": "Ready"}}))
    assert not plan.precondition.holds(facts({"deploymentInfo": {"status": "InProgress"}}))


def test_a_rollback_of_a_stack_names_what_it_skips() -> None:
    plan = continue_rollback(WHERE, "shop", skip=["Queue"])
    assert plan.call.params == {"StackName": "shop", "ResourcesToSkip": ["Queue"]}
    assert plan.typed == "shop"
    assert "Queue" in plan.risk_note
    assert "ResourcesToSkip" not in continue_rollback(WHERE, "shop").call.params
    stack = {"Stacks": [{"StackStatus": "UPDATE_ROLLBACK_FAILED"}]}
    assert plan.precondition.holds(facts(stack))
    assert not plan.verification.holds(facts(stack))
    assert plan.verification.holds(facts({"Stacks": [{"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}]}))


def test_a_stack_is_deleted_only_if_it_is_the_one_seen() -> None:
    plan = delete_stack(WHERE, "shop", stack_id="arn:1")
    dead = {"StackId": "arn:1", "StackStatus": "ROLLBACK_COMPLETE"}
    assert plan.typed == "shop"
    assert plan.precondition.holds(facts({"Stacks": [dead]}))
    assert not plan.precondition.holds(facts({"Stacks": [{**dead, "StackId": "arn:2"}]}))
    assert not plan.precondition.holds(facts({"Stacks": [{**dead, "StackStatus": "CREATE_COMPLETE"}]}))
    assert plan.verification.holds(facts(None, Outcome.NO_DATA))
    assert not plan.verification.holds(facts(None, Outcome.DENIED))


def test_suspended_processes_run_again_and_only_those() -> None:
    (group,) = facts(
        {"AutoScalingGroups": [{"AutoScalingGroupName": "web", "SuspendedProcesses": [{"ProcessName": "Launch"}]}]}
    )
    plan = resume_processes(WHERE, group)
    assert plan
    assert plan.call.params == {"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]}
    assert plan.precondition.holds((group,))
    (free,) = facts({"AutoScalingGroups": [{"AutoScalingGroupName": "web", "SuspendedProcesses": []}]})
    assert plan.verification.holds((free,))
    assert not plan.verification.holds(facts(None, Outcome.ERROR))
    assert resume_processes(WHERE, free) is None


@pytest.mark.parametrize(
    ("have", "wanted", "holds"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}, True),
        ({"a": [1, 2]}, {"a": [1]}, False),
        ({"a": [{"n": 1, "m": 2}]}, {"a": [{"n": 1}]}, True),
        ({}, {"a": {}}, True),
        ({"a": {"x": 1}}, {"a": {}}, False),
        ({}, {"a": None}, True),
        ({"a": 3}, {"a": None}, False),
        ({"a": False}, {"a": True}, False),
    ],
)
def test_what_is_there_covers_what_is_wanted(have: Any, wanted: Any, holds: bool) -> None:
    assert covers(have, wanted) is holds


def test_a_call_that_leaves_nothing_to_look_at_has_no_read_back() -> None:
    assert readback(Call("codebuild", "StartBuild", {"projectName": "web"})) is None


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.ERROR])
def test_a_policy_that_could_not_be_read_is_never_taken_for_absent(outcome: Outcome) -> None:
    gone = readback(Call("iam", "DeleteRolePolicy", {"RoleName": "r", "PolicyName": "p"}))
    assert gone
    assert not gone.holds(facts(None, outcome))
    assert gone.holds(facts(None, Outcome.NO_DATA))
