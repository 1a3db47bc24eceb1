"""The buildspec read and linted: inline, or in the very archive that was built."""

from __future__ import annotations

from collections.abc import Sequence

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, not_applicable, passed, plural, unknown, unseen
from playbooks._fixes import manual, push_hint, retry_hint
from playbooks._inside import INSIDE_READS, file_in, names_in
from playbooks.lint.buildspec import lint
from playbooks.lint.correct import buildspec_repair
from playbooks.lint.problem import Problem, Severity

from ._buildspec import buildspec_of, correct_inline
from ._reads import BUILD_READS, build_of, failed_phase, phase_said, read_build_and_project, read_source, spoken

__all__ = ["SPEC"]

_ID = "codebuild"
_FACT = "inside:source"
_EARLY = ("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE")


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build_and_project(subject, evidence)
    kind, path = buildspec_of(facts)
    if kind != "file" or not failing(subject) or not build_of(facts):
        return facts
    if inside := await read_source(subject, evidence, facts, [path]):
        facts[_FACT] = inside
    return facts


def _text(facts: Facts) -> tuple[str | None, str]:
    """The buildspec's text, as far as it was read, and where it stands."""
    kind, text = buildspec_of(facts)
    if kind == "inline":
        return text, "inline in the project"
    return file_in(facts, _FACT, text), f"{text} in the source"


def _judge(subject: Subject, facts: Facts) -> Answer:
    build, inside = build_of(facts), facts.get(_FACT)
    kind, path = buildspec_of(facts)
    cited = [*spoken(facts), *([inside] if inside else [])]
    names, (text, where) = names_in(inside), _text(facts)
    if not build and kind != "inline":
        return unseen(*spoken(facts)) or not_applicable("There is no build whose buildspec could be read.")
    if kind == "file" and names is not None and path not in names:
        return _absent(subject, facts, path, names, cited)
    if text is None:
        return unseen(inside) or not_applicable(f"The buildspec is {where}; it is read when a build has failed.")
    environment = build.get("environment") or {}
    problems = lint(text, image=str(environment.get("image", "")))
    errors = [each for each in problems if each.severity is Severity.ERROR]
    lines = [(inside.n if inside else 0, _said(each)) for each in problems[:8]]
    if not errors:
        note = f", {plural(len(problems), 'remark')}" if problems else ""
        return passed(f"The buildspec ({where}) holds together{note}.", *cited, lines=lines)
    phase = failed_phase(build)
    refused = "YAML_FILE_ERROR" in phase_said(phase)
    if not failing(subject) or not refused:
        return unknown(f"The buildspec ({where}) has a mistake: {_said(errors[0])}", *cited, lines=lines)
    return _refused(subject, facts, errors, where, cited, lines)


def _said(problem: Problem) -> str:
    return f"line {problem.line}: {problem.message}. {problem.reason}".rstrip(" .") + "."


def _refused(
    subject: Subject,
    facts: Facts,
    errors: Sequence[Problem],
    where: str,
    cited: Sequence[Fact],
    lines: Sequence[tuple[int, str]],
) -> Answer:
    first, (kind, path), (text, _) = errors[0], buildspec_of(facts), _text(facts)
    image = str((build_of(facts).get("environment") or {}).get("image", ""))
    runtime = first.rule.startswith("runtime")
    cause = "build.runtime-unsupported" if runtime else "build.buildspec-invalid"
    title = f"Line {first.line} of the buildspec: {first.message}"
    fix = manual(
        f"codebuild.line:{first.line}",
        f"Correct line {first.line} of the buildspec",
        [
            *(each[:1].upper() + each[1:] for each in map(_said, errors[:6])),
            f"See {first.reference}.",
            push_hint(subject) if kind == "file" else retry_hint(subject),
        ],
        repair=buildspec_repair(path, image=image, text=text or "") if kind == "file" else None,
    )
    if kind == "inline":
        fix = correct_inline(subject, facts, text or "", image, fix)
    one = finding(
        subject,
        _ID,
        cause,
        0.98,
        title,
        f"The buildspec ({where}): {_said(first)}",
        cited,
        fixes=[fix],
        disproved_by="the same file taken by CodeBuild",
        proven=True,
    )
    return failed(f"{title}.", *cited, findings=[one], lines=lines)


def _absent(subject: Subject, facts: Facts, path: str, names: frozenset[str], cited: Sequence[Fact]) -> Answer:
    """The answer where the archive that was built has no such file."""
    alike = sorted(each for each in names if "buildspec" in each.lower())[:5]
    hint = f" It has {', '.join(alike)}." if alike else ""
    detail = f"The archive that was built has no {path}.{hint}"
    phase = failed_phase(build_of(facts))
    if not failing(subject) or phase.get("phaseType") not in _EARLY:
        return unknown(detail, *cited)
    fix = manual(
        "codebuild.buildspec-place",
        f"Put {path} into the source, or name the file that is there",
        [detail, "Paths are case-sensitive and relative to the root of the primary source.", push_hint(subject)],
    )
    one = finding(
        subject,
        _ID,
        "build.buildspec-missing",
        0.98,
        f"The source that was built has no {path}",
        f"{detail} {phase_said(phase)}".strip(),
        cited,
        fixes=[fix],
        disproved_by="the file in the archive of that revision",
        proven="YAML_FILE_ERROR" in phase_said(phase) or not phase_said(phase),
    )
    return failed(detail, *cited, findings=[one])


SPEC = Step(
    id="buildspec-lint",
    question="Does the buildspec hold together, line by line?",
    why="CodeBuild names one mistake, without the line in its context; the file itself shows all of them.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects", *INSIDE_READS),
    gather=_gather,
    judge=_judge,
)
