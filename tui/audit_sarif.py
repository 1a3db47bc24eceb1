"""An audit as SARIF 2.1.0, for tools that gather findings. Pure.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A pipeline is no file: each result has a
logical location (the resource) and, for tools that want a path, ``aws/ACCOUNT/REGION/codepipeline/NAME``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from core.audit.model import AuditFinding, Blind, Rule, Severity
from core.audit.rules import discover
from core.causes import CAUSES
from core.place import PipelineRef
from core.text import sanitize
from tui.audit_run import AuditReport
from tui.cli.as_json import iso_time
from tui.version import __version__

__all__ = ["audit_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# How code scanning orders findings: 0 to 10, as CVSS has it.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}


def audit_sarif(report: AuditReport) -> dict[str, Any]:
    """Return one run with a result for each finding; accepted ones carry their suppression."""
    rules = discover()
    index = {rule.id: number for number, rule in enumerate(rules)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pipemedic",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not report.troubles,
                        "endTimeUtc": iso_time(report.at + report.took_s),
                        "toolExecutionNotifications": [_notice(each) for each in report.blind],
                    }
                ],
                "results": [_result(report, each, index[each.rule]) for each in report.findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.link or CAUSES[rule.cause].link,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["aws", "codepipeline", rule.cause],
            "precision": "high",
            "security-severity": _SCORES[rule.severity],
        },
    }


def _result(report: AuditReport, finding: AuditFinding, index: int) -> dict[str, Any]:
    first = finding.pipelines[0]
    text = f"{finding.title}. {finding.summary}"
    if finding.fixes:
        text = f"{text} What to do: {finding.fixes[0].title}."
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _path(report, first)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.resource, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"pipemedic/v1": finding.id},
        "properties": {
            "cause": finding.cause,
            "severity": finding.severity.value,
            "account": finding.account,
            "pipelines": [ref.name for ref in finding.pipelines],
        },
    }
    if accepted := finding.suppressed:
        result["suppressions"] = [{"kind": "external", "justification": f"{accepted.reason} (until {accepted.until})"}]
    return result


def _path(report: AuditReport, ref: PipelineRef) -> str:
    parts = ("aws", report.account_of(ref) or "unknown", ref.place.region, "codepipeline", ref.name)
    return "/".join(quote(sanitize(part), safe="") for part in parts)


def _notice(blind: Blind) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": blind.sentence}}
