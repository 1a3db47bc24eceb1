"""The files of a blue/green deployment: AppSpec, task definition and image detail, in the artifacts that name them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from core.repair import Repair

from ._answers import failed, failing, finding, not_applicable, passed, unknown, unseen
from ._fixes import manual, push_hint
from ._inside import INSIDE_READS, file_in, look_inside, names_in
from ._said import otherwise
from .lint.appspec import lint as lint_appspec
from .lint.correct import appspec_repair
from .lint.imagedefinitions import lint as lint_images
from .lint.problem import Severity

__all__ = ["FILES"]

_ID = "ecs-blue-green"
_PLACEHOLDER = "<TASK_DEFINITION>"


def _wanted(subject: Subject) -> dict[str, tuple[str, str]]:
    """(artifact, file) by what the file is: ``appspec``, ``task definition``, ``image detail``."""
    config: Mapping[str, str] = subject.action.configuration
    first = next(iter(subject.action.inputs), "")
    found = {
        "appspec": (
            config.get("AppSpecTemplateArtifact", first),
            config.get("AppSpecTemplatePath") or "appspec.yaml",
        ),
        "task definition": (
            config.get("TaskDefinitionTemplateArtifact", first),
            config.get("TaskDefinitionTemplatePath") or "taskdef.json",
        ),
    }
    for number in range(1, 5):
        if artifact := config.get(f"Image{number}ArtifactName"):
            found[f"image detail {number}"] = (artifact, "imageDetail.json")
    return {what: place for what, place in found.items() if place[0]}


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    if not failing(subject):
        return {}
    files: dict[str, list[str]] = {}
    for artifact, file in _wanted(subject).values():
        files.setdefault(artifact, []).append(file)
    inside, _ = await look_inside(subject, evidence, files)
    return inside


def _wrong(what: str, file: str, text: str) -> str:
    """What is wrong with one file; empty for nothing."""
    if what == "task definition":
        try:
            parsed = json.loads(text)
        except ValueError as error:
            return f"the file {file} is not JSON: {error}"
        return "" if isinstance(parsed, dict) else f"the file {file} must be one JSON object"
    problems = lint_appspec(text) if what == "appspec" else lint_images(text)
    first = next((each for each in problems if each.severity is Severity.ERROR), None)
    if first is not None:
        return f"in {file}, line {first.line}: {first.message}"
    return ""


def _cause(what: str) -> str:
    if what == "appspec":
        return "codedeploy.appspec-invalid"
    return "artifact.missing" if what == "task definition" else "ecs.image-definitions"


def _trouble(subject: Subject, facts: Facts) -> tuple[str, str, Repair | None]:
    """Cause, sentence and correction of the first file that is absent or wrong; empty for none."""
    for what, (artifact, file) in _wanted(subject).items():
        names = names_in(facts.get(f"inside:{artifact}"))
        if names is not None and file not in names:
            return _cause(what), f"artifact {artifact} has no {file}, the {what} of the deployment", None
        text = file_in(facts, f"inside:{artifact}", file)
        if text is not None and (wrong := _wrong(what, file, text)):
            repair = appspec_repair(file, text=text) if what == "appspec" else None
            return "ecs.service-config" if what == "task definition" else _cause(what), wrong, repair
    return "", "", None


def _judge(subject: Subject, facts: Facts) -> Answer:
    if not facts:
        return not_applicable("No file of an artifact is to be looked at.")
    cited = list(facts.values())
    if cannot := unseen(*cited):
        return cannot
    cause, trouble, repair = _trouble(subject, facts)
    if not trouble:
        return passed("AppSpec, task definition and image detail are in the artifacts and can be read.", *cited)
    text = trouble[:1].upper() + trouble[1:]
    begun = subject.action_state.external_id.startswith("d-")
    if begun or otherwise(subject, cause, "artifact.missing", "ecs.image-definitions", symptoms=False):
        return unknown(f"{text}, yet the failure is about something else.", *cited)
    fix = manual(
        "bluegreen.files",
        "Hand the file on, or correct it",
        [
            f"{text}.",
            f"Only {_PLACEHOLDER} and the image placeholders are filled in; the rest must be whole.",
            push_hint(subject),
        ],
        repair=repair,
    )
    one = finding(
        subject,
        _ID,
        cause,
        0.95,
        text,
        f"{text}. {subject.action_state.error_message}".strip(),
        cited,
        fixes=[fix],
        disproved_by="a deployment made from the same files",
        proven=True,
    )
    return failed(f"{text}.", *cited, findings=[one])


FILES = Step(
    id="files",
    question="Are AppSpec, task definition and image detail in the artifacts, and whole?",
    why="CodePipeline fills these templates in; a file that is absent or malformed ends the action before it deploys.",
    reads=INSIDE_READS,
    gather=_gather,
    judge=_judge,
)
