"""A role that may hand any role on to a service."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.grants import grants, narrow_fix, roles
from core.audit.model import Issue, Rule, Severity


def _judge(case: Case) -> Iterator[Issue]:
    for role, use in roles(case).items():
        for grant in grants(case, role):
            if "*" in grant.actions or not grant.allows("iam:PassRole"):
                continue
            if not any(each == "*" or each.endswith(":role/*") for each in grant.resources):
                continue
            bound = " A condition limits the services that may take them." if grant.conditional else ""
            needed = [each.resource for each in case.needed.get(role, ()) if each.action == "iam:PassRole"]
            yield Issue(
                Severity.LOW if grant.conditional else Severity.HIGH,
                f"Role {role.rpartition('/')[2]} may pass any role",
                f"It is {use}; {grant.where} lets it start things that act with stronger roles than its own.{bound}",
                role,
                grant.where,
                facts=(grant.fact,),
                lines=tuple((0, f"iam:PassRole is needed for {each}") for each in needed),
                fixes=(narrow_fix(case, role, "Name the roles that are passed, with a condition iam:PassedToService"),),
            )


RULE = Rule(
    "role-pass-any",
    "audit.iam-broad",
    "A role may pass any role on",
    "Passing a stronger role to a service is the usual way from a build to the whole account.",
    Severity.HIGH,
    (Kind.INLINE_NAMES, Kind.INLINE, Kind.ATTACHED, Kind.POLICY_TEXT),
    _judge,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
