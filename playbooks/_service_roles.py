"""Roles around an action: of the service that does its work, and of the rules that start the pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject

from ._answers import failed, failing, not_applicable, passed, plural, unknown, unseen
from ._ask import ask
from ._build_needs import build_needs
from ._codedeploy import GROUP_READS, group_of, read_group
from ._deploy_needs import deploy_needs
from ._events import RULE_READS, read_rules, role_trouble, rules_of
from ._grants import GRANT_READS, judge_grants, judge_role, read_grants
from ._needs import Need
from ._roles import service_caller
from ._said import said_of
from ._trust import Caller

__all__ = ["EVENT_ROLE", "SERVICE_ROLE", "project_of_action", "role_answer"]

_ID = "permissions"


def role_answer(
    subject: Subject, facts: Facts, role_arn: str, caller: Caller, needs: Sequence[Need], said: str
) -> Answer:
    """A role against its needs, as an answer: whether the caller may use it and what it lacks."""
    trust = judge_role(subject, _ID, facts, role_arn, caller, said)
    grants = judge_grants(subject, _ID, facts, role_arn, needs, said)
    lines = [*trust.lines, *grants.lines]
    cited = [fact for name, fact in facts.items() if name == "role" or name.startswith("sim:")]
    findings = (*trust.findings, *grants.findings)
    if trust.trouble or grants.trouble:
        return failed(f"{trust.trouble} {grants.trouble}".strip(), *cited, findings=findings, lines=lines)
    if cannot := unseen(*cited):
        return cannot
    return passed(f"{trust.detail} {grants.detail}".strip() or "Nothing is needed of it.", *cited, lines=lines)


# --- the role that does the work


async def project_of_action(subject: Subject, evidence: Evidence) -> Fact | None:
    """The build project that the action starts; None where it starts none."""
    name = subject.action.configuration.get("ProjectName", "")
    if subject.action.provider != "CodeBuild" or not name:
        return None
    return await ask(subject, evidence, "codebuild", "BatchGetProjects", {"names": [name]})


def _handed(subject: Subject, facts: Facts) -> tuple[str, str, tuple[Need, ...]]:
    """(role, service, what it needs) of whoever does the action's work; an empty role for nobody."""
    project, group = facts.get("project"), group_of(facts)
    if project is not None:
        found = project.get("projects", 0, default={})
        return str(found.get("serviceRole", "")), "codebuild.amazonaws.com", build_needs(subject, found)
    if subject.action.provider == "CloudFormation":
        return subject.action.configuration.get("RoleArn", ""), "cloudformation.amazonaws.com", ()
    return str(group.get("serviceRoleArn", "")), "codedeploy.amazonaws.com", deploy_needs(group)


async def _gather_service_role(subject: Subject, evidence: Evidence) -> Facts:
    project = await project_of_action(subject, evidence)
    facts: dict[str, Fact] = {"project": project} if project else {}
    if subject.action.provider in ("CodeDeploy", "CodeDeployToECS"):
        facts |= await read_group(subject, evidence)
    role, _, needs = _handed(subject, facts)
    return {**facts, **(await read_grants(subject, evidence, role, needs))} if role else facts


def _judge_service_role(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("project"), facts.get("group")):
        return cannot
    role, service, needs = _handed(subject, facts)
    if not role:
        return not_applicable("The action hands no role to another service.")
    return role_answer(subject, facts, role, service_caller(subject, service), needs, said_of(subject))


SERVICE_ROLE = Step(
    id="service-role",
    question="May the service that does the work use its role, and may the role do what the work needs?",
    why="CodeBuild, CodeDeploy and CloudFormation work with a role of their own; its lacks show up as their failures.",
    reads=("codebuild:BatchGetProjects", *GROUP_READS, *GRANT_READS),
    gather=_gather_service_role,
    judge=_judge_service_role,
)


# --- roles of the rules that start the pipeline


def _starts(subject: Subject) -> bool:
    """Whether what starts the pipeline is to the point: an action further on has failed for another reason."""
    return subject.action.category == "Source" or not failing(subject)


async def _gather_event_role(subject: Subject, evidence: Evidence) -> Facts:
    return await read_rules(subject, evidence) if _starts(subject) else {}


def _judge_event_role(subject: Subject, facts: Facts) -> Answer:
    if not facts:
        return not_applicable("The pipeline was started; the roles of its rules are not in question.")
    rules = rules_of(subject, facts)
    if cannot := unseen(facts["rules"]):
        return cannot
    if not rules:
        return not_applicable("No EventBridge rule starts this pipeline.", facts["rules"])
    cited = [facts["rules"], *(rule.fact for rule in rules), *(fact for name, fact in facts.items() if "rule-" in name)]
    lines = [(rule.target.n, f"Rule {rule.name}: role {rule.role or 'none'}") for rule in rules]
    wrong = [(rule, trouble) for rule in rules if (trouble := role_trouble(subject, facts, rule))]
    if wrong:
        rule, trouble = wrong[0]
        return unknown(f"Rule {rule.name}: {trouble}", *cited, lines=lines)
    if cannot := unseen(*(fact for name, fact in facts.items() if "rule-" in name)):
        return cannot
    return passed(f"{plural(len(rules), 'rule')} may start it with the roles that they name.", *cited, lines=lines)


EVENT_ROLE = Step(
    id="event-role",
    question="May EventBridge use the roles of the rules that start the pipeline, and may they start it?",
    why="A rule whose role is refused fires in vain, and nothing in the pipeline shows it.",
    reads=RULE_READS,
    gather=_gather_event_role,
    judge=_judge_event_role,
)
