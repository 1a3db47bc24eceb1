"""What stands around a deployment in its pipeline: what comes before and after it, and what it goes to. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.audit.case import Case, group_key
from core.pipeline import ActionDecl, StageDecl

__all__ = ["after", "before", "checks", "is_deploy", "is_production", "rolls_back", "stage_of_group", "targets_of"]

_PRODUCTION = re.compile(
    r"(?i:(?:^|[^a-z])(?:prod|production|prd|live)(?:$|[^a-z]))|(?<=[a-z])(?:Prod|Production|Live)(?![a-z])"
)
_NOT_YET = re.compile(r"(?i)(?:non|pre|not)[-_ ]?prod")
_TESTS = re.compile(
    r"(?i)(?<!la)test|smoke|integration|e2e|verif|check(?!out)|canary|validat|scan|approv|gate|qa|staging|accept"
)
# Members of a configuration that say where something goes.
_TARGETS = (
    "ApplicationName", "DeploymentGroupName", "ClusterName", "ServiceName", "StackName", "BucketName",
    "EnvironmentName", "FunctionName", "Environment", "StackSetName", "InstanceTagKey",
)  # fmt: skip


def is_deploy(action: ActionDecl) -> bool:
    """Whether an action sends something out."""
    return action.category == "Deploy"


def targets_of(action: ActionDecl) -> tuple[str, ...]:
    """Where an action deploys to: values of its configuration."""
    return tuple(action.configuration[name] for name in _TARGETS if action.configuration.get(name))


def is_production(stage: StageDecl, action: ActionDecl) -> bool:
    """Whether an action deploys to production, by the names of stage, action and target."""
    names = (stage.name, action.name, *targets_of(action))
    return any(_PRODUCTION.search(name) and not _NOT_YET.search(name) for name in names)


def checks(stage: StageDecl, action: ActionDecl) -> bool:
    """Whether an action tests or asks: an approval, a test, a function or build that is named for one."""
    if action.category in {"Approval", "Test"}:
        return True
    return action.category in {"Invoke", "Build", "Compute"} and bool(_TESTS.search(f"{stage.name} {action.name}"))


def before(case: Case, stage: StageDecl, action: ActionDecl) -> Iterator[tuple[StageDecl, ActionDecl]]:
    """Yield what has run when an action begins: earlier stages, and lower run orders of its own."""
    for each, other in case.actions:
        if each is stage:
            yield from ((each, one) for one in each.actions if one.run_order < action.run_order)
            return
        yield each, other


def after(case: Case, stage: StageDecl, action: ActionDecl) -> Iterator[tuple[StageDecl, ActionDecl]]:
    """Yield what runs once an action is done: higher run orders of its stage, and later stages."""
    later = False
    for each in case.definition.stages:
        if each is stage:
            yield from ((each, one) for one in each.actions if one.run_order > action.run_order)
            later = True
        elif later:
            yield from ((each, one) for one in each.actions)


def rolls_back(case: Case, stage: StageDecl | None) -> bool:
    """Whether a stage goes back by itself when it fails (``onFailure`` with result ROLLBACK, V2)."""
    if stage is None or "onFailure" not in stage.conditions:
        return False
    return bool(_declared(case, stage.name).get("onFailure", {}).get("result") == "ROLLBACK")


def _declared(case: Case, stage: str) -> Mapping[str, Any]:
    try:
        stages = json.loads(case.definition.raw or "{}").get("stages") or ()
    except ValueError:
        return {}
    return next((each for each in stages if each.get("name") == stage), {})


def stage_of_group(case: Case, key: str) -> StageDecl | None:
    """The stage that deploys to a deployment group, by the group's key."""
    for stage, action in case.actions:
        config = action.configuration
        if action.provider in {"CodeDeploy", "CodeDeployToECS"} and key == group_key(
            case.region_of(action), config.get("ApplicationName", ""), config.get("DeploymentGroupName", "")
        ):
            return stage
    return None
