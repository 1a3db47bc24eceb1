"""Evaluation of policy statements, after IAM's published logic (explicit deny, then allow, else implicit deny).

Limits: policy variables other than ``${aws:...}`` keys given in the context stay unresolved; principals and
``NotPrincipal`` matter for trust and resource policies only; service control policies do not exist here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from demo.iam.conditions import holds

__all__ = ["Match", "Policy", "match", "parse", "wildcard"]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy document with the name it is known by and where it hangs (``role``, ``boundary``, ...)."""

    name: str
    kind: str
    statements: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that applies to a request."""

    policy: Policy
    effect: str
    statement: Mapping[str, Any]


@lru_cache(maxsize=4096)
def _statements(document: str) -> tuple[Mapping[str, Any], ...]:
    found = json.loads(document).get("Statement", [])
    return tuple(found if isinstance(found, list) else [found])


def parse(name: str, kind: str, document: str) -> Policy:
    """Parse a document; the parse of equal texts is shared."""
    return Policy(name, kind, _statements(document))


@lru_cache(maxsize=8192)
def _wildcard(pattern: str, *, fold: bool) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0))


def wildcard(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Match IAM's ``*`` and ``?``; actions match without regard to case."""
    return _wildcard(pattern, fold=fold).fullmatch(text) is not None


def match(
    policies: Iterable[Policy], action: str, resource: str, context: Mapping[str, Any], missing: set[str]
) -> list[Match]:
    """Find the statements that apply; condition keys that the context lacks are added to ``missing``."""
    found = []
    for policy in policies:
        for statement in policy.statements:
            if not _named(statement, "Action", action, fold=True):
                continue
            if ("Resource" in statement or "NotResource" in statement) and not _named(
                statement, "Resource", resource, fold=False, context=context
            ):
                continue
            if not holds(statement.get("Condition", {}), context, missing):
                continue
            found.append(Match(policy, str(statement.get("Effect", "")), statement))
    return found


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _named(
    statement: Mapping[str, Any], element: str, value: str, *, fold: bool, context: Mapping[str, Any] | None = None
) -> bool:
    if element in statement:
        patterns = [_resolve(text, context) for text in _listed(statement[element])]
        return any(wildcard(pattern, value, fold=fold) for pattern in patterns)
    if f"Not{element}" in statement:
        patterns = [_resolve(text, context) for text in _listed(statement[f"Not{element}"])]
        return not any(wildcard(pattern, value, fold=fold) for pattern in patterns)
    return False


def _resolve(text: str, context: Mapping[str, Any] | None) -> str:
    if context is None or "${" not in text:
        return text
    return re.sub(r"\$\{([\w:/-]+)\}", lambda found: str(context.get(found[1].lower(), found[0])), text)
