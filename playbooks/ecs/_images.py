"""The image definitions file: in the artifact or not, well-formed or not, and naming containers that are there."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence

from core.fact import Evidence, Fact
from core.finding import Answer, Finding
from core.playbook import Facts, Step, Subject
from core.repair import Repair
from playbooks._answers import failed, failing, finding, healthy, passed, unknown, unseen
from playbooks._ecs import DEFINITION_READS, containers_of, read_definition
from playbooks._fixes import manual, push_hint
from playbooks._inside import INSIDE_READS, file_in, look_inside, names_in, source_places
from playbooks._said import otherwise
from playbooks.lint.correct import images_repair, meant_container, written_images_repair
from playbooks.lint.imagedefinitions import lint
from playbooks.lint.problem import Severity

__all__ = ["IMAGE_DEFINITIONS", "container_names", "file_trouble"]

_ID = "ecs"
_SOURCE = "inside:source"
_SPECS = ("buildspec.yml", "buildspec.yaml")
_ABOUT_FILE = re.compile(
    r"image ?definitions?|imagedefinitions\.json|imageDetail|container .{0,60}(?:name|with|exist|found)", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"'\[]([A-Za-z0-9_-]{1,255})[\"'\]]")


def _file(subject: Subject) -> str:
    return subject.action.configuration.get("FileName", "imagedefinitions.json")


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    if not failing(subject) or not subject.action.inputs:
        return await read_definition(subject, evidence)
    wanted = {each: [_file(subject)] for each in subject.action.inputs[:1]}
    definition, (inside, runs) = await asyncio.gather(
        read_definition(subject, evidence), look_inside(subject, evidence, wanted)
    )
    containers = [str(each.get("name")) for each in containers_of(definition)]
    artifact = f"inside:{subject.action.inputs[0]}"
    trouble = file_trouble(
        names_in(inside.get(artifact)), file_in(inside, artifact, _file(subject)), _file(subject), containers
    )
    source = source_places(subject, runs)[:1] if trouble else []
    for _, bucket, key in source:
        inside[_SOURCE] = await evidence.archive(
            bucket, key, [_file(subject), *_SPECS], region=subject.ref.place.region
        )
    return {**definition, **inside}


def container_names(text: str) -> list[str]:
    """The containers that a file names; empty for one that cannot be read."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return []
    listed = parsed if isinstance(parsed, list) else []
    return [str(each["name"]) for each in listed if isinstance(each, dict) and each.get("name")]


def file_trouble(names: frozenset[str] | None, text: str | None, file: str, containers: Sequence[str]) -> str:
    """What is wrong with the file in the artifact; empty for nothing, or where it was not read."""
    if names is not None and file not in names:
        alike = sorted(each for each in names if each.rpartition("/")[2] == file.rpartition("/")[2])[:3]
        return f"the artifact has no {file}{f' at its root; it has {alike[0]}' if alike else ''}"
    if text is None:
        return ""
    wrong = next((each for each in lint(text) if each.severity is Severity.ERROR), None)
    if wrong is not None:
        return f"in {file}, line {wrong.line}: {wrong.message}"
    strange = [name for name in container_names(text) if containers and name not in containers]
    return (
        f"the file {file} names container {strange[0]}; the task definition has {', '.join(containers)}"
        if strange
        else ""
    )


def _judge(subject: Subject, facts: Facts) -> Answer:
    said, file = subject.action_state.error_message, _file(subject)
    containers = [str(each.get("name")) for each in containers_of(facts)]
    listed = f"The task definition's containers: {', '.join(containers) or 'not known'}."
    artifact = f"inside:{next(iter(subject.action.inputs), '')}"
    inside = facts.get(artifact)
    trouble = file_trouble(names_in(inside), file_in(facts, artifact, file), file, containers)
    about = _ABOUT_FILE.search(said) is not None
    cited = [facts[name] for name in ("definition", artifact) if name in facts]
    if healthy(subject) or not (about or trouble):
        if containers:
            return passed(f"Nothing speaks against {file}. {listed}", *cited)
        return unseen(facts.get("service"), facts.get("definition")) or unknown("The task definition is not known.")
    if not about and otherwise(subject, "ecs.image-definitions", "artifact.missing", symptoms=False):
        return unknown(f"{trouble[:1].upper()}{trouble[1:]}, yet the failure is about something else.", *cited)
    strange = [name for name in _QUOTED.findall(said) if containers and name not in containers and "." not in name]
    title = (
        trouble[:1].upper() + trouble[1:]
        if trouble
        else f"the file {file} names container {strange[0]}; the task definition has {', '.join(containers)}"
        if strange
        else f"The action cannot use {file}"
    )
    proven = bool(trouble) or bool(containers)
    repair = _repair(subject, facts, containers)
    one = _finding(
        subject, cited, title, f"{said} {listed}".strip(), bool(trouble or strange), containers, proven, repair
    )
    return failed(f"{title}.", *cited, findings=[one], lines=[(0, said)] if said else [])


def _repair(subject: Subject, facts: Facts, containers: Sequence[str]) -> Repair:
    """The correction of what stands in the repository: the file itself, or the buildspec that writes it."""
    file = _file(subject)
    held = file_in(facts, _SOURCE, file)
    if held is not None:
        return images_repair(file, containers=containers, text=held)
    made = file_in(facts, f"inside:{next(iter(subject.action.inputs), '')}", file) or ""
    named = container_names(made)
    wrong = [each for each in named if containers and each not in containers]
    free = [each for each in containers if each not in named]
    right = meant_container(wrong[0], free, alone=len(named) == 1) if wrong else ""
    for path in _SPECS:
        text = file_in(facts, _SOURCE, path) or ""
        if right and wrong[0] in text:
            return written_images_repair(path, wrong=wrong[0], right=right, text=text)
    return images_repair(file, containers=containers)


def _finding(
    subject: Subject,
    cited: Sequence[Fact],
    title: str,
    text: str,
    sure: bool,
    containers: Sequence[str],
    proven: bool,
    repair: Repair,
) -> Finding:
    file = _file(subject)
    fix = manual(
        "ecs.image-definitions",
        f"Correct {file}",
        [
            f'It must read [{{"name": "{(containers or ["CONTAINER"])[0]}", "imageUri": "REPOSITORY:TAG"}}].',
            f"The build must write it at the root of the input artifact (artifacts.files), as {file}.",
            push_hint(subject),
        ],
        repair=repair,
    )
    return finding(
        subject,
        _ID,
        "ecs.image-definitions",
        0.95 if sure else 0.85,
        title,
        text,
        cited,
        fixes=[fix],
        disproved_by="a file whose names all stand in the task definition",
        proven=proven,
    )


IMAGE_DEFINITIONS = Step(
    id="image-definitions",
    question="Does the image definitions file name containers of this task definition?",
    why="The file is made in the build and read here; a renamed container breaks the pair.",
    reads=(*DEFINITION_READS, *INSIDE_READS),
    gather=_gather,
    judge=_judge,
)
