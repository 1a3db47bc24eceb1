"""Calls that a demo account has counted, against the policies that the program prints."""

from __future__ import annotations

from collections.abc import Iterable

from aws.iam_actions import iam_action
from aws.permissions import operator_actions
from tui.cli.policy import reader_actions
from tui.fleet_template import template

__all__ = ["action_of", "uncovered"]

# The demo account counts by signing name; botocore's differs.
_SERVICES = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
# Everyone may ask who he is; a role is taken on by leave of the role, for places that the user has named himself.
_FREE = frozenset({"sts:GetCallerIdentity", "sts:AssumeRole"})
# Tests look around in the account through the program's own door.
_LOOKS = frozenset(
    {
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentGroups",
        "ecs:ListClusters",
        "ecs:ListServices",
        "iam:ListRoles",
        "s3:ListAllMyBuckets",
    }
)


def action_of(counted: str) -> str:
    """Return the IAM action of a counted call."""
    service, _, operation = counted.partition(":")
    return iam_action(_SERVICES.get(service, service), operation)


def uncovered(counted: Iterable[str]) -> list[str]:
    """Return the actions of counted calls (``service:Operation``) that the operator's policy does not allow.

    A queue of events is read by leave of the policy that comes with it.
    """
    queue = template()["Resources"]["ReaderPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    granted = {
        one for each in queue for one in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    allowed = {*reader_actions(), *operator_actions(), *granted, *_FREE, *_LOOKS}
    return sorted({action_of(each) for each in counted if not each.endswith(":")} - allowed)
