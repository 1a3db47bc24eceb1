"""The policies roles of the account begin with: what each needs, less what a story takes away."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from demo.names import arn

__all__ = ["build_role_statements", "pipeline_role_statements"]


def _statement(actions: Sequence[str], resources: Sequence[str], without: Sequence[str]) -> list[dict[str, Any]]:
    left = [name for name in actions if name not in without]
    return [{"Effect": "Allow", "Action": left, "Resource": list(resources)}] if left else []


def build_role_statements(
    region: str, project: str, group: str, bucket: str, without: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return what a build project's role needs."""
    log = arn("logs", region, f"log-group:{group}")
    return [
        *_statement(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], [log, f"{log}:*"], without),
        *_statement(
            ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketAcl", "s3:GetBucketLocation"],
            [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            without,
        ),
        *_statement(
            [
                "codebuild:CreateReportGroup",
                "codebuild:CreateReport",
                "codebuild:UpdateReport",
                "codebuild:BatchPutTestCases",
            ],
            [arn("codebuild", region, f"report-group/{project}-*")],
            without,
        ),
        *_statement(["ssm:GetParameters"], [arn("ssm", region, "parameter/*")], without),
        *_statement(["secretsmanager:GetSecretValue"], [arn("secretsmanager", region, "secret:*")], without),
        *_statement(
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            [arn("ecr", region, "repository/*")],
            without,
        ),
        *_statement(["ecr:GetAuthorizationToken"], ["*"], without),
    ]


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "CodeStarSourceConnection": ("codestar-connections:UseConnection", "codeconnections:UseConnection"),
    "CodeCommit": (
        "codecommit:GetBranch",
        "codecommit:GetCommit",
        "codecommit:UploadArchive",
        "codecommit:GetUploadArchiveStatus",
        "codecommit:CancelUploadArchive",
    ),
    "CodeBuild": ("codebuild:StartBuild", "codebuild:BatchGetBuilds"),
    "ECR": ("ecr:DescribeImages",),
    "ECS": (
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
    ),
    "CodeDeploy": (
        "codedeploy:CreateDeployment",
        "codedeploy:GetApplication",
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeployment",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
    ),
    "CloudFormation": (
        "cloudformation:CreateStack",
        "cloudformation:UpdateStack",
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeStackEvents",
        "cloudformation:CreateChangeSet",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:SetStackPolicy",
        "iam:PassRole",
    ),
    "Lambda": ("lambda:InvokeFunction", "lambda:ListFunctions"),
    "Manual": ("sns:Publish",),
    "S3": ("s3:PutObject", "s3:PutObjectAcl", "s3:GetObject"),
}


def pipeline_role_statements(
    region: str, stages: Iterable[Mapping[str, Any]], bucket: str, without: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return what a pipeline's role needs for its actions."""
    providers = {action["actionTypeId"]["provider"]: None for stage in stages for action in stage["actions"]}
    statements = _statement(
        ["s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketVersioning", "s3:PutObject"],
        [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        without,
    )
    for provider in providers:
        resources = ["*"]
        if provider == "CodeBuild":
            names = [
                action["configuration"]["ProjectName"]
                for stage in stages
                for action in stage["actions"]
                if action["actionTypeId"]["provider"] == "CodeBuild"
            ]
            resources = [arn("codebuild", region, f"project/{name}") for name in dict.fromkeys(names)]
        statements += _statement(_NEEDS.get(provider, ()), resources, without)
        if provider == "ECS":
            condition = {"StringEqualsIfExists": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}
            statements += [item | {"Condition": condition} for item in _statement(["iam:PassRole"], ["*"], without)]
    return statements
