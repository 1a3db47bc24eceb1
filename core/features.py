"""What pipemedic can do, and the IAM actions each thing needs. Pure.

Source of the actions: the Service Authorization Reference, by service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FEATURES", "Ability", "Feature", "abilities"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing the program does, in the user's words."""

    name: str
    actions: tuple[str, ...]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether an identity may use a feature: of its actions those that are `missing`, and those not known."""

    feature: Feature
    missing: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


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
    Feature("Follow logs of groups, and search them", ("logs:FilterLogEvents", "logs:DescribeLogStreams")),
    Feature("Queries over logs", ("logs:StartQuery", "logs:GetQueryResults")),
    Feature("Read artifacts", ("s3:GetObject",)),
    Feature("Filter and group by tags", ("tag:GetResources",)),
    Feature("Take state changes from a queue", ("sqs:ReceiveMessage", "sqs:DeleteMessage")),
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
    Feature("Start and stop builds", ("codebuild:StartBuild", "codebuild:StopBuild"), writes=True),
    Feature("Change a pipeline's definition", ("codepipeline:UpdatePipeline", "iam:PassRole"), writes=True),
    Feature("Change a role's policy", ("iam:PutRolePolicy",), writes=True),
    Feature("Change a build project", ("codebuild:UpdateProject",), writes=True),
)


def abilities(decisions: Mapping[str, bool]) -> tuple[Ability, ...]:
    """Return what each feature lacks; `decisions` says of each action that is known whether it is allowed."""
    return tuple(
        Ability(
            feature,
            tuple(action for action in feature.actions if decisions.get(action) is False),
            tuple(action for action in feature.actions if action not in decisions),
        )
        for feature in FEATURES
    )
