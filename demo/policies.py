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
    team = project.partition("-")[0]
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
        *_statement(["ssm:GetParameters"], [arn("ssm", region, f"parameter/{team}/*")], without),
        *_statement(["secretsmanager:GetSecretValue"], [arn("secretsmanager", region, f"secret:{team}/*")], without),
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
    "StepFunctions": ("states:DescribeStateMachine", "states:DescribeExecution", "states:StartExecution"),
    "Manual": ("sns:Publish",),
    "S3": ("s3:PutObject", "s3:PutObjectAcl", "s3:GetObject"),
}


def pipeline_role_statements(
    region: str, stages: Iterable[Mapping[str, Any]], bucket: str, without: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return what a pipeline's role needs for its actions."""
    every = [action for stage in stages for action in stage["actions"]]
    providers = dict.fromkeys(action["actionTypeId"]["provider"] for action in every)
    statements = _statement(
        ["s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketVersioning", "s3:PutObject"],
        [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        without,
    )
    for provider in providers:
        own = [action["configuration"] for action in every if action["actionTypeId"]["provider"] == provider]
        needs = _NEEDS.get(provider, ())
        if provider == "Manual" and not any("NotificationArn" in config for config in own):
            continue
        anywhere = [name for name in needs if name in _UNSCOPED]
        narrow = [name for name in needs if name not in _UNSCOPED]
        statements += _statement(narrow, _resources(provider, region, own), without)
        statements += _statement(anywhere, ["*"], without)
        if provider == "ECS":
            condition = {"StringEqualsIfExists": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}
            statements += [item | {"Condition": condition} for item in _statement(["iam:PassRole"], ["*"], without)]
    return statements


# Actions that take no resource.
_UNSCOPED = frozenset(
    {"ecs:DescribeTaskDefinition", "ecs:ListTasks", "ecs:RegisterTaskDefinition", "lambda:ListFunctions"}
)


# What a provider's actions are allowed on: the member of the configuration that names it, its service, its resource.
_RESOURCES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "CodeStarSourceConnection": (
        ("ConnectionArn", "codeconnections", "connection/*"),
        ("ConnectionArn", "codestar-connections", "connection/*"),
    ),
    "CodeCommit": (("RepositoryName", "codecommit", "{}"),),
    "CodeBuild": (("ProjectName", "codebuild", "project/{}"),),
    "CodeDeploy": (("ApplicationName", "codedeploy", "*"),),
    "ECR": (("RepositoryName", "ecr", "repository/{}"),),
    "ECS": (("ServiceName", "ecs", "service/*"), ("ServiceName", "ecs", "task/*")),
    "Lambda": (("FunctionName", "lambda", "function:{}"),),
}


def _resources(provider: str, region: str, configs: Sequence[Mapping[str, str]]) -> list[str]:
    """What a provider's actions are allowed on; CloudFormation's on everything, as many people leave it."""
    if provider == "Manual":
        return [config["NotificationArn"] for config in configs if "NotificationArn" in config]
    if provider == "S3":
        buckets = dict.fromkeys(config.get("S3Bucket") or config["BucketName"] for config in configs)
        return [each for name in buckets for each in (f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*")]
    found = [
        arn(service, region, resource.format(config[member]))
        for member, service, resource in _RESOURCES.get(provider, ())
        for config in configs
    ]
    return list(dict.fromkeys(found)) or ["*"]
