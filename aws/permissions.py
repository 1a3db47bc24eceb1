"""The IAM actions of the changes that pipemedic can make, with what their previews and proofs read."""

from __future__ import annotations

from aws.changes import ALLOWED
from aws.iam_actions import iam_action

__all__ = ["operator_actions"]

# Read right before and after a change (core/plans) and for other ways to the same (core/ways); a test compares this
# with the plans' own calls.
PROOFS = (
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("cloudformation", "DescribeStackResources"),
    ("cloudformation", "DescribeStacks"),
    ("cloudwatch", "DescribeAlarms"),
    ("codebuild", "BatchGetBuildBatches"),
    ("codebuild", "BatchGetBuilds"),
    ("codebuild", "BatchGetProjects"),
    ("codebuild", "ListBuildsForProject"),
    ("codedeploy", "GetDeployment"),
    ("codedeploy", "GetDeploymentGroup"),
    ("codepipeline", "GetPipeline"),
    ("codepipeline", "GetPipelineExecution"),
    ("codepipeline", "GetPipelineState"),
    ("codepipeline", "ListPipelineExecutions"),
    ("ecs", "DescribeServices"),
    ("ecs", "ListTaskDefinitions"),
    ("elbv2", "DescribeTargetGroupAttributes"),
    ("elbv2", "DescribeTargetGroups"),
    ("events", "DescribeRule"),
    ("events", "ListTargetsByRule"),
    ("iam", "GetPolicy"),
    ("iam", "GetPolicyVersion"),
    ("iam", "GetRole"),
    ("iam", "GetRolePolicy"),
    ("iam", "ListAttachedRolePolicies"),
    ("iam", "ListEntitiesForPolicy"),
    ("iam", "ListPolicyVersions"),
    ("iam", "SimulatePrincipalPolicy"),
    ("kms", "GetKeyPolicy"),
    ("kms", "ListGrants"),
    ("s3", "GetBucketNotificationConfiguration"),
    ("s3", "GetBucketPolicy"),
    ("s3", "GetBucketVersioning"),
)
# UpdatePipeline, UpdateProject and PutTargets hand a role on.
_PASSED = ("iam:PassRole",)


def operator_actions() -> tuple[str, ...]:
    """Return the IAM actions of every change on the allow-list and of the reads that guard and prove it."""
    changes = {iam_action(service, operation) for service, names in ALLOWED.items() for operation in names}
    return tuple(sorted({*changes, *(iam_action(*each) for each in PROOFS), *_PASSED}))
