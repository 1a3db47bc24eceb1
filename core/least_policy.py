"""The least IAM policy for reading or operating, from the actions that the code calls. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.pipeline import Definition

__all__ = ["AUDIT", "READER", "least_policy", "scope_of"]

# What the program reads beside its playbooks: the fleet, a pipeline's screens, logs, previews of changes.
READER = (
    "autoscaling:DescribeAutoScalingGroups",
    "cloudformation:DescribeStackResources",
    "codebuild:BatchGetBuildBatches",
    "codebuild:BatchGetBuilds",
    "codebuild:BatchGetProjects",
    "codebuild:ListBuildsForProject",
    "codedeploy:BatchGetDeployments",
    "codedeploy:ListTagsForResource",
    "codepipeline:GetPipeline",
    "codepipeline:GetPipelineExecution",
    "codepipeline:GetPipelineState",
    "codepipeline:ListActionExecutions",
    "codepipeline:ListPipelineExecutions",
    "codepipeline:ListPipelines",
    "codepipeline:ListTagsForResource",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTagsForResource",
    "elasticloadbalancing:DescribeTags",
    "events:ListTagsForResource",
    "iam:ListPolicyTags",
    "iam:ListRoleTags",
    "iam:SimulatePrincipalPolicy",
    "kms:ListResourceTags",
    "lambda:GetFunctionConfiguration",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetQueryResults",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "logs:StopQuery",
    "s3:GetBucketTagging",
    "s3:GetObject",
    "states:DescribeExecution",
    "states:DescribeStateMachine",
    "states:GetExecutionHistory",
    "tag:GetResources",
)
# What the audit reads beside that (core/audit).
AUDIT = (
    "cloudformation:DescribeStacks",
    "codedeploy:GetDeploymentGroup",
    "codestar-notifications:DescribeNotificationRule",
    "codestar-notifications:ListNotificationRules",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "events:ListRules",
    "events:ListTargetsByRule",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoles",
    "kms:DescribeKey",
    "kms:GetKeyRotationStatus",
    "s3:GetBucketAcl",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
)
# Actions of the services below that take no resource (service authorization reference).
_UNSCOPED = frozenset({"codepipeline:ListPipelines", "codebuild:ListProjects", "s3:ListAllMyBuckets"})


def scope_of(definition: Definition, account: str, partition: str = "aws") -> dict[str, tuple[str, ...]]:
    """Return the resources that one pipeline has to do with, by the service whose actions are narrowed to them."""
    region = definition.arn.split(":")[3] if definition.arn else "*"
    own = definition.arn or f"arn:{partition}:codepipeline:{region}:{account}:{definition.name}"
    actions = [action for stage in definition.stages for action in stage.actions]
    projects = sorted(
        {
            (action.region or region, action.configuration.get("ProjectName", ""))
            for action in actions
            if action.provider == "CodeBuild"
        }
    )
    buckets = {store.location for store in definition.stores.values()}
    buckets |= {
        action.configuration.get("S3Bucket", "") or action.configuration.get("BucketName", "") for action in actions
    }
    arns = [f"arn:{partition}:s3:::{bucket}" for bucket in sorted(buckets) if bucket]
    scope = {
        "codepipeline": (own, f"{own}/*"),
        "s3": tuple(each for arn in arns for each in (arn, f"{arn}/*")),
    }
    built = tuple(f"arn:{partition}:codebuild:{at}:{account}:project/{name}" for at, name in projects if name)
    return {**scope, **({"codebuild": built} if built else {})}


def least_policy(actions: Iterable[str], scope: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """Return a policy that allows the actions: one statement a service, on the scope's resources where it has any.

    Whoever reads objects (artifacts) needs their keys, through S3 alone.
    """
    narrowed = {service: list(resources) for service, resources in (scope or {}).items() if resources}
    groups: dict[tuple[str, bool], list[str]] = {}
    for action in sorted(set(actions)):
        service = action.partition(":")[0]
        groups.setdefault((service, service in narrowed and action not in _UNSCOPED), []).append(action)
    statements: list[dict[str, Any]] = []
    for (service, narrow), held in groups.items():
        name = "".join(part.capitalize() for part in service.split("-"))
        sid = name if narrow or service not in narrowed else f"{name}All"
        resources = narrowed[service] if narrow else "*"
        statements.append({"Sid": sid, "Effect": "Allow", "Action": held, "Resource": resources})
    if any("s3:GetObject" in held for held in groups.values()):
        through = {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}
        key = {
            "Sid": "KmsThroughS3",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": "*",
            "Condition": through,
        }
        statements.append(key)
    return {"Version": "2012-10-17", "Statement": statements}
