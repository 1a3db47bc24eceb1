"""JSON as the commands print it: one value, indented, times in ISO 8601 UTC, no raw control characters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from core.text import sanitize

__all__ = ["iso_time", "json_text", "print_json"]


def iso_time(seconds: float | None) -> str | None:
    """Return epoch seconds as ``2026-11-23T05:12:09.123Z``; None for None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def print_json(value: Any) -> None:
    """Write a value to stdout, as `json_text` has it."""
    click.echo(json_text(value))


def json_text(value: Any) -> str:
    """Return a value as JSON. Its texts are sanitised: they may reach a terminal through ``jq -r``."""
    return json.dumps(_harmless(value), indent=2, ensure_ascii=True)


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return sanitize(value)
    if isinstance(value, dict):
        return {name: _harmless(each) for name, each in value.items()}
    return [_harmless(each) for each in value] if isinstance(value, list) else value
