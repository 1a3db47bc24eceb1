"""A change as it would stand in Terraform, in the names of its AWS provider. Pure.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs, one page a resource.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.plan import Plan

__all__ = ["terraform"]

_Map = Mapping[str, Any]


class _Json(str):
    """A policy: written with jsonencode."""

    __slots__ = ()


class _Own(dict[str, Any]):
    """An attribute whose value is a map, not a block."""

    __slots__ = ()


def terraform(plan: Plan) -> str:
    """Return the change as a resource of Terraform's AWS provider; empty where none is known."""
    known = _MAKERS.get((plan.call.service, plan.call.operation))
    if known is None:
        return ""
    kind, make = known
    body = make(plan.call.params, plan)
    return f'resource "{kind}" "this" {{\n{_write(body, 1)}\n}}' if body else ""


def _write(body: _Map, depth: int) -> str:
    pad = "  " * depth
    lines: list[str] = []
    for name, value in body.items():
        if isinstance(value, Mapping) and not isinstance(value, _Own):
            lines.append(f"{pad}{name} {{\n{_write(value, depth + 1)}\n{pad}}}")
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            lines += [f"{pad}{name} {{\n{_write(each, depth + 1)}\n{pad}}}" for each in value]
        else:
            lines.append(f"{pad}{name} = {_literal(value, pad)}")
    return "\n".join(lines)


def _literal(value: Any, pad: str) -> str:
    if isinstance(value, _Json):
        return f"jsonencode({json.dumps(json.loads(value), ensure_ascii=False, indent=2)})".replace("\n", f"\n{pad}")
    if isinstance(value, _Own):
        inner = "\n".join(f"{pad}  {json.dumps(key)} = {_quoted(item)}" for key, item in value.items())
        return f"{{\n{inner}\n{pad}}}"
    return _quoted(value)


def _quoted(value: Any) -> str:
    """A literal; ``${`` and ``%{`` in a text would be read as templates."""
    return re.sub(r"([$%])\{", r"\1\1{", json.dumps(value, ensure_ascii=False))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _snaked(value: Any) -> Any:
    """Blocks in snake case, lists of texts as they are; what is empty is left out."""
    if isinstance(value, Mapping):
        return {_snake(str(key)): _snaked(item) for key, item in value.items() if item not in (None, "", [], {})}
    return [_snaked(item) for item in value] if isinstance(value, list | tuple) else value


_PROJECT = {"timeoutInMinutes": "build_timeout", "queuedTimeoutInMinutes": "queued_timeout"}


def _project(params: _Map, plan: Plan) -> _Map:
    del plan
    body = {_PROJECT.get(key, _snake(key)): _snaked(item) for key, item in params.items() if key != "name"}
    environment = body.get("environment")
    if isinstance(environment, dict) and "environment_variables" in environment:
        environment["environment_variable"] = environment.pop("environment_variables")
    return body


def _group(params: _Map, plan: Plan) -> _Map:
    del plan
    body: dict[str, Any] = {}
    for name, value in params.items():
        if name == "alarmConfiguration":
            alarms = [each.get("name") for each in value.get("alarms") or ()]
            body["alarm_configuration"] = {"enabled": bool(value.get("enabled")), "alarms": alarms}
        elif name in ("ec2TagFilters", "onPremisesInstanceTagFilters"):
            body[_snake(name).removesuffix("s")] = _snaked(value)
        elif name == "loadBalancerInfo":
            renamed = {"targetGroupInfoList": "target_group_info", "elbInfoList": "elb_info"}
            found = {renamed.get(key, _snake(key)): _snaked(item) for key, item in value.items() if item}
            body["load_balancer_info"] = found
        elif name not in ("applicationName", "currentDeploymentGroupName"):
            body[_snake(name)] = _snaked(value)
    return body


def _service(params: _Map, plan: Plan) -> _Map:
    del plan
    body: dict[str, Any] = {}
    for name, value in params.items():
        if name == "deploymentConfiguration":
            renamed = {
                "maximumPercent": "deployment_maximum_percent",
                "minimumHealthyPercent": "deployment_minimum_healthy_percent",
                "deploymentCircuitBreaker": "deployment_circuit_breaker",
            }
            body |= {renamed[key]: _snaked(item) for key, item in value.items() if key in renamed}
        elif name not in ("cluster", "service", "forceNewDeployment"):
            body[_snake(name)] = _snaked(value)
    return body


_HEALTH = {
    "HealthCheckPath": "path",
    "HealthCheckPort": "port",
    "HealthCheckProtocol": "protocol",
    "HealthCheckIntervalSeconds": "interval",
    "HealthCheckTimeoutSeconds": "timeout",
    "HealthyThresholdCount": "healthy_threshold",
    "UnhealthyThresholdCount": "unhealthy_threshold",
}


def _target_group(params: _Map, plan: Plan) -> _Map:
    del plan
    checks: dict[str, Any] = {_HEALTH[key]: item for key, item in params.items() if key in _HEALTH}
    if matcher := params.get("Matcher"):
        checks["matcher"] = matcher.get("HttpCode") or matcher.get("GrpcCode")
    return {"health_check": checks} if checks else {}


_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "deregistration_delay",
    "slow_start.duration_seconds": "slow_start",
    "load_balancing.algorithm.type": "load_balancing_algorithm_type",
}


def _attributes(params: _Map, plan: Plan) -> _Map:
    del plan
    found: Sequence[_Map] = params.get("Attributes") or ()
    return {_ATTRIBUTES[each["Key"]]: each["Value"] for each in found if each["Key"] in _ATTRIBUTES}


def _pipeline(params: _Map, plan: Plan) -> _Map:
    """The stages that change, and the pipeline's own settings."""
    before = json.loads(plan.before) if plan.before.lstrip().startswith("{") else {}
    structure: _Map = params.get("pipeline") or {}
    body: dict[str, Any] = {}
    for key in ("roleArn", "executionMode", "pipelineType"):
        if structure.get(key) != before.get(key):
            body[_snake(key)] = structure.get(key)
    stages = [each for each in structure.get("stages") or () if each not in before.get("stages", ())]
    body["stage"] = [
        {"name": stage.get("name"), "action": [_action(each) for each in stage.get("actions") or ()]}
        for stage in stages
    ]
    return {key: item for key, item in body.items() if item}


def _action(declared: _Map) -> _Map:
    kind: _Map = declared.get("actionTypeId") or {}
    body: dict[str, Any] = {"name": declared.get("name"), **{key: kind.get(key) for key in _KIND}}
    for member in ("inputArtifacts", "outputArtifacts"):
        if names := [each.get("name") for each in declared.get(member) or ()]:
            body[_snake(member)] = names
    for member in ("runOrder", "roleArn", "region", "namespace", "timeoutInMinutes"):
        if declared.get(member):
            body[_snake(member)] = declared[member]
    if settings := declared.get("configuration"):
        body["configuration"] = _Own(settings)
    return body


_KIND = ("category", "owner", "provider", "version")
_MAKERS: Mapping[tuple[str, str], tuple[str, Callable[[_Map, Plan], _Map]]] = {
    ("codebuild", "UpdateProject"): ("aws_codebuild_project", _project),
    ("codedeploy", "UpdateDeploymentGroup"): ("aws_codedeploy_deployment_group", _group),
    ("codepipeline", "UpdatePipeline"): ("aws_codepipeline", _pipeline),
    ("ecs", "UpdateService"): ("aws_ecs_service", _service),
    ("elbv2", "ModifyTargetGroup"): ("aws_lb_target_group", _target_group),
    ("elbv2", "ModifyTargetGroupAttributes"): ("aws_lb_target_group", _attributes),
    ("events", "EnableRule"): ("aws_cloudwatch_event_rule", lambda _, __: {"state": "ENABLED"}),
    ("iam", "CreatePolicyVersion"): ("aws_iam_policy", lambda given, _: {"policy": _Json(given["PolicyDocument"])}),
    ("iam", "PutRolePolicy"): (
        "aws_iam_role_policy",
        lambda given, _: {
            "name": given["PolicyName"],
            "role": given["RoleName"],
            "policy": _Json(given["PolicyDocument"]),
        },
    ),
    ("iam", "UpdateAssumeRolePolicy"): (
        "aws_iam_role",
        lambda given, _: {"name": given["RoleName"], "assume_role_policy": _Json(given["PolicyDocument"])},
    ),
    ("kms", "CreateGrant"): (
        "aws_kms_grant",
        lambda given, _: {
            "key_id": given["KeyId"],
            "grantee_principal": given["GranteePrincipal"],
            "operations": list(given["Operations"]),
        },
    ),
    ("kms", "PutKeyPolicy"): (
        "aws_kms_key_policy",
        lambda given, _: {"key_id": given["KeyId"], "policy": _Json(given["Policy"])},
    ),
    ("s3", "PutBucketNotificationConfiguration"): (
        "aws_s3_bucket_notification",
        lambda given, _: (
            {"bucket": given["Bucket"], "eventbridge": True}
            if "EventBridgeConfiguration" in (given.get("NotificationConfiguration") or {})
            else {}
        ),
    ),
    ("s3", "PutBucketPolicy"): (
        "aws_s3_bucket_policy",
        lambda given, _: {"bucket": given["Bucket"], "policy": _Json(given["Policy"])},
    ),
    ("s3", "PutBucketVersioning"): (
        "aws_s3_bucket_versioning",
        lambda given, _: {
            "bucket": given["Bucket"],
            "versioning_configuration": {"status": given["VersioningConfiguration"]["Status"]},
        },
    ),
}
