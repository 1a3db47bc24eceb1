"""What the steps read of a stack: the stack, its events down through nested stacks, its change set."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.fact import Evidence, Fact
from core.playbook import Facts, Subject
from playbooks._ask import ask

__all__ = [
    "EVENT_READS",
    "STACK_READS",
    "FailedResource",
    "change_set_name",
    "config",
    "first_failure",
    "last_operation",
    "read_events",
    "read_stack",
    "stack_name",
    "stack_of",
    "status_of",
]

STACK_READS = ("cloudformation:DescribeStacks",)
EVENT_READS = (*STACK_READS, "cloudformation:DescribeStackEvents")
_DEPTH = 4
_Map = Mapping[str, Any]
_WAKE = re.compile(
    r"Resource (?:creation|update) cancelled|The following resource\(s\) failed|Initiated by parent stack|"
    r"Embedded stack .{0,200} was not successfully|Rollback requested by user",
    re.IGNORECASE,
)
_BEGINS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS")


def config(subject: Subject) -> Mapping[str, str]:
    """The action's configuration."""
    return subject.action.configuration


def stack_name(subject: Subject) -> str:
    """The stack's name."""
    return config(subject).get("StackName", "")


def change_set_name(subject: Subject) -> str:
    """The change set's name; empty where the action uses none."""
    return config(subject).get("ChangeSetName", "")


async def read_stack(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the stack."""
    if not stack_name(subject):
        return {}
    params = {"StackName": stack_name(subject)}
    return {"stack": await ask(subject, evidence, "cloudformation", "DescribeStacks", params)}


def stack_of(facts: Facts) -> _Map:
    """The stack; empty where it is not there."""
    fact = facts.get("stack")
    found = fact.get("Stacks", 0, default={}) if fact else {}
    return found if isinstance(found, Mapping) else {}


def status_of(facts: Facts) -> str:
    """The stack's status."""
    return str(stack_of(facts).get("StackStatus", ""))


async def read_events(subject: Subject, evidence: Evidence) -> dict[str, Fact]:
    """Read the stack and its events; where a nested stack failed first, that one's too (``events:0`` and on)."""
    facts = await read_stack(subject, evidence)
    name = str(stack_of(facts).get("StackId") or stack_name(subject))
    for depth in range(_DEPTH):
        if not name:
            break
        params = {"StackName": name}
        fact = await ask(subject, evidence, "cloudformation", "DescribeStackEvents", params, pages=3)
        facts[f"events:{depth}"] = fact
        failure = _first(fact)
        nested = failure is not None and failure.kind == "AWS::CloudFormation::Stack"
        name = failure.physical if failure and nested else ""
    return facts


@dataclass(frozen=True, slots=True)
class FailedResource:
    """The first resource that failed in the last operation."""

    logical: str
    physical: str
    kind: str
    status: str
    reason: str
    at: float
    stack: str
    fact: Fact


def _own(event: _Map) -> bool:
    """Whether an event is of the stack itself and of none of its resources."""
    if event.get("PhysicalResourceId"):
        return bool(event.get("PhysicalResourceId") == event.get("StackId"))
    return bool(event.get("LogicalResourceId") == event.get("StackName"))


def last_operation(fact: Fact) -> list[_Map]:
    """The events of the stack's last operation, oldest first."""
    events: Sequence[_Map] = fact.get("StackEvents", default=())
    found = []
    for event in events:  # newest first
        found.append(event)
        if (
            _own(event)
            and event.get("ResourceStatus") in _BEGINS
            and "ROLLBACK" not in str(event.get("ResourceStatus"))
        ):
            break
    return list(reversed(found))


def _first(fact: Fact) -> FailedResource | None:
    wake: FailedResource | None = None
    for event in last_operation(fact):
        status = str(event.get("ResourceStatus", ""))
        reason = str(event.get("ResourceStatusReason") or event.get("HookStatusReason") or "")
        own = _own(event)
        ended = status.endswith(("ROLLBACK_IN_PROGRESS", "FAILED"))
        turned = own and ended and reason and not _WAKE.search(reason)
        if not status.endswith("FAILED") and not turned:
            continue
        made = FailedResource(
            logical=str(event.get("LogicalResourceId", "?")),
            physical=str(event.get("PhysicalResourceId") or ""),
            kind=str(event.get("ResourceType", "?")),
            status=status,
            reason=reason,
            at=float(event.get("Timestamp") or 0),
            stack=str(event.get("StackName", "")),
            fact=fact,
        )
        if not own and (not _WAKE.search(reason) or made.kind == "AWS::CloudFormation::Stack"):
            return made
        wake = wake or (made if turned or not own else None)
    return wake


def first_failure(facts: Facts) -> FailedResource | None:
    """The first failed resource, in the deepest nested stack that was read."""
    found: FailedResource | None = None
    for depth in range(_DEPTH):
        fact = facts.get(f"events:{depth}")
        deeper = _first(fact) if fact is not None and fact.ok else None
        found = deeper or found
    return found
