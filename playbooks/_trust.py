"""Whether a role's trust policy lets someone in. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.arn import Arn
from core.policy import statements

__all__ = ["Caller", "Trust", "lets_in"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who assumes the role: a service (``codebuild.amazonaws.com``) or a principal's ARN.

    `context` are condition keys (lower case) that its request carries.
    """

    service: str = ""
    arn: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trust:
    """The judgement: True, False, or None where a condition cannot be judged from here; and why."""

    allowed: bool | None
    why: str


def lets_in(document: Mapping[str, Any], caller: Caller) -> Trust:
    """Return whether the trust policy lets the caller assume the role."""
    who = caller.service or caller.arn
    unsure = refused = ""
    allowed = False
    for statement in statements(document):
        if not _covers(statement, caller):
            continue
        verdict, why = _conditions(statement.get("Condition") or {}, caller.context)
        if statement.get("Effect") == "Deny":
            if verdict is True:
                return Trust(False, f"a statement denies {who}")
            continue
        if verdict is True:
            allowed = True
        elif verdict is None:
            unsure = unsure or why
        else:
            refused = refused or why
    if allowed:
        return Trust(True, f"the trust policy lets {who} in")
    if unsure:
        return Trust(None, f"the trust policy lets {who} in on a condition that cannot be judged from here: {unsure}")
    if refused:
        return Trust(False, f"the trust policy lets {who} in on a condition that does not hold: {refused}")
    return Trust(False, f"the trust policy does not name {who}")


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, list) else []


def _covers(statement: Mapping[str, Any], caller: Caller) -> bool:
    actions = [each.lower() for each in _listed(statement.get("Action"))]
    if not any(fnmatch.fnmatchcase("sts:assumerole", action) for action in actions):
        return False
    principal = statement.get("Principal", {})
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    if caller.service:
        return any(_same_service(each, caller.service) for each in _listed(principal.get("Service")))
    return any(_same_principal(each, caller.arn) for each in _listed(principal.get("AWS")))


def _same_service(given: str, wanted: str) -> bool:
    """Regional and Chinese spellings (``codedeploy.eu-west-1.amazonaws.com``) name the same service."""
    return given.split(".", maxsplit=1)[0] == wanted.split(".", maxsplit=1)[0] and ".amazonaws.com" in given


def _same_principal(given: str, wanted: str) -> bool:
    if given in ("*", wanted):
        return True
    mine = Arn.parse(wanted)
    if mine is None:
        return False
    theirs = Arn.parse(given)
    return given == mine.account or bool(theirs and theirs.account == mine.account and theirs.resource == "root")


_EQUAL = {"StringEquals", "ArnEquals", "StringEqualsIgnoreCase"}
_LIKE = {"StringLike", "ArnLike"}


def _conditions(block: Mapping[str, Any], context: Mapping[str, str]) -> tuple[bool | None, str]:
    """Whether all conditions hold for a request with that context: True, False or None (not known), and which one."""
    unsure = ""
    for operator, tests in block.items():
        base = str(operator).rpartition(":")[2]
        optional = base.endswith("IfExists")
        base = base.removesuffix("IfExists")
        for key, wanted in tests.items():
            said = f"{key} {operator} {', '.join(_listed(wanted)) or wanted}"
            have = context.get(str(key).lower())
            if have is None:
                if not optional:
                    unsure = unsure or said
                continue
            if base not in _EQUAL | _LIKE:
                unsure = unsure or said
                continue
            if not any(
                fnmatch.fnmatchcase(have, each) if base != "StringEquals" else have == each for each in _listed(wanted)
            ):
                return False, f"{said} (the request carries {have})"
    return (None, unsure) if unsure else (True, "")
