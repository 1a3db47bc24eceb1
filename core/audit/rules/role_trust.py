"""A trust policy that lets in more than the service that acts for the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.arn import Arn
from core.audit.case import Case, Kind
from core.audit.fixes import fix
from core.audit.grants import listed, roles
from core.audit.model import Issue, Rule, Severity
from core.console import role_url
from core.fact import Fact
from core.finding import Fix
from core.policy import document_of, statements

_OURS = ("codepipeline", "codebuild", "codedeploy", "cloudformation", "events", "lambda", "ecs-tasks", "scheduler")


def _judge(case: Case) -> Iterator[Issue]:
    for role, use in roles(case).items():
        fact = case.ok(Kind.ROLE, role)
        if fact is None:
            continue
        try:
            document = document_of(fact.get("Role", "AssumeRolePolicyDocument", default={}))
        except ValueError:
            continue
        for number, statement in enumerate(statements(document), 1):
            if statement.get("Effect") == "Allow":
                yield from _statement(case, role, use, fact, statement, number)


def _statement(
    case: Case, role: str, use: str, fact: Fact, statement: Mapping[str, Any], number: int
) -> Iterator[Issue]:
    name, principal = role.rpartition("/")[2], statement.get("Principal", {})
    conditional = bool(statement.get("Condition"))
    given = ("*",) if principal == "*" else listed(principal.get("AWS")) if isinstance(principal, Mapping) else ()
    services = listed(principal.get("Service")) if isinstance(principal, Mapping) else ()
    account = case.identity.account

    def issue(severity: Severity, title: str, text: str, key: str) -> Issue:
        lines = ((fact.n, f"statement {number}: {', '.join((*given, *services)) or 'a federated principal'}"),)
        return Issue(severity, title, f"It is {use}. {text}", role, key, (fact,), lines, (_fix(case, role),))

    for each in given:
        arn = Arn.parse(each)
        if each == "*":
            severity = Severity.MEDIUM if conditional else Severity.CRITICAL
            yield issue(severity, f"Anyone may take on role {name}", "Its trust policy names every principal.", "*")
        elif each == account or (arn and arn.account == account and arn.resource == "root"):
            severity = Severity.LOW if conditional else Severity.MEDIUM
            text = "Whoever in the account is allowed sts:AssumeRole on it gets what the pipeline has."
            yield issue(severity, f"The whole account may take on role {name}", text, each)
        elif each.isdigit() or (arn and arn.account != account):
            severity = Severity.LOW if conditional else Severity.HIGH
            text = "Another account's principal is let in" + (
                ", on a condition." if conditional else " unconditionally."
            )
            yield issue(severity, f"Another account may take on role {name}", text, each)
    foreign = [each for each in services if each.split(".", maxsplit=1)[0] not in _OURS]
    if foreign:
        text = "A pipeline has no use for these services."
        yield issue(Severity.LOW, f"Role {name} also trusts {', '.join(foreign)}", text, "services")
    if services and not conditional and not given:
        text = "Without a condition on aws:SourceAccount a service could be made to act for someone else's resource."
        yield issue(Severity.INFO, f"Role {name} trusts {', '.join(services)} without a condition", text, "condition")


def _fix(case: Case, role: str) -> Fix:
    arn, account = Arn.parse(role), case.identity.account
    condition = f'"Condition": {{"StringEquals": {{"aws:SourceAccount": "{account}"}}}}'
    name = role.rpartition("/")[2]
    return fix(
        f"audit.narrow-trust:{role}",
        f"Let only the service take on {name}",
        (
            f"Open the trust policy of role {name}, or the template or code that makes it.",
            f"Name the one service as principal, and add {condition}.",
            "Run the pipeline once to see that the role still works.",
        ),
        commands=(f"aws iam update-assume-role-policy --role-name {name} --policy-document file://trust.json",),
        url=role_url(arn.name if arn else name, arn.partition if arn else "aws"),
    )


RULE = Rule(
    "role-trust",
    "audit.iam-trust-broad",
    "A role lets in more than the service that uses it",
    "Who may take on the role has everything that the pipeline has, past every review and approval.",
    Severity.MEDIUM,
    (Kind.ROLE,),
    _judge,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
)
