"""Refusals as AWS words them: who was refused which action on what, and by which kind of policy. Pure.

Source of the wordings: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.arn import Arn, role_of_session

__all__ = ["Denial", "decoded", "denials", "encoded_message", "speaks_of_access"]

_ACTION = r"(?P<action>[a-z0-9-]+:[A-Za-z*]+)"
_REFUSED = re.compile(
    r"(?:User: )?(?P<who>arn:[a-z-]+:(?:sts|iam)::\d{12}:\S+?)\s+is not authorized to perform:? "
    + _ACTION
    + r"(?: on (?:the )?resource:? (?P<q>[\"']?)(?P<resource>[^\s\"']+)(?P=q))?"
    r"(?P<rest>[^\n]{0,300})"
)
_EXPLICIT = re.compile(r"with an explicit deny(?: in an? (?P<kind>[a-z -]+?policy|permissions boundary))?")
_NO_POLICY = re.compile(r"because no (?P<kind>[a-z -]+?policy|permissions boundary) allows")
_S3_SOURCE = re.compile(
    r"AccessDenied: Access Denied.{0,200}?(?P<resource>arn:[a-z-]+:s3:::\S+)", re.IGNORECASE | re.DOTALL
)
_ASSUME = re.compile(
    r"(?:attempting to assume the role|assume role|cannot be assumed)[^a]{0,20}(?P<role>arn:\S+role/[^\s'\".,]+)"
)
_ACCESS_WORDS = re.compile(
    r"access ?denied|not authorized|unauthorized|forbidden|insufficient permission|sufficient permissions|"
    r"doesn.t have (?:the )?permissions?|does not have (?:the )?permissions?|permissions required|"
    r"not have .{0,40}access|explicit deny|\b403\b",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"Encoded authorization failure message: (?P<text>[A-Za-z0-9_-]{40,})")


@dataclass(frozen=True, slots=True)
class Denial:
    """One refusal.

    Attributes:
        principal: ARN of who was refused; empty where the text does not say.
        resource: ARN or name; empty where the text does not say.
        explicit: whether the text speaks of an explicit deny.
        policy_kind: the kind of policy that denies or does not allow (``identity-based policy``, ``service control
            policy``, ``permissions boundary``, …); empty where the text does not say.
        text: the refusal as it stands.
        line: number of the log line, from 1; 0 for the service's message.
        inferred: whether the action was inferred from the wording rather than named.
    """

    action: str
    principal: str = ""
    resource: str = ""
    explicit: bool = False
    policy_kind: str = ""
    text: str = ""
    line: int = 0
    inferred: bool = False

    @property
    def role(self) -> str:
        """Name of the refused role, its path dropped; empty where it is no role or not said."""
        return role_of_session(self.principal)

    @property
    def account(self) -> str:
        """The refused principal's account; empty where not said."""
        arn = Arn.parse(self.principal)
        return arn.account if arn else ""


def speaks_of_access(text: str) -> bool:
    """Whether a text is about access at all."""
    return _ACCESS_WORDS.search(text) is not None


def denials(lines: Iterable[tuple[int, str]]) -> tuple[Denial, ...]:
    """Return the refusals in numbered lines, one an action and resource, in order."""
    found: dict[tuple[str, str, str], Denial] = {}
    for number, text in lines:
        if "enied" not in text and "not authorized" not in text and "assume" not in text:
            continue
        for denial in _in_line(number, text):
            found.setdefault((denial.principal, denial.action, denial.resource), denial)
    return tuple(found.values())


def _in_line(number: int, text: str) -> Iterable[Denial]:
    for match in _REFUSED.finditer(text):
        explicit = _EXPLICIT.search(match["rest"])
        lacking = _NO_POLICY.search(match["rest"])
        kind = (explicit or lacking)["kind"] if explicit or lacking else ""  # type: ignore[index]
        resource = (match["resource"] or "").rstrip(".,;")
        yield Denial(
            action=match["action"],
            principal=match["who"],
            resource="" if resource == "associated" else resource,
            explicit=explicit is not None,
            policy_kind=kind or "",
            text=match[0].strip(),
            line=number,
        )
    if "not authorized" in text:
        return
    if plain := _S3_SOURCE.search(text):
        yield Denial(
            "s3:GetObject", resource=plain["resource"].rstrip(".,;"), text=plain[0], line=number, inferred=True
        )
    if assumed := _ASSUME.search(text):
        yield Denial("sts:AssumeRole", resource=assumed["role"], text=text.strip()[:300], line=number, inferred=True)


def encoded_message(text: str) -> str:
    """The encoded part of a refusal, which its owner may decode; empty for none."""
    found = _ENCODED.search(text)
    return found["text"] if found else ""


def decoded(message: str) -> Denial | None:
    """Return the refusal that a decoded authorization message holds; None where it holds none.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
    """
    try:
        whole = json.loads(message)
    except ValueError:
        return None
    context = whole.get("context") if isinstance(whole, dict) else None
    if not isinstance(context, dict) or not context.get("action"):
        return None
    principal = context.get("principal")
    who = str(principal.get("arn", "")) if isinstance(principal, dict) else ""
    action, resource = str(context["action"]), str(context.get("resource") or "")
    text = f"{who or 'the caller'} was refused {action} on {resource or '?'}"
    return Denial(action, who, resource, explicit=whole.get("explicitDeny") is True, text=text)
