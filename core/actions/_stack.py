"""Ways out of a stack's dead ends, for the stack behind the action under the cursor. Pure."""

from __future__ import annotations

from core.actions._form import words
from core.actions.model import Action, Answers, Ask, Facts, Situation
from core.errors import UsageError
from core.pipeline import ActionDecl
from core.plan import Call, Plan
from core.plans.stacks import continue_rollback, delete_stack

__all__ = ["of_stack"]


def of_stack(situation: Situation, declared: ActionDecl) -> tuple[Action, ...]:
    """Go on with a rollback that failed; delete what could not be created."""
    name, region = declared.configuration.get("StackName", ""), declared.region
    read = Call("cloudformation", "DescribeStacks", {"StackName": name}, region)
    resources = Call("cloudformation", "DescribeStackResources", {"StackName": name}, region)

    def go_on(given: Answers, facts: Facts) -> Plan:
        stuck, skip = _stuck(facts), words(given["skip"])
        unknown = [each for each in skip if each not in stuck]
        if unknown:
            raise UsageError(f"{', '.join(unknown)} cannot be skipped: only what stands in UPDATE_FAILED can.")
        return continue_rollback(situation.where, name, skip=skip, region=region)

    def ask_skips(facts: Facts) -> tuple[Ask, ...]:
        _want(facts, name, ("UPDATE_ROLLBACK_FAILED",), "there is no rollback to go on with")
        stuck = ", ".join(_stuck(facts)) or "none seen"
        return (Ask("skip", "Resources to leave as they are", f"failed: {stuck}; empty: try all of them again"),)

    def delete(given: Answers, facts: Facts) -> Plan:
        del given
        _want(
            facts, name, ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"), "only a stack that could not be created is deleted"
        )
        identity = str(facts[0].get("Stacks", 0, "StackId", default=""))
        return delete_stack(situation.where, name, stack_id=identity, region=region)

    return (
        Action(
            id=f"continue-rollback:{name}",
            title=f"Go on with the rollback of stack {name} …",
            consequence="Tries what failed again; what is skipped stays as it is while the stack takes it for done.",
            reads=(read, resources),
            asks=ask_skips,
            make=go_on,
        ),
        Action(
            id=f"delete-stack:{name}",
            title=f"Delete stack {name}, where its creation was rolled back",
            consequence="Then the pipeline can create it anew. Its name is typed; it cannot be undone.",
            reads=(read,),
            make=delete,
        ),
    )


def _want(facts: Facts, name: str, wanted: tuple[str, ...], else_: str) -> None:
    status = str(facts[0].get("Stacks", 0, "StackStatus", default=""))
    if not status:
        raise UsageError(f"Stack {name} could not be read. {facts[0].error}".strip())
    if status not in wanted:
        raise UsageError(f"Stack {name} stands in {status}: {else_}.")


def _stuck(facts: Facts) -> tuple[str, ...]:
    return tuple(
        str(each.get("LogicalResourceId", ""))
        for each in facts[1].get("StackResources", default=())
        if each.get("ResourceStatus") == "UPDATE_FAILED"
    )
