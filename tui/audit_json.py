"""An audit as JSON: docs/audit.schema.json describes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.audit.model import AuditFinding, Blind, Severity, Suppression
from core.commands import aws_command
from core.fact import Fact
from core.finding import Fix
from core.place import PipelineRef
from core.text import sanitize
from tui.audit_run import AuditReport
from tui.cli.as_json import iso_time

__all__ = ["audit_json"]


def audit_json(report: AuditReport, earlier: Mapping[PipelineRef, tuple[str, int]]) -> dict[str, Any]:
    """Return the whole report as one object; `earlier` are scores of an earlier day."""
    counts = {each.value: sum(one.severity is each for one in report.open_findings) for each in Severity}
    return {
        "schema": 1,
        "audited_at": iso_time(report.at),
        "places": [
            {"profile": place.profile, "region": place.region, "account": identity.account, "error": None}
            for place, identity in report.identities.items()
        ]
        + [
            {"profile": place.profile, "region": place.region, "account": None, "error": str(error)}
            for place, error in report.troubles.items()
        ],
        "counts": counts,
        "pipelines": [_pipeline(report, ref, number, earlier.get(ref)) for ref, number in report.scores.items()],
        "findings": [_finding(report, each) for each in report.findings],
        "blind": [_blind(each) for each in report.blind],
        "suppressions": {
            "expired": [_suppression(each) for each in report.expired],
            "unused": [_suppression(each) for each in report.unused],
        },
        "api_calls": report.calls,
        "duration_ms": round(report.took_s * 1000),
    }


def _ref(report: AuditReport, ref: PipelineRef) -> dict[str, Any]:
    return {
        "name": ref.name,
        "account": report.account_of(ref),
        "region": ref.place.region,
        "profile": ref.place.profile,
    }


def _pipeline(report: AuditReport, ref: PipelineRef, number: int, earlier: tuple[str, int] | None) -> dict[str, Any]:
    return {
        **_ref(report, ref),
        "score": number,
        "previous": {"date": earlier[0], "score": earlier[1]} if earlier else None,
        "findings": sum(ref in each.pipelines for each in report.open_findings),
        "blind": sum(ref in each.pipelines for each in report.blind),
    }


def _finding(report: AuditReport, finding: AuditFinding) -> dict[str, Any]:
    said = dict[int, str]()
    for number, text in finding.lines:
        said.setdefault(number, text)
    return {
        "id": finding.id,
        "rule": finding.rule,
        "cause": finding.cause,
        "severity": finding.severity.value,
        "title": finding.title,
        "summary": finding.summary,
        "why": finding.why,
        "account": finding.account,
        "region": finding.region,
        "resource": finding.resource,
        "pipelines": [_ref(report, ref) for ref in finding.pipelines],
        "evidence": [_evidence(fact, said.get(fact.n, "")) for fact in finding.facts],
        "details": [text for _, text in finding.lines],
        "fixes": [_fix(fix, finding.pipelines[0]) for fix in finding.fixes],
        "link": finding.link,
        "suppressed": _suppression(finding.suppressed) if finding.suppressed else None,
    }


def _evidence(fact: Fact, detail: str) -> dict[str, Any]:
    """What was asked and what came of it; never the answer itself, which may hold a secret."""
    return {
        "n": fact.n,
        "service": fact.service,
        "operation": fact.operation,
        "outcome": fact.outcome.value,
        "detail": detail or fact.error,
    }


def _fix(fix: Fix, ref: PipelineRef) -> dict[str, Any]:
    commands = list(fix.commands)
    if fix.plan:
        commands = [aws_command(fix.plan.call, region=ref.place.region, profile=ref.place.profile)]
    return {
        "id": fix.id,
        "title": fix.title,
        "kind": fix.kind,
        "risk": fix.risk.value,
        "steps": list(fix.steps),
        "commands": commands,
        "console_url": fix.console_url,
    }


def _blind(blind: Blind) -> dict[str, Any]:
    return {
        "denied": blind.denied,
        "service": blind.fact.service,
        "operation": blind.fact.operation,
        "action": blind.fact.action,
        "detail": sanitize(blind.sentence),
        "rules": list(blind.rules),
        "pipelines": [ref.name for ref in blind.pipelines],
    }


def _suppression(entry: Suppression) -> dict[str, Any]:
    return {
        "reason": entry.reason,
        "until": entry.until,
        "line": entry.line,
        **{
            name: getattr(entry, name)
            for name in ("cause", "rule", "resource", "pipeline", "regex")
            if getattr(entry, name)
        },
    }
