"""A role that is granted all actions of a service."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.grants import grants, narrow_fix, roles, service_of
from core.audit.model import Issue, Rule, Severity

# Who holds all of one of these can give himself the rest, or read and destroy what others left there.
_GRAVE = frozenset(
    {"iam", "sts", "kms", "s3", "secretsmanager", "ssm", "lambda", "ec2", "organizations", "cloudformation"}
)


def _judge(case: Case) -> Iterator[Issue]:
    for role, use in roles(case).items():
        name = role.rpartition("/")[2]
        for grant in grants(case, role):
            services = sorted({service_of(each) for each in grant.actions if each.endswith(":*")} - {"*"})
            if not services:
                continue
            grave = bool(_GRAVE & set(services)) and grant.everywhere
            listed = ", ".join(f"{each}:*" for each in services)
            yield Issue(
                Severity.HIGH if grave else Severity.MEDIUM if grant.everywhere else Severity.LOW,
                f"Role {name} allows {listed}",
                f"It is {use}; {grant.where} grants all actions, deleting ones too"
                f"{', on every resource' if grant.everywhere else ''}.",
                role,
                grant.where,
                facts=(grant.fact,),
                lines=((grant.fact.n, f"{grant.where}: {listed} on {', '.join(grant.resources[:4])}"),),
                fixes=(narrow_fix(case, role, f"Name the actions that are used instead of {listed}"),),
            )
        yield from _managed(case, role, use)


def _managed(case: Case, role: str, use: str) -> Iterator[Issue]:
    for policy in case.attached(role):
        short = policy.rpartition("/")[2]
        if ":iam::aws:policy/" in policy and short.endswith("FullAccess") and short != "IAMFullAccess":
            yield Issue(
                Severity.MEDIUM,
                f"Role {role.rpartition('/')[2]} has {short}",
                f"It is {use}; AWS's own policy grants all actions of the service on every resource.",
                role,
                short,
                facts=tuple(filter(None, (case.ok(Kind.ATTACHED, role),))),
                fixes=(narrow_fix(case, role, f"Replace {short} by the actions and resources that are used"),),
            )


RULE = Rule(
    "role-wildcard-actions",
    "audit.iam-broad",
    "A role is granted all actions of a service",
    "A pipeline uses a handful of actions; the rest serves only accidents and intruders.",
    Severity.MEDIUM,
    (Kind.ATTACHED, Kind.INLINE_NAMES, Kind.INLINE, Kind.POLICY_TEXT),
    _judge,
)
