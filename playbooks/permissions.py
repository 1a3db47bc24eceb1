"""Roles of a pipeline: who may assume them, what they lack, and what bucket and key policies deny them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.fact import Evidence, Fact
from core.finding import Answer, Finding
from core.playbook import Facts, Playbook, Step, Subject

from ._access import ACCESS_READS, check_denials, judge_denials
from ._answers import failed, failing, finding, not_applicable, numbers, passed, unknown, unseen
from ._ask import ask
from ._build_needs import build_needs
from ._denial import Denial, denials, speaks_of_access
from ._fixes import command, foreign, manual, retry_hint
from ._grants import GRANT_READS, judge_grants, judge_role, read_grants
from ._needs import action_needs, assume_needs
from ._role_history import BROAD, TRAIL, encoded_message
from ._roles import service_caller
from ._said import said_of
from ._store_policies import STORE
from ._text import text_findings
from ._trust import Caller

__all__ = ["PLAYBOOK"]

_ID = "permissions"


def _refusals(subject: Subject) -> tuple[Denial, ...]:
    return denials((0, line) for line in said_of(subject).splitlines())


def _own_source(subject: Subject) -> str:
    """ARN of the pipeline, which its requests carry as aws:SourceArn."""
    where, identity = subject.ref.place.region, subject.identity
    return f"arn:{identity.partition}:codepipeline:{where}:{identity.account}:{subject.ref.name}"


# --- what was refused


async def _gather_refused(subject: Subject, evidence: Evidence) -> Facts:
    found = [each for each in _refusals(subject) if each.action != "sts:AssumeRole"]
    roles = [each for each in (subject.role_arn, subject.definition.role_arn) if each]
    build = [] if subject.action.provider != "CodeBuild" else await _build_role(subject, evidence)
    return await check_denials(subject, evidence, found, [*build, *roles])


async def _build_role(subject: Subject, evidence: Evidence) -> list[str]:
    project = await _project(subject, evidence)
    role = str(project.get("projects", 0, "serviceRole", default="")) if project else ""
    return [role] if role else []


async def _project(subject: Subject, evidence: Evidence) -> Fact | None:
    name = subject.action.configuration.get("ProjectName", "")
    if subject.action.provider != "CodeBuild" or not name:
        return None
    return await ask(subject, evidence, "codebuild", "BatchGetProjects", {"names": [name]})


def _judge_refused(subject: Subject, facts: Facts) -> Answer:
    said = said_of(subject)
    found = [each for each in _refusals(subject) if each.action != "sts:AssumeRole"]
    if not found:
        access = [each for each in subject.hypotheses if each.cause.startswith("permission.")]
        if access:
            findings = text_findings(subject, _ID, access)
            return failed(f"{access[0].title}.", findings=findings, lines=[(0, said.splitlines()[0] if said else "")])
        if speaks_of_access(said):
            lines = [(0, line) for line in said.splitlines()[:4]]
            if encoded := encoded_message(said):
                lines.append((0, command(subject, "sts", "DecodeAuthorizationMessage", EncodedMessage=encoded)))
            return unknown("The message speaks of access and names no action.", lines=lines)
        return not_applicable("The message speaks of no refused call.")
    checked = judge_denials(subject, _ID, found, facts)
    findings = tuple(each.finding for each in checked)
    best = next((each for each in checked if each.state == "confirmed"), checked[0])
    lines = [(0, each.text) for each in found]
    cited = list(facts.values())
    if best.state == "confirmed":
        return failed(best.detail, *cited, findings=findings, lines=lines)
    if cannot := unseen(*cited):
        return Answer(cannot.verdict, f"{best.detail} {cannot.detail}", numbers(cited), findings, tuple(lines))
    return unknown(best.detail, *cited, findings=findings, lines=lines)


_REFUSED = Step(
    id="refused",
    question="Which call was refused, to whom, and does IAM agree?",
    why="A refusal names role, action and resource; the simulation tells a lack from a deny.",
    reads=("codebuild:BatchGetProjects", *ACCESS_READS),
    gather=_gather_refused,
    judge=_judge_refused,
)


# --- a role against its needs


def _answer(subject: Subject, facts: Facts, role_arn: str, caller: Caller, needs: Sequence[Any], said: str) -> Answer:
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


async def _gather_pipeline_role(subject: Subject, evidence: Evidence) -> Facts:
    needs = assume_needs(subject) or action_needs(subject)
    return await read_grants(subject, evidence, subject.definition.role_arn, needs)


def _judge_pipeline_role(subject: Subject, facts: Facts) -> Answer:
    role = subject.definition.role_arn
    if not role:
        return unknown("The definition names no role.")
    caller = service_caller(subject, "codepipeline.amazonaws.com", _own_source(subject))
    return _answer(subject, facts, role, caller, assume_needs(subject) or action_needs(subject), said_of(subject))


_PIPELINE_ROLE = Step(
    id="pipeline-role",
    question="May CodePipeline use the pipeline's role, and may the role do what the action needs?",
    why="CodePipeline does everything with this role, or assumes the action's own role with it.",
    reads=GRANT_READS,
    gather=_gather_pipeline_role,
    judge=_judge_pipeline_role,
)


def _has_own_role(subject: Subject) -> bool:
    return bool(assume_needs(subject))


async def _gather_action_role(subject: Subject, evidence: Evidence) -> Facts:
    if not _has_own_role(subject):
        return {}
    return await read_grants(subject, evidence, subject.action.role_arn, action_needs(subject))


def _judge_action_role(subject: Subject, facts: Facts) -> Answer:
    if not _has_own_role(subject):
        return not_applicable("The action has no role of its own; the pipeline's acts.")
    caller = Caller(arn=subject.definition.role_arn)
    said = said_of(subject)
    answer = _answer(subject, facts, subject.action.role_arn, caller, action_needs(subject), said)
    if not foreign(subject) or not failing(subject):
        return answer
    findings = [
        replace(each, cause="permission.cross-account", confidence=max(each.confidence, 0.93 if each.proven else 0.0))
        if each.cause == "permission.role-trust"
        else each
        for each in answer.findings
    ]
    if not findings and subject.action.role_arn in said and "assume" in said.lower():
        findings = [_not_let_in(subject, said, list(facts.values()))]
    return replace(answer, findings=tuple(findings))


def _not_let_in(subject: Subject, said: str, cited: Sequence[Fact]) -> Finding:
    """The finding where the message says that another account's role may not be assumed, and it cannot be looked at."""
    role, pipeline = subject.action.role_arn, subject.definition.role_arn
    steps = [
        f"The trust policy of {role} must let {pipeline} in (sts:AssumeRole).",
        f"{pipeline} must be allowed sts:AssumeRole on {role}.",
        retry_hint(subject),
    ]
    return finding(
        subject,
        _ID,
        "permission.cross-account",
        0.92,
        f"The pipeline may not assume {role} of another account",
        f"{said.splitlines()[0]} Across accounts both sides must agree.",
        cited,
        fixes=[manual("permissions.cross-account", "Let the pipeline's role into the other account", steps)],
        disproved_by="an AssumeRole of that role by the pipeline's role that succeeds",
        proven=True,
    )


_ACTION_ROLE = Step(
    id="action-role",
    question="If the action has a role of its own, may the pipeline assume it, and may it do the work?",
    why="Across accounts both sides must agree: the pipeline's role may assume it, and its trust policy lets that in.",
    reads=GRANT_READS,
    gather=_gather_action_role,
    judge=_judge_action_role,
)


# --- roles of what the action starts


def _handed_role(subject: Subject, project: Fact | None) -> tuple[str, str]:
    """The role that the action hands to the service that works, and that service; empty for none."""
    if project is not None:
        return str(project.get("projects", 0, "serviceRole", default="")), "codebuild.amazonaws.com"
    if subject.action.provider == "CloudFormation":
        return subject.action.configuration.get("RoleArn", ""), "cloudformation.amazonaws.com"
    return "", ""


async def _gather_service_role(subject: Subject, evidence: Evidence) -> Facts:
    project = await _project(subject, evidence)
    role, _ = _handed_role(subject, project)
    facts: dict[str, Fact] = {"project": project} if project else {}
    if role:
        found = project.get("projects", 0, default={}) if project else {}
        facts |= await read_grants(subject, evidence, role, build_needs(subject, found) if project else ())
    return facts


def _judge_service_role(subject: Subject, facts: Facts) -> Answer:
    project = facts.get("project")
    if cannot := unseen(project):
        return cannot
    role, service = _handed_role(subject, project)
    if not role:
        return not_applicable("The action hands no role to another service.")
    needs = build_needs(subject, project.get("projects", 0, default={})) if project else ()
    return _answer(subject, facts, role, service_caller(subject, service), needs, said_of(subject))


_SERVICE_ROLE = Step(
    id="service-role",
    question="May the service that does the work use its role, and may the role do what the work needs?",
    why="CodeBuild and CloudFormation work with a role of their own; its lacks show up as their failures.",
    reads=("codebuild:BatchGetProjects", *GRANT_READS),
    gather=_gather_service_role,
    judge=_judge_service_role,
)


def _applies(subject: Subject) -> float:
    if any(each.cause.startswith(("permission.", "artifact.", "s3deploy.")) for each in subject.hypotheses):
        return 0.9
    if speaks_of_access(subject.action_state.error_message):
        return 0.85
    return 0.3


PLAYBOOK = Playbook(
    id=_ID,
    title="Permissions of the roles",
    summary="Simulates what the definition needs for every role that acts here, and reads who may assume them.",
    steps=(_REFUSED, _PIPELINE_ROLE, _ACTION_ROLE, _SERVICE_ROLE, STORE, TRAIL, BROAD),
    applies=_applies,
    causes=(
        "artifact.access-denied",
        "artifact.kms-denied",
        "build.env-secret",
        "build.image-pull-failed",
        "build.logs-denied",
        "build.vpc-config",
        "permission.action-denied",
        "permission.cross-account",
        "permission.credentials-expired",
        "permission.explicit-deny",
        "permission.pass-role",
        "permission.role-trust",
        "s3deploy.denied",
        "source.connection-denied",
    ),
)
