"""What stands behind the action under the cursor: its project, deployment group, service or stack. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.actions._group import of_group
from core.actions._project import of_project
from core.actions._service import of_service
from core.actions._stack import of_stack
from core.actions.model import Action, Situation
from core.arn import Arn
from core.pipeline import ActionDecl

__all__ = ["behind"]

# Provider → what can be set, and the setting that names it.
_MAKERS: Mapping[str, tuple[Callable[[Situation, ActionDecl], tuple[Action, ...]], str]] = {
    "CloudFormation": (of_stack, "StackName"),
    "CodeBuild": (of_project, "ProjectName"),
    "CodeDeploy": (of_group, "DeploymentGroupName"),
    "CodeDeployToECS": (of_group, "DeploymentGroupName"),
    "ECS": (of_service, "ServiceName"),
}


def behind(situation: Situation) -> tuple[Action, ...]:
    """Return what can be set on the resource that the action under the cursor works with."""
    point = situation.point
    declared = situation.definition.action(point.stage, point.action) if point and point.action else None
    if declared is None or declared.provider not in _MAKERS:
        return ()
    role = Arn.parse(declared.role_arn)
    if role is not None and role.account != situation.account:
        return ()  # it lies in another account, where the caller's credentials change nothing
    make, named = _MAKERS[declared.provider]
    return make(situation, declared) if declared.configuration.get(named) else ()
