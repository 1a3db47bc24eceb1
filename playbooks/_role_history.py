"""What CloudTrail saw a role refused, and what an encoded refusal says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer
from core.plans.iam import role_name
from core.playbook import Facts, Step, Subject

from ._access import ACCESS_READS, check_denials, judge_denials
from ._answers import failed, not_applicable, unknown, unseen
from ._denial import Denial, decoded, denials, encoded_message, speaks_of_access
from ._said import said_of

__all__ = ["DECODE_READS", "TRAIL", "from_decoded", "read_encoded"]

_ID = "permissions"
DECODE_READS = ("sts:DecodeAuthorizationMessage",)
_Map = Mapping[str, Any]
_REFUSED = re.compile(r"AccessDenied|UnauthorizedOperation|Forbidden|NotAuthorized", re.IGNORECASE)


async def read_encoded(evidence: Evidence, text: str) -> dict[str, Fact]:
    """Decode the refusal that a text holds encoded; nothing where it holds none. Fact: ``decoded``."""
    encoded = encoded_message(text)
    if not encoded:
        return {}
    return {"decoded": await evidence.read("sts", "DecodeAuthorizationMessage", {"EncodedMessage": encoded})}


def from_decoded(facts: Facts) -> tuple[Denial, ...]:
    """The refusal that was decoded; empty for none."""
    fact = facts.get("decoded")
    found = decoded(str(fact.get("DecodedMessage", default=""))) if fact is not None and fact.ok else None
    return (found,) if found else ()


def _roles(subject: Subject) -> list[str]:
    return [each for each in dict.fromkeys((subject.role_arn, subject.definition.role_arn)) if each]


def _asks(subject: Subject) -> bool:
    """Whether CloudTrail may know more than the message: a failure about access that names no action."""
    said = said_of(subject)
    named = any(not each.inferred for each in denials((0, line) for line in said.splitlines()))
    return subject.action_state.status == "Failed" and speaks_of_access(said) and not named


async def _gather_trail(subject: Subject, evidence: Evidence) -> Facts:
    changed = subject.action_state.changed_at
    if not _asks(subject) or changed is None:
        return {}
    reads = {}
    for flag in ("false", "true"):
        attributes = [{"AttributeKey": "ReadOnly", "AttributeValue": flag}]
        params = {"LookupAttributes": attributes, "StartTime": changed - 900, "EndTime": changed + 120}
        reads[f"trail:{flag}"] = evidence.read("cloudtrail", "LookupEvents", params, pages=2)
    facts = dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
    found = _from_trail(subject, facts)
    return {**facts, **(await check_denials(subject, evidence, found, _roles(subject)))}


def _from_trail(subject: Subject, facts: Facts) -> tuple[Denial, ...]:
    """Refusals that CloudTrail recorded for the roles that act here."""
    names = [f":assumed-role/{role_name(role)}/" for role in _roles(subject)]
    lines = []
    for name, fact in facts.items():
        if not name.startswith("trail:"):
            continue
        for event in fact.get("Events", default=()):
            text = str(event.get("CloudTrailEvent", ""))
            if any(each in text for each in names) and _REFUSED.search(text):
                lines.append((0, _message(text)))
    return denials(lines)


def _message(text: str) -> str:
    try:
        event = json.loads(text)
    except ValueError:
        return ""
    return str(event.get("errorMessage") or "") if isinstance(event, dict) else ""


def _judge_trail(subject: Subject, facts: Facts) -> Answer:
    if not facts:
        return not_applicable("The failure names what was refused, or is not about access.")
    read = [fact for name, fact in facts.items() if name.startswith("trail:")]
    if cannot := unseen(*read):
        return cannot
    found = _from_trail(subject, facts)
    if not found:
        return unknown(
            "CloudTrail has no refusal of these roles in that quarter of an hour (it lags by minutes).", *read
        )
    checked = judge_denials(subject, _ID, found, facts, read)
    best = next((each for each in checked if each.state == "confirmed"), checked[0])
    cited = list(facts.values())
    lines = [(read[0].n, each.text) for each in found[:6]]
    findings = [each.finding for each in checked]
    if best.state == "confirmed":
        return failed(best.detail, *cited, findings=findings, lines=lines)
    return unknown(best.detail, *cited, findings=findings, lines=lines)


TRAIL = Step(
    id="trail",
    question="Which calls of these roles does CloudTrail show as refused around the failure?",
    why="Where the message hides the action, the trail has it, with the resource.",
    reads=("cloudtrail:LookupEvents", *ACCESS_READS),
    gather=_gather_trail,
    judge=_judge_trail,
)
