"""Test reports, made from what the tests of a revision showed."""

from collections.abc import Mapping
from typing import Any

from demo.engine.reports import Report
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidInputException", "Invalid next token provided")


def _view(report: Report) -> dict[str, Any]:
    failed = len(report.failing)
    return {
        "arn": report.arn,
        "type": "TEST",
        "name": report.name,
        "reportGroupArn": report.group_arn,
        "executionId": report.build_arn,
        "status": "FAILED" if failed else "SUCCEEDED",
        "created": report.at,
        "expired": report.at + 30 * 86400.0,
        "exportConfig": {"exportConfigType": "NO_EXPORT"},
        "truncated": False,
        "testSummary": {
            "total": report.total,
            "statusCounts": {
                "SUCCEEDED": report.total - failed,
                "FAILED": failed,
                "ERROR": 0,
                "SKIPPED": 0,
                "UNKNOWN": 0,
            },
            "durationInNanoSeconds": int(report.lasts_s * 1e9),
        },
    }


def batch_get_reports(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve BatchGetReports."""
    held = call.world.reports
    return {
        "reports": [_view(held[item]) for item in params["reportArns"] if item in held],
        "reportsNotFound": [item for item in params["reportArns"] if item not in held],
    }


def list_reports(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListReports."""
    held = [item for item in call.world.reports.values() if item.arn.split(":")[3] == call.region]
    return _arns(held, params, "reports")


def list_reports_for_report_group(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListReportsForReportGroup."""
    held = [item for item in call.world.reports.values() if item.group_arn == params["reportGroupArn"]]
    return _arns(held, params, "reports")


def _arns(held: list[Report], params: Mapping[str, Any], name: str) -> dict[str, Any]:
    held.sort(key=lambda item: item.at, reverse=params.get("sortOrder", "DESCENDING") == "DESCENDING")
    chosen, token = page(held, params.get("nextToken"), params.get("maxResults", 100), _BAD_TOKEN)
    return {name: [item.arn for item in chosen], "nextToken": token}


def list_report_groups(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListReportGroups."""
    groups = sorted({item.group_arn for item in call.world.reports.values() if item.arn.split(":")[3] == call.region})
    chosen, token = page(groups, params.get("nextToken"), params.get("maxResults", 100), _BAD_TOKEN)
    return {"reportGroups": chosen, "nextToken": token}


def describe_test_cases(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DescribeTestCases."""
    report = call.world.reports.get(params["reportArn"])
    if report is None:
        raise AwsError("ResourceNotFoundException", f"Report {params['reportArn']} cannot be found")
    wanted = params.get("filter", {}).get("status")
    cases = [case for case in report.cases() if wanted in {None, case["status"]}]
    chosen, token = page(cases, params.get("nextToken"), params.get("maxResults", 100), _BAD_TOKEN)
    return {"testCases": chosen, "nextToken": token}


OPERATIONS: Mapping[str, Handler] = {
    "BatchGetReports": batch_get_reports,
    "DescribeTestCases": describe_test_cases,
    "ListReportGroups": list_report_groups,
    "ListReports": list_reports,
    "ListReportsForReportGroup": list_reports_for_report_group,
}
