"""Where a person goes to put something right: the console's page and the command that shows the matter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from core.arn import Arn, build_project_of
from core.commands import aws_command
from core.console import (
    build_url,
    connection_url,
    deployment_url,
    ecs_service_url,
    page_url,
    pipeline_url,
    project_url,
    role_url,
    stack_url,
)
from core.finding import Fix
from core.plan import Call
from core.playbook import Subject

__all__ = ["addressed", "page_of"]

_Config = Mapping[str, str]
# (service, operation, {parameter: setting of the action}) by provider; "" stands for the external id.
_SHOWS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "CloudFormation": ("cloudformation", "DescribeStackEvents", {"StackName": "StackName"}),
    "CodeCommit": ("codecommit", "GetRepository", {"repositoryName": "RepositoryName"}),
    "CodeStarSourceConnection": ("codeconnections", "GetConnection", {"ConnectionArn": "ConnectionArn"}),
    "ECR": ("ecr", "DescribeImages", {"repositoryName": "RepositoryName"}),
    "EKS": ("eks", "DescribeCluster", {"name": "ClusterName"}),
    "ElasticBeanstalk": ("elasticbeanstalk", "DescribeEvents", {"EnvironmentName": "EnvironmentName"}),
    "Lambda": ("lambda", "GetFunctionConfiguration", {"FunctionName": "FunctionName"}),
    "StepFunctions": ("stepfunctions", "DescribeExecution", {"executionArn": ""}),
}


def _build(subject: Subject) -> str:
    build = subject.action_state.external_id
    project = subject.action.configuration.get("ProjectName", "") or build_project_of(build)
    where = (subject.region, subject.identity.partition)
    if build and project:
        return build_url(subject.identity.account, project, build, *where)
    return project_url(subject.identity.account, project, *where) if project else ""


def _deployment(subject: Subject) -> str:
    deployment, config = subject.action_state.external_id, subject.action.configuration
    if deployment.startswith("d-"):
        return deployment_url(deployment, subject.region, subject.identity.partition)
    return page_url("CodeDeploy", config, subject.region, subject.identity.partition)


def _service(subject: Subject) -> str:
    config = subject.action.configuration
    name = config.get("ServiceName", "")
    cluster = config.get("ClusterName", "") or "default"
    return ecs_service_url(cluster, name, subject.region, subject.identity.partition) if name else ""


def _stack(subject: Subject) -> str:
    name = subject.action.configuration.get("StackName", "")
    return stack_url(name, subject.region, subject.identity.partition) if name else ""


def _connection(subject: Subject) -> str:
    connection = subject.action.configuration.get("ConnectionArn", "")
    arn = Arn.parse(connection)
    return connection_url(connection, arn.region, arn.partition) if arn else ""


_PAGES: Mapping[str, Callable[[Subject], str]] = {
    "CloudFormation": _stack,
    "CodeBuild": _build,
    "CodeDeploy": _deployment,
    "CodeDeployToECS": _deployment,
    "CodeStarSourceConnection": _connection,
    "ECS": _service,
}


def page_of(subject: Subject, cause: str) -> str:
    """The console's page for a cause: the role's, the pipeline's, or that of what the action works on."""
    partition = subject.identity.partition
    if cause.startswith("permission."):
        arn = Arn.parse(subject.role_arn)
        if arn and arn.account == subject.identity.account:
            return role_url(arn.name, partition)
    if cause.startswith("artifact."):
        store = subject.definition.stores.get(subject.region) or subject.definition.stores.get("")
        if store and store.location:
            return page_url("S3", {"BucketName": store.location}, subject.region, partition)
    if not cause.startswith("flow."):
        own = _PAGES.get(subject.action.provider)
        values = {
            **subject.action.configuration,
            "account": subject.identity.account,
            "execution": subject.action_state.external_id,
        }
        page = own(subject) if own else page_url(subject.action.provider, values, subject.region, partition)
        if page:
            return page
    return pipeline_url(subject.ref.name, subject.ref.place.region, partition)


def _show(subject: Subject) -> str:
    """The command that shows what the action works on; the pipeline's state where nothing nearer is known."""
    place, state = subject.ref.place, subject.action_state
    if subject.action.provider == "CodeBuild" and ":" in state.external_id:
        call = Call("codebuild", "BatchGetBuilds", {"ids": [state.external_id]})
    elif subject.action.provider in ("CodeDeploy", "CodeDeployToECS") and state.external_id.startswith("d-"):
        call = Call("codedeploy", "GetDeployment", {"deploymentId": state.external_id})
    else:
        service, operation, named = _SHOWS.get(subject.action.provider, ("", "", {}))
        config = subject.action.configuration
        params = {key: config.get(name, "") if name else state.external_id for key, name in named.items()}
        if not params or not all(params.values()):
            service, operation = "codepipeline", "GetPipelineState"
            params = {"name": subject.ref.name}
            return aws_command(Call(service, operation, params), region=place.region, profile=place.profile)
        call = Call(service, operation, params)
    return aws_command(call, region=subject.region, profile=place.profile)


def addressed(subject: Subject, cause: str, fix: Fix) -> Fix:
    """The fix with a page of the console and a command, where a person makes it and it names none."""
    if fix.plan is not None:
        return fix
    return replace(
        fix, console_url=fix.console_url or page_of(subject, cause), commands=fix.commands or (_show(subject),)
    )
