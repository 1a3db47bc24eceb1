"""Addresses in the AWS console. Pure. Partition decides the host (general reference, service endpoints)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from core.build import LogLocation

__all__ = [
    "build_url",
    "connection_url",
    "deployment_url",
    "ecs_service_url",
    "log_url",
    "page_url",
    "partition_of",
    "pipeline_url",
    "project_url",
    "role_url",
    "stack_url",
]

_HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def _base(region: str, partition: str) -> str:
    host = _HOSTS.get(partition, _HOSTS["aws"])
    return f"https://{region}.{host}" if partition == "aws" else f"https://{host}"


def pipeline_url(name: str, region: str, partition: str = "aws") -> str:
    """The pipeline's page."""
    return f"{_base(region, partition)}/codesuite/codepipeline/pipelines/{quote(name)}/view?region={region}"


def build_url(account: str, project: str, build_id: str, region: str, partition: str = "aws") -> str:
    """The build's page."""
    path = f"/codesuite/codebuild/{account}/projects/{quote(project)}/build/{quote(build_id, safe='')}"
    return f"{_base(region, partition)}{path}?region={region}"


def connection_url(connection_arn: str, region: str, partition: str = "aws") -> str:
    """The connection's page, where a pending one is completed."""
    return f"{_base(region, partition)}/codesuite/settings/connections/{quote(connection_arn, safe='')}?region={region}"


def deployment_url(deployment_id: str, region: str, partition: str = "aws") -> str:
    """The CodeDeploy deployment's page."""
    path = f"/codesuite/codedeploy/deployments/{quote(deployment_id)}"
    return f"{_base(region, partition)}{path}?region={region}"


def ecs_service_url(cluster: str, service: str, region: str, partition: str = "aws") -> str:
    """The ECS service's page."""
    path = f"/ecs/v2/clusters/{quote(cluster)}/services/{quote(service)}/health"
    return f"{_base(region, partition)}{path}?region={region}"


def stack_url(stack: str, region: str, partition: str = "aws") -> str:
    """The CloudFormation stack's events; `stack` is its id (ARN)."""
    return (
        f"{_base(region, partition)}/cloudformation/home?region={region}#/stacks/events?stackId={quote(stack, safe='')}"
    )


def project_url(account: str, project: str, region: str, partition: str = "aws") -> str:
    """The build project's page."""
    path = f"/codesuite/codebuild/{account}/projects/{quote(project)}"
    return f"{_base(region, partition)}{path}?region={region}"


# Pages by provider of an action; what stands in braces is a setting of the action, or given beside them.
_PAGES: Mapping[str, tuple[str, ...]] = {
    "AppConfig": ("/systems-manager/appconfig/applications/{Application}/environments/{Environment}?region={region}",),
    "CodeCommit": ("/codesuite/codecommit/repositories/{RepositoryName}/browse?region={region}",),
    "CodeDeploy": (
        "/codesuite/codedeploy/applications/{ApplicationName}/deployment-groups/{DeploymentGroupName}?region={region}",
    ),
    "EC2": ("/ec2/home?region={region}#Instances:tag:{InstanceTagKey}={InstanceTagValue}",),
    "ECR": ("/ecr/repositories/private/{account}/{RepositoryName}?region={region}",),
    "EKS": ("/eks/home?region={region}#/clusters/{ClusterName}",),
    "ElasticBeanstalk": (
        "/elasticbeanstalk/home?region={region}#/environment/dashboard?environmentName={EnvironmentName}",
    ),
    "Lambda": ("/lambda/home?region={region}#/functions/{FunctionName}",),
    "S3": ("/s3/buckets/{BucketName}?region={region}", "/s3/buckets/{S3Bucket}?region={region}"),
    "ServiceCatalog": ("/servicecatalog/home?region={region}#admin-products/{ProductId}",),
    "StepFunctions": ("/states/home?region={region}#/v2/executions/details/{execution}",),
}


def page_url(provider: str, values: Mapping[str, str], region: str, partition: str = "aws") -> str:
    """The page of what an action of that provider works on; empty for a provider or values that are not known."""
    given = {name: quote(value, safe="") for name, value in values.items() if value}
    for page in _PAGES.get(provider, ()):
        try:
            return _base(region, partition) + page.format_map({**given, "region": region})
        except KeyError:
            continue
    return ""


def role_url(role: str, partition: str = "aws") -> str:
    """The role's page."""
    return f"https://{_HOSTS.get(partition, _HOSTS['aws'])}/iam/home#/roles/details/{quote(role)}"


def partition_of(region: str) -> str:
    """The partition that a region lies in, as its name says."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def log_url(where: LogLocation, partition: str = "", *, at_ms: int | None = None) -> str:
    """The page of a stream, or of a group, in the CloudWatch console (its fragment is quoted twice).

    Args:
        where: The stream; a group alone leads to all of its streams where a time is given.
        partition: Where known; else the region's name says it.
        at_ms: The first moment to be shown, in epoch milliseconds.
    """
    group, stream = (quote(quote(part, safe=""), safe="").replace("%", "$") for part in (where.group, where.stream))
    path = f"/cloudwatch/home?region={where.region}#logsV2:log-groups/log-group/{group}"
    if where.stream or at_ms is not None:
        path += "/log-events" + (f"/{stream}" if where.stream else "")
        path += "" if at_ms is None else f"$3Fstart$3D{at_ms}"
    return _base(where.region, partition or partition_of(where.region)) + path
