"""Pipelines for the rules, made of facts as AWS would answer them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from core.audit.case import Case, Kind, Needed, group_key, inline_key, place_key, service_key
from core.fact import Fact, Outcome
from core.pipeline import ActionDecl, ArtifactStore, Definition, StageDecl
from core.place import Identity, PipelineRef, Place

ACCOUNT, REGION = "111122223333", "eu-west-1"
NOW = 1_795_000_000.0  # November 2026
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"
BUCKET = "shop-artifacts"
ARN = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:shop"
Facts = dict[Kind, dict[str, Fact]]
_numbers = count(1)


def fact(operation: str, value: Any = None, outcome: Outcome = Outcome.OK, service: str = "x", **params: Any) -> Fact:
    """One read; `no_data` where there is no value."""
    if value is None and outcome is Outcome.OK:
        outcome = Outcome.NO_DATA
    return Fact(next(_numbers), service, operation, params, outcome, value, REGION, action=f"{service}:{operation}")


def action(name: str, category: str, provider: str, config: Mapping[str, str] | None = None, **more: Any) -> ActionDecl:
    return ActionDecl(name, category, provider, configuration=dict(config or {}), **more)


SOURCE = StageDecl("Source", (action("Source", "Source", "CodeStarSourceConnection", outputs=("src",)),))


def build(project: str = "shop") -> StageDecl:
    return StageDecl("Build", (action("Build", "Build", "CodeBuild", {"ProjectName": project}, inputs=("src",)),))


def case(
    *stages: StageDecl,
    facts: Facts | None = None,
    needed: Mapping[str, tuple[Needed, ...]] | None = None,
    name: str = "shop",
    key: str = "",
    raw: Mapping[str, Any] | None = None,
) -> Case:
    """A pipeline with these stages (source and build unless given) and these facts beside its own."""
    held = stages or (SOURCE, build())
    definition = Definition(
        name, 3, ROLE, held, {"": ArtifactStore(BUCKET, key)}, raw=json.dumps(raw or {"name": name, "stages": []})
    )
    ref = PipelineRef(Place("", REGION), name)
    arn = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:{name}"
    whole = {Kind.PIPELINE: {arn: fact("GetPipeline", {"pipeline": {"name": name, **(raw or {})}}, name=name)}}
    return Case(ref, Identity(ACCOUNT, "arn"), definition, NOW, {**whole, **(facts or {})}, needed or {})


# --- roles


def role(
    *statements: Mapping[str, Any],
    attached: Sequence[str] = (),
    trust: Mapping[str, Any] | None = None,
    arn: str = ROLE,
) -> Facts:
    """A role with one inline policy of these statements."""
    own = {
        "Effect": "Allow",
        "Principal": {"Service": "codepipeline.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    document = {"Statement": list(statements)}
    policies = [{"PolicyName": each.rpartition("/")[2], "PolicyArn": each} for each in attached]
    return {
        Kind.ROLE: {arn: fact("GetRole", {"Role": {"AssumeRolePolicyDocument": {"Statement": [trust or own]}}})},
        Kind.ATTACHED: {arn: fact("ListAttachedRolePolicies", {"AttachedPolicies": policies})},
        Kind.INLINE_NAMES: {arn: fact("ListRolePolicies", {"PolicyNames": ["own"]})},
        Kind.INLINE: {inline_key(arn, "own"): fact("GetRolePolicy", {"PolicyDocument": document})},
    }


def allow(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


# --- build projects


def project(name: str = "shop", *, variables: Sequence[Mapping[str, str]] = (), spec: str = "", **more: Any) -> Facts:
    """A build project; `more` are members of its environment."""
    environment = {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "SMALL", **more}
    environment["environmentVariables"] = [dict(each) for each in variables]
    made = {
        "name": name,
        "arn": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}",
        "source": {"type": "CODEPIPELINE", "buildspec": spec},
        "environment": environment,
        "serviceRole": ROLE,
        "logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}, "s3Logs": {"status": "DISABLED"}},
    }
    return {Kind.PROJECT: {place_key(REGION, name): fact("BatchGetProjects", {"projects": [made]}, names=[name])}}


def in_source(text: str, project_name: str = "shop", path: str = "buildspec.yml") -> Facts:
    """The file within the source that the project builds."""
    inside = fact("GetObject", {"size": 900, "names": [path], "files": {path: text}}, service="s3", Bucket=BUCKET)
    return {Kind.SPEC: {place_key(REGION, project_name): inside}}


def log_group(days: int | None, project_name: str = "shop") -> Facts:
    name = f"/aws/codebuild/{project_name}"
    group = {"logGroupName": name, "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"}
    if days is not None:
        group |= {"retentionInDays": days}  # type: ignore[dict-item]
    return {Kind.LOG_GROUP: {place_key(REGION, name): fact("DescribeLogGroups", {"logGroups": [group]})}}


# --- stores


def store(**values: Any) -> Facts:
    """Facts of the artifact bucket, by the name of their kind in lower case with underscores."""
    return {Kind[name.upper()]: {BUCKET: fact(name, value)} for name, value in values.items()}


BLOCKED = {
    "PublicAccessBlockConfiguration": dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
}

# --- deployments

GROUP = StageDecl(
    "Prod",
    (
        action(
            "Ship", "Deploy", "CodeDeploy", {"ApplicationName": "shop", "DeploymentGroupName": "prod"}, inputs=("src",)
        ),
    ),
)
SERVICE = StageDecl(
    "Prod", (action("Ship", "Deploy", "ECS", {"ClusterName": "shop", "ServiceName": "web"}, inputs=("src",)),)
)
STACK = StageDecl("Infra", (action("Stack", "Deploy", "CloudFormation", {"StackName": "shop"}, inputs=("src",)),))
SMOKE = StageDecl("Smoke", (action("Smoke", "Test", "CodeBuild", {"ProjectName": "smoke"}, inputs=("src",)),))
APPROVE = StageDecl("Approve", (action("Approve", "Approval", "Manual"),))


def group(**members: Any) -> Facts:
    info = {"applicationName": "shop", "deploymentGroupName": "prod", **members}
    read = fact("GetDeploymentGroup", {"deploymentGroupInfo": info})
    return {Kind.GROUP: {group_key(REGION, "shop", "prod"): read}}


TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:7"


def service(**members: Any) -> Facts:
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/web"
    one = {"serviceName": "web", "serviceArn": arn, "clusterArn": "shop", "taskDefinition": TASK, **members}
    return {Kind.SERVICE: {service_key(REGION, "shop", "web"): fact("DescribeServices", {"services": [one]})}}


def task(*containers: Mapping[str, Any]) -> Facts:
    value = {"taskDefinition": {"containerDefinitions": [dict(each) for each in containers]}}
    return {Kind.TASK: {TASK: fact("DescribeTaskDefinition", value)}}


# --- who is told


def told(*, rules: Sequence[Mapping[str, Any]] = (), notices: Sequence[str] = (), targets: int = 1) -> Facts:
    """Event rules of the region and notification rules of the pipeline."""
    reached = [{"Id": str(number), "Arn": "arn:aws:sns:eu-west-1:111122223333:ops"} for number in range(targets)]
    return {
        Kind.EVENT_RULES: {REGION: fact("ListRules", {"Rules": [dict(each) for each in rules]})},
        Kind.RULE_TARGETS: {str(each["Name"]): fact("ListTargetsByRule", {"Targets": reached}) for each in rules},
        Kind.NOTICES: {ARN: fact("ListNotificationRules", {"NotificationRules": [{"Arn": each} for each in notices]})},
        Kind.NOTICE: {
            each: fact("DescribeNotificationRule", {"Status": "ENABLED", "Targets": reached}) for each in notices
        },
    }


def together(*held: Facts) -> Facts:
    """Several facts as one."""
    found: Facts = {}
    for each in held:
        for kind, facts in each.items():
            found.setdefault(kind, {}).update(facts)
    return found
