"""Test reports of builds."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.names import arn, uuid

if TYPE_CHECKING:
    from demo.engine.build import Build
    from demo.world import World

__all__ = ["Report", "file_report"]


@dataclass(frozen=True, slots=True)
class Report:
    """One report: the failing cases are the revision's, the passing ones are made up."""

    arn: str
    name: str
    group_arn: str
    build_arn: str
    at: float
    total: int
    lasts_s: float
    failing: tuple[tuple[str, str, str], ...]

    def cases(self) -> list[dict[str, Any]]:
        """Return the test cases as DescribeTestCases lists them."""
        rng = random.Random(self.arn)
        made = [self._case(suite, name, "FAILED", message, rng) for suite, name, message in self.failing]
        rest = range(self.total - len(self.failing))
        return made + [self._case(f"suite{n % 17:02d}", f"case_{n:03d}", "SUCCEEDED", "", rng) for n in rest]

    def _case(self, suite: str, name: str, status: str, message: str, rng: random.Random) -> dict[str, Any]:
        return {
            "reportArn": self.arn,
            "testRawDataPath": "reports/junit.xml",
            "prefix": suite,
            "name": name,
            "status": status,
            "durationInNanoSeconds": rng.randrange(10**6, 4 * 10**8),
            "message": message,
            "expired": self.at + 30 * 86400.0,
        }


def file_report(world: "World", build: "Build", group: str, at: float) -> Report:
    """Make the report of a build in a group named in its buildspec."""
    region = build.project.region
    failing = tuple(tuple(item) for item in (build.commit.facts.get("failing_tests", ()) if build.commit else ()))
    name = f"{build.project.name}-{group}"
    identity = uuid(build.rng)
    report = Report(
        arn("codebuild", region, f"report/{name}:{identity}"),
        f"{name}:{identity}",
        arn("codebuild", region, f"report-group/{name}"),
        build.arn,
        at,
        build.rng.randrange(180, 420),
        build.rng.uniform(8, 60),
        failing,
    )
    world.reports[report.arn] = report
    build.report_arns.append(report.arn)
    return report
