"""What each provider does when an action runs: one file a family, found by provider name."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process

__all__ = ["behaviour"]

# Which module performs which provider.
_MODULES: Mapping[str, str] = {
    "CodeStarSourceConnection": "source",
    "CodeCommit": "source",
    "S3": "s3",
    "ECR": "source",
    "CodeBuild": "codebuild",
    "CodeDeploy": "codedeploy",
    "ECS": "ecs",
    "CloudFormation": "cloudformation",
    "Manual": "approval",
    "Lambda": "function",
    "StepFunctions": "statemachine",
}


def behaviour(type_id: Mapping[str, Any]) -> Callable[[ActionContext], Process]:
    """Find what performs an action type.

    Raises:
        ActionFailed: the account knows no such provider.
    """
    name = _MODULES.get(str(type_id["provider"]))
    if name is None:
        raise ActionFailed("ConfigurationError", f"ActionType {type_id['provider']} is not available in this region")
    perform: Callable[[ActionContext], Process] = import_module(f"demo.engine.actions.{name}").perform
    return perform
