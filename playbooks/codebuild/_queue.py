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
_MOST, _NEWEST = 20, 100
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
    quotas = {"ServiceCode": "codebuild"}
    reads = {
        "listed": ask(subject, evidence, "codebuild", "ListBuildsForProject", {"projectName": name}, pages=1),
        "account": ask(subject, evidence, "codebuild", "ListBuilds", {"sortOrder": "DESCENDING"}, pages=1),
        "quotas": ask(subject, evidence, "service-quotas", "ListServiceQuotas", quotas, pages=3),
    }
    if fleet:
        reads["fleet"] = ask(subject, evidence, "codebuild", "BatchGetFleets", {"names": [fleet]})
    facts |= dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))
    ids = [str(each) for each in facts["listed"].get("ids", default=())][:_MOST]
    if ids:
        facts["others"] = await ask(subject, evidence, "codebuild", "BatchGetBuilds", {"ids": ids})
    newest = [str(each) for each in facts["account"].get("ids", default=())][:_NEWEST]
    if newest:
        facts["beside"] = await ask(subject, evidence, "codebuild", "BatchGetBuilds", {"ids": newest})
    return facts


# How Service Quotas spells a build's type and size: "Concurrently running builds for Linux/Small environment".
_KINDS = {"LINUX": "Linux", "ARM": "ARM", "WINDOWS": "Windows"}


def _machine(facts: Facts) -> tuple[str, str]:
    """(type, compute type) of the build's machine, as CodeBuild spells them."""
    environment = build_of(facts).get("environment") or project_of(facts).get("environment") or {}
    return str(environment.get("type", "")), str(environment.get("computeType", ""))


def _quota(facts: Facts) -> tuple[str, float] | None:
    """(name, value) of the account's quota of running builds on such machines; None where it is not known."""
    kind, compute = _machine(facts)
    fact, size = facts.get("quotas"), compute.rpartition("_")[2].lower()
    word = "GPU" if "GPU" in kind else _KINDS.get(kind.partition("_")[0], "")
    found: Sequence[_Map] = fact.get("Quotas", default=()) if fact else ()
    for each in found:
        name = str(each.get("QuotaName", ""))
        lower = name.lower()
        fits = word and word.lower() in lower and f"/{size} " in f"{lower.replace('environment', ' ')} "
        if fits and lower.startswith("concurrently running builds") and ("gpu" in lower) == (word == "GPU"):
            return name, float(each.get("Value") or 0)
    return None


def _beside(facts: Facts) -> int:
    """How many builds of the account run on such machines."""
    fact, machine = facts.get("beside"), _machine(facts)
    found: Sequence[_Map] = fact.get("builds", default=()) if fact else ()
    return sum(
        each.get("buildStatus") == "IN_PROGRESS"
        and each.get("currentPhase") not in _WAITING
        and (str((each.get("environment") or {}).get("type")), str((each.get("environment") or {}).get("computeType")))
        == machine
        for each in found
    )


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
    cited = [*spoken(facts), *(facts[name] for name in ("others", "fleet", "quotas", "beside") if name in facts)]
    lines: list[tuple[int, str]] = [(facts["others"].n, f"running: {each}") for each in running[:6]]
    quota, beside = _quota(facts), _beside(facts)
    if quota:
        lines.append((facts["quotas"].n, f"{quota[0]}: {quota[1]:.0f}; running now: {beside}"))
    if fleet := _fleet_said(facts):
        return _held(subject, fleet, "build.infrastructure", cited, lines, proven=True)
    if full or _refused(subject):
        what = (
            f"{plural(len(running), 'build')} of {project_name(subject)} run, and it may run {limit} at once"
            if full
            else f"the account may run no more builds at once: {subject.action_state.error_message.strip()}"
        )
        return _held(subject, what, "build.concurrency-limit", cited, lines, proven=full)
    if quota and beside >= quota[1] > 0:
        what = f"{plural(beside, 'build')} of the account run on such machines, and its quota is {quota[1]:.0f}"
        return _held(subject, what, "build.concurrency-limit", cited, lines, proven=True)
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
        commands=[
            command(subject, "codebuild", "ListBuildsForProject", projectName=project_name(subject)),
            command(subject, "service-quotas", "ListServiceQuotas", ServiceCode="codebuild"),
        ],
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
        "codebuild:ListBuilds",
        "codebuild:BatchGetFleets",
        "servicequotas:ListServiceQuotas",
    ),
    gather=_gather,
    judge=_judge,
)
