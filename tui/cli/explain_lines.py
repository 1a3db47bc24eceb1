"""Failures as JSON lines: answered one by one as they come, or scored against their known causes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from core.signatures import Explanation, Failure, examine
from core.signatures.base import KnowledgeBase
from core.signatures.calibration import bands
from tui.cli.explain_text import causes_of

__all__ = ["answer", "calibration"]

_FIELDS = ("stage", "provider", "message", "log")


def answer(stream: Iterable[bytes], base: KnowledgeBase, limit: int) -> bool:
    """Write one JSON line for each one read, at once and in order; return whether any held a failure.

    Raises `click.UsageError` naming the line that is not a JSON object with texts.
    """
    any_found = False
    for row, failure in _failures(stream):
        explanation = examine(failure, limit=limit, base=base)
        any_found = any_found or explanation.verdict != "healthy"
        found = {"id": row.get("id"), "verdict": explanation.verdict, "causes": causes_of(explanation)}
        click.echo(json.dumps(found, ensure_ascii=True))
        sys.stdout.flush()
    return any_found


def _failures(stream: Iterable[bytes]) -> Iterator[tuple[dict[str, Any], Failure]]:
    for number, raw in enumerate(stream, 1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise click.UsageError(f"line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise click.UsageError(f"line {number} is not a JSON object")
        fields = {key: row[key] for key in _FIELDS if row.get(key)}
        if wrong := [key for key, value in fields.items() if not isinstance(value, str)]:
            raise click.UsageError(f"line {number}: {wrong[0]} is not a string")
        yield row, Failure(**fields)


def calibration(stream: Iterable[bytes], base: KnowledgeBase) -> str:
    """Return the calibration table of cases with known causes (``cause``, and ``also`` for those left open)."""
    findings = []
    first = third = count = 0
    for row, failure in _failures(stream):
        accepted = {row.get("cause"), *(row.get("also") or ())}
        explanation = examine(failure, base=base)
        names = [item.cause for item in explanation.hypotheses]
        count += 1
        first += bool(names) and names[0] in accepted
        third += any(name in accepted for name in names[:3])
        findings += _top(explanation, accepted)
    lines = ["confidence     n   said  right"]
    lines += [
        f"{band.low:.1f}–{band.low + 0.1:.1f}  {band.count:8}  {band.stated:5.0%}  {band.share:5.0%}"
        for band in bands(findings)
    ]
    if count:
        lines.append(
            f"{count} cases: first answer right {first / count:.1%}, among the first three {third / count:.1%}"
        )
    return "\n".join(lines)


def _top(explanation: Explanation, accepted: set[Any]) -> list[tuple[float, bool]]:
    return [(item.confidence, item.cause in accepted) for item in explanation.hypotheses[:1]]
