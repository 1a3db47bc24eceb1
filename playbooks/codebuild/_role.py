"""The build's service role: who may assume it, and what it lacks of what the project needs."""

from __future__ import annotations

import asyncio

from core.fact import Evidence
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, passed, unknown, unseen
from playbooks._build_needs import build_needs
from playbooks._grants import GRANT_READS, judge_grants, judge_role, read_grants
from playbooks._roles import service_caller

from ._log import message_of
from ._reads import BUILD_READS, build_of, log_lines, project_of, read_build_and_project, spoken

__all__ = ["ROLE"]

_ID = "codebuild"


def role_of(facts: Facts) -> str:
    """The build's service role."""
    return str(build_of(facts).get("serviceRole") or project_of(facts).get("serviceRole") or "")


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build_and_project(subject, evidence)
    role = role_of(facts)
    if not role:
        return facts
    needs = build_needs(subject, build_of(facts) or project_of(facts))
    (granted,) = await asyncio.gather(read_grants(subject, evidence, role, needs))
    return {**facts, **granted}


def _judge(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(*spoken(facts)):
        return cannot
    role = role_of(facts)
    if not role:
        return unknown("No build and no project could be read, so the service role is not known.", *spoken(facts))
    said = "\n".join([message_of(subject, facts), *log_lines(facts)])
    needs = build_needs(subject, build_of(facts) or project_of(facts))
    trust = judge_role(subject, _ID, facts, role, service_caller(subject, "codebuild.amazonaws.com"), said)
    grants = judge_grants(subject, _ID, facts, role, needs, said)
    findings: list[Finding] = [*trust.findings, *grants.findings]
    lines = [*trust.lines, *grants.lines]
    cited = [*spoken(facts), *(facts[name] for name in facts if name == "role" or name.startswith("sim:"))]
    if trust.trouble or grants.trouble:
        return failed(f"{trust.trouble} {grants.trouble}".strip(), *cited, findings=findings, lines=lines)
    if cannot := unseen(*cited):
        return cannot
    return passed(f"{trust.detail} {grants.detail}".strip(), *cited, lines=lines)


ROLE = Step(
    id="role",
    question="May CodeBuild use the service role, and may the role do what the project needs?",
    why="Logs, artifacts, keys, images and parameters are all fetched with this one role.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects", *GRANT_READS),
    gather=_gather,
    judge=_judge,
)
