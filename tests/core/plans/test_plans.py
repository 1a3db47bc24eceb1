"""Plans: exact calls, preconditions that see a moved state, verifications that want the real thing."""

from __future__ import annotations

import json
from typing import Any

from core.fact import Fact, Outcome
from core.place import PipelineRef, Place
from core.plan import Plan
from core.plans.iam import add_action, role_name
from core.plans.pipeline import enable_transition, retry_stage, start_execution
from core.plans.simulation import decisions
from core.policy import INLINE_LIMIT

PLACE = Place("", "eu-west-1")
REF = PipelineRef(PLACE, "web")
ROLE = "arn:aws:iam::111122223333:role/service-role/build"
OBJECTS = "arn:aws:s3:::store/web/*"


def fact(operation: str, value: Any = None, outcome: Outcome = Outcome.OK) -> Fact:
    return Fact(1, "iam", operation, {}, outcome, value)


def allow_get(current: Fact, others: tuple[Fact, ...] = ()) -> Plan | None:
    return add_action(
        place=PLACE,
        account="111122223333",
        pipeline="web",
        role_arn=ROLE,
        actions=["s3:GetObject"],
        resources=[OBJECTS],
        current=current,
        others=others,
    )


def test_a_first_statement_makes_the_policy_and_undo_deletes_it() -> None:
    plan = allow_get(fact("GetRolePolicy", outcome=Outcome.NO_DATA))
    assert plan
    assert plan.call.operation == "PutRolePolicy"
    assert plan.call.params["RoleName"] == "build"
    statement = json.loads(plan.call.params["PolicyDocument"])["Statement"][0]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", ["s3:GetObject"], [OBJECTS])
    assert plan.undo
    assert plan.undo.call
    assert plan.undo.call.operation == "DeleteRolePolicy"


def test_an_earlier_statement_stays_and_undo_gives_it_back() -> None:
    before = {"Version": "2012-10-17", "Statement": [{"Sid": "X", "Effect": "Deny", "Action": "a:b", "Resource": "*"}]}
    plan = allow_get(fact("GetRolePolicy", {"PolicyDocument": before}))
    assert plan
    assert json.loads(plan.call.params["PolicyDocument"])["Statement"][0] == before["Statement"][0]
    assert plan.undo
    assert plan.undo.call
    assert json.loads(plan.undo.call.params["PolicyDocument"]) == before
    assert plan.precondition.holds((fact("GetRolePolicy", {"PolicyDocument": before}),))
    assert not plan.precondition.holds((fact("GetRolePolicy", outcome=Outcome.NO_DATA),))
    assert not plan.precondition.holds((fact("GetRolePolicy", outcome=Outcome.DENIED),))


def test_no_plan_where_policies_are_unreadable_or_the_limit_is_reached() -> None:
    none_yet = fact("GetRolePolicy", outcome=Outcome.NO_DATA)
    big = {"Version": "2012-10-17", "Statement": [{"Sid": "x" * (INLINE_LIMIT - 100)}]}
    assert allow_get(fact("GetRolePolicy", outcome=Outcome.DENIED)) is None
    assert allow_get(none_yet, (fact("GetRolePolicy", {"PolicyDocument": big}),)) is None


def test_a_role_of_another_account_is_left_alone() -> None:
    plan = add_action(
        place=PLACE,
        account="444455556666",
        pipeline="web",
        role_arn=ROLE,
        actions=["s3:GetObject"],
        resources=[OBJECTS],
        current=fact("GetRolePolicy", outcome=Outcome.NO_DATA),
    )
    assert plan is None


def test_verification_wants_every_pair_allowed() -> None:
    plan = allow_get(fact("GetRolePolicy", outcome=Outcome.NO_DATA))
    assert plan
    result = {"EvalActionName": "s3:GetObject", "EvalResourceName": OBJECTS, "EvalDecision": "allowed"}
    assert plan.verification.holds((fact("Simulate", {"EvaluationResults": [result]}),))
    denied = {**result, "EvalDecision": "implicitDeny"}
    assert not plan.verification.holds((fact("Simulate", {"EvaluationResults": [denied]}),))
    assert not plan.verification.holds((fact("Simulate", {"EvaluationResults": []}),))


def test_decisions_read_both_shapes_of_an_answer() -> None:
    nested = {
        "EvalActionName": "s3:GetObject",
        "EvalResourceName": "*",
        "EvalDecision": "implicitDeny",
        "ResourceSpecificResults": [
            {"EvalResourceName": "arn:a", "EvalResourceDecision": "allowed"},
            {"EvalResourceName": "arn:b", "EvalResourceDecision": "explicitDeny"},
        ],
        "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
    }
    found = decisions(fact("Simulate", {"EvaluationResults": [nested]}))
    assert found["s3:getobject", "arn:a"].allowed
    assert found["s3:getobject", "arn:b"].verdict == "explicitDeny"
    assert "boundary" in found["s3:getobject", "arn:b"].why


def test_role_names_drop_their_path() -> None:
    assert role_name(ROLE) == "build"
    assert role_name("arn:aws:iam::111122223333:user/someone") == ""


def state(status: str, execution: str = "e1", *, enabled: bool = True, changed: float = 5.0) -> Fact:
    stage = {
        "stageName": "Build",
        "inboundTransitionState": {"enabled": enabled},
        "latestExecution": {"pipelineExecutionId": execution, "status": status},
        "actionStates": [{"latestExecution": {"lastStatusChange": changed}}],
    }
    return Fact(1, "codepipeline", "GetPipelineState", {}, Outcome.OK, {"stageStates": [stage]})


def test_a_retry_wants_the_same_failed_execution() -> None:
    plan = retry_stage(REF, "111122223333", "Build", "e1", failed_at=5.0)
    assert plan.call.params["retryMode"] == "FAILED_ACTIONS"
    assert plan.precondition.holds((state("Failed"),))
    assert not plan.precondition.holds((state("Failed", "e2"),))
    assert not plan.precondition.holds((state("InProgress"),))
    assert plan.verification.holds((state("InProgress"),))
    assert not plan.verification.holds((state("Failed"),))
    assert plan.verification.holds((state("Failed", changed=6.0),))


def test_a_transition_is_enabled_once() -> None:
    plan = enable_transition(REF, "111122223333", "Build", reason="freeze", waiting=("e1",))
    assert plan.precondition.holds((state("Succeeded", enabled=False),))
    assert not plan.precondition.holds((state("Succeeded"),))
    assert plan.verification.holds((state("Succeeded"),))
    assert plan.undo
    assert plan.undo.call
    assert plan.undo.call.params["reason"] == "freeze"


def test_a_start_is_proved_by_a_new_execution() -> None:
    plan = start_execution(REF, "111122223333", newest="e1")

    def listed(newest: str) -> Fact:
        value = {"pipelineExecutionSummaries": [{"pipelineExecutionId": newest}]}
        return Fact(1, "codepipeline", "ListPipelineExecutions", {}, Outcome.OK, value)

    assert plan.precondition.holds((listed("e1"),))
    assert not plan.verification.holds((listed("e1"),))
    assert plan.verification.holds((listed("e2"),))
