"""A change as it would stand in code: CloudFormation, CDK, Terraform. Pure.

CloudFormation's property names are the API's own with a capital first letter; CDK overrides the same properties;
Terraform's are the API's in snake case. A statement of a policy is written out in full in each of the three.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from core.plan import Call, Plan

__all__ = ["snippet"]

# (service, operation) → CloudFormation's type, Terraform's type, members that only name the resource.
_TYPES: Mapping[tuple[str, str], tuple[str, str, frozenset[str]]] = {
    ("codebuild", "UpdateProject"): ("AWS::CodeBuild::Project", "aws_codebuild_project", frozenset({"name"})),
    ("codedeploy", "UpdateDeploymentGroup"): (
        "AWS::CodeDeploy::DeploymentGroup",
        "aws_codedeploy_deployment_group",
        frozenset({"applicationName", "currentDeploymentGroupName"}),
    ),
    ("ecs", "UpdateService"): ("AWS::ECS::Service", "aws_ecs_service", frozenset({"cluster", "service"})),
    ("elbv2", "ModifyTargetGroup"): (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "aws_lb_target_group",
        frozenset({"TargetGroupArn"}),
    ),
    ("events", "EnableRule"): ("AWS::Events::Rule", "aws_cloudwatch_event_rule", frozenset({"Name", "EventBusName"})),
    ("iam", "PutRolePolicy"): ("AWS::IAM::RolePolicy", "aws_iam_role_policy", frozenset()),
    ("iam", "UpdateAssumeRolePolicy"): ("AWS::IAM::Role", "aws_iam_role", frozenset({"RoleName"})),
    ("kms", "PutKeyPolicy"): ("AWS::KMS::Key", "aws_kms_key", frozenset({"KeyId", "PolicyName"})),
    ("s3", "PutBucketPolicy"): ("AWS::S3::BucketPolicy", "aws_s3_bucket_policy", frozenset()),
    ("s3", "PutBucketVersioning"): ("AWS::S3::Bucket", "aws_s3_bucket_versioning", frozenset({"Bucket"})),
}
_RENAMED = {
    ("iam", "UpdateAssumeRolePolicy", "PolicyDocument"): "AssumeRolePolicyDocument",
    ("kms", "PutKeyPolicy", "Policy"): "KeyPolicy",
    ("s3", "PutBucketPolicy", "Policy"): "PolicyDocument",
}


def snippet(plan: Plan, tool: str) -> str:
    """Return the change as code for a tool (``CloudFormation``, ``CDK``, ``Terraform``); empty where none is known."""
    known = _TYPES.get((plan.call.service, plan.call.operation))
    if known is None:
        return ""
    kind, terraform, names = known
    properties = _properties(plan.call, names)
    if tool == "CDK":
        return _cdk(kind, properties)
    if tool in ("Terraform", "OpenTofu"):
        return _terraform(terraform, plan.call, names)
    if tool == "CloudFormation":
        return f"Type: {kind}\nProperties:\n{_yaml(properties, 1)}"
    return ""


def _value(value: Any) -> Any:
    """Policies travel as JSON text; code holds them as data."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _properties(call: Call, names: frozenset[str]) -> dict[str, Any]:
    if call.operation == "EnableRule":
        return {"State": "ENABLED"}
    found: dict[str, Any] = {}
    for name, raw in call.params.items():
        if name not in names:
            value = _value(raw)
            # Within a policy the names are the policy language's own, else CloudFormation's.
            whole = value if isinstance(raw, str) else _capital(value)
            found[_RENAMED.get((call.service, call.operation, name), name[:1].upper() + name[1:])] = whole
    return found


def _capital(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key)[:1].upper() + str(key)[1:]: _capital(item) for key, item in value.items()}
    return [_capital(item) for item in value] if isinstance(value, list | tuple) else value


def _yaml(value: Any, depth: int) -> str:
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        return "\n".join(_member(pad, str(key), item, depth) for key, item in value.items())
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            inner = _yaml(item, depth + 1)
            lines.append(f"{pad}- {inner.lstrip()}" if isinstance(item, Mapping | list) else f"{pad}- {_scalar(item)}")
        return "\n".join(lines)
    return f"{pad}{_scalar(value)}"


def _member(pad: str, key: str, item: Any, depth: int) -> str:
    if isinstance(item, Mapping | list) and item:
        return f"{pad}{key}:\n{_yaml(item, depth + 1)}"
    return f"{pad}{key}: {_scalar(item)}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cdk(kind: str, properties: Mapping[str, Any]) -> str:
    _, module, name = kind.split("::")
    lines = [
        f"// {kind}: the construct behind the resource",
        f"const cfn = resource.node.defaultChild as {module.lower()}.Cfn{name};",
    ]
    lines += [
        f"cfn.addPropertyOverride({json.dumps(key)}, {json.dumps(value, ensure_ascii=False, indent=2)});"
        for key, value in properties.items()
    ]
    return "\n".join(lines)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _terraform(kind: str, call: Call, names: frozenset[str]) -> str:
    if call.operation == "EnableRule":
        body = ['  state = "ENABLED"']
    else:
        body = [_attribute(call, name, _value(raw)) for name, raw in call.params.items() if name not in names]
    return f'resource "{kind}" "this" {{\n' + "\n".join(body) + "\n}"


def _attribute(call: Call, name: str, value: Any) -> str:
    key = {
        ("iam", "RoleName"): "role",
        ("iam", "PolicyName"): "name",
        ("iam", "PolicyDocument"): "policy" if call.operation == "PutRolePolicy" else "assume_role_policy",
    }.get((call.service, name), _snake(name))
    if isinstance(value, Mapping) and isinstance(call.params[name], str):
        text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
        return f"  {key} = jsonencode({text})"
    if isinstance(value, Mapping):
        inner = "\n".join(f"    {_snake(str(at))} = {_scalar(item)}" for at, item in value.items())
        return f"  {key} {{\n{inner}\n  }}"
    return f"  {key} = {_scalar(value)}"
