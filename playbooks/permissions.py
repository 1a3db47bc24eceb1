"""Roles of a pipeline: who may assume them, what they lack, and what bucket and key policies deny them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.fact import Evidence, Fact
from core.finding import Answer, Finding
from core.playbook import Facts, Playbook, Step, Subject

from ._access import ACCESS_READS, check_denials, judge_denials
from ._answers import failed, failing, finding, not_applicable, numbers, unknown, unseen
from ._denial import Denial, denials, speaks_of_access
from ._fixes import foreign, manual, retry_hint
from ._granted import GRANTED
from ._grants import GRANT_READS, read_grants
from ._needs import action_needs, assume_needs
from ._role_history import DECODE_READS, TRAIL, from_decoded, read_encoded
from ._roles import service_caller
from ._said import said_of
from ._service_roles import EVENT_ROLE, SERVICE_ROLE, project_of_action, role_answer
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
    hidden = {} if _named(subject) else await read_encoded(evidence, said_of(subject))
    found = _found(subject, hidden)
    roles = [each for each in (subject.role_arn, subject.definition.role_arn) if each]
    build = [] if subject.action.provider != "CodeBuild" else await _build_role(subject, evidence)
    return {**hidden, **(await check_denials(subject, evidence, found, [*build, *roles]))}


def _named(subject: Subject) -> list[Denial]:
    """What the text itself says was refused."""
    return [each for each in _refusals(subject) if each.action != "sts:AssumeRole"]


def _found(subject: Subject, facts: Facts) -> list[Denial]:
    """What was refused: as the text names it, else as the encoded part of it says."""
    return _named(subject) or list(from_decoded(facts))


async def _build_role(subject: Subject, evidence: Evidence) -> list[str]:
    project = await project_of_action(subject, evidence)
    role = str(project.get("projects", 0, "serviceRole", default="")) if project else ""
    return [role] if role else []


def _unnamed(subject: Subject, facts: Facts, said: str) -> Answer:
    """The answer where no refused call is named."""
    access = [each for each in subject.hypotheses if each.cause.startswith("permission.")]
    if access:
        findings = text_findings(subject, _ID, access)
        return failed(f"{access[0].title}.", findings=findings, lines=[(0, said.splitlines()[0] if said else "")])
    if speaks_of_access(said):
        lines = [(0, line) for line in said.splitlines()[:4]]
        if cannot := unseen(facts.get("decoded")):
            return replace(cannot, lines=tuple(lines))
        return unknown("The message speaks of access and names no action.", lines=lines)
    return not_applicable("The message speaks of no refused call.")


def _judge_refused(subject: Subject, facts: Facts) -> Answer:
    said = said_of(subject)
    found = _found(subject, facts)
    if not found:
        return _unnamed(subject, facts, said)
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
    reads=("codebuild:BatchGetProjects", *DECODE_READS, *ACCESS_READS),
    gather=_gather_refused,
    judge=_judge_refused,
)


# --- a role against its needs


async def _gather_pipeline_role(subject: Subject, evidence: Evidence) -> Facts:
    needs = assume_needs(subject) or action_needs(subject)
    return await read_grants(subject, evidence, subject.definition.role_arn, needs)


def _judge_pipeline_role(subject: Subject, facts: Facts) -> Answer:
    role = subject.definition.role_arn
    if not role:
        return unknown("The definition names no role.")
    caller = service_caller(subject, "codepipeline.amazonaws.com", _own_source(subject))
    return role_answer(subject, facts, role, caller, assume_needs(subject) or action_needs(subject), said_of(subject))


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
    answer = role_answer(subject, facts, subject.action.role_arn, caller, action_needs(subject), said)
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
    steps=(_REFUSED, _PIPELINE_ROLE, _ACTION_ROLE, SERVICE_ROLE, EVENT_ROLE, STORE, TRAIL, GRANTED),
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
