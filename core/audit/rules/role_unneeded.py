"""Services granted to the pipeline's role that its definition has no use for."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.grants import grants, narrow_fix, service_of
from core.audit.model import Issue, Rule, Severity

_GRAVE = frozenset({"iam", "sts", "secretsmanager", "organizations", "kms", "ec2", "rds", "dynamodb"})
# Asked by the console's own policies to fill its forms; harmless by themselves.
_HARMLESS = frozenset({"logs", "cloudwatch", "tag"})


def _judge(case: Case) -> Iterator[Issue]:
    role = case.definition.role_arn
    needs = case.needed.get(role)
    if not needs or any(stage.conditions for stage in case.definition.stages):
        return  # the rules of stage conditions act with this role too, and what they need is not known here
    wanted = {service_of(each.action) for each in needs}
    unneeded: dict[str, list[str]] = {}
    facts = {}
    for grant in grants(case, role):
        for action in grant.actions:
            service = service_of(action)
            if action.lower() == "iam:passrole":
                continue  # roles are handed on in several actions' names; which ones is another rule's question
            if service not in wanted and service not in _HARMLESS and "*" not in service:
                unneeded.setdefault(service, []).append(action)
                facts[grant.fact.n] = grant.fact
    if not unneeded:
        return
    grave = _GRAVE & set(unneeded)
    yield Issue(
        Severity.MEDIUM if grave else Severity.LOW,
        f"Role {role.rpartition('/')[2]} is granted what no action needs: {', '.join(sorted(unneeded))}",
        "No action of the definition has to do with these services.",
        role,
        "services",
        facts=tuple(facts.values()),
        lines=tuple((0, f"{name}: {', '.join(sorted(set(found))[:5])}") for name, found in sorted(unneeded.items())),
        fixes=(narrow_fix(case, role, f"Take the grants for {', '.join(sorted(unneeded))} away"),),
    )


RULE = Rule(
    "role-unneeded",
    "audit.iam-broad",
    "The pipeline's role is granted services that its definition does not use",
    "A grant that nothing needs is noticed by no one when it is misused.",
    Severity.LOW,
    (Kind.INLINE_NAMES, Kind.INLINE, Kind.ATTACHED, Kind.POLICY_TEXT),
    _judge,
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html",
)
