"""Approvals: until when, what would go out, and a plain warning where it is not the newest."""

from __future__ import annotations

from core.approvals import waiting_in, warnings_of
from core.pipeline import (
    ActionDecl,
    ActionState,
    Definition,
    Execution,
    PipelineState,
    Revision,
    StageDecl,
    StageState,
)
from core.place import PipelineRef, Place

REF = PipelineRef(Place("", "eu-west-1"), "web")
HOUR = 3600.0


def state(*, inbound: tuple[str, ...] = ()) -> PipelineState:
    action = ActionState("Go", status="InProgress", token="t-1", changed_at=1000.0)
    done = ActionState("Done", status="Succeeded", token="", changed_at=900.0)
    stage = StageState("Approve", "InProgress", "old-1", actions=(done, action), inbound=inbound)
    return PipelineState("web", 3, (StageState("Source", "Succeeded", "new-1"), stage))


def definition(timeout_min: int | None = None) -> Definition:
    go = ActionDecl("Go", "Approval", "Manual", configuration={"CustomData": "ask finance"}, timeout_min=timeout_min)
    return Definition("web", 3, "role", (StageDecl("Source"), StageDecl("Approve", (go,))), {})


def execution(name: str, status: str) -> Execution:
    return Execution(name, status, revisions=(Revision("Src", f"rev-{name}", f"commit of {name}"),))


def test_seven_days_unless_the_action_says_otherwise() -> None:
    (one,) = waiting_in(REF, state(), definition())
    assert one.until == 1000.0 + 7 * 24 * HOUR
    (short,) = waiting_in(REF, state(), definition(30))
    assert short.until == 1000.0 + 30 * 60
    assert short.custom_data == "ask finance"


def test_the_revision_is_that_of_the_execution_in_the_stage() -> None:
    executions = [execution("new-1", "InProgress"), execution("gone", "Superseded"), execution("old-1", "InProgress")]
    (one,) = waiting_in(REF, state(inbound=("new-1",)), definition(), executions)
    assert [each.id for each in one.revisions] == ["rev-old-1"]
    assert [each.id for each in one.newer] == ["new-1", "gone"]
    said = " ".join(warnings_of(one, 2000.0))
    assert "older execution old-1 holds the stage" in said
    assert "Behind it new-1 waits" in said
    assert "1 later execution was superseded" in said


def test_the_newest_execution_needs_no_warning_until_time_runs_out() -> None:
    (one,) = waiting_in(REF, state(), definition(), [execution("old-1", "InProgress")])
    assert warnings_of(one, 2000.0) == ()
    assert "fails by itself in 1h" in " ".join(warnings_of(one, 1000.0 + 7 * 24 * HOUR - HOUR))
    assert "any moment" in " ".join(warnings_of(one, 1001.0 + 7 * 24 * HOUR))
