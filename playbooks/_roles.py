"""Roles: what is read of them, and what the simulation says about the actions that a definition needs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.arn import Arn
from core.fact import Evidence, Fact, Outcome
from core.plans.iam import POLICY_NAME, role_name
from core.plans.simulation import Decision, decisions
from core.playbook import Facts, Subject
from core.policy import document_of

from ._needs import Need
from ._simulated import simulated
from ._trust import Caller, Trust, lets_in

__all__ = [
    "CAVEAT",
    "INLINE_READS",
    "Refused",
    "absent",
    "assuming_role",
    "judge_trust",
    "label",
    "read_inline",
    "read_role",
    "refused_needs",
    "service_caller",
    "simulate",
]

CAVEAT = (
    "The simulation knows neither resource policies nor session policies, and of service control policies only those "
    "without conditions."
)
INLINE_READS = ("iam:ListRolePolicies", "iam:GetRolePolicy")


@dataclass(frozen=True, slots=True)
class Refused:
    """A need that the simulation denies, or where it is unsure (a condition key was missing)."""

    need: Need
    decision: Decision
    fact: Fact

    @property
    def sure(self) -> bool:
        """Whether no unknown condition key stands behind the denial."""
        return not self.decision.missing


def label(role_arn: str) -> str:
    """How a role is called in sentences: ``role build`` or its ARN where it is none."""
    return f"role {role_name(role_arn)}" if role_name(role_arn) else role_arn or "no role"


def assuming_role(subject: Subject, role_arn: str) -> str:
    """Through which role to read what concerns a role: none in the caller's account, else the action's own role."""
    arn = Arn.parse(role_arn)
    if arn is None or arn.account == subject.identity.account:
        return ""
    own = Arn.parse(subject.action.role_arn)
    return subject.action.role_arn if own and own.account == arn.account else ""


async def read_role(subject: Subject, evidence: Evidence, role_arn: str) -> Fact:
    """GetRole."""
    params = {"RoleName": role_name(role_arn) or role_arn}
    return await evidence.read("iam", "GetRole", params, role_arn=assuming_role(subject, role_arn))


def service_caller(subject: Subject, service: str, source_arn: str = "") -> Caller:
    """A service that acts for something in this account; the keys against the confused deputy are known."""
    context = {"aws:sourceaccount": subject.identity.account}
    if source_arn:
        context["aws:sourcearn"] = source_arn
    return Caller(service=service, context=context)


def judge_trust(role: Fact, caller: Caller) -> Trust:
    """Whether the role read lets the caller in; unsure where its document is not JSON."""
    document = role.get("Role", "AssumeRolePolicyDocument")
    if not document:
        return Trust(None, "IAM did not show the trust policy")
    try:
        return lets_in(document_of(document), caller)
    except ValueError:
        return Trust(None, "the trust policy could not be read as JSON")


def _groups(needs: Iterable[Need]) -> list[list[Need]]:
    """Needs that one simulation can answer (IAM evaluates every action on every resource), by service and actions."""
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Need]] = {}
    for need in needs:
        groups.setdefault((need.action.partition(":")[0], need.resource, need.context), []).append(need)
    by_actions: dict[tuple[object, ...], list[Need]] = {}
    for group in groups.values():
        key = (tuple(sorted({need.action for need in group})), group[0].context)
        by_actions.setdefault(key, []).extend(group)
    return list(by_actions.values())


async def simulate(subject: Subject, evidence: Evidence, role_arn: str, needs: Sequence[Need]) -> dict[str, Fact]:
    """Simulate the needs for a role, side by side; facts are named ``sim:0`` and on."""
    if not role_name(role_arn) or not needs:
        return {}
    through = assuming_role(subject, role_arn)
    reads = [
        simulated(
            evidence,
            role_arn,
            sorted({need.action for need in group}),
            sorted({need.resource for need in group}),
            group[0].context,
            through=through,
        )
        for group in _groups(needs)
    ]
    return {f"sim:{index}": fact for index, fact in enumerate(await asyncio.gather(*reads))}


def refused_needs(facts: Facts, needs: Iterable[Need], role_arn: str) -> list[Refused]:
    """The needs that the simulations of that role deny, in the order of the needs."""
    known: dict[tuple[str, str], tuple[Decision, Fact]] = {}
    for name, fact in facts.items():
        if name.startswith("sim:") and fact.ok and fact.params.get("PolicySourceArn") == role_arn:
            known |= {key: (decision, fact) for key, decision in decisions(fact).items()}
    found = []
    for need in needs:
        answer = known.get((need.action.lower(), need.resource))
        if answer and not answer[0].allowed:
            found.append(Refused(need, *answer))
    return found


async def read_inline(subject: Subject, evidence: Evidence, role_arn: str) -> dict[str, Fact]:
    """Read all inline policies of a role (ours first); a change of ours must know them. Facts: ``inline:NAME``."""
    name, through = role_name(role_arn), assuming_role(subject, role_arn)
    if not name:
        return {}

    async def one(policy: str) -> Fact:
        return await evidence.read("iam", "GetRolePolicy", {"RoleName": name, "PolicyName": policy}, role_arn=through)

    present, ours = await asyncio.gather(
        evidence.read("iam", "ListRolePolicies", {"RoleName": name}, role_arn=through), one(POLICY_NAME)
    )
    others = [each for each in present.get("PolicyNames", default=()) if each != POLICY_NAME]
    read = await asyncio.gather(*(one(each) for each in others))
    named = {f"inline:{policy}": fact for policy, fact in zip(others, read, strict=True)}
    return {"inline": present, f"inline:{POLICY_NAME}": ours, **named}


def absent(role: Fact) -> bool:
    """Whether IAM says that there is no such role."""
    return role.outcome is Outcome.NO_DATA
