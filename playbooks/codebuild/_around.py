"""What is fetched and attached around the commands: cache and file systems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, not_applicable, passed, unseen
from playbooks._fixes import manual, retry_hint

from ._reads import BUILD_READS, build_of, failed_phase, phase_said, project_of, read_build_and_project, spoken

__all__ = ["AROUND"]

_ID = "codebuild"
_CACHE = re.compile(r"\bcache\b", re.IGNORECASE)
_MOUNT = re.compile(r"\bmount|\befs\b|file ?system|nfs", re.IGNORECASE)
_Map = Mapping[str, Any]


def _cache_of(facts: Facts) -> str:
    """Where the cache lies, in words; empty where none is kept."""
    cache = build_of(facts).get("cache") or project_of(facts).get("cache") or {}
    kind = str(cache.get("type", "NO_CACHE"))
    return "" if kind == "NO_CACHE" else f"{kind.lower()} cache {cache.get('location', '')}".strip()


def _systems(facts: Facts) -> list[str]:
    found = build_of(facts).get("fileSystemLocations") or project_of(facts).get("fileSystemLocations") or ()
    return [f"{each.get('location', '?')} at {each.get('mountPoint', '?')}" for each in found]


def _judge(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts.get("build")):
        return cannot
    cache, systems = _cache_of(facts), _systems(facts)
    if not cache and not systems:
        return not_applicable("The build keeps no cache and mounts no file system.", *spoken(facts))
    has = "; ".join(part for part in (cache, *systems) if part)
    phase = failed_phase(build_of(facts))
    said = phase_said(phase)
    commands = phase.get("phaseType") in ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")
    if not failing(subject) or commands or not said:
        return passed(f"Nothing speaks against {has}.", *spoken(facts))
    if systems and _MOUNT.search(said):
        steps = [
            "The project must run in the VPC of the file system; a mount target must be in the subnet's zone.",
            "Its security group must let NFS (port 2049) in from the build's security group.",
        ]
        return _finding(subject, facts, "build.mount-failed", f"The build cannot mount {systems[0]}", said, steps)
    if cache and _CACHE.search(said):
        steps = [
            "The service role needs s3:GetObject and s3:PutObject on the cache's prefix, and its key.",
            "Empty the cache (or turn it off once) where what lies in it is broken.",
        ]
        return _finding(subject, facts, "build.cache-failed", f"The {cache} cannot be used", said, steps)
    return passed(f"The failure does not speak of {has}.", *spoken(facts))


def _finding(subject: Subject, facts: Facts, cause: str, title: str, said: str, steps: list[str]) -> Answer:
    one = finding(
        subject,
        _ID,
        cause,
        0.94,
        title,
        said,
        spoken(facts),
        fixes=[manual(f"{cause}.fix", "Make it reachable, or do without", [said, *steps, retry_hint(subject)])],
        disproved_by="a build of the same project that used it since",
        proven=True,
    )
    return failed(f"{title}: {said}", *spoken(facts), findings=[one])


AROUND = Step(
    id="around",
    question="Could cache and file systems be used?",
    why="They are fetched and mounted before and after the commands, with the service role and through the VPC.",
    reads=(*BUILD_READS, "codebuild:BatchGetProjects"),
    gather=read_build_and_project,
    judge=_judge,
)
