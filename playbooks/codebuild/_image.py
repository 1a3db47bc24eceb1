"""The image a build runs in: pulled or not, for which architecture, how old, and which runtimes it has."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import age
from core.audit.tables import image_ended
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, finding, passed, unknown, unseen
from playbooks._ask import ask
from playbooks._build_needs import ecr_repository
from playbooks._fixes import command, manual, retry_hint
from playbooks.lint._runtimes import runtimes_of, table_date

from ._machine import environment_of
from ._reads import BUILD_READS, build_of, failed_phase, phase_said, read_build, spoken

__all__ = ["IMAGE"]

_ID = "codebuild"
_PULL = re.compile(r"UNABLE_TO_PULL|pull.{0,40}image|manifest unknown|image.{0,30}not found", re.IGNORECASE)
_FORMAT = re.compile(
    r"exec format error|no matching manifest|does not match the (?:host|specified) platform", re.IGNORECASE
)
_NAMED = (("arm64", re.compile(r"aarch64|arm64")), ("amd64", re.compile(r"x86_64|amd64|^aws/codebuild/standard:")))
_LISTS = ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json")
_Map = Mapping[str, Any]


def _troubled(facts: Facts) -> bool:
    """Whether the image may be to blame: the machine was not made ready, or cannot run what is in it."""
    phase = failed_phase(build_of(facts))
    return phase.get("phaseType") == "PROVISIONING" or _FORMAT.search(phase_said(phase)) is not None


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build(subject, evidence)
    image = str(environment_of(facts).get("image", ""))
    repository = ecr_repository(image)
    if not repository or not _troubled(facts):
        return facts
    account, region, name = repository
    tag = image.rpartition(":")[2] if ":" in image.rpartition("/")[2] else "latest"
    which = {"imageDigest": image.partition("@")[2]} if "@" in image else {"imageTag": tag}
    params = {"registryId": account, "repositoryName": name, "imageIds": [which]}
    described, manifest = await asyncio.gather(
        ask(subject, evidence, "ecr", "DescribeImages", params, region=region),
        ask(subject, evidence, "ecr", "BatchGetImage", {**params, "acceptedMediaTypes": list(_LISTS)}, region=region),
    )
    return {**facts, "image": described, "manifest": manifest}


def _wanted(environment: _Map) -> str:
    """The architecture of the build's machine; empty where it is not known."""
    kind = str(environment.get("type", ""))
    return "arm64" if kind.startswith("ARM") else "amd64" if kind.startswith(("LINUX", "WINDOWS")) else ""


def _platforms(facts: Facts, image: str) -> list[str]:
    """The architectures that the image is made for, by its manifest list or by its name; empty where not known."""
    manifest = facts.get("manifest")
    try:
        listed = json.loads(manifest.get("images", 0, "imageManifest", default="{}")) if manifest else {}
    except ValueError:
        listed = {}
    found = listed.get("manifests") if isinstance(listed, dict) else None
    platforms = [str((each.get("platform") or {}).get("architecture", "")) for each in found or ()]
    known = [each for each in dict.fromkeys(platforms) if each and each != "unknown"]
    return known or [name for name, pattern in _NAMED if pattern.search(image)][:1]


def _of_image(subject: Subject, facts: Facts, image: str) -> list[tuple[int, str]]:
    """What is known of the image: its age, its support, its runtimes."""
    described, lines = facts.get("image"), []
    pushed = described.get("imageDetails", 0, "imagePushedAt") if described else None
    if described and isinstance(pushed, (int, float)):
        lines.append((described.n, f"{image} was pushed {age(pushed, subject.now)} ago."))
    if platforms := _platforms(facts, image):
        lines.append((0, f"It is made for {', '.join(platforms)}."))
    if ended := image_ended(image, subject.now):
        instead = f"; use {ended.instead}" if ended.instead else ""
        lines.append((0, f"{ended.what} has ended on {ended.since}: {ended.why}{instead}."))
    if runtimes := runtimes_of(image):
        listed = "; ".join(f"{name} {', '.join(versions)}" for name, versions in runtimes.items())
        lines.append((0, f"Its runtimes (table of {table_date()}): {listed}."))
    return lines


def _judge(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    if cannot := unseen(facts.get("build")):
        return cannot
    build, environment = build_of(facts), environment_of(facts)
    image = str(environment.get("image", ""))
    if not build:
        return unknown("There is no build to ask for its image.", *spoken(facts))
    phase, lines = failed_phase(build), _of_image(subject, facts, image)
    if phase.get("phaseType") in ("SUBMITTED", "QUEUED"):
        return unknown(f"The build ended before it pulled its image {image}.", *spoken(facts), lines=lines)
    wanted, platforms, said = _wanted(environment), _platforms(facts, image), phase_said(phase)
    if _troubled(facts) and wanted and platforms and wanted not in platforms:
        return _other_machine(subject, facts, image, (wanted, platforms), lines)
    if phase.get("phaseType") != "PROVISIONING":
        kind = f"{environment.get('type', '?')}, {environment.get('computeType', '?')}"
        refuted = ["build.image-pull-failed"] if phase and not _FORMAT.search(said) else []
        return passed(f"The image {image} was pulled ({kind}).", *spoken(facts), lines=lines, refutes=refuted)
    found = facts.get("image")
    absent = found is not None and (found.outcome is Outcome.NO_DATA or found.get("imageDetails") == [])
    if not absent and not _PULL.search(said):
        return failed(f"The build machine could not be made ready: {said}", *spoken(facts), lines=lines)
    credentials = environment.get("imagePullCredentialsType", "CODEBUILD")
    why = "the registry has no such image or tag" if absent else f"credentials used: {credentials}"
    title = f"CodeBuild cannot pull the build image {image}"
    steps = [
        f"Check that {image} exists in its registry, for the project's architecture ({environment.get('type')}).",
        (
            "A private image of another account needs imagePullCredentialsType SERVICE_ROLE, the role's "
            "ECR rights, and a repository policy that lets this account in; with CODEBUILD credentials that policy "
            "must let codebuild.amazonaws.com in."
        ),
    ]
    summary = f"PROVISIONING failed before any command ran: {said} ({why})."
    wrong = "the image in its registry under that tag, and a repository policy that lets the puller in"
    return _trouble(subject, facts, (title, summary, wrong), steps, lines, 0.96 if absent else 0.9)


def _other_machine(
    subject: Subject, facts: Facts, image: str, made: tuple[str, Sequence[str]], lines: Sequence[tuple[int, str]]
) -> Answer:
    """The answer where image and machine are of different architectures."""
    wanted, platforms = made
    title = f"The image {image} is made for {', '.join(platforms)}; the build's machine is {wanted}"
    steps = [
        f"Use an image for {wanted}, or a project type for {platforms[0]} (ARM_CONTAINER runs arm64).",
        "Better: push an image for both architectures (docker buildx build --platform linux/amd64,linux/arm64).",
    ]
    wrong = "a manifest of the image that names the machine's architecture"
    text = f"{title}: nothing in it can run there. {phase_said(failed_phase(build_of(facts)))}".strip()
    return _trouble(subject, facts, (title, text, wrong), steps, lines, 0.95)


def _trouble(
    subject: Subject,
    facts: Facts,
    said: tuple[str, str, str],
    steps: Sequence[str],
    lines: Sequence[tuple[int, str]],
    sure: float,
) -> Answer:
    """A finding about the image; `said` is its title, its summary, and what would disprove it."""
    title, summary, wrong = said
    cited: list[Fact] = [*spoken(facts), *(facts[name] for name in ("image", "manifest") if name in facts)]
    fix = manual(
        "codebuild.image",
        "Name an image that exists and that CodeBuild may pull and run",
        [*steps, retry_hint(subject)],
        commands=[command(subject, "codebuild", "ListCuratedEnvironmentImages")],
    )
    one = finding(
        subject,
        _ID,
        "build.image-pull-failed",
        sure,
        title,
        summary,
        cited,
        fixes=[fix],
        disproved_by=wrong,
        proven=True,
    )
    return failed(f"{title}.", *cited, findings=[one], lines=lines)


IMAGE = Step(
    id="image",
    question="Could the build image be pulled, is it for this machine, and what does it have?",
    why="A wrong tag, a missing right on the repository or another architecture ends the build in PROVISIONING.",
    reads=(*BUILD_READS, "ecr:DescribeImages", "ecr:BatchGetImage"),
    gather=_gather,
    judge=_judge,
)
