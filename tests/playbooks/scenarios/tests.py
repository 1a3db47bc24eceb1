"""Test reports: green, failed, flaky."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, denied, reply
from tests.playbooks.scene import ACCOUNT, NOW, REGION, build, build_log, build_subject, phases

GROUP = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:report-group/web-unit"
NOW_REPORT, GREEN, RED = (f"arn:aws:codebuild:{REGION}:{ACCOUNT}:report/web-unit:{mark}" for mark in "123")
FAILED = build(
    "FAILED",
    phases=phases("BUILD", "Error while executing command: pytest. Reason: exit status 1"),
    reportArns=[NOW_REPORT],
)
LOG = build_log("[Container] Running command pytest", "FAILED test_cart.py::test_total - assert 3 == 4")


def _reports(params: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        NOW_REPORT: {"status": "FAILED", "testSummary": {"total": 9, "statusCounts": {"FAILED": 1}}},
        GREEN: {"status": "SUCCEEDED", "created": NOW - 9000, "testSummary": {"total": 9, "statusCounts": {}}},
        RED: {"status": "FAILED", "created": NOW - 19000, "testSummary": {"total": 9, "statusCounts": {"FAILED": 1}}},
    }
    return {"reports": [{"arn": arn, "reportGroupArn": GROUP, **known[arn]} for arn in params["reportArns"]]}


def _cases(*red: str) -> Reply:
    def answer(params: Mapping[str, Any]) -> dict[str, Any]:
        one = {
            "name": "test_total",
            "status": "FAILED",
            "message": "assert 3 == 4",
            "durationInNanoSeconds": 12_000_000_000,
        }
        return {"testCases": [one] if params["reportArn"] in red else []}

    return reply("codebuild", "DescribeTestCases", answer)


def _with(*red: str, history: Sequence[str] = (GREEN,)) -> list[Reply]:
    return [
        FAILED,
        LOG,
        reply("codebuild", "BatchGetReports", _reports),
        reply("codebuild", "ListReportsForReportGroup", {"reports": [NOW_REPORT, *history]}),
        _cases(*red),
    ]


def with_history(*history: str) -> list[Reply]:
    """A failed build whose test failed in the report RED too, with these reports before it."""
    return _with(NOW_REPORT, RED, history=history)


CASES = [
    Case("tests-healthy", "tests", build_subject("Succeeded", message="")),
    Case(
        "tests-healthy-with-report",
        "tests",
        build_subject("Succeeded", message=""),
        [
            build(reportArns=[GREEN]),
            reply("codebuild", "BatchGetReports", _reports),
            _cases(),
        ],
    ),
    Case("tests-failed", "tests", build_subject(), _with(NOW_REPORT), "build.test-failed", "test_total"),
    Case(
        "tests-not-allowed-to-look",
        "tests",
        build_subject(),
        [denied("codebuild", "ListReportsForReportGroup"), *_with(NOW_REPORT)],
        "build.test-failed",
        "test_total",
    ),
]
FLAKY = Case("tests-flaky", "tests", build_subject(), _with(NOW_REPORT, RED, history=(GREEN, RED)), "build.test-failed")
CASES.append(FLAKY)
