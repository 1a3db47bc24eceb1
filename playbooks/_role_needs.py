"""What a pipeline's whole definition needs of each role: what grants are compared with. Pure."""

from __future__ import annotations

from core.audit.case import Case, Kind, Needed, place_key, project_of
from core.pipeline import ActionDecl, PipelineState, StageDecl
from core.playbook import Subject

from ._build_needs import build_needs
from ._needs import Need, action_needs, assume_needs, knows

__all__ = ["needed"]


def needed(case: Case) -> dict[str, tuple[Needed, ...]]:
    """Return the needs by role ARN.

    A role that acts for a provider whose needs are not known is left out: what it holds too much cannot be told.
    """
    found: dict[str, list[Need]] = {}
    unknown: set[str] = set()
    for stage, action in case.actions:
        subject = _subject(case, stage, action)
        found.setdefault(subject.role_arn, []).extend(action_needs(subject))
        found.setdefault(case.definition.role_arn, []).extend(assume_needs(subject))
        if not knows(action.provider):
            unknown.add(subject.role_arn)
        if action.provider == "CodeBuild":
            _build(case, subject, found)
    return {
        role: tuple(dict.fromkeys(Needed(each.action, each.resource, each.why) for each in needs))
        for role, needs in found.items()
        if role and role not in unknown
    }


def _build(case: Case, subject: Subject, found: dict[str, list[Need]]) -> None:
    name = subject.action.configuration.get("ProjectName", "")
    name = name.rpartition(":project/")[2] or name
    fact = case.ok(Kind.PROJECT, place_key(case.region_of(subject.action), name))
    project = project_of(fact) if fact else {}
    if role := str(project.get("serviceRole", "")):
        found.setdefault(role, []).extend(build_needs(subject, project))


def _subject(case: Case, stage: StageDecl, action: ActionDecl) -> Subject:
    """The action as the playbooks take it; needs hang on its declaration alone."""
    state = PipelineState(case.ref.name, case.definition.version, ())
    return Subject(case.ref, case.identity, case.definition, state, case.now, stage, action)
