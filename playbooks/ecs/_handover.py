"""Whether the role that deploys may hand the task definition's roles to ECS (iam:PassRole)."""

from __future__ import annotations

from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, not_applicable, passed, unseen
from playbooks._denial import speaks_of_access
from playbooks._ecs import DEFINITION_READS, definition_of, read_definition
from playbooks._grants import GRANT_READS, judge_grants, read_grants
from playbooks._needs import Need
from playbooks._said import said_of

__all__ = ["HANDOVER"]

_ID = "ecs"
# https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
_CONTEXT = (("iam:PassedToService", "ecs-tasks.amazonaws.com"),)


def _needs(facts: Facts) -> list[Need]:
    found = (str(definition_of(facts).get(name, "")) for name in ("executionRoleArn", "taskRoleArn"))
    why = "to register the task definition with its roles"
    return [Need("iam:PassRole", role, why, "permission.pass-role", _CONTEXT) for role in dict.fromkeys(found) if role]


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    if not failing(subject) or not speaks_of_access(subject.action_state.error_message):
        return {}
    facts = await read_definition(subject, evidence)
    if needs := _needs(facts):
        facts |= await read_grants(subject, evidence, subject.role_arn, needs)
    return facts


def _judge(subject: Subject, facts: Facts) -> Answer:
    needs = _needs(facts)
    if not needs:
        return not_applicable("The failure does not speak of access, or the task definition names no role.")
    cited = [fact for name, fact in facts.items() if name == "role" or name.startswith("sim:")]
    if cannot := unseen(*cited):
        return cannot
    judged = judge_grants(subject, _ID, facts, subject.role_arn, needs, said_of(subject))
    if judged.trouble:
        return failed(judged.trouble, *cited, findings=judged.findings, lines=judged.lines)
    return passed(judged.detail, *cited, lines=judged.lines)


HANDOVER = Step(
    id="pass-role",
    question="May the role that deploys hand the task definition's roles to ECS?",
    why="Every new revision is registered with its roles; without iam:PassRole on them ECS refuses it.",
    reads=(*DEFINITION_READS, *GRANT_READS),
    gather=_gather,
    judge=_judge,
)
