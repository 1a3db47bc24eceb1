"""The reads that advice is given on, beside the history. They go through `core.fact.Evidence` and give facts by name.

A handful of calls for a pipeline, whatever its length: one of each project, the newest good build's log and artifacts.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

from core.build import LogLocation
from core.fact import Evidence, Fact
from core.profile.case import Case
from core.profile.flaky import flaky_actions
from core.profile.model import Node
from core.profile.spec import USUAL

__all__ = [
    "READS",
    "read_artifacts",
    "read_deploys",
    "read_everything",
    "read_flaky",
    "read_images",
    "read_logs",
    "read_projects",
    "read_specs",
    "read_usage",
]

READS = (
    "cloudwatch:GetMetricData",
    "codebuild:BatchGetProjects",
    "codebuild:DescribeTestCases",
    "codedeploy:GetDeploymentConfig",
    "codedeploy:GetDeploymentGroup",
    "codepipeline:GetPipeline",
    "ecr:DescribeImages",
    "ecs:DescribeServices",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "logs:GetLogEvents",
    "s3:GetObject",
)
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
_IN_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)(?::([^@]+))?(?:@(sha256:\w+))?$")
_MOST = 8  # projects, logs, artifacts, deployments of each kind
_LOG_LINES = 30_000
_WORTH_LOOKING_BYTES = 5_000_000  # an artifact's list of files is read from this size on
_DAYS = 14
Facts = dict[str, Fact]


async def _gather(reads: Mapping[str, Awaitable[Fact]]) -> Facts:
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


def _elsewhere(case: Case, region: str) -> str:
    return "" if region in ("", case.ref.place.region) else region


def _projects(case: Case) -> dict[str, str]:
    """The newest builds' projects with their regions."""
    found: dict[str, str] = {}
    for node, declared in case.actions.items():
        name = declared.configuration.get("ProjectName", "") if declared.provider == "CodeBuild" else ""
        if name and declared.role_arn == "" and node in case.runs_of:
            found.setdefault(name, _elsewhere(case, declared.region))
    return dict(list(found.items())[:_MOST])


async def read_projects(case: Case, evidence: Evidence) -> Facts:
    """BatchGetProjects of each project, and GetPipeline as ``pipeline``."""
    reads: dict[str, Awaitable[Fact]] = {
        f"project:{name}": evidence.read("codebuild", "BatchGetProjects", {"names": [name]}, region=region)
        for name, region in _projects(case).items()
    }
    reads["pipeline"] = evidence.read("codepipeline", "GetPipeline", {"name": case.ref.name})
    return await _gather(reads)


async def read_logs(case: Case, evidence: Evidence) -> Facts:
    """The log of the newest good build of each project."""
    reads: dict[str, Awaitable[Fact]] = {}
    regions = _projects(case)
    for _, builds in case.built():
        newest = builds[0]
        key = f"log:{newest.project}"
        if newest.log_group and newest.log_stream and newest.project in regions and key not in reads:
            region = regions[newest.project] or case.ref.place.region
            where = LogLocation(newest.log_group, newest.log_stream, region)
            reads[key] = evidence.log(where, limit=_LOG_LINES)
    return await _gather(reads)


async def read_specs(case: Case, evidence: Evidence) -> Facts:
    """The buildspec of each project that has none of its own, out of the source that its newest good build took."""
    projects = await read_projects(case, evidence)
    reads: dict[str, Awaitable[Fact]] = {}
    for node, builds in case.built():
        name, taken = builds[0].project, case.runs_of[node][0].inputs
        fact, declared = projects.get(f"project:{name}"), case.actions[node]
        source = fact.get("projects", 0, "source", default={}) if fact else {}
        said = str(source.get("buildspec") or "")
        wanted = declared.configuration.get("PrimarySource") or next(iter(declared.inputs), "")
        held = next((each for each in taken if each.name == wanted and each.key), None)
        inline = "\n" in said or said.startswith("arn:") or source.get("type") != "CODEPIPELINE"
        if held and not inline and f"spec:{name}" not in reads:
            region = _elsewhere(case, declared.region)
            reads[f"spec:{name}"] = evidence.archive(held.bucket, held.key, (said or USUAL,), region=region)
    return projects | await _gather(reads)


async def read_images(case: Case, evidence: Evidence) -> Facts:
    """How large the build image of each project is, where it lies in ECR."""
    reads: dict[str, Awaitable[Fact]] = {}
    for _, builds in case.built():
        newest = builds[0]
        key = f"image:{newest.project}"
        if key in reads or not (found := _IN_ECR.match(newest.image)):
            continue
        account, region, repository, tag, digest = found.groups()
        image = {"imageDigest": digest} if digest else {"imageTag": tag or "latest"}
        params = {"registryId": account, "repositoryName": repository, "imageIds": [image]}
        reads[key] = evidence.read("ecr", "DescribeImages", params, region=_elsewhere(case, region))
    return await _gather(reads)


async def read_artifacts(case: Case, evidence: Evidence) -> Facts:
    """The size of each artifact of the newest good execution, and the list of files of those that are large."""
    newest = case.replayable[:1] or case.history.good[:1]
    held = {each.name: each for run in newest for action in run.actions for each in action.outputs if each.key}
    some = dict(list(held.items())[:_MOST])
    facts = await _gather(
        {
            f"size:{name}": evidence.read("s3", "HeadObject", {"Bucket": each.bucket, "Key": each.key})
            for name, each in some.items()
        }
    )
    large = {
        name: each
        for name, each in some.items()
        if _number(facts[f"size:{name}"].get("ContentLength")) >= _WORTH_LOOKING_BYTES
    }
    inside = await _gather(
        {f"inside:{name}": evidence.archive(each.bucket, each.key, ()) for name, each in large.items()}
    )
    return facts | inside


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


async def read_usage(case: Case, evidence: Evidence) -> Facts:
    """Processor and memory use of each project over two weeks, where CodeBuild publishes it."""
    end = case.history.read_at
    reads = {}
    for name, region in _projects(case).items():
        queries = [
            _query("cpu", "CPUUtilizedPercent", "Average", name),
            _query("cpu_peak", "CPUUtilizedPercent", "Maximum", name),
            _query("memory_peak", "MemoryUtilizedPercent", "Maximum", name),
        ]
        params = {"MetricDataQueries": queries, "StartTime": end - _DAYS * 86_400.0, "EndTime": end}
        reads[f"usage:{name}"] = evidence.read("cloudwatch", "GetMetricData", params, region=region, pages=2)
    return await _gather(reads)


def _query(name: str, metric: str, statistic: str, project: str) -> dict[str, Any]:
    dimensions = [{"Name": "ProjectName", "Value": project}]
    held = {"Namespace": "AWS/CodeBuild", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": held, "Period": 3600, "Stat": statistic}}


def _deploys(case: Case, providers: Iterable[str]) -> list[tuple[Node, Mapping[str, str], str]]:
    wanted = set(providers)
    return [
        (node, declared.configuration, _elsewhere(case, declared.region))
        for node, declared in case.actions.items()
        if declared.provider in wanted and not declared.role_arn
    ][:_MOST]


async def read_deploys(case: Case, evidence: Evidence) -> Facts:
    """Deployment groups with their configurations, services, and the target groups behind both."""
    reads: dict[str, Awaitable[Fact]] = {}
    for node, given, region in _deploys(case, ("CodeDeploy", "CodeDeployToECS")):
        names = {
            "applicationName": given.get("ApplicationName", ""),
            "deploymentGroupName": given.get("DeploymentGroupName", ""),
        }
        if all(names.values()):
            reads[f"group:{_key(node)}"] = evidence.read("codedeploy", "GetDeploymentGroup", names, region=region)
    for node, given, region in _deploys(case, ("ECS",)):
        params = {"cluster": given.get("ClusterName", ""), "services": [given.get("ServiceName", "")]}
        if params["cluster"] and all(params["services"]):
            reads[f"service:{_key(node)}"] = evidence.read("ecs", "DescribeServices", params, region=region)
    facts = await _gather(reads)
    return facts | await _behind(facts, evidence)


async def _behind(facts: Facts, evidence: Evidence) -> Facts:
    reads: dict[str, Awaitable[Fact]] = {}
    for name, fact in facts.items():
        key = name.partition(":")[2]
        if config := fact.get("deploymentGroupInfo", "deploymentConfigName"):
            params = {"deploymentConfigName": str(config)}
            reads[f"config:{key}"] = evidence.read("codedeploy", "GetDeploymentConfig", params, region=fact.region)
        if names := _target_groups(fact):
            member = "TargetGroupArns" if names[0].startswith("arn:") else "Names"
            reads[f"targets:{key}"] = evidence.read(
                "elbv2", "DescribeTargetGroups", {member: names}, region=fact.region
            )
    more = await _gather(reads)
    arns = {
        name.partition(":")[2]: (str(arn), fact.region)
        for name, fact in more.items()
        if name.startswith("targets:") and (arn := fact.get("TargetGroups", 0, "TargetGroupArn"))
    }
    attributes = {
        f"attributes:{key}": evidence.read(
            "elbv2", "DescribeTargetGroupAttributes", {"TargetGroupArn": arn}, region=region
        )
        for key, (arn, region) in arns.items()
    }
    return more | await _gather(attributes)


def _target_groups(fact: Fact) -> list[str]:
    balancer = fact.get("deploymentGroupInfo", "loadBalancerInfo", default={})
    named = balancer.get("targetGroupInfoList") if isinstance(balancer, Mapping) else None
    names = [str(each.get("name", "")) for each in named or () if isinstance(each, Mapping)]
    balancers = fact.get("services", 0, "loadBalancers", default=())
    names += [str(each.get("targetGroupArn") or "") for each in balancers if isinstance(each, Mapping)]
    return [name for name in names if name][:1]


async def read_flaky(case: Case, evidence: Evidence) -> Facts:
    """The failed test cases of the newest build of each flaky action, where it made a report."""
    reads: dict[str, Awaitable[Fact]] = {}
    for each in flaky_actions(case.history)[:3]:
        build = case.history.build_of(each.flakes[0].failed)
        declared = case.actions.get(each.node)
        if build and build.reports and declared and not declared.role_arn:
            params = {"reportArn": build.reports[0], "filter": {"status": "FAILED"}}
            region = _elsewhere(case, declared.region)
            reads[f"tests:{_key(each.node)}"] = evidence.read(
                "codebuild", "DescribeTestCases", params, region=region, pages=1
            )
    return await _gather(reads)


def _key(node: Node) -> str:
    return f"{node[0]}/{node[1]}"


async def read_everything(case: Case, evidence: Evidence) -> Facts:
    """All of it, side by side."""
    reads = (read_specs, read_logs, read_artifacts, read_images, read_usage, read_deploys, read_flaky)
    found: Facts = {}
    for each in await asyncio.gather(*(read(case, evidence) for read in reads)):
        found |= each
    return found
