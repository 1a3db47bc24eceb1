"""Whether an EventBridge pattern matches an event. Pure.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html. Numeric and IP
operators and ``$or`` are not judged: a pattern that uses them is taken to match there.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["mismatch"]


def mismatch(pattern: Mapping[str, Any], event: Mapping[str, Any], path: str = "") -> str:
    """Return the first member of the pattern that the event does not meet, as ``detail.name``; empty for none."""
    for key, wanted in pattern.items():
        here = f"{path}.{key}" if path else key
        if key == "$or":
            continue
        if isinstance(wanted, Mapping):
            inner = event.get(key)
            if found := mismatch(wanted, inner if isinstance(inner, Mapping) else {}, here):
                return found
        elif isinstance(wanted, list) and not _any(wanted, event, key):
            return here
    return ""


def _any(wanted: Sequence[Any], event: Mapping[str, Any], key: str) -> bool:
    present = key in event
    have = event.get(key)
    values = have if isinstance(have, list) else [have]
    return any(_one(test, value, present=present) for test in wanted for value in values)


def _one(test: Any, value: Any, *, present: bool) -> bool:
    if not isinstance(test, Mapping):
        return present and test == value
    if "exists" in test:
        return bool(test["exists"]) is present
    if not present:
        return False
    text = str(value)
    checks = {
        "prefix": lambda given: text.startswith(_plain(given)),
        "suffix": lambda given: text.endswith(_plain(given)),
        "wildcard": lambda given: fnmatch.fnmatchcase(text, str(given)),
        "equals-ignore-case": lambda given: text.lower() == str(given).lower(),
        "anything-but": lambda given: not _named(given, text),
    }
    return all(checks[name](given) for name, given in test.items() if name in checks)


def _plain(given: Any) -> str:
    return str(given.get("equals-ignore-case", "")) if isinstance(given, Mapping) else str(given)


def _named(given: Any, text: str) -> bool:
    if isinstance(given, Mapping):
        return _one(given, text, present=True)
    return text in [str(each) for each in (given if isinstance(given, list) else [given])]
