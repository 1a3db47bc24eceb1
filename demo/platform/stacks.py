"""CloudFormation stacks: updates that create resources one by one, as far as the stack's role may, and roll back.

moto holds stacks too, but every update there succeeds; a failed resource needs a story of its own.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.engine.scheduler import Process
from demo.iam.principals import Iam
from demo.names import ACCOUNT_ID, arn, uuid

__all__ = ["Resource", "Stack", "Stacks"]

# What creating a resource of a type needs, and what its handler calls itself.
_CREATES: Mapping[str, tuple[str, str, str]] = {
    "AWS::SQS::Queue": ("sqs:CreateQueue", "sqs", "{name}"),
    "AWS::S3::Bucket": ("s3:CreateBucket", "s3", "{name}"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs", "log-group:{name}"),
    "AWS::SNS::Topic": ("sns:CreateTopic", "sns", "{name}"),
    "AWS::IAM::Role": ("iam:CreateRole", "iam", "role/{name}"),
}


@dataclass(slots=True)
class Resource:
    """A resource of a stack."""

    logical: str
    kind: str
    physical: str
    status: str
    at: float
    reason: str = ""


@dataclass(slots=True)
class Stack:
    """A stack with its events, newest last."""

    name: str
    region: str
    id: str
    role: str
    status: str
    created: float
    rng: random.Random
    updated: float | None = None
    reason: str = ""
    template: str = ""
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    stuck: dict[str, str] = field(default_factory=dict)  # resources that cannot be rolled back, with why

    def note(self, at: float, logical: str, kind: str, physical: str, status: str, reason: str = "") -> None:
        """Add an event."""
        event: dict[str, Any] = {
            "StackId": self.id,
            "EventId": uuid(self.rng) if logical == self.name else f"{logical}-{status}-{uuid(self.rng)}",
            "StackName": self.name,
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": at,
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        self.events.append(event)

    def turn(self, at: float, status: str, reason: str = "") -> None:
        """Change the stack's own status."""
        self.status, self.reason, self.updated = status, reason, at
        # The model of stack events knows no CLEANUP states, the model of stacks does.
        if "CLEANUP" not in status:
            self.note(at, self.name, "AWS::CloudFormation::Stack", self.id, status, reason)


class Stacks:
    """All stacks of the account."""

    def __init__(self, iam: Iam) -> None:
        self.stacks: dict[tuple[str, str], Stack] = {}
        self._iam = iam

    def add(
        self, name: str, region: str, role: str, at: float, resources: Sequence[tuple[str, str]], rng: random.Random
    ) -> Stack:
        """Put a complete stack into the account."""
        identity = arn("cloudformation", region, f"stack/{name}/{uuid(rng)}")
        stack = Stack(name, region, identity, role, "CREATE_COMPLETE", at, rng)
        stack.note(at, name, "AWS::CloudFormation::Stack", identity, "CREATE_IN_PROGRESS", "User Initiated")
        for number, (logical, kind) in enumerate(resources):
            physical = f"{name}-{logical.lower()}"
            stack.resources[logical] = Resource(logical, kind, physical, "CREATE_COMPLETE", at + 5 * number)
            stack.note(at + 5 * number, logical, kind, physical, "CREATE_COMPLETE")
        stack.note(at + 60, name, "AWS::CloudFormation::Stack", identity, "CREATE_COMPLETE")
        self.stacks[region, name] = stack
        return stack

    def create(
        self, name: str, region: str, role: str, wanted: Sequence[Sequence[str]], now: Callable[[], float]
    ) -> Process:
        """Create a stack; returns whether it worked. What failed stays in ROLLBACK_COMPLETE."""
        rng = random.Random(f"{region}:{name}:{now()}")
        identity = arn("cloudformation", region, f"stack/{name}/{uuid(rng)}")
        stack = self.stacks[region, name] = Stack(name, region, identity, role, "CREATE_IN_PROGRESS", now(), rng)
        stack.note(now(), name, "AWS::CloudFormation::Stack", identity, "CREATE_IN_PROGRESS", "User Initiated")
        made: list[Resource] = []
        failed = yield from self._make(stack, wanted, now, made)
        if failed:
            reason = f"The following resource(s) failed to create: [{failed}]. Rollback requested by user."
            stack.turn(now(), "ROLLBACK_IN_PROGRESS", reason)
            yield from self._unmake(stack, made, now)
            stack.turn(now(), "ROLLBACK_COMPLETE", reason)
            return False
        stack.turn(now(), "CREATE_COMPLETE")
        return True

    def update(
        self,
        stack: Stack,
        wanted: Sequence[Sequence[str]],
        now: Callable[[], float],
        stuck: Mapping[str, str] | None = None,
    ) -> Process:
        """Update a stack to hold more resources; returns whether it worked.

        `stuck` names resources that change with it and that no rollback brings back, with why.
        """
        stack.turn(now(), "UPDATE_IN_PROGRESS", "User Initiated")
        stack.stuck = {logical: why for logical, why in (stuck or {}).items() if logical in stack.resources}
        for logical in stack.stuck:
            resource = stack.resources[logical]
            resource.status, resource.at = "UPDATE_COMPLETE", now()
            stack.note(now(), logical, resource.kind, resource.physical, "UPDATE_COMPLETE")
        made: list[Resource] = []
        failed = yield from self._make(stack, wanted, now, made)
        if failed:
            yield from self._roll_back(stack, failed, made, now)
            return False
        yield stack.rng.uniform(2, 6)
        stack.turn(now(), "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        yield stack.rng.uniform(2, 6)
        stack.turn(now(), "UPDATE_COMPLETE")
        return True

    def _make(
        self, stack: Stack, wanted: Sequence[Sequence[str]], now: Callable[[], float], made: list[Resource]
    ) -> Process:
        """Create what is not there; returns the logical id of what failed, and ends there."""
        for logical, kind in wanted:
            if logical in stack.resources:
                continue
            resource = Resource(logical, kind, "", "CREATE_IN_PROGRESS", now())
            stack.note(now(), logical, kind, "", "CREATE_IN_PROGRESS")
            yield stack.rng.uniform(3, 12)
            problem = self._problem(stack, resource)
            if problem:
                resource.status, resource.reason, resource.at = "CREATE_FAILED", problem, now()
                stack.note(now(), logical, kind, "", "CREATE_FAILED", problem)
                return logical
            resource.status, resource.at = "CREATE_COMPLETE", now()
            resource.physical = f"{stack.name}-{logical.lower()}"
            stack.resources[logical] = resource
            made.append(resource)
            stack.note(now(), logical, kind, resource.physical, "CREATE_COMPLETE")
        return ""

    def _unmake(self, stack: Stack, made: list[Resource], now: Callable[[], float]) -> Process:
        yield stack.rng.uniform(4, 9)
        for resource in reversed(made):
            del stack.resources[resource.logical]
            stack.note(now(), resource.logical, resource.kind, resource.physical, "DELETE_COMPLETE")
            yield stack.rng.uniform(1, 4)

    def _roll_back(self, stack: Stack, failed: str, made: list[Resource], now: Callable[[], float]) -> Process:
        reason = f"The following resource(s) failed to create: [{failed}]. "
        stack.turn(now(), "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        if self._give_up(stack, now()):
            return
        yield from self._unmake(stack, made, now)
        stack.turn(now(), "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        yield stack.rng.uniform(2, 5)
        stack.turn(now(), "UPDATE_ROLLBACK_COMPLETE", reason)

    @staticmethod
    def _give_up(stack: Stack, now: float) -> bool:
        """Leave a rollback where resources cannot be brought back; returns whether there are any."""
        if not stack.stuck:
            return False
        for logical, why in stack.stuck.items():
            resource = stack.resources[logical]
            resource.status, resource.reason, resource.at = "UPDATE_FAILED", why, now
            stack.note(now, logical, resource.kind, resource.physical, "UPDATE_FAILED", why)
        names = ", ".join(stack.stuck)
        stack.turn(now, "UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{names}]. ")
        return True

    def resume(self, stack: Stack, skip: Sequence[str], now: Callable[[], float]) -> Process:
        """Go on with a rollback that failed, without the resources skipped."""
        stack.turn(now(), "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
        for logical in skip:
            del stack.stuck[logical]
            stack.resources[logical].status = "UPDATE_COMPLETE"
        yield stack.rng.uniform(1, 3)
        if not self._give_up(stack, now()):
            stack.turn(now(), "UPDATE_ROLLBACK_COMPLETE")

    def _problem(self, stack: Stack, resource: Resource) -> str:
        needs = _CREATES.get(resource.kind)
        if needs is None:
            return ""
        action, service, tail = needs
        name = f"{stack.name}-{resource.logical.lower()}"
        target = arn(service, stack.region, tail.format(name=name)) if service != "s3" else f"arn:aws:s3:::{name}"
        decision = self._iam.decide(stack.role, action, target)
        if decision.allowed:
            return ""
        role = stack.role.rpartition("/")[2]
        user = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/AWSCloudFormation"
        token = uuid(stack.rng)
        return (
            f'Resource handler returned message: "User: {user} is not authorized to perform: {action.lower()} on '
            f"resource: {target} {decision.reason} (Service: {service.title()}, Status Code: 403, Request ID: "
            f'{uuid(stack.rng)})" '
            f"(RequestToken: {token}, HandlerErrorCode: AccessDenied)"
        )
