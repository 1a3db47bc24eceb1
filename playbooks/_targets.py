"""Target groups of load balancers: who is healthy, why not, and how long a check takes. Shared by deployments. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Fact

__all__ = ["HEALTH_READS", "TargetHealth", "check_of", "healths", "until_healthy_s"]

HEALTH_READS = ("elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth")
_Map = Mapping[str, Any]
# In this order: target, state, reason with description.
TargetHealth = tuple[str, str, str]


def healths(fact: Fact | None) -> list[TargetHealth]:
    """The targets of DescribeTargetHealth."""
    found: Sequence[_Map] = fact.get("TargetHealthDescriptions", default=()) if fact else ()
    made = []
    for each in found:
        target, health = each.get("Target") or {}, each.get("TargetHealth") or {}
        said = ": ".join(str(health[key]) for key in ("Reason", "Description") if health.get(key))
        made.append(
            (f"{target.get('Id', '?')}:{target.get('Port', '')}".rstrip(":"), str(health.get("State", "?")), said)
        )
    return made


def check_of(group: _Map) -> str:
    """A target group's health check in one line."""
    matcher = group.get("Matcher") or {}
    code = matcher.get("HttpCode") or matcher.get("GrpcCode") or ""
    path = group.get("HealthCheckPath") or ""
    return (
        f"{group.get('HealthCheckProtocol', '?')} {path} on port {group.get('HealthCheckPort', '?')}"
        f"{f' must answer {code}' if code else ''}, every {group.get('HealthCheckIntervalSeconds', '?')} s, "
        f"time-out {group.get('HealthCheckTimeoutSeconds', '?')} s, healthy after "
        f"{group.get('HealthyThresholdCount', '?')}, "
        f"unhealthy after {group.get('UnhealthyThresholdCount', '?')}"
    )


def until_healthy_s(group: _Map) -> float:
    """How long a target that answers at once needs until it counts as healthy, in seconds."""
    return float(group.get("HealthyThresholdCount") or 0) * float(group.get("HealthCheckIntervalSeconds") or 0)
