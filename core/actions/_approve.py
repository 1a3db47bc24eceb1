"""Answering approvals. Pure."""

from __future__ import annotations

from core.actions.model import Action, Answers, Ask, Facts, Situation
from core.pipeline import ActionState, StageState
from core.plan import Plan
from core.plans.pipeline import answer_approval

__all__ = ["answer", "answers"]


def answers(situation: Situation) -> tuple[Action, ...]:
    """Approve and reject, for each approval that waits."""
    waiting = [
        (stage, action)
        for stage in situation.state.stages
        for action in stage.actions
        if action.status == "InProgress" and action.token
    ]
    if not waiting:
        declared = any(each.category == "Approval" for stage in situation.definition.stages for each in stage.actions)
        none = "no approval waits" if declared else "the pipeline has no approval"
        return (Action("approve", "Approve or reject", "Lets an execution go on, or fails its stage.", none),)
    return tuple(
        answer(situation, stage, action, approve=approve) for stage, action in waiting for approve in (True, False)
    )


def answer(situation: Situation, stage: StageState, action: ActionState, *, approve: bool) -> Action:
    """One answer to one approval."""

    def make(given: Answers, facts: Facts) -> Plan:
        del facts
        return answer_approval(
            situation.ref,
            situation.account,
            stage.name,
            action.name,
            action.token,
            approve=approve,
            summary=given["comment"],
        )

    word, consequence = (
        ("Approve", "The execution goes on at once, for all the stages behind it.")
        if approve
        else ("Reject", "The stage fails with your comment; the execution does not go on.")
    )
    return Action(
        id=f"{word.lower()}:{stage.name}/{action.name}",
        title=f"{word} {action.name} in {stage.name}",
        consequence=consequence,
        asks=lambda _: (Ask("comment", "Comment for everyone who looks", "why", required=True, limit=512),),
        make=make,
    )
