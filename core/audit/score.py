"""A pipeline's posture as one number. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from core.audit.model import AuditFinding, Severity
from core.place import PipelineRef

__all__ = ["WEIGHTS", "score", "scores"]

#: Of what is left, the share that one finding costs.
WEIGHTS = {
    Severity.CRITICAL: 0.40,
    Severity.HIGH: 0.20,
    Severity.MEDIUM: 0.08,
    Severity.LOW: 0.02,
    Severity.INFO: 0.0,
}


def score(severities: Iterable[Severity]) -> int:
    """Return 100 for nothing found, less for each finding, never below 0: 100 · Π (1 - weight), rounded."""
    left = 1.0
    for severity in severities:
        left *= 1.0 - WEIGHTS[severity]
    return round(100 * left)


def scores(pipelines: Iterable[PipelineRef], findings: Iterable[AuditFinding]) -> dict[PipelineRef, int]:
    """Return each pipeline's score; what is suppressed costs nothing."""
    held: dict[PipelineRef, list[Severity]] = {ref: [] for ref in pipelines}
    for finding in findings:
        if finding.suppressed is None:
            for ref in finding.pipelines:
                if ref in held:
                    held[ref].append(finding.severity)
    return {ref: score(found) for ref, found in held.items()}
