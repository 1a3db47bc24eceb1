"""A role that may do anything: an administrator policy, or every action on every resource."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.grants import grants, narrow_fix, roles
from core.audit.model import Issue, Rule, Severity

_ADMIN = {
    "AdministratorAccess": Severity.CRITICAL,
    "IAMFullAccess": Severity.CRITICAL,
    "PowerUserAccess": Severity.HIGH,
}


def _judge(case: Case) -> Iterator[Issue]:
    for role, use in roles(case).items():
        name = role.rpartition("/")[2]
        for policy in case.attached(role):
            short = policy.rpartition("/")[2]
            if policy.startswith("arn:aws") and ":iam::aws:policy/" in policy and short in _ADMIN:
                yield Issue(
                    _ADMIN[short],
                    f"Role {name} has {short}",
                    f"It is {use}; whoever can change what the pipeline runs has the account with it.",
                    role,
                    short,
                    facts=tuple(filter(None, (case.ok(Kind.ATTACHED, role),))),
                    fixes=(narrow_fix(case, role, f"Detach {short} and grant what the definition needs"),),
                )
        for grant in grants(case, role):
            if "*" in grant.actions and grant.everywhere:
                softened = " (a condition narrows it)" if grant.conditional else ""
                yield Issue(
                    Severity.HIGH if grant.conditional else Severity.CRITICAL,
                    f"Role {name} allows every action on every resource",
                    f"It is {use}; {grant.where} allows all of AWS{softened}.",
                    role,
                    grant.where,
                    facts=(grant.fact,),
                    lines=((grant.fact.n, f"{grant.where}: actions {', '.join(grant.actions)} on *"),),
                    fixes=(narrow_fix(case, role, f"Replace {grant.where} by what the definition needs"),),
                )


RULE = Rule(
    "role-admin",
    "audit.iam-broad",
    "A role of the pipeline may do anything",
    "Everyone who can push to the source or edit the buildspec acts with that role.",
    Severity.CRITICAL,
    (Kind.ATTACHED, Kind.INLINE_NAMES, Kind.INLINE, Kind.POLICY_TEXT),
    _judge,
)
