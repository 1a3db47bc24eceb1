"""Changes of CloudFormation stacks that stand in a state nothing gets out of. Pure.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html,
API_DeleteStack.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.fact import Fact
from core.plan import Call, Check, Plan, Risk
from core.plans.setting import Where, check_of

__all__ = ["continue_rollback", "delete_stack"]


def _status(fact: Fact) -> str:
    return str(fact.get("Stacks", 0, "StackStatus", default=""))


def continue_rollback(where: Where, stack: str, *, skip: Sequence[str] = (), region: str = "") -> Plan:
    """Plan to go on with a rollback that failed.

    Args:
        where: for which pipeline, by whom.
        stack: the stack's name or id.
        skip: logical ids of resources to leave as they are (in UPDATE_FAILED); CloudFormation then takes them for
            rolled back, and the template and what is there differ.
        region: where it lies, if not in the pipeline's region.
    """
    skipped = {"ResourcesToSkip": list(skip)} if skip else {}
    call = Call("cloudformation", "ContinueUpdateRollback", {"StackName": stack, **skipped}, region)
    read = Call("cloudformation", "DescribeStacks", {"StackName": stack}, region)
    note = (
        f"{', '.join(skip)} stay as they are while the stack takes them for rolled back: put them in line afterwards."
        if skip
        else "Tries the failed resources again; it fails again where their cause is still there."
    )
    return Plan(
        id="cloudformation.continue-rollback",
        title=f"Go on with the rollback of stack {stack}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=stack,
        call=call,
        risk=Risk.HIGH if skip else Risk.MEDIUM,
        risk_note=note,
        precondition=Check(
            f"Stack {stack} still stands in UPDATE_ROLLBACK_FAILED",
            (read,),
            lambda facts: _status(facts[0]) == "UPDATE_ROLLBACK_FAILED",
        ),
        verification=check_of(call, deadline_s=600.0),
        before=f"{stack}: UPDATE_ROLLBACK_FAILED",
        present=lambda facts: f"{stack}: {_status(facts[0]) or 'gone'}",
        after=f"{stack}: UPDATE_ROLLBACK_COMPLETE" + "".join(f"\nskipped: {each}" for each in skip),
        syntax="text",
        permissions=("cloudformation:ContinueUpdateRollback", "cloudformation:DescribeStacks"),
        typed=stack if skip else "",
    )


def delete_stack(where: Where, stack: str, *, stack_id: str, region: str = "") -> Plan:
    """Plan to delete a stack whose creation failed and was rolled back, so that it can be created again.

    Args:
        where: for which pipeline, by whom.
        stack: the stack's name, which must be typed.
        stack_id: its id (ARN): a stack made anew under the name is a conflict.
        region: where it lies, if not in the pipeline's region.
    """
    call = Call("cloudformation", "DeleteStack", {"StackName": stack}, region)
    read = Call("cloudformation", "DescribeStacks", {"StackName": stack}, region)

    def stands(facts: tuple[Fact, ...]) -> bool:
        same = facts[0].get("Stacks", 0, "StackId") == stack_id
        return same and _status(facts[0]) in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")

    return Plan(
        id="cloudformation.delete-stack",
        title=f"Delete the stack {stack}, whose creation was rolled back",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=stack_id,
        call=call,
        risk=Risk.HIGH,
        risk_note="Cannot be undone. A stack in ROLLBACK_COMPLETE holds nothing but what it was told to retain.",
        precondition=Check(f"Stack {stack} is the same and still in ROLLBACK_COMPLETE", (read,), stands),
        verification=check_of(call, deadline_s=600.0),
        before=f"{stack}: ROLLBACK_COMPLETE",
        after=f"{stack}: deleted",
        present=lambda facts: f"{stack}: {_status(facts[0]) or 'gone'}",
        syntax="text",
        permissions=("cloudformation:DeleteStack", "cloudformation:DescribeStacks"),
        typed=stack,
    )
