"""A change as it would stand in code: CloudFormation, CDK, Terraform. Pure.

CloudFormation's property names are the API's own with a capital first letter, with few exceptions; CDK overrides the
same properties. Terraform's stand in `core.snippet_terraform`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.plan import Plan
from core.snippet_terraform import terraform

__all__ = ["TOOLS", "snippet"]

TOOLS = ("CloudFormation", "CDK", "Terraform")
_Map = Mapping[str, Any]
# (service, operation) → CloudFormation's type, members that only name the resource.
_TYPES: Mapping[tuple[str, str], tuple[str, frozenset[str]]] = {
    ("codebuild", "UpdateProject"): ("AWS::CodeBuild::Project", frozenset({"name"})),
    ("codedeploy", "UpdateDeploymentGroup"): (
        "AWS::CodeDeploy::DeploymentGroup",
        frozenset({"applicationName", "currentDeploymentGroupName"}),
    ),
    ("codepipeline", "UpdatePipeline"): ("AWS::CodePipeline::Pipeline", frozenset()),
    ("ecs", "UpdateService"): ("AWS::ECS::Service", frozenset({"cluster", "service"})),
    ("elbv2", "ModifyTargetGroup"): ("AWS::ElasticLoadBalancingV2::TargetGroup", frozenset({"TargetGroupArn"})),
    ("elbv2", "ModifyTargetGroupAttributes"): (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        frozenset({"TargetGroupArn"}),
    ),
    ("events", "EnableRule"): ("AWS::Events::Rule", frozenset({"Name", "EventBusName"})),
    ("iam", "CreatePolicyVersion"): ("AWS::IAM::ManagedPolicy", frozenset({"PolicyArn", "SetAsDefault"})),
    ("iam", "PutRolePolicy"): ("AWS::IAM::RolePolicy", frozenset()),
    ("iam", "UpdateAssumeRolePolicy"): ("AWS::IAM::Role", frozenset({"RoleName"})),
    ("kms", "PutKeyPolicy"): ("AWS::KMS::Key", frozenset({"KeyId", "PolicyName"})),
    ("s3", "PutBucketNotificationConfiguration"): ("AWS::S3::Bucket", frozenset({"Bucket"})),
    ("s3", "PutBucketPolicy"): ("AWS::S3::BucketPolicy", frozenset()),
    ("s3", "PutBucketVersioning"): ("AWS::S3::Bucket", frozenset({"Bucket"})),
}
_RENAMED = {
    "UpdateAssumeRolePolicy.PolicyDocument": "AssumeRolePolicyDocument",
    "PutKeyPolicy.Policy": "KeyPolicy",
    "PutBucketPolicy.Policy": "PolicyDocument",
    "ModifyTargetGroupAttributes.Attributes": "TargetGroupAttributes",
}
# Members whose names CloudFormation spells in its own way, wherever they stand.
_SPELT = {"buildspec": "BuildSpec"}
# Maps whose keys are a person's own.
_OWN = frozenset({"configuration", "Configuration"})


def snippet(plan: Plan, tool: str) -> str:
    """Return the change as code for a tool (``CloudFormation``, ``CDK``, ``Terraform``); empty where none is known."""
    if tool in ("Terraform", "OpenTofu"):
        return terraform(plan)
    kind, names = _TYPES.get((plan.call.service, plan.call.operation), ("", frozenset()))
    make = _SPECIAL.get((plan.call.service, plan.call.operation))
    properties = make(plan) if make else _properties(plan, names)
    if not kind or not properties:
        return ""
    if tool == "CDK":
        return _cdk(kind, plan, properties)
    return f"Type: {kind}\nProperties:\n{_yaml(properties, 1)}" if tool == "CloudFormation" else ""


def _value(value: Any) -> Any:
    """Policies travel as JSON text; code holds them as data."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _properties(plan: Plan, names: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, raw in plan.call.params.items():
        if name in names or (plan.call.operation, name) == ("UpdateService", "forceNewDeployment"):
            continue
        value = _value(raw)
        # Within a policy the names are the policy language's own, else CloudFormation's.
        whole = value if isinstance(raw, str) else _capital(value)
        found[_RENAMED.get(f"{plan.call.operation}.{name}", _spell(name))] = whole
    return found


def _enabled_rule(plan: Plan) -> dict[str, Any]:
    del plan
    return {"State": "ENABLED"}


def _notifications(plan: Plan) -> dict[str, Any]:
    held = plan.call.params.get("NotificationConfiguration") or {}
    if "EventBridgeConfiguration" not in held:
        return {}
    return {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}


def _structure(plan: Plan) -> dict[str, Any]:
    """The members of a pipeline that change; of the stages those that do."""
    before, after = _value(plan.before), _value(plan.after)
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return {}
    changed = {key: item for key, item in after.items() if before.get(key) != item}
    if "stages" in changed:
        changed["stages"] = [each for each in after["stages"] if each not in before.get("stages", ())]
    return {_spell(key): _capital(item) for key, item in changed.items()}


_SPECIAL: Mapping[tuple[str, str], Callable[[Plan], dict[str, Any]]] = {
    ("codepipeline", "UpdatePipeline"): _structure,
    ("events", "EnableRule"): _enabled_rule,
    ("s3", "PutBucketNotificationConfiguration"): _notifications,
}


def _spell(name: str) -> str:
    return _SPELT.get(name, name[:1].upper() + name[1:])


def _capital(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_spell(str(key)): dict(item) if key in _OWN else _capital(item) for key, item in value.items()}
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


def _cdk(kind: str, plan: Plan, properties: _Map) -> str:
    _, module, name = kind.split("::")
    overrides = list(_paths(plan)) if plan.call.operation == "UpdatePipeline" else list(properties.items())
    return "\n".join(
        [
            f"// {kind}: the construct behind the resource",
            f"const cfn = resource.node.defaultChild as {module.lower()}.Cfn{name};",
            *(
                f"cfn.addPropertyOverride({json.dumps(key)}, {json.dumps(value, ensure_ascii=False, indent=2)});"
                for key, value in overrides
            ),
        ]
    )


def _paths(plan: Plan) -> Iterator[tuple[str, Any]]:
    """The leaves of a pipeline's structure that change, each with its path."""
    yield from _differences(_capital(_value(plan.before)), _capital(_value(plan.after)), "")


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any]]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in after:
            yield from _differences(before.get(key), after[key], f"{path}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}.{number}")
    else:
        yield path, after
