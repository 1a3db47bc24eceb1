"""The buildspecs of a pipeline's build projects: a project's own text, or the file within the source that it builds.

Which archive that is tell the newest action runs; only the file is read of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.audit.case import Case, Kind, place_key, project_of
from core.fact import Fact
from core.pipeline import ActionDecl

__all__ = ["Buildspec", "Lying", "buildspec_of", "buildspecs", "lying"]

_USUAL = "buildspec.yml"
_Object = tuple[str, str]  # bucket and key


@dataclass(frozen=True, slots=True)
class Buildspec:
    """A buildspec as it was read.

    Attributes:
        key: of the project's fact.
        project: as BatchGetProjects gives it.
        where: ``its buildspec``, or the file's name in the source.
        fact: what the text was read from.
    """

    key: str
    project: Mapping[str, Any]
    text: str
    where: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Lying:
    """A buildspec that lies in an archive: of which project, where, under which name."""

    key: str
    bucket: str
    object_key: str
    path: str


def buildspecs(case: Case) -> Iterator[Buildspec]:
    """Yield the buildspecs that were read, one a project."""
    for key, fact in case.known(Kind.PROJECT):
        if found := buildspec_of(case, key, fact):
            yield found


def buildspec_of(case: Case, key: str, fact: Fact) -> Buildspec | None:
    """Return the buildspec of a project by its fact; None where it is not known."""
    project = project_of(fact)
    said = _said(project)
    if "\n" in said:
        return Buildspec(key, project, said, "its buildspec", fact)
    inside = case.ok(Kind.SPEC, key)
    text = inside.get("files", said or _USUAL) if inside else None
    return Buildspec(key, project, text, f"{said or _USUAL} in the source", inside) if inside and text else None


def _said(project: Mapping[str, Any]) -> str:
    return str((project.get("source") or {}).get("buildspec") or "")


def lying(case: Case, runs: Fact | None) -> Iterator[Lying]:
    """Yield the buildspecs that lie in archives which the newest runs have made.

    Args:
        case: with the facts of its projects.
        runs: ListActionExecutions; None yields those that would have to be looked for, without their place.
    """
    seen: set[str] = set()
    made = _made(runs) if runs else {}
    for _, action in case.actions:
        name = action.configuration.get("ProjectName", "")
        short = name.rpartition(":project/")[2] or name
        key = place_key(case.region_of(action), short)
        fact = case.ok(Kind.PROJECT, key) if short and action.provider == "CodeBuild" else None
        project = project_of(fact) if fact else {}
        if not project or key in seen or "\n" in (path := _said(project)) or path.startswith("arn:"):
            continue
        artifact = action.configuration.get("PrimarySource") or next(iter(action.inputs), "")
        kind = (project.get("source") or {}).get("type")
        if not artifact or kind != "CODEPIPELINE" or _by_reference(case, artifact):
            continue
        bucket, object_key = made.get(artifact, ("", ""))
        if runs is None or bucket:
            seen.add(key)
            yield Lying(key, bucket, object_key, path or _USUAL)


def _by_reference(case: Case, artifact: str) -> bool:
    """Whether an artifact holds where the source is to be cloned from, and no file of it."""
    makers: Iterator[ActionDecl] = (action for _, action in case.actions if artifact in action.outputs)
    return any(each.configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF" for each in makers)


def _made(runs: Fact) -> dict[str, _Object]:
    """Where the newest of each artifact lies."""
    found: dict[str, _Object] = {}
    for detail in runs.get("actionExecutionDetails", default=()):
        for each in (detail.get("output") or {}).get("outputArtifacts") or ():
            place = each.get("s3location") or {}
            if place.get("bucket") and place.get("key"):
                found.setdefault(str(each.get("name", "")), (str(place["bucket"]), str(place["key"])))
    return found
