"""CloudFormation stacks, change sets and stack sets: from a rollback to the first resource that failed."""

from __future__ import annotations

from core.playbook import Playbook, Subject
from playbooks._text import message_step

from ._change import CAPABILITIES, CHANGE_SET, EXPORTS, STACK_SET, TEMPLATE
from ._files import FILES
from ._stack import EVENTS, STACK

__all__ = ["PLAYBOOK"]


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider.startswith("CloudFormation") else 0.0


PLAYBOOK = Playbook(
    id="cloudformation",
    title="CloudFormation deployment",
    summary="Finds the first resource that failed, through nested stacks, and the way out of the stack's state.",
    steps=(
        message_step("cloudformation"),
        STACK,
        EVENTS,
        CHANGE_SET,
        CAPABILITIES,
        TEMPLATE,
        FILES,
        EXPORTS,
        STACK_SET,
    ),
    applies=_applies,
    causes=(
        "artifact.missing",
        "cfn.already-exists",
        "cfn.capabilities",
        "cfn.change-set-empty",
        "cfn.export-in-use",
        "cfn.resource-failed",
        "cfn.rollback-complete",
        "cfn.stack-busy",
        "cfn.template-invalid",
        "flow.throttled",
        "permission.action-denied",
        "permission.explicit-deny",
        "permission.pass-role",
        "permission.role-trust",
    ),
)
