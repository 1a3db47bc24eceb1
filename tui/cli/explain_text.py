"""How an explanation is printed: for people, and as JSON."""

from __future__ import annotations

import json
from typing import Any

from core.signatures import Explanation, Hypothesis
from core.text import sanitize
from tui.output import LOOKS, paint, sureness

__all__ = ["as_json", "as_text", "causes_of"]

_TEXT_MAX = 1300


def as_json(explanation: Explanation) -> str:
    """Return the explanation as one JSON object, escaped to ASCII."""
    whole = {
        "schema": 1,
        "verdict": explanation.verdict,
        "causes": causes_of(explanation),
        "telling": [{"line": item.line, "text": _clean(item.text)} for item in explanation.telling],
        "first_error_line": explanation.first_error_line,
        "cause_line": explanation.cause_line,
    }
    return json.dumps(whole, indent=2, ensure_ascii=True)


def causes_of(explanation: Explanation) -> list[dict[str, Any]]:
    """Return the causes as JSON holds them, the likeliest first."""
    return [_cause(item) for item in explanation.hypotheses]


def _cause(item: Hypothesis) -> dict[str, Any]:
    return {
        "cause": item.cause,
        "confidence": item.confidence,
        "title": item.title,
        "summary": _clean(item.summary),
        "evidence": [
            {"line": line.line, "text": _clean(line.text), "is_cause": line.is_cause} for line in item.evidence
        ],
        "extracted": {name: _clean(value) for name, value in item.extracted.items()},
        "next": [_clean(step) for step in item.next],
        "playbooks": list(item.playbooks),
        "link": item.link,
        "signature": item.signature,
    }


def as_text(explanation: Explanation) -> str:
    """Return the explanation for people; colours are click's, which removes them where there is no terminal."""
    if explanation.verdict == "healthy":
        return paint("✓ nothing failed here", LOOKS["ok"])
    lines: list[str] = []
    if explanation.verdict == "unknown":
        more = "; its words alone suggest" if explanation.hypotheses else ""
        lines.append(paint(f"? unknown failure: no entry of the knowledge base fits{more}", LOOKS["unknown"]))
    for place, item in enumerate(explanation.hypotheses, 1):
        lines += ["", *_block(place, item)] if lines else _block(place, item)
    if explanation.telling:
        lines += ["", "Most telling lines"]
        lines += [f"     {_where(item.line):<12} {_one_line(item.text)}" for item in explanation.telling]
    return "\n".join(lines)


def _block(place: int, item: Hypothesis) -> list[str]:
    look = LOOKS["failed"] if place == 1 else None
    lines = [f"{place}. {paint(item.title, look, bold=place == 1)} · {item.cause} · {sureness(item.confidence)}"]
    lines.append(f"   {_one_line(item.summary)}")
    for line in item.evidence:
        mark = "◆" if line.is_cause else " "
        lines.append(f"   {mark} {_where(line.line):<12} {_one_line(line.text)}")
    names = ", ".join(f"{name.replace('_', ' ')} {_one_line(value)}" for name, value in item.extracted.items())
    if names:
        lines.append(f"   Names: {names}")
    lines += [f"   → {_one_line(step)}" for step in item.next]
    if item.playbooks:
        lines.append(f"   Playbook: {', '.join(item.playbooks)}")
    lines.append(f"   {item.link}")
    return lines


def _where(line: int | None) -> str:
    return "message" if line is None else f"line {line}"


def _clean(text: str) -> str:
    return sanitize(text[:_TEXT_MAX])


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())
