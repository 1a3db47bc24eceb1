"""Which IAM actions a CodeBuild project's role needs, derived from the project and what the build touches. Pure.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.arn import Arn
from core.playbook import Subject

from ._needs import Need, acting_account, arn, connection_arn, store_of

__all__ = ["build_needs", "ecr_repository", "parameter_arn", "secret_arn"]

_Build = Mapping[str, Any]
_ECR = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)"
)


def ecr_repository(image: str) -> tuple[str, str, str] | None:
    """Return account, region and repository of an image in a private ECR registry, or None for another image."""
    found = _ECR.match(image)
    return (found["account"], found["region"], found["name"]) if found else None


def parameter_arn(subject: Subject, name: str) -> str:
    """The ARN of a Systems Manager parameter, from its name (with or without a leading slash) or ARN."""
    return name if name.startswith("arn:") else arn(subject, "ssm", f"parameter/{name.lstrip('/')}")


def secret_arn(subject: Subject, reference: str) -> str:
    """The ARN of a secret as a policy can name it, from ``id:json-key:stage:version`` as CodeBuild takes it."""
    if reference.startswith("arn:"):
        return ":".join(reference.split(":")[:7])
    return arn(subject, "secretsmanager", f"secret:{reference.split(':', 1)[0]}-??????")


def build_needs(subject: Subject, build: _Build) -> tuple[Need, ...]:
    """What the build's role needs. `build` is a build or project as CodeBuild gives it (both have these members)."""
    return (
        *_logs(subject, build),
        *_artifacts(subject),
        *_environment(subject, build),
        *_image(build),
        *_cache(subject, build),
        *_reports(subject, build),
        *_vpc(build),
        *_full_clone(subject),
    )


def _logs(subject: Subject, build: _Build) -> tuple[Need, ...]:
    given = build.get("logs") or build.get("logsConfig") or {}
    configured = (given.get("cloudWatchLogs") or (build.get("logsConfig") or {}).get("cloudWatchLogs")) or {}
    if configured.get("status") == "DISABLED":
        return ()
    project = build.get("projectName") or build.get("name") or "*"
    group = configured.get("groupName") or given.get("groupName") or f"/aws/codebuild/{project}"
    resource = arn(subject, "logs", f"log-group:{group}:*")
    names = ("CreateLogStream", "PutLogEvents")
    return tuple(Need(f"logs:{name}", resource, "to write the build's log", "build.logs-denied") for name in names)


def _artifacts(subject: Subject) -> tuple[Need, ...]:
    store = store_of(subject)
    if store is None:
        return ()
    cause = "artifact.access-denied"
    needs = [
        Need("s3:GetObject", store.objects, "to download the input artifact", cause),
        Need("s3:GetObjectVersion", store.objects, "to download the input artifact", cause),
    ]
    if subject.action.outputs:
        needs.append(Need("s3:PutObject", store.objects, "to upload the output artifact", cause))
    if store.key:
        needs.append(Need("kms:Decrypt", store.key, "to decrypt the input artifact", "artifact.kms-denied"))
        if subject.action.outputs:
            why = "to encrypt the output artifact"
            needs.append(Need("kms:GenerateDataKey", store.key, why, "artifact.kms-denied"))
    return tuple(needs)


def _environment(subject: Subject, build: _Build) -> tuple[Need, ...]:
    needs = []
    for variable in (build.get("environment") or {}).get("environmentVariables") or ():
        name, value, kind = variable.get("name", ""), str(variable.get("value", "")), variable.get("type")
        why = f"for the environment variable {name}"
        if kind == "PARAMETER_STORE":
            needs.append(Need("ssm:GetParameters", parameter_arn(subject, value), why, "build.env-secret"))
        elif kind == "SECRETS_MANAGER":
            needs.append(Need("secretsmanager:GetSecretValue", secret_arn(subject, value), why, "build.env-secret"))
    return tuple(needs)


def _image(build: _Build) -> tuple[Need, ...]:
    environment = build.get("environment") or {}
    repository = ecr_repository(str(environment.get("image", "")))
    if repository is None or environment.get("imagePullCredentialsType") != "SERVICE_ROLE":
        return ()
    account, region, name = repository
    role = Arn.parse(str(build.get("serviceRole", "")))
    resource = f"arn:{role.partition if role else 'aws'}:ecr:{region}:{account}:repository/{name}"
    cause, why = "build.image-pull-failed", "to pull the build image"
    return (
        Need("ecr:GetAuthorizationToken", "*", why, cause),
        Need("ecr:BatchGetImage", resource, why, cause),
        Need("ecr:GetDownloadUrlForLayer", resource, why, cause),
    )


def _cache(subject: Subject, build: _Build) -> tuple[Need, ...]:
    """The objects of a cache in S3."""
    cache = build.get("cache") or {}
    if cache.get("type") != "S3" or not cache.get("location"):
        return ()
    resource, why = f"arn:{subject.identity.partition}:s3:::{cache['location']}/*", "for the cache of the build"
    return tuple(Need(f"s3:{name}", resource, why, "build.cache-failed") for name in ("GetObject", "PutObject"))


_REPORTS = re.compile(r"^reports\s*:", re.MULTILINE)


def _reports(subject: Subject, build: _Build) -> tuple[Need, ...]:
    """The report groups that CodeBuild names after the project, where an inline buildspec asks for reports."""
    if not _REPORTS.search(str((build.get("source") or {}).get("buildspec") or "")):
        return ()
    project = build.get("projectName") or build.get("name") or "*"
    resource, why = arn(subject, "codebuild", f"report-group/{project}-*"), "to write the test reports"
    names = ("CreateReportGroup", "CreateReport", "UpdateReport", "BatchPutTestCases")
    return tuple(Need(f"codebuild:{name}", resource, why) for name in names)


def _vpc(build: _Build) -> tuple[Need, ...]:
    if not (build.get("vpcConfig") or {}).get("vpcId"):
        return ()
    names = (
        *("CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeDhcpOptions"),
        *("DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcs"),
    )
    why = "to attach the build to the VPC"
    return tuple(Need(f"ec2:{name}", "*", why, "build.vpc-config") for name in names)


def _full_clone(subject: Subject) -> tuple[Need, ...]:
    """UseConnection, where an input artifact is a clone reference of a connection."""
    needs = []
    for stage in subject.definition.stages:
        for action in stage.actions:
            clones = action.configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"
            if not clones or not set(action.outputs) & set(subject.action.inputs):
                continue
            why, cause = "to clone the whole repository", "source.connection-denied"
            if connection := connection_arn(action.configuration):
                prefix = Arn.parse(connection)
                service = prefix.service if prefix else "codestar-connections"
                needs.append(Need(f"{service}:UseConnection", connection, why, cause))
            elif action.provider == "CodeCommit":
                name = action.configuration.get("RepositoryName", "*")
                resource = arn(subject, "codecommit", name, account=acting_account(subject))
                needs.append(Need("codecommit:GitPull", resource, why))
    return tuple(needs)
