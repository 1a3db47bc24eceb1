"""A role against what is needed of it: does it exist, whom does it let in, what does it lack.

A lack proves a failure only where the failure speaks of it: a need derived from a definition may be met by a resource
policy, which IAM's simulation of a role does not know.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.arn import Arn
from core.console import role_url
from core.fact import Evidence, Fact
from core.finding import Finding, Fix
from core.plans.trust import trust_principal
from core.playbook import Facts, Subject

from ._answers import Lines, failing, finding, healthy, plural
from ._denial import speaks_of_access
from ._fixes import allow_fix, manual, planned, retry_hint, where_of
from ._needs import Need
from ._roles import (
    CAVEAT,
    Refused,
    absent,
    judge_trust,
    label,
    read_inline,
    read_role,
    refused_needs,
    simulate,
)
from ._simulated import POLICY_READS
from ._trust import Caller

__all__ = ["GRANT_READS", "Judged", "judge_grants", "judge_role", "read_grants"]

GRANT_READS = ("iam:GetRole", *POLICY_READS)


@dataclass(frozen=True, slots=True)
class Judged:
    """One side of a role judged: what is well (`detail`), or what is not (`trouble`), findings and lines."""

    detail: str = ""
    trouble: str = ""
    findings: tuple[Finding, ...] = ()
    lines: Lines = ()


async def read_grants(subject: Subject, evidence: Evidence, role_arn: str, needs: Sequence[Need]) -> dict[str, Fact]:
    """Read a role, simulate the needs, and where some are denied read its inline policies (for a fix)."""
    role, simulated = await asyncio.gather(
        read_role(subject, evidence, role_arn), simulate(subject, evidence, role_arn, needs)
    )
    facts = {"role": role, **simulated}
    if refused_needs(facts, needs, role_arn):
        facts |= await read_inline(subject, evidence, role_arn)
    return facts


def judge_role(subject: Subject, playbook: str, facts: Facts, role_arn: str, caller: Caller, said: str) -> Judged:
    """Whether the role exists and lets the caller in; `said` is all the text there is of the failure."""
    role, who = facts.get("role"), caller.service or caller.arn
    if role is None or not (role.ok or absent(role)):
        return Judged()
    if absent(role):
        title = f"There is no {label(role_arn)}"
        return _trust_finding(subject, playbook, role, role_arn, who, title, f"IAM does not know {role_arn}.", said)
    trust = judge_trust(role, caller)
    if trust.allowed:
        return Judged(detail=f"{label(role_arn)[0].upper()}{label(role_arn)[1:]} lets {who} in.")
    if trust.allowed is None:
        return Judged(detail=f"Of {label(role_arn)}: {trust.why}.", lines=((role.n, trust.why),))
    title = f"{who} may not assume {label(role_arn)}"
    return _trust_finding(subject, playbook, role, role_arn, who, title, f"{trust.why}.", said)


def _trust_finding(
    subject: Subject, playbook: str, role: Fact, role_arn: str, who: str, title: str, why: str, said: str
) -> Judged:
    if not failing(subject):
        return Judged(detail=f"{title} now, though the action has not failed ({why})", lines=((role.n, why),))
    arn = Arn.parse(role_arn)
    principal = f'"Service": "{who}"' if who.endswith(".amazonaws.com") else f'"AWS": "{who}"'
    statement = f'{{"Effect": "Allow", "Principal": {{{principal}}}, "Action": "sts:AssumeRole"}}'
    fix = planned(
        f"iam.trust:{role_arn}",
        f"Let {who} assume {label(role_arn)}",
        trust_principal(where_of(subject), role=role, principal=who) if role.ok else None,
        [
            f"Create the role {role_arn}, or name one that exists." if absent(role) else f"Its trust policy: {why}",
            f"Its trust policy needs this statement: {statement}",
            retry_hint(subject),
        ],
        url=role_url(arn.name, arn.partition) if arn else "",
    )
    spoken = _speaks_of_role(said, absent=absent(role))
    one = finding(
        subject,
        playbook,
        "permission.role-trust",
        (0.9 if spoken else 0.3) if absent(role) else 0.96 if spoken else 0.5,
        title,
        f"{why} Whatever the service does for this action it does with that role, so nothing works without it.",
        [role],
        fixes=[fix],
        disproved_by=f"a statement of the role's trust policy that lets {who} in",
        proven=spoken,
    )
    return Judged(trouble=f"{title}: {why}", findings=(one,))


_ASSUMES = re.compile(
    r"assum|trust|\brole\b.{0,120}(?:not exist|not found|cannot be found|is invalid|invalid role)|"
    r"(?:invalid|missing|no such|unknown) .{0,20}\brole\b|NoSuchEntity",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\W*(?:(?:Access ?Denied|Permission|Forbidden|Unauthorized)(?:Exception|Error|Operation)?\W*)+", re.IGNORECASE
)
_NAMED = re.compile(r"not authorized to perform:? (?!sts:AssumeRole)[a-z0-9-]+:[A-Za-z]", re.IGNORECASE)


def _speaks_of_role(said: str, *, absent: bool) -> bool:
    """Whether a failure can be about the role itself: it was refused, and no action of the role's is named.

    A role that is not shown proves nothing against a text that does not speak of roles.
    """
    if any(_ASSUMES.search(line) for line in said.splitlines() if not _NAMED.search(line)):
        return True
    return not absent and speaks_of_access(said) and not _NAMED.search(said)


def judge_grants(
    subject: Subject, playbook: str, facts: Facts, role_arn: str, needs: Sequence[Need], said: str
) -> Judged:
    """What the role lacks of the needs; `said` is all the text there is of the failure."""
    simulated = [fact for name, fact in facts.items() if name.startswith("sim:")]
    refused = [each for each in refused_needs(facts, needs, role_arn) if each.sure]
    unsure = [each for each in refused_needs(facts, needs, role_arn) if not each.sure]
    lines = [
        (each.fact.n, f"{each.need.action} on {each.need.resource} hangs on {', '.join(each.decision.missing)}")
        for each in unsure
    ]
    if not any(fact.ok for fact in simulated):
        return Judged()
    if not refused:
        return Judged(f"IAM's simulation allows it all of {plural(len(needs), 'need')}.", lines=lines)
    lines += [
        (each.fact.n, f"{each.need.action} on {each.need.resource} {each.need.why}: {each.decision.why}")
        for each in refused
    ]
    lacking = ", ".join(dict.fromkeys(each.need.action for each in refused))
    if healthy(subject):
        detail = f"The simulation denies {lacking}, yet the action works: a resource policy grants it. {CAVEAT}"
        return Judged(detail, lines=lines)
    groups = _by_service_and_resource(refused)
    alone = (
        len({group[0].need.cause for group in groups}) == 1 and _BARE.fullmatch(said) is not None
    )  # a refusal that names nothing, and one lack
    findings = [
        _grant_finding(subject, playbook, facts, role_arn, group, proven=alone or _spoken_of(group, said))
        for group in groups
    ]
    return Judged(trouble=f"{_cap(label(role_arn))} lacks {lacking}.", findings=tuple(findings), lines=lines)


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _by_service_and_resource(refused: Sequence[Refused]) -> list[list[Refused]]:
    groups: dict[tuple[str, str, str], list[Refused]] = {}
    for each in refused:
        service = each.need.action.partition(":")[0]
        groups.setdefault((service, each.need.resource, each.need.cause), []).append(each)
    return list(groups.values())


def _spoken_of(group: Sequence[Refused], said: str) -> bool:
    """Whether the failure's text speaks of this lack: names the action, or access together with the resource."""
    lower = said.lower()
    for each in group:
        if each.need.action.lower() in lower:
            return True
        if each.need.action.startswith("logs:"):
            continue  # a log group's name stands in every log
        arn = Arn.parse(each.need.resource)
        name = (arn.resource if arn else each.need.resource).split("/")[0 if arn and arn.service == "s3" else -1]
        name = name.rstrip("*").rstrip(":-?").lower()
        if len(name) >= 3 and name in lower and speaks_of_access(said):
            return True
    return False


def _grant_finding(
    subject: Subject, playbook: str, facts: Facts, role_arn: str, group: Sequence[Refused], *, proven: bool
) -> Finding:
    need, decision = group[0].need, group[0].decision
    actions = list(dict.fromkeys(each.need.action for each in group))
    if actions == ["s3:GetObject"]:
        actions = ["s3:GetObject", "s3:GetObjectVersion"]
    limited = decision.verdict == "explicitDeny" or not decision.organization or not decision.boundary
    cause = "permission.explicit-deny" if limited else need.cause
    fix: Fix
    if limited:
        fix = manual(
            f"iam.remove-deny:{role_arn}",
            f"Narrow what denies {', '.join(actions)}",
            [
                f"{_cap(decision.why)}; an allow cannot outweigh it. Narrow that policy, or widen the boundary.",
                retry_hint(subject),
            ],
        )
    else:
        fix = allow_fix(subject, role_arn, actions, [need.resource], facts, context=need.context)
    title = f"{_cap(label(role_arn))} may not {', '.join(actions)} on {need.resource}"
    text = f"It needs this {need.why}; {decision.why}."
    if not proven:
        text += f" The failure itself does not speak of it, so it may be granted elsewhere. {CAVEAT}"
    return finding(
        subject,
        playbook,
        cause,
        0.96 if proven else 0.3,
        title,
        text,
        [group[0].fact, *(facts[name] for name in ("role",) if name in facts)],
        fixes=[fix],
        disproved_by=f"a resource policy that grants {actions[0]} to the role, or a simulation that says allowed",
        proven=proven,
    )
