"""IAM policy documents as data: read, add the least statement, keep what is there. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

__all__ = ["EMPTY", "INLINE_LIMIT", "MANAGED_LIMIT", "allow", "as_text", "document_of", "size", "statements"]

EMPTY: Mapping[str, Any] = {"Version": "2012-10-17", "Statement": []}
# Sum of all inline policies of a role, white space not counted (IAM quotas page).
INLINE_LIMIT = 10_240
# Of one managed policy, white space not counted (same page).
MANAGED_LIMIT = 6_144


def document_of(raw: object) -> dict[str, Any]:
    """Return a policy document from what an API gives: a mapping, JSON text, or URL-encoded JSON text.

    Raises:
        ValueError: the text is not a JSON object.
    """
    if isinstance(raw, Mapping):
        return dict(raw)
    text = str(raw)
    parsed = json.loads(unquote(text) if text.lstrip().startswith("%7B") else text)
    if not isinstance(parsed, dict):
        raise ValueError("a policy document is a JSON object")  # noqa: TRY004 (the value is wrong, not its type)
    return parsed


def statements(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the statements, where a single one may stand without a list."""
    found = document.get("Statement", [])
    return (found,) if isinstance(found, Mapping) else tuple(found)


def allow(document: Mapping[str, Any], sid: str, actions: Iterable[str], resources: Sequence[str]) -> dict[str, Any]:
    """Return the document with a statement that allows the actions on the resources.

    A statement of that `sid` is widened by what it lacks; else one is appended. Nothing else changes.
    """
    kept = [dict(statement) for statement in statements(document)]
    wanted = list(dict.fromkeys(actions))
    mine = next((s for s in kept if s.get("Sid") == sid and s.get("Effect") == "Allow"), None)
    if mine is None:
        kept.append({"Sid": sid, "Effect": "Allow", "Action": wanted, "Resource": list(resources)})
    else:
        mine["Action"] = list(dict.fromkeys([*_listed(mine.get("Action")), *wanted]))
        mine["Resource"] = list(dict.fromkeys([*_listed(mine.get("Resource")), *resources]))
    return {**document, "Version": document.get("Version", "2012-10-17"), "Statement": kept}


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, list) else []


def as_text(document: Mapping[str, Any]) -> str:
    """Return the document as indented JSON, members in their own order."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def size(document: Mapping[str, Any]) -> int:
    """Return the characters that IAM counts: all but white space."""
    return len(json.dumps(document, separators=(",", ":")))
