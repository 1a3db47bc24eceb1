"""Resource policies: whom they let in, whom they deny, and a statement in words. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any

from core.arn import Arn

__all__ = ["denies", "grants_to", "in_words"]

_Map = Mapping[str, Any]


def _listed(value: object) -> list[str]:
    return (
        [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, (list, tuple)) else []
    )


def _names(statement: _Map, principal_arn: str) -> bool:
    """Whether a statement's principal covers a role (or everyone)."""
    principal = statement.get("Principal")
    if principal == "*":
        return True
    given = principal.get("AWS", ()) if isinstance(principal, Mapping) else ()
    arn = Arn.parse(principal_arn)
    root = f"arn:{arn.partition}:iam::{arn.account}:root" if arn else ""
    return any(each in ("*", principal_arn, root, arn.account if arn else "") for each in _listed(given))


def _covers(statement: _Map, action: str) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), each.lower()) for each in _listed(statement.get("Action")))


def grants_to(found: Iterable[_Map], role_arn: str, action: str) -> bool:
    """Whether some statement lets the role do the action."""
    return any(each.get("Effect") == "Allow" and _names(each, role_arn) and _covers(each, action) for each in found)


def denies(found: Iterable[_Map], role_arn: str, action: str) -> str:
    """The id of a statement that denies the role the action without a condition; empty for none."""
    for index, statement in enumerate(found):
        if statement.get("Effect") != "Deny" or statement.get("Condition") or not _names(statement, role_arn):
            continue
        if _covers(statement, action):
            return str(statement.get("Sid") or f"statement {index + 1}")
    return ""


def in_words(statement: _Map) -> str:
    """A statement in one line."""
    action, condition = statement.get("Action", "?"), statement.get("Condition") or {}
    actions = action if isinstance(action, str) else ", ".join(map(str, action))
    tests = "; ".join(
        f"{key} {operator} {value}" for operator, each in condition.items() for key, value in each.items()
    )
    who = statement.get("Principal", "?")
    said = f"{statement.get('Effect', '?')} {actions} to {who}{f' where {tests}' if tests else ''}"
    return f"{statement.get('Sid')}: {said}" if statement.get("Sid") else said
