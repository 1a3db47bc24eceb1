"""Where the build takes its commands from, and whether CodeBuild could read them; what it uploads."""

from __future__ import annotations

import re

from core.finding import Answer, Fix
from core.plans.codebuild import set_project
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, not_applicable, passed, unknown, unseen
from playbooks._fixes import command, elsewhere, manual, planned, push_hint, retry_hint, where_of
from playbooks.lint.correct import buildspec_repair

from ._reads import BUILD_READS, build_of, failed_phase, phase_said, project_of, read_build_and_project, spoken

__all__ = ["ARTIFACTS", "BUILDSPEC", "buildspec_of"]

_ID = "codebuild"
_ABSENT = re.compile(r"no such file or directory|does not exist|not found|stat /codebuild", re.IGNORECASE)
_RUNTIME = re.compile(r"runtime.{0,20}version|runtime named|Unknown runtime", re.IGNORECASE)
_LINE = re.compile(r"line (\d+)")
_NO_MATCH = re.compile(
    r"no matching (?:artifact|base directory)|no matching base|artifact.{0,20}path.{0,40}not found", re.IGNORECASE
)


def buildspec_of(facts: Facts) -> tuple[str, str]:
    """Where the buildspec is and in which words: (``inline`` | ``s3`` | ``file``, text)."""
    build, project = build_of(facts), project_of(facts)
    given = (build.get("source") or {}).get("buildspec") or (project.get("source") or {}).get("buildspec") or ""
    if "\n" in given or given.lstrip().startswith(("version:", "{")):
        return "inline", given
    if given.startswith("arn:"):
        return "s3", given
    return "file", given or "buildspec.yml"


# In this order: cause, title, summary, fix, what would disprove it.
_Said = tuple[str, str, str, Fix, str]


def _not_there(subject: Subject, text: str, where: str, said: str, project: str) -> _Said:
    """The finding's parts where CodeBuild looked for the file and did not find it."""
    fix = manual(
        "codebuild.buildspec-missing",
        f"Put {text} where the project looks, or name the file that is there",
        [
            f"Commit {text} at that path (it is case-sensitive and relative to the root of the primary source), or",
            f"set the project's buildspec to the file that the repository has (project {project}, Edit, Buildspec).",
            "With several input artifacts, check that PrimarySource of the action names the one that holds it.",
            retry_hint(subject),
        ],
        commands=[command(subject, "codebuild", "BatchGetProjects", names=[project])],
    )
    title = f"The buildspec {text} is not in the source that project {project} builds"
    summary = f"CodeBuild looked for {where} and did not find it ({said})."
    wrong = "the file at that path in the revision that was built"
    return "build.buildspec-missing", title, summary, fix, wrong


def _not_valid(subject: Subject, facts: Facts, where: str, said: str, project: str) -> _Said:
    """The finding's parts where CodeBuild could not read the file."""
    kind, text = buildspec_of(facts)
    image = str((build_of(facts).get("environment") or {}).get("image", ""))
    line = _LINE.search(said)
    at = f" at line {line[1]}" if line else ""
    fix = manual(
        "codebuild.buildspec-invalid",
        f"Correct the buildspec{at}",
        [
            f"Open the buildspec ({where}){at}: {said}",
            "Indent with spaces, quote strings with a colon, and keep `version: 0.2` and `phases:` at the top level.",
            push_hint(subject) if kind == "file" else retry_hint(subject),
        ],
        repair=buildspec_repair(text, image=image) if kind == "file" else None,
    )
    if kind == "inline":
        fix = correct_inline(subject, facts, text, image, fix)
    title = f"CodeBuild cannot read the buildspec of {project}{at}"
    summary = f"The buildspec ({where}) is not valid: {said}"
    wrong = "a YAML parser and CodeBuild's schema that accept the file"
    return "build.buildspec-invalid", title, summary, fix, wrong


def _no_runtime(subject: Subject, facts: Facts, where: str, said: str, project: str) -> _Said:
    """The finding's parts where the image lacks the runtime that the file asks for."""
    image = (build_of(facts).get("environment") or {}).get("image", "?")
    fix = manual(
        "codebuild.runtime",
        "Ask for a runtime version that the image has",
        [
            f"{said}",
            f"Correct runtime-versions in the buildspec ({where}), or let {project} use an image that has it.",
            push_hint(subject) if buildspec_of(facts)[0] == "file" else retry_hint(subject),
        ],
        commands=[command(subject, "codebuild", "ListCuratedEnvironmentImages")],
    )
    title = f"The build image {image} has not the runtime version that the buildspec asks for"
    summary = f"CodeBuild installs only versions that the image carries: {said}"
    return "build.runtime-unsupported", title, summary, fix, "the version in the list of those that the image has"


def _judge_buildspec(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(*spoken(facts)):
        return cannot
    build = build_of(facts)
    kind, text = buildspec_of(facts)
    where = {"inline": "inline in the project", "s3": f"the object {text}", "file": f"{text} in the source"}[kind]
    phase = failed_phase(build)
    said = phase_said(phase)
    if "YAML_FILE_ERROR" not in said and "buildspec" not in said.lower():
        if not build:
            return unknown(f"The buildspec is {where}; no build has read it.", *spoken(facts))
        if phase.get("phaseType") in ("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE"):
            return unknown(f"The build ended before it read the buildspec ({where}).", *spoken(facts))
        read = ("build.buildspec-missing", "build.buildspec-invalid") if phase else ()
        return passed(f"CodeBuild read the buildspec: {where}.", *spoken(facts), refutes=read)
    project = str(build.get("projectName", ""))
    if _RUNTIME.search(said):
        cause, title, summary, fix, wrong = _no_runtime(subject, facts, where, said, project)
    elif _ABSENT.search(said) and kind != "inline":
        cause, title, summary, fix, wrong = _not_there(subject, text, where, said, project)
    else:
        cause, title, summary, fix, wrong = _not_valid(subject, facts, where, said, project)
    found = finding(
        subject, _ID, cause, 0.97, title, summary, spoken(facts), fixes=[fix], disproved_by=wrong, proven=True
    )
    return failed(f"{title}.", *spoken(facts), findings=[found], lines=[(facts["build"].n, said)])


def correct_inline(subject: Subject, facts: Facts, text: str, image: str, fix: Fix) -> Fix:
    """The same as a change of the project, where the text that lies in it can be put right as a whole."""
    corrected = buildspec_repair(image=image).correct(text)
    source, fact = dict(project_of(facts).get("source") or {}), facts.get("project")
    if corrected.left or corrected.text == text or fact is None or source.get("buildspec") != text:
        return fix
    name = project_of(facts).get("name", "")
    plan = set_project(
        where_of(subject),
        fact,
        {"source": {**source, "buildspec": corrected.text}},
        title=f"Correct the buildspec in project {name}",
        risk_note=" ".join(corrected.done),
        region=elsewhere(subject),
    )
    return planned(fix.id, fix.title, plan, fix.steps)


BUILDSPEC = Step(
    id="buildspec",
    question="Is the buildspec where the project expects it, and can it be read?",
    why="Without a readable buildspec no command runs; the file's name is set in the project, not in the repository.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects"),
    gather=read_build_and_project,
    judge=_judge_buildspec,
)


def _secondary(subject: Subject, facts: Facts) -> str:
    """What is odd in the action's artifacts against each other; empty for nothing."""
    kind, text = buildspec_of(facts)
    if kind == "inline" and len(subject.action.outputs) > 1:
        lost = [name for name in subject.action.outputs if name not in text]
        if lost:
            return f"The inline buildspec has no secondary-artifacts entry named {', '.join(lost)}."
    if len(subject.action.inputs) > 1 and not subject.action.configuration.get("PrimarySource"):
        return "The action has several input artifacts and no PrimarySource."
    return ""


def _judge_artifacts(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(*spoken(facts)):
        return cannot
    build, phase = build_of(facts), failed_phase(build_of(facts))
    if not build:
        return unknown("There is no build whose artifacts could be looked at.", *spoken(facts))
    said, odd = phase_said(phase), _secondary(subject, facts)
    if phase.get("phaseType") != "UPLOAD_ARTIFACTS":
        if not subject.action.outputs:
            return not_applicable("The action declares no output artifact.", *spoken(facts))
        detail = f"The upload of artifacts did not fail. {odd}".strip()
        return passed(detail, *spoken(facts), refutes=["build.artifact-path"] if phase else [])
    lines = [(facts["build"].n, said), *([(0, odd)] if odd else [])]
    if not _NO_MATCH.search(said):
        return failed(f"The upload of artifacts failed: {said}", *spoken(facts), lines=lines)
    project = str(build.get("projectName", ""))
    title = f"The build of {project} made no file that its artifacts section names"
    summary = f"UPLOAD_ARTIFACTS failed: {said} The commands wrote their output elsewhere, or nothing. {odd}".strip()
    kind, _ = buildspec_of(facts)
    fix = manual(
        "codebuild.artifact-path",
        "Make artifacts and build output agree",
        [
            (
                f"Compare `artifacts: files / base-directory` of the buildspec ({kind}) with where the build writes: "
                "paths are relative to $CODEBUILD_SRC_DIR, not to the last `cd`."
            ),
            "Add `ls -laR <directory>` as the last command of post_build to see what is there.",
            retry_hint(subject),
        ],
    )
    found = finding(
        subject,
        _ID,
        "build.artifact-path",
        0.96,
        title,
        summary,
        spoken(facts),
        fixes=[fix],
        disproved_by="a listing of the build's directory that shows the files under that path",
        proven=True,
    )
    return failed(f"{title}.", *spoken(facts), findings=[found], lines=lines)


ARTIFACTS = Step(
    id="artifacts",
    question="Did the build make the files that it is to hand on?",
    why="All commands may pass and the upload still find nothing under the declared path.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects"),
    gather=read_build_and_project,
    judge=_judge_artifacts,
)
