"""The IAM actions of the changes that pipemedic can make, with what their previews and proofs read."""

from __future__ import annotations

from aws.changes import ALLOWED, JOBS
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
# The reports of the jobs that may be started (aws/changes.py).
_REPORTS = (("iam", "GetServiceLastAccessedDetails"),)
# UpdatePipeline, UpdateProject and PutTargets hand a role on.
_PASSED = ("iam:PassRole",)


def operator_actions() -> tuple[str, ...]:
    """Return the IAM actions of every change and job on the lists, and of the reads that guard and prove them."""
    held = (*ALLOWED.items(), *JOBS.items())
    made = {iam_action(service, each) for service, names in held for each in names}
    return tuple(sorted({*made, *(iam_action(*each) for each in (*PROOFS, *_REPORTS)), *_PASSED}))
