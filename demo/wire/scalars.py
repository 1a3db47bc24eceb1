"""Checks of single values on their way out: strings, numbers, times."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

from demo.wire.errors import ModelMismatch

__all__ = ["scalar"]

Check = Callable[[Any, str], Any]


def scalar(kind: str, enum: frozenset[str]) -> Check:
    """Return the check of a scalar type; strings may be bound to an enum."""
    if kind in {"string", "character"}:
        return _string(enum)
    return _CHECKS[kind]


def _string(enum: frozenset[str]) -> Check:
    def check(value: Any, where: str) -> Any:
        if not isinstance(value, str):
            raise ModelMismatch(f"{where}: a string is expected, not {type(value).__name__}")
        if enum and value not in enum:
            raise ModelMismatch(f"{where}: {value!r} is none of {sorted(enum)}")
        return value

    return check


def _integer(value: Any, where: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ModelMismatch(f"{where}: an integer is expected, not {value!r}")
    return value


def _number(value: Any, where: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelMismatch(f"{where}: a number is expected, not {value!r}")
    return value


def _boolean(value: Any, where: str) -> Any:
    if not isinstance(value, bool):
        raise ModelMismatch(f"{where}: a boolean is expected, not {value!r}")
    return value


def _timestamp(value: Any, where: str) -> Any:
    if isinstance(value, datetime):
        value = value.timestamp()
    return round(float(_number(value, where)), 3)


def _blob(value: Any, _where: str) -> Any:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


_CHECKS: dict[str, Check] = {
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}
