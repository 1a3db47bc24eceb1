"""A report as one JSON object (docs/report.schema.json): times in ISO 8601, lists for tuples, names as in the model."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from core.report.model import Report

__all__ = ["SCHEMA", "report_json"]

SCHEMA = 1


def report_json(report: Report) -> dict[str, Any]:
    """Return the public JSON object."""
    return {"schema": SCHEMA, **_object(report)}


def _object(value: Any) -> dict[str, Any]:
    return {each.name: _value(each.name, getattr(value, each.name)) for each in fields(value)}


def _value(name: str, value: Any) -> Any:
    if value is not None and (name == "at" or name.endswith("_at")):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if name == "confidence":
        return round(value, 3)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return _object(value)
    if isinstance(value, tuple):
        return [_object(each) if is_dataclass(each) else each for each in value]
    return value
