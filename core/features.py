"""What pipemedic can do, and the IAM actions each thing needs. Pure.

Source of the actions: the Service Authorization Reference, by service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FEATURES", "Ability", "Feature", "abilities", "role_of"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing the program does, in the user's words."""

    name: str
    actions: tuple[str, ...]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether an identity may use a feature: all of its actions allowed, or those that are `missing`."""

    feature: Feature
    missing: tuple[str, ...]


FEATURES = (
    Feature("See pipelines and how they stand", ("codepipeline:ListPipelines", "codepipeline:GetPipelineState")),
    Feature("See executions", ("codepipeline:ListPipelineExecutions", "codepipeline:ListActionExecutions")),
    Feature("See definitions", ("codepipeline:GetPipeline",)),
    Feature("Read builds and their logs", ("codebuild:BatchGetBuilds", "logs:GetLogEvents")),
    Feature(
        "Diagnose permissions",
        ("iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:SimulatePrincipalPolicy"),
    ),
    Feature("Look up what was denied", ("cloudtrail:LookupEvents",)),
    Feature("Diagnose connections", ("codeconnections:GetConnection",)),
    Feature(
        "Diagnose deployments", ("codedeploy:GetDeployment", "ecs:DescribeServices", "cloudformation:DescribeStacks")
    ),
    Feature(
        "Retry a stage, start or stop a run",
        (
            "codepipeline:RetryStageExecution",
            "codepipeline:StartPipelineExecution",
            "codepipeline:StopPipelineExecution",
        ),
        writes=True,
    ),
    Feature("Answer approvals", ("codepipeline:PutApprovalResult",), writes=True),
    Feature(
        "Open and close transitions",
        ("codepipeline:EnableStageTransition", "codepipeline:DisableStageTransition"),
        writes=True,
    ),
    Feature("Change a role's policy", ("iam:PutRolePolicy",), writes=True),
    Feature("Change a build project", ("codebuild:UpdateProject",), writes=True),
)


def abilities(decisions: Mapping[str, bool]) -> tuple[Ability, ...]:
    """Return for each feature what is missing; `decisions` says for each action whether it is allowed."""
    return tuple(
        Ability(feature, tuple(action for action in feature.actions if not decisions.get(action, False)))
        for feature in FEATURES
    )


def role_of(arn: str) -> str:
    """Return the name of the role behind an assumed-role ARN; empty for any other identity.

    The session's ARN leaves out the role's path, so the role itself has to be asked for its ARN.
    """
    resource = arn.split(":", 5)[-1] if arn.count(":") >= 5 else ""
    kind, _, rest = resource.partition("/")
    return rest.partition("/")[0] if kind == "assumed-role" else ""
