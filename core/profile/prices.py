"""What builds and action minutes cost, from a table with its date. Pure; the figures stand in core/data.

Source: https://aws.amazon.com/codebuild/pricing/ and https://aws.amazon.com/codepipeline/pricing/
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.profile.model import History, Node, PastBuild, PastRun

__all__ = ["NEXT_COMPUTE", "Prices", "prices"]

# The next larger compute type, with twice the processors or more.
# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html
NEXT_COMPUTE: Mapping[str, str] = {
    "BUILD_GENERAL1_SMALL": "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_MEDIUM": "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_LARGE": "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_XLARGE": "BUILD_GENERAL1_2XLARGE",
}


@dataclass(frozen=True, slots=True)
class Prices:
    """The table: US dollars a minute by environment type and compute type, with its date and where it is published."""

    as_of: str
    region: str
    source: str
    action_minute: float
    minutes: Mapping[tuple[str, str], float]

    def minute(self, environment: str, compute: str) -> float | None:
        """Dollars a minute; None where the table does not know it."""
        return self.minutes.get((environment, compute))

    def build(self, build: PastBuild, seconds: float | None = None) -> float | None:
        """Dollars of one build, or of one like it that took so many seconds; None where its price is not known."""
        rate = self.minute(build.environment or "LINUX_CONTAINER", build.compute)
        if seconds is None:
            if build.started_at is None or build.ended_at is None:
                return None
            seconds = build.ended_at - build.started_at
        return None if rate is None else rate * math.ceil(max(seconds, 1.0) / 60.0)

    def run(
        self, run: PastRun, history: History, *, v2: bool, less: Mapping[Node, float] | None = None
    ) -> float | None:
        """Dollars of one execution: its builds, and action minutes of a V2 pipeline; None where a price is missing.

        `less` are seconds by which actions would be shorter.
        """
        total = 0.0
        for action in run.actions:
            build, spared = history.build_of(action), (less or {}).get(action.node, 0.0)
            if build is not None:
                took = (build.ended_at or 0.0) - (build.started_at or 0.0)
                cost = self.build(build, took - spared if build.started_at and build.ended_at else None)
                if cost is None:
                    return None
                total += cost
            if v2 and action.category != "Approval":
                total += self.action_minute * math.ceil(max(action.took_s - spared, 0.0) / 60.0)
        return total


@cache
def prices() -> Prices:
    """Return the table."""
    held = tomllib.loads(files("core").joinpath("data", "codebuild_prices.toml").read_text("utf-8"))
    minutes = {
        (environment, compute): float(price)
        for environment, each in held.items()
        if isinstance(each, dict)
        for compute, price in each.items()
    }
    return Prices(
        str(held["as_of"]),
        str(held["region"]),
        str(held["source"]),
        float(held["pipeline_v2_action_minute"]),
        minutes,
    )
