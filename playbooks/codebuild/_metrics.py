"""What CloudWatch saw of a build's machine: memory and CPU in per cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Fact
from core.playbook import Subject
from playbooks._ask import ask

__all__ = ["METRIC_READS", "average", "peak", "read_metric"]

METRIC_READS = ("cloudwatch:GetMetricStatistics",)
_Map = Mapping[str, Any]


async def read_metric(subject: Subject, evidence: Evidence, build: _Map, name: str) -> dict[str, Fact]:
    """Read one metric of AWS/CodeBuild over a build that has ended, by its name; nothing without its times."""
    start, end = build.get("startTime"), build.get("endTime")
    if not isinstance(start, (int, float)) or not isinstance(end, (int, float)):
        return {}
    dimensions = {
        "ProjectName": build.get("projectName", ""),
        "BuildId": str(build.get("id", "")).partition(":")[2],
        "BuildNumber": str(build.get("buildNumber", "")),
    }
    params = {
        "Namespace": "AWS/CodeBuild",
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items() if value],
        "StartTime": start - 60,
        "EndTime": end + 60,
        "Period": 60,
        "Statistics": ["Average", "Maximum"],
    }
    return {name: await ask(subject, evidence, "cloudwatch", "GetMetricStatistics", params)}


def _points(fact: Fact | None, statistic: str) -> list[float]:
    found: Sequence[_Map] = fact.get("Datapoints", default=()) if fact else ()
    return [float(point[statistic]) for point in found if isinstance(point.get(statistic), (int, float))]


def peak(fact: Fact | None) -> float | None:
    """The highest point, in per cent; None where nothing was seen."""
    return max(_points(fact, "Maximum"), default=None)


def average(fact: Fact | None) -> float | None:
    """The mean over the build, in per cent; None where nothing was seen."""
    seen = _points(fact, "Average")
    return sum(seen) / len(seen) if seen else None
