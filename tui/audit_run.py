"""One audit of a fleet: lists, reads through one memo an account, judges, and marks what is accepted."""

from __future__ import annotations

import asyncio
import difflib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aws.mapping.definition import definition
from core.arn import Arn
from core.audit.case import Case, Kind
from core.audit.gather import gather
from core.audit.judge import judge_all
from core.audit.model import AuditFinding, Blind, Suppression
from core.audit.reads import Reads
from core.audit.score import scores
from core.audit.shared import Shared, read_shared
from core.audit.suppress import apply
from core.errors import PipemedicError, UsageError
from core.fact import Outcome
from core.place import Identity, PipelineRef, Place
from core.text import sanitize
from playbooks._role_needs import needed

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from aws.evidence import AwsEvidence

__all__ = ["AuditReport", "Progress", "audit", "re_applied", "today"]

Progress = Callable[[str, int, int], None]
"""Takes what is done now, how many of it are done, and how many there are."""

# So many pipelines are read side by side; the call budget paces each operation besides.
_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found.

    Attributes:
        at: epoch seconds at its start.
        scores: 0 to 100 for each pipeline that was read.
        identities: who looked, by place.
        blind: what could not be looked at.
        expired: accepted findings whose time is over; `unused` those that fit nothing any more.
        troubles: places that could not be asked at all.
    """

    at: float
    findings: tuple[AuditFinding, ...]
    scores: Mapping[PipelineRef, int]
    identities: Mapping[Place, Identity]
    blind: tuple[Blind, ...] = ()
    expired: tuple[Suppression, ...] = ()
    unused: tuple[Suppression, ...] = ()
    troubles: Mapping[Place, PipemedicError] = field(default_factory=dict)
    calls: int = 0
    took_s: float = 0.0

    @property
    def open_findings(self) -> tuple[AuditFinding, ...]:
        """Those that are not accepted."""
        return tuple(each for each in self.findings if each.suppressed is None)

    def account_of(self, ref: PipelineRef) -> str:
        """The account of a pipeline; empty where it is not known."""
        identity = self.identities.get(ref.place)
        return identity.account if identity else ""


def today(now: float) -> str:
    """Return the day (UTC, ISO 8601)."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _quiet(what: str, done: int, total: int) -> None:
    del what, done, total


async def audit(
    cloud: Cloud,
    names: Sequence[str] = (),
    *,
    entries: Sequence[Suppression] = (),
    clock: Callable[[], float] = time.time,
    progress: Progress = _quiet,
    extra: Callable[[Sequence[Case], Reads], Awaitable[Sequence[Case]]] | None = None,
) -> AuditReport:
    """Audit the pipelines of all places of the cloud, or those of these names.

    Args:
        cloud: what is asked; its places are all looked at.
        names: pipelines by name or ARN; empty for all.
        entries: accepted findings.
        clock: gives epoch seconds.
        progress: told as it goes on.
        extra: adds facts to the cases before they are judged (last accessed information).

    Raises:
        UsageError: a name that no place has.
    """
    began, now = time.perf_counter(), clock()
    found = await _list(cloud, names, progress)
    reads = Reads(_evidence(cloud, found))
    cases, unread = await _cases(found, reads, now, progress)
    shared = await read_shared(cases, reads)
    cases = await _gathered(cases, reads, shared, progress)
    if extra:
        cases = list(await extra(cases, reads))
    judged = judge_all([replace(case, needed=needed(case)) for case in cases])
    applied = apply(judged.findings, entries, today(now))
    return AuditReport(
        at=now,
        findings=applied.findings,
        scores=scores([case.ref for case in cases], applied.findings),
        identities=found.identities,
        blind=(*unread, *judged.blind),
        expired=applied.expired,
        unused=() if names else applied.unused,
        troubles=found.troubles,
        calls=reads.calls + found.calls,
        took_s=time.perf_counter() - began,
    )


def re_applied(report: AuditReport, entries: Sequence[Suppression]) -> AuditReport:
    """Return the report as other accepted findings make it; nothing is read again."""
    whole: dict[str, AuditFinding] = {}
    for each in report.findings:
        known = whole.get(each.id)
        refs = (*known.pipelines, *each.pipelines) if known else each.pipelines
        whole[each.id] = replace(each, pipelines=tuple(dict.fromkeys(refs)), suppressed=None)
    applied = apply(list(whole.values()), entries, today(report.at))
    return replace(
        report,
        findings=applied.findings,
        scores=scores(report.scores, applied.findings),
        expired=applied.expired,
        unused=applied.unused,
    )


@dataclass(slots=True)
class _Found:
    """What there is to look at."""

    refs: list[PipelineRef] = field(default_factory=list)
    identities: dict[Place, Identity] = field(default_factory=dict)
    troubles: dict[Place, PipemedicError] = field(default_factory=dict)
    calls: int = 0


async def _list(cloud: Cloud, names: Sequence[str], progress: Progress) -> _Found:
    """Who we are and which pipelines there are, in each place; a pipeline seen through two profiles counts once."""
    found, known = _Found(), dict[PipelineRef, None]()
    progress("listing pipelines", 0, len(cloud.places))

    async def one(place: Place) -> tuple[Identity, tuple[str, ...]] | PipemedicError:
        try:
            identity = await cloud.identity(place)
            return identity, await cloud.pipelines(place).names()
        except PipemedicError as error:
            return error

    answers = await asyncio.gather(*(one(place) for place in cloud.places))
    seen: set[tuple[str, str, str]] = set()
    for place, answer in zip(cloud.places, answers, strict=True):
        found.calls += 2
        if isinstance(answer, PipemedicError):
            found.troubles[place] = answer
            continue
        found.identities[place], listed = answer
        for name in listed:
            mark = (answer[0].account, place.region, name)
            if mark not in seen:
                seen.add(mark)
                known[PipelineRef(place, name)] = None
    found.refs = _chosen(list(known), names, found) if names else list(known)
    return found


def _chosen(refs: list[PipelineRef], names: Sequence[str], found: _Found) -> list[PipelineRef]:
    """The pipelines that are named.

    Raises:
        UsageError: a name that no place has, while all places could be asked.
    """
    chosen: dict[PipelineRef, None] = {}
    for name in names:
        arn = Arn.parse(name)
        short, region = (arn.resource, arn.region) if arn and arn.service == "codepipeline" else (name, "")
        here = [ref for ref in refs if ref.name == short and region in {"", ref.place.region}]
        if not here and not found.troubles:
            near = difflib.get_close_matches(short, {ref.name for ref in refs}, n=3, cutoff=0.5)
            hint = f" Did you mean {' or '.join(map(sanitize, near))}?" if near else ""
            raise UsageError(f"There is no pipeline {sanitize(name)!r} in the places asked.{hint}")
        chosen.update(dict.fromkeys(here))
    return list(chosen)


def _evidence(cloud: Cloud, found: _Found) -> dict[str, AwsEvidence]:
    """One memo an account, through the first place that shows it."""
    made: dict[str, AwsEvidence] = {}
    for place, identity in found.identities.items():
        if identity.account not in made:
            made[identity.account] = cloud.evidence(place)
    return made


async def _cases(found: _Found, reads: Reads, now: float, progress: Progress) -> tuple[list[Case], list[Blind]]:
    """Read all definitions; those that cannot be read are said, and left out."""
    done = 0

    async def one(ref: PipelineRef) -> Case | Blind:
        nonlocal done
        identity = found.identities[ref.place]
        params = {"name": ref.name}
        fact = await reads.read(identity.account, "codepipeline", "GetPipeline", params, region=ref.place.region)
        done += 1
        progress("reading definitions", done, len(found.refs))
        if not fact.ok:
            return Blind(fact, fact.outcome is Outcome.DENIED, (), (ref,))
        case = Case(ref, identity, definition(fact.value), now)
        return replace(case, facts={Kind.PIPELINE: {case.arn: fact}})

    answers = await asyncio.gather(*(one(ref) for ref in found.refs))
    return [each for each in answers if isinstance(each, Case)], [each for each in answers if isinstance(each, Blind)]


async def _gathered(cases: Sequence[Case], reads: Reads, shared: Shared, progress: Progress) -> list[Case]:
    gate, done = asyncio.Semaphore(_AT_ONCE), 0

    async def one(case: Case) -> Case:
        nonlocal done
        async with gate:
            whole = await gather(case, reads, shared)
        done += 1
        progress("reading what they use", done, len(cases))
        return whole

    return list(await asyncio.gather(*(one(case) for case in cases)))
