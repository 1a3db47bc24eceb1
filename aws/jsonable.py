"""Any AWS answer as JSON-like data: times as epoch seconds, bytes as text, nothing of the transport."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

__all__ = ["frozen_key", "jsonable"]


def jsonable(value: Any) -> Any:
    """Return a value with datetimes as epoch seconds and bytes as text (UTF-8, else base64); members keep names."""
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list | tuple | set):
        return [jsonable(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    return _text(bytes(value)) if isinstance(value, bytes | bytearray) else str(value)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode("ascii")


def frozen_key(params: Mapping[str, Any]) -> str:
    """Return a string that is the same for the same parameters in any order."""
    return json.dumps(jsonable(params), sort_keys=True)
