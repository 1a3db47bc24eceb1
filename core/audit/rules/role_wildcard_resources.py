"""A role that may do on every resource what the definition needs on a few."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.audit.case import Case, Kind, Needed
from core.audit.grants import Grant, grants, narrow_fix, roles, service_of
from core.audit.model import Issue, Rule, Severity

# Actions that hand out data, secrets or other roles; they have a resource level in the service authorization reference.
_GRAVE = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "kms:Decrypt",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "codebuild:StartBuild",
    "codedeploy:CreateDeployment",
    "cloudformation:DeleteStack",
    "cloudformation:UpdateStack",
    "sts:AssumeRole",
    "ecr:PutImage",
)
# All secrets, all parameters, all buckets of the account are as good as everything.
_ALL_OF_A_KIND = re.compile(r":(?:secret:\*|parameter/\*|key/\*)$|^arn:aws[a-z-]*:s3:::\*")


def _judge(case: Case) -> Iterator[Issue]:
    for role, use in roles(case).items():
        needs = case.needed.get(role, ())
        for grant in grants(case, role):
            if "*" in grant.actions or not (wide := [each for each in grant.resources if _wide(each)]):
                continue
            grave = [each for each in _GRAVE if _named(grant, each)]
            narrow = [] if grant.conditional else _narrower(grant, needs)
            if not grave and not narrow:
                continue
            actions = sorted({*grave, *(each.action for each in narrow)})
            yield Issue(
                Severity.MEDIUM if grave and not grant.conditional else Severity.LOW,
                f"Role {role.rpartition('/')[2]} may {_some(actions)} on {_scope(wide)}",
                f"It is {use}; {grant.where} does not name the resources.{_would_do(narrow)}",
                role,
                grant.where,
                facts=(grant.fact,),
                lines=tuple((grant.fact.n, f"{each.action} is needed on {each.resource} alone") for each in narrow[:6]),
                fixes=(narrow_fix(case, role, f"Name the resources in {grant.where} instead of {wide[0]}"),),
            )


def _wide(resource: str) -> bool:
    return resource == "*" or bool(_ALL_OF_A_KIND.search(resource))


def _scope(wide: Sequence[str]) -> str:
    return "every resource" if "*" in wide else wide[0]


def _named(grant: Grant, action: str) -> bool:
    """Whether the grant covers the action; whole services are another rule's."""
    return grant.allows(action) and f"{action.partition(':')[0]}:*" not in grant.actions


def _narrower(grant: Grant, needs: Sequence[Needed]) -> list[Needed]:
    """Needs that the grant meets on everything although they are of one resource."""
    if not grant.everywhere:
        return []
    known = {service_of(each) for each in grant.actions if not each.endswith(":*")}
    return [
        each
        for each in needs
        if each.resource not in {"", "*"} and service_of(each.action) in known and grant.allows(each.action)
    ]


def _some(actions: Sequence[str]) -> str:
    return ", ".join(actions[:3]) + (f" and {len(actions) - 3} more" if len(actions) > 3 else "")


def _would_do(narrow: Sequence[Needed]) -> str:
    return f" The definition needs it on {narrow[0].resource}." if narrow else ""


RULE = Rule(
    "role-wildcard-resources",
    "audit.iam-broad",
    "A role may act on every resource where a few would do",
    "What the pipeline does to its own things it could then do to those of others.",
    Severity.LOW,
    (Kind.INLINE_NAMES, Kind.INLINE, Kind.ATTACHED, Kind.POLICY_TEXT),
    _judge,
)
