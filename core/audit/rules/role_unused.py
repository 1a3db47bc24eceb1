"""Services granted to a role that it has not used for long, by IAM's last accessed information."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.audit.case import Case, Kind
from core.audit.grants import grants, narrow_fix, roles, service_of
from core.audit.model import Issue, Rule, Severity

_LONG_S = 90 * 86_400.0


def _judge(case: Case) -> Iterator[Issue]:
    for role, use in roles(case).items():
        fact = case.ok(Kind.LAST_USED, role)
        if fact is None:
            continue
        granted = {service_of(action) for grant in grants(case, role) for action in grant.actions}
        unused = [
            each
            for each in fact.get("ServicesLastAccessed", default=())
            if service_of(str(each.get("ServiceNamespace", ""))) in granted | {"*"} and _unused(each, case.now)
        ]
        names = sorted({str(each.get("ServiceNamespace", "")) for each in unused} & granted)
        if not names:
            continue
        yield Issue(
            Severity.LOW,
            f"Role {role.rpartition('/')[2]} has not used {', '.join(names)} for 90 days",
            f"It is {use}; IAM has seen no call of it there.",
            role,
            "unused",
            facts=(fact,),
            lines=tuple((fact.n, f"{name}: not used in 90 days") for name in names),
            fixes=(narrow_fix(case, role, f"Take the grants for {', '.join(names)} away"),),
        )


def _unused(service: dict[str, Any], now: float) -> bool:
    last = service.get("LastAuthenticated")
    return not isinstance(last, int | float) or now - last > _LONG_S


RULE = Rule(
    "role-unused",
    "audit.iam-broad",
    "A role has not used what it is granted",
    "What has not been used for a quarter of a year is seldom needed, and can be given back if it is.",
    Severity.LOW,
    (Kind.LAST_USED,),
    _judge,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_access-advisor.html",
)
