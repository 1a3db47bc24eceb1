"""Whether a resource is made by code: then a change by hand drifts, and the code is where it belongs. Pure.

Marks: the tags that CloudFormation sets (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
aws-properties-resource-tags.html), the stack that CloudFormation names for a physical resource, and the tags that
Terraform, Pulumi and CDK projects usually set themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.arn import Arn
from core.console import partition_of
from core.fact import Fact
from core.plan import Call, Plan

__all__ = ["Managed", "managed_by", "managed_reads", "tags_of"]

_STACK = "aws:cloudformation:stack-name"
_TOOLS = {"terraform": "Terraform", "opentofu": "OpenTofu", "tofu": "OpenTofu", "pulumi": "Pulumi", "cdk": "CDK"}
_OWNER_KEYS = frozenset(
    {"managedby", "createdby", "provisionedby", "provisioner", "deployedby", "iac", "iactool", "tool", "managedwith"}
)


@dataclass(frozen=True, slots=True)
class Managed:
    """The tool that makes a resource, under which name, and by what that is seen."""

    tool: str  # CloudFormation | CDK | Terraform | OpenTofu | Pulumi
    name: str
    seen: str

    @property
    def warning(self) -> str:
        """What a change by hand means."""
        what = f"stack {self.name}" if self.tool in ("CloudFormation", "CDK") else self.name or "code"
        return (
            f"Managed by {self.tool} ({what}; seen by {self.seen}). A change made here drifts from the code, and the "
            "next deployment of it may take it back: put it there too."
        )


def managed_reads(plan: Plan) -> tuple[Call, ...]:
    """Return the reads that show who makes the resource of a plan; none where it has no owner to look for."""
    physical, tags = _named(plan) if plan.call.operation == "UpdatePipeline" else _by_service(plan)
    if not physical:
        return ()
    stack = Call("cloudformation", "DescribeStackResources", {"PhysicalResourceId": physical}, plan.call.region)
    return (tags, stack) if tags else (stack,)


def _named(plan: Plan) -> tuple[str, Call | None]:
    if Arn.parse(plan.resource) is None:
        return plan.pipeline, None
    return plan.pipeline, Call("codepipeline", "ListTagsForResource", {"resourceArn": plan.resource})


# By service: the member of the call that names the resource, the read of its tags, that read's member.
_BY_NAME = {
    "autoscaling": ("AutoScalingGroupName", "DescribeAutoScalingGroups", "AutoScalingGroupNames"),
    "codebuild": ("name", "BatchGetProjects", "names"),
    "iam": ("RoleName", "ListRoleTags", "RoleName"),
    "kms": ("KeyId", "ListResourceTags", "KeyId"),
    "s3": ("Bucket", "GetBucketTagging", "Bucket"),
}
_BY_ARN = {
    "ecs": ("ListTagsForResource", "resourceArn"),
    "elbv2": ("DescribeTags", "ResourceArns"),
    "events": ("ListTagsForResource", "ResourceARN"),
}
_LISTS = frozenset({"AutoScalingGroupNames", "names", "ResourceArns"})


def _by_service(plan: Plan) -> tuple[str, Call | None]:
    """The resource's physical id as CloudFormation knows it, and the read of its tags."""
    service, region = plan.call.service, plan.call.region
    if policy := str(plan.call.params.get("PolicyArn", "")):
        return policy, Call("iam", "ListPolicyTags", {"PolicyArn": policy})
    if service == "codedeploy" and (group := str(plan.call.params.get("currentDeploymentGroupName", ""))):
        return group, _group_tags(plan, group)
    if service in _BY_NAME and _BY_NAME[service][0] in plan.call.params:
        member, operation, asked = _BY_NAME[service]
        name = str(plan.call.params[member])
        physical = name.rpartition("/")[2]
    elif service in _BY_ARN and Arn.parse(plan.resource):
        operation, asked = _BY_ARN[service]
        name = plan.resource
        physical = name.rpartition("/")[2] if service == "events" else name
    else:
        return "", None
    return physical, Call(service, operation, {asked: [name] if asked in _LISTS else name}, region)


def _group_tags(plan: Plan, group: str) -> Call:
    """The read of a deployment group's tags: CodeDeploy's own ListTagsForResource wants the same ARN."""
    region = plan.call.region or plan.place.region
    named = f"{plan.call.params.get('applicationName', '')}/{group}"
    arn = f"arn:{partition_of(region)}:codedeploy:{region}:{plan.account}:deploymentgroup:{named}"
    return Call("codedeploy", "ListTagsForResource", {"ResourceArn": arn}, plan.call.region)


def tags_of(fact: Fact) -> dict[str, str]:
    """Return the tags within an answer, whatever the service calls them."""
    value = fact.value if isinstance(fact.value, Mapping) else {}
    held: Any = (
        value.get("Tags") or value.get("tags") or value.get("TagSet") or fact.get("projects", 0, "tags", default=None)
    )
    if held is None:
        held = fact.get("TagDescriptions", 0, "Tags", default=None) or fact.get(
            "AutoScalingGroups", 0, "Tags", default=()
        )
    found: dict[str, str] = {}
    for each in held if isinstance(held, Sequence) else ():
        lowered = {str(key).lower().removeprefix("tag"): item for key, item in each.items()}
        found[str(lowered.get("key", ""))] = str(lowered.get("value", ""))
    return found


def managed_by(facts: Sequence[Fact]) -> Managed | None:
    """Return who makes the resource, from the facts of `managed_reads`; None where nothing says so."""
    for fact in facts:
        if not fact.ok:
            continue
        stack = str(fact.get("StackResources", 0, "StackName", default=""))
        if stack:
            return Managed(_of_stack({}, stack), stack, "CloudFormation's list of the stack's resources")
        if found := _by_tags(tags_of(fact)):
            return found
    return None


def _of_stack(tags: Mapping[str, str], stack: str) -> str:
    return (
        "CDK"
        if any(key.lower().startswith(("aws-cdk", "cdk")) for key in tags) or "cdk" in stack.lower()
        else ("CloudFormation")
    )


def _by_tags(tags: Mapping[str, str]) -> Managed | None:
    if stack := tags.get(_STACK):
        return Managed(_of_stack(tags, stack), stack, f"the tag {_STACK}")
    for key, value in tags.items():
        plain = "".join(letter for letter in key.lower() if letter.isalnum())
        words = f"the tag {key}={value}"
        if plain in _OWNER_KEYS:
            tool = next((name for word, name in _TOOLS.items() if word in value.lower()), None)
            if tool:
                return Managed(tool, tags.get("Workspace", "") or tags.get("Project", ""), words)
        if plain.startswith(("terraform", "terragrunt", "tfworkspace", "tfmodule")) and value.lower() != "false":
            return Managed("Terraform", value if value.lower() not in ("true", "yes", "1") else "", words)
        if key.startswith("pulumi:"):
            return Managed("Pulumi", value, words)
    return None
