"""A build that does not begin: other builds hold what the project, the fleet or the account may use at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.age import duration
from core.fact import Evidence, Fact
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import failed, failing, finding, not_applicable, passed, plural, unknown, unseen
from playbooks._ask import ask
from playbooks._fixes import command, manual, retry_hint

from ._reads import BUILD_READS, build_of, failed_phase, project_name, project_of, read_build_and_project, spoken

__all__ = ["QUEUE"]

_ID = "codebuild"
_LONG_S = 10 * 60.0
_MOST = 20
_WAITING = ("SUBMITTED", "QUEUED")
_REFUSED = re.compile(
    r"AccountLimitExceeded|Cannot have more than \d+ (?:active )?builds|concurren\w+ .{0,40}limit", re.IGNORECASE
)
_Map = Mapping[str, Any]


def _stands(subject: Subject, build: _Map) -> bool:
    """Whether the build waits to begin, or ended without having begun."""
    if build.get("buildStatus") == "IN_PROGRESS":
        return build.get("currentPhase") in _WAITING
    return failed_phase(build).get("phaseType") in _WAITING or (not build and _refused(subject))


def _refused(subject: Subject) -> bool:
    return _REFUSED.search(subject.action_state.error_message) is not None


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    facts = await read_build_and_project(subject, evidence)
    name = project_name(subject)
    if not name or not _stands(subject, build_of(facts)):
        return facts
    fleet = str((project_of(facts).get("environment") or {}).get("fleet", {}).get("fleetArn", ""))
    reads = {"listed": ask(subject, evidence, "codebuild", "ListBuildsForProject", {"projectName": name}, pages=1)}
    if fleet:
        reads["fleet"] = ask(subject, evidence, "codebuild", "BatchGetFleets", {"names": [fleet]})
    facts |= dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
    ids = [str(each) for each in facts["listed"].get("ids", default=())][:_MOST]
    if ids:
        facts["others"] = await ask(subject, evidence, "codebuild", "BatchGetBuilds", {"ids": ids})
    return facts


def _running(facts: Facts, own: str) -> list[str]:
    """Other builds of the project that run now."""
    fact = facts.get("others")
    found: Sequence[_Map] = fact.get("builds", default=()) if fact else ()
    return [
        str(each.get("id"))
        for each in found
        if each.get("buildStatus") == "IN_PROGRESS"
        and each.get("id") != own
        and each.get("currentPhase") not in _WAITING
    ]


def _fleet_said(facts: Facts) -> str:
    """What holds the fleet back; empty for nothing."""
    fleet = facts.get("fleet")
    status: _Map = fleet.get("fleets", 0, "status", default={}) if fleet else {}
    if not status or status.get("statusCode") in ("ACTIVE", None):
        return ""
    return (
        f"fleet {fleet.get('fleets', 0, 'name', default='?') if fleet else '?'} is {status.get('statusCode')}: "
        + str(status.get("message") or status.get("context") or "no reason given")
    )


def _judge(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    build = build_of(facts)
    if not _stands(subject, build):
        if cannot := unseen(facts.get("build")):
            return cannot
        return not_applicable("The build has begun, or none was asked for.", *spoken(facts))
    since = build.get("startTime")
    waited = subject.now - since if isinstance(since, (int, float)) else 0.0
    limit = project_of(facts).get("concurrentBuildLimit")
    running = _running(facts, str(build.get("id", "")))
    full = isinstance(limit, int) and len(running) >= limit
    cited = [*spoken(facts), *(facts[name] for name in ("others", "fleet") if name in facts)]
    lines: list[tuple[int, str]] = [(facts["others"].n, f"running: {each}") for each in running[:6]]
    if fleet := _fleet_said(facts):
        return _held(subject, fleet, "build.infrastructure", cited, lines, proven=True)
    if full or _refused(subject):
        what = (
            f"{plural(len(running), 'build')} of {project_name(subject)} run, and it may run {limit} at once"
            if full
            else f"the account may run no more builds at once: {subject.action_state.error_message.strip()}"
        )
        return _held(subject, what, "build.concurrency-limit", cited, lines, proven=full)
    if failing(subject):
        return unknown("The build ended before it began; no limit of the project explains it.", *cited, lines=lines)
    if waited > _LONG_S:
        what = f"the build has waited {duration(waited)} for a place to run"
        return _held(subject, what, "build.concurrency-limit", cited, lines, proven=False)
    return passed(f"The build has waited {duration(waited)} for a place to run.", *cited, lines=lines)


def _held(
    subject: Subject, what: str, cause: str, cited: Sequence[Fact], lines: Sequence[tuple[int, str]], *, proven: bool
) -> Answer:
    text = what[:1].upper() + what[1:]
    fix = manual(
        f"{cause}.room",
        "Make room for the build",
        [
            f"{text}.",
            "Stop a build that hangs, or raise the project's concurrent build limit.",
            "The account's limits are in Service Quotas (AWS CodeBuild, running builds of each compute type).",
            retry_hint(subject),
        ],
        commands=[command(subject, "codebuild", "ListBuildsForProject", projectName=project_name(subject))],
    )
    one = finding(
        subject,
        _ID,
        cause,
        0.95 if proven or _refused(subject) else 0.75,
        text,
        f"{text}. A build that finds no place waits, and is given up when its time in the queue is over.",
        cited,
        fixes=[fix],
        disproved_by="a free place: fewer running builds than the limit allows",
        proven=proven,
    )
    return failed(f"{text}.", *cited, findings=[one], lines=lines)


QUEUE = Step(
    id="queue",
    question="Is there room for the build: in the project, its fleet and the account?",
    why="A build in the queue shows no error; a limit of one build at once looks like a hung one.",
    reads=(
        *BUILD_READS,
        "codebuild:BatchGetProjects",
        "codebuild:ListBuildsForProject",
        "codebuild:BatchGetFleets",
    ),
    gather=_gather,
    judge=_judge,
)
