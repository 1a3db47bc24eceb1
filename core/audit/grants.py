"""What a role's policies grant, statement by statement. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.arn import Arn
from core.audit.case import Case, Kind, inline_key, project_of
from core.console import role_url
from core.fact import Fact
from core.finding import Fix
from core.plan import Risk
from core.policy import document_of, statements

__all__ = ["Grant", "grants", "listed", "narrow_fix", "roles", "service_of"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One Allow statement of a role.

    Attributes:
        policy: name of the inline policy, or ARN of the managed one.
        sid: the statement's own id, or ``statement 3``.
        actions: as written, with wildcards; for ``NotAction`` a single ``*`` (all but a few).
        resources: as written; for ``NotResource`` a single ``*``.
        conditional: whether a condition narrows it.
    """

    policy: str
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditional: bool
    fact: Fact

    @property
    def everywhere(self) -> bool:
        """Whether it holds for any resource at all."""
        return "*" in self.resources

    def allows(self, action: str) -> bool:
        """Whether the action is among those written."""
        return any(fnmatch.fnmatchcase(action.lower(), each.lower()) for each in self.actions)

    @property
    def where(self) -> str:
        """Policy and statement in words."""
        return f"{self.policy.rpartition('/')[2]}, {self.sid}"


def roles(case: Case) -> dict[str, str]:
    """Return the roles that act for a pipeline, by ARN, each with what it is for."""
    found: dict[str, str] = {}
    if case.definition.role_arn:
        found[case.definition.role_arn] = "the pipeline's role"
    for stage, action in case.actions:
        if action.role_arn:
            found.setdefault(action.role_arn, f"the role of action {stage.name} / {action.name}")
        if action.provider == "CloudFormation" and (stack := action.configuration.get("RoleArn", "")):
            found.setdefault(stack, f"the role that changes stack {action.configuration.get('StackName', '')}")
    for _, fact in case.known(Kind.PROJECT):
        project = project_of(fact)
        if role := str(project.get("serviceRole", "")):
            found.setdefault(role, f"the role of build project {project.get('name', '')}")
    return found


def listed(value: object) -> tuple[str, ...]:
    """Return a policy element that may be one text or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def grants(case: Case, role_arn: str) -> Iterator[Grant]:
    """Yield what is known to be granted to a role: inline policies and managed ones whose text was read."""
    for name in case.ok_names(role_arn):
        if fact := case.ok(Kind.INLINE, inline_key(role_arn, name)):
            yield from _of(name, fact, fact.get("PolicyDocument", default={}))
    for policy in case.attached(role_arn):
        if fact := case.ok(Kind.POLICY_TEXT, policy):
            yield from _of(policy, fact, fact.get("PolicyVersion", "Document", default={}))


def _of(policy: str, fact: Fact, raw: Any) -> Iterator[Grant]:
    try:
        found = statements(document_of(raw))
    except ValueError:
        return
    for number, statement in enumerate(found, 1):
        if statement.get("Effect") != "Allow":
            continue
        actions = ("*",) if "NotAction" in statement else listed(statement.get("Action"))
        resources = ("*",) if "NotResource" in statement else listed(statement.get("Resource"))
        sid = str(statement.get("Sid") or f"statement {number}")
        yield Grant(policy, sid, actions, resources, bool(statement.get("Condition")), fact)


def service_of(action: str) -> str:
    """Return the service of an action, the two spellings of CodeConnections as one; ``*`` for any."""
    service = action.partition(":")[0].lower()
    return "codeconnections" if service == "codestar-connections" else service


def narrow_fix(case: Case, role_arn: str, what: str, commands: Iterable[str] = ()) -> Fix:
    """Return how to narrow a role by hand: nothing here can know all that a role is used for."""
    arn = Arn.parse(role_arn)
    name, partition = (arn.name, arn.partition) if arn else (role_arn, "aws")
    profile = f" --profile {case.ref.place.profile}" if case.ref.place.profile else ""
    return Fix(
        id=f"audit.narrow-role:{role_arn}",
        title=what,
        risk=Risk.MEDIUM,
        steps=(
            f"Open role {name}, or the template or code that makes it: a change by hand may be overwritten there.",
            what if what.endswith(".") else f"{what}.",
            "Run the pipeline once; what it then lacks, `pipemedic diagnose` names, with the statement to add.",
        ),
        commands=tuple(commands) or (f"aws iam list-role-policies --role-name {name}{profile}",),
        console_url=role_url(name, partition),
    )
