"""The Dockerfile that was built: base images behind Docker Hub's limit, files that COPY does not find."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from core.repair import Corrected, Repair
from playbooks._answers import failed, failing, finding, not_applicable, unseen
from playbooks._fixes import manual, push_hint
from playbooks._inside import INSIDE_READS, file_in, names_in
from playbooks._scan import Pattern, first
from playbooks.lint.correct import dockerfile_repair

from ._reads import LOG_READS, log_lines, read_log, read_source, spoken

__all__ = ["DOCKERFILE"]

_ID = "codebuild"
_FACT = "inside:source"
_LIMIT = Pattern(
    r"toomanyrequests|pull rate limit|429 Too Many Requests", "toomanyrequests", "pull rate limit", "429 too many"
)
_LOST = Pattern(
    r"failed to (?:calculate|compute).{0,200}\"(?P<kit>[^\"]+)\": not found|"
    r"COPY failed: .{0,80}stat (?P<old>\S+?): (?:file does not exist|no such file)|"
    r"COPY failed: stat \S*?/(?:docker-builder|buildkit)\d+/(?P<older>\S+?): no such file",
    "not found",
    "copy failed",
)
_BUILD = Pattern(r"\bdocker\b.*?\bbuild\b(?P<rest>.*)", "docker")
_FILE = re.compile(r"\s(?:-f|--file)[ =](?P<path>[^\s'\"]+)")
_CONTEXT = re.compile(r"\s(?P<path>[^\s'\"&|;]+)\s*(?:$|[&|;])")


def _asked(facts: Facts) -> tuple[str, str]:
    """The Dockerfile and the context of the build command in the log, relative to the source."""
    hit = first(_BUILD, log_lines(facts))
    found = _BUILD.search(hit[1]) if hit else None
    rest = found["rest"] if found else ""
    named, where = _FILE.search(rest), _CONTEXT.search(rest)
    context = where["path"].strip("/").removeprefix("./") if where and not where["path"].startswith("-") else ""
    context = "" if context == "." else context
    path = named["path"].removeprefix("./") if named else f"{context}/Dockerfile".lstrip("/")
    return path, context


def _trouble(facts: Facts) -> tuple[str, int, str]:
    """``limit`` or ``lost`` with the log's line and the file that was not found; empty for neither."""
    lines = log_lines(facts)
    if first(_BUILD, lines) is None:
        return "", 0, ""
    if hit := first(_LIMIT, lines):
        return "limit", hit[0], ""
    hit = first(_LOST, lines)
    found = _LOST.search(hit[1]) if hit else None
    if hit is None or found is None:
        return "", 0, ""
    return "lost", hit[0], found["kit"] or found["old"] or found["older"] or ""


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_log(subject, evidence)
    if not failing(subject) or not _trouble(facts)[0]:
        return facts
    if inside := await read_source(subject, evidence, facts, [_asked(facts)[0]]):
        facts[_FACT] = inside
    return facts


def _judge(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    kind, line, lost = _trouble(facts)
    if not failing(subject) or not kind:
        return not_applicable("The log tells of no Dockerfile that could not be built for want of an image or a file.")
    path, context = _asked(facts)
    text, names = file_in(facts, _FACT, path), names_in(facts.get(_FACT)) or frozenset()
    inner = frozenset(
        each.removeprefix(f"{context}/") for each in names if each.startswith(f"{context}/" * bool(context))
    )
    repair = dockerfile_repair(path, text=text or "", lost=lost, names=inner)
    corrected = repair.correct(text) if text else Corrected("")
    said = log_lines(facts)[line - 1].strip()
    shown = [(facts["log"].n, f"line {line}: {said}")]
    cited = [*spoken(facts), *([facts[_FACT]] if _FACT in facts else [])]
    if kind == "limit":
        return _limited(subject, repair, corrected, cited, shown)
    return _lost(subject, repair, corrected, lost, cited, shown)


def _limited(
    subject: Subject, repair: Repair, corrected: Corrected, cited: Sequence[Fact], shown: Sequence[tuple[int, str]]
) -> Answer:
    images = "its base images" if len(corrected.done) != 1 else "its base image"
    title = f"{repair.path} pulls {images} from Docker Hub without an account, and the limit is reached"
    fix = manual(
        "codebuild.dockerfile-gallery",
        f"Take the base images of {repair.path} from ECR's public gallery",
        [
            *(corrected.done or ("Write FROM public.ecr.aws/docker/library/NAME:TAG where NAME:TAG stands.",)),
            "Or log in to Docker Hub before docker build, with a token from a secret; or keep a cache of it in ECR.",
            push_hint(subject),
        ],
        repair=repair,
    )
    one = finding(
        subject,
        _ID,
        "build.registry-rate-limit",
        0.97,
        title,
        "Builds share addresses with others, so that Docker Hub's limit for pulls without an account is met by chance.",
        cited,
        fixes=[fix],
        disproved_by="a docker login to Docker Hub earlier in the same log",
        proven=bool(corrected.done),
    )
    return failed(f"{title}.", *cited, findings=[one], lines=shown)


def _lost(
    subject: Subject,
    repair: Repair,
    corrected: Corrected,
    lost: str,
    cited: Sequence[Fact],
    shown: Sequence[tuple[int, str]],
) -> Answer:
    title = f"{repair.path} copies {lost.strip('/')}, which is not in the build's context"
    fix = manual(
        "codebuild.dockerfile-copy",
        f"Correct what {repair.path} copies",
        [
            *corrected.done,
            *corrected.left,
            "Names are case-sensitive and relative to the context, the last word of docker build.",
            push_hint(subject),
        ],
        repair=repair,
    )
    one = finding(
        subject,
        _ID,
        "build.docker-build-failed",
        0.97 if corrected.done else 0.9,
        title,
        " ".join(corrected.done or corrected.left) or "Docker found no such file in the context it was given.",
        cited,
        fixes=[fix],
        disproved_by="the file in the archive that was built, under that very name",
        proven=bool(corrected.done),
    )
    return failed(f"{title}.", *cited, findings=[one], lines=shown)


DOCKERFILE = Step(
    id="dockerfile",
    question="Does the Dockerfile get its base images and the files it copies?",
    why="Docker Hub limits pulls without an account, and COPY takes only what lies in the context: both are put right "
    "in the file, whose text lies in the archive that was built.",
    reads=(*LOG_READS, *INSIDE_READS),
    gather=_gather,
    judge=_judge,
)
