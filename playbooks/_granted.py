"""How much the roles that act are granted: policies, wildcards, what nothing needs, and AWS's own policies that fit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from core.audit.case import Case, Kind, inline_key, place_key
from core.audit.model import Rule
from core.audit.rules import role_admin, role_pass_any, role_unneeded, role_wildcard_actions, role_wildcard_resources
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.plans.iam import role_name
from core.playbook import Facts, Step, Subject

from ._answers import failing, not_applicable, passed, plural, unknown, unseen
from ._denial import speaks_of_access
from ._role_needs import needed
from ._roles import assuming_role, label, read_role
from ._said import said_of

__all__ = ["GRANTED"]

_RULES: tuple[Rule, ...] = tuple(
    module.RULE for module in (role_admin, role_pass_any, role_wildcard_actions, role_wildcard_resources, role_unneeded)
)
_MOST = 8  # policies whose text is read
# AWS's own policies for the roles of what an action starts (each service's page on its role).
_FITTING: Mapping[str, tuple[str, str]] = {
    "CodeDeploy": ("the deployment group's role", "AWSCodeDeployRole"),
    "CodeDeployToECS": ("the deployment group's role", "AWSCodeDeployRoleForECS"),
    "ECS": ("the task's execution role", "AmazonECSTaskExecutionRolePolicy"),
    "Lambda": ("the function's role", "AWSLambdaBasicExecutionRole"),
    "EC2": ("the instances' role", "AmazonSSMManagedInstanceCore"),
    "ElasticBeanstalk": ("the instances' role", "AWSElasticBeanstalkWebTier"),
    "Manual": ("those who answer approvals", "AWSCodePipelineApproverAccess"),
}


def _deep(subject: Subject) -> bool:
    """Whether the policies themselves are read: they are beside the point of a failure that is about something else."""
    about = any(each.cause.startswith("permission.") for each in subject.hypotheses)
    return not failing(subject) or about or speaks_of_access(said_of(subject))


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    role = subject.role_arn
    name = role_name(role)
    if not name:
        return {}
    through = assuming_role(subject, role)

    async def read(operation: str, **params: str) -> Fact:
        return await evidence.read("iam", operation, params, role_arn=through)

    known, attached, inline = await asyncio.gather(
        read_role(subject, evidence, role),
        read("ListAttachedRolePolicies", RoleName=name),
        read("ListRolePolicies", RoleName=name),
    )
    facts = {"role": known, "attached": attached, "inline": inline}
    if not _deep(subject):
        return facts

    async def own(policy: str) -> tuple[str, Fact]:
        return f"own:{policy}", await read("GetRolePolicy", RoleName=name, PolicyName=policy)

    async def managed(arn: str) -> tuple[str, Fact]:
        policy = await read("GetPolicy", PolicyArn=arn)
        version = str(policy.get("Policy", "DefaultVersionId", default="v1"))
        return f"managed:{arn}", await read("GetPolicyVersion", PolicyArn=arn, VersionId=version)

    names = [str(each) for each in inline.get("PolicyNames", default=())][:_MOST]
    arns = [str(each.get("PolicyArn", "")) for each in attached.get("AttachedPolicies", default=())]
    # The text of AWS's own policies is known by their names.
    theirs = [each for each in arns if each and ":iam::aws:policy/" not in each][: _MOST - len(names)]
    return {**facts, **dict(await asyncio.gather(*map(own, names), *map(managed, theirs)))}


def _case(subject: Subject, facts: Facts) -> Case:
    """What the audit's rules judge, of the acting role alone."""
    role = subject.role_arn
    kinds: dict[Kind, dict[str, Fact]] = {
        Kind.ROLE: {role: facts["role"]},
        Kind.ATTACHED: {role: facts["attached"]},
        Kind.INLINE_NAMES: {role: facts["inline"]},
        Kind.INLINE: {},
        Kind.POLICY_TEXT: {},
    }
    for name, fact in facts.items():
        kind, _, policy = name.partition(":")
        if kind == "own":
            kinds[Kind.INLINE][inline_key(role, policy)] = fact
        elif kind == "managed":
            kinds[Kind.POLICY_TEXT][policy] = fact
    project = facts.get("project")
    if project is not None:
        kinds[Kind.PROJECT] = {place_key(subject.region, subject.action.configuration.get("ProjectName", "")): project}
    case = Case(subject.ref, subject.identity, subject.definition, subject.now, kinds)
    return replace(case, needed=needed(case))


def _issues(case: Case) -> list[tuple[int, str]]:
    """What is granted too much, in lines."""
    found = [issue for rule in _RULES for issue in rule.judge(case)]
    lines = []
    for issue in sorted(found, key=lambda each: each.severity.rank):
        number = issue.facts[0].n if issue.facts else 0
        lines.append((number, f"{issue.severity.value}: {issue.title}. {issue.summary}"))
    return lines


def _fitting(subject: Subject) -> list[tuple[int, str]]:
    who, policy = _FITTING.get(subject.action.provider, ("", ""))
    return [(0, f"AWS's own policy {policy} fits {who}.")] if policy else []


def _judge(subject: Subject, facts: Facts) -> Answer:
    attached, role = facts.get("attached"), facts.get("role")
    if attached is None or role is None:
        return unknown("The definition names no role.")
    if cannot := unseen(attached, role, facts["inline"]):
        return cannot
    if role.outcome is Outcome.NO_DATA:
        return not_applicable("Without the role there is nothing granted.", role)
    names = [str(each.get("PolicyName", "?")) for each in attached.get("AttachedPolicies", default=())]
    own = [str(each) for each in facts["inline"].get("PolicyNames", default=())]
    boundary = str(role.get("Role", "PermissionsBoundary", "PermissionsBoundaryArn", default=""))
    lines = [(attached.n, f"attached: {name}") for name in names] + [
        (facts["inline"].n, f"its own: {name}") for name in own
    ]
    if boundary:
        lines.append((role.n, f"permissions boundary: {boundary}"))
    issues = _issues(_case(subject, facts))
    limit = f" A permissions boundary limits it: {boundary}." if boundary else ""
    who = label(subject.role_arn)
    detail = (
        f"{who[:1].upper()}{who[1:]} has {plural(len(names), 'attached policy', 'attached policies')} and "
        f"{plural(len(own), 'policy', 'policies')} of its own.{limit}"
    )
    if issues:
        detail += f" {issues[0][1].partition(': ')[2]}"
    elif _deep(subject):
        detail += " Nothing in them is wider than the definition needs, as far as that can be told."
    else:
        detail += " What stands in them is read where the failure is about access."
    return passed(detail, *facts.values(), lines=[*lines, *issues, *_fitting(subject)])


GRANTED = Step(
    id="granted",
    question="What is granted to the acting role: too much, what nothing needs, and does a boundary limit it?",
    why="A boundary takes away what policies grant; a wildcard or an administrator policy hides what is really needed.",
    reads=(
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
    ),
    gather=_gather,
    judge=_judge,
)
