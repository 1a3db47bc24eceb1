"""From a source to its lines: which log it is, asked of AWS, and the batches that it gives.

The screens and the command line open all logs here. What an action writes is asked of AWS: a build's own log, else the
first of the logs that `tui.logs.found` finds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING

from core.build import Build, LogLocation
from core.errors import AwsError, PipemedicError, UsageError
from core.logs import LogBatch, TailState
from core.place import Place
from core.playbook import Subject
from core.secret_values import NO_VALUES, SecretValues
from core.signatures import Failure
from tui.logs.found import Offer, sources_of
from tui.logs.merge import labels, merged
from tui.logs.source import LogSource, SourceKind
from tui.logs.sources import event_reader, follow_events, read_file, read_object
from tui.streams import closed_after

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["Opened", "build_batches", "offers_of", "open_offer", "open_source"]

GROUP_SINCE_S = 900.0
"""A group is shown from so long ago on."""
_POLL_S = 2.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A log that can be read.

    Attributes:
        batches: Its lines; to be closed by whoever reads them.
        name: What it is, for people.
        where: The stream, object or group, where it is one.
        live: Whether more is to come.
        patient: Whether it is read by asking, and may be asked more rarely while nobody looks.
        failure: What is known of what wrote it, for the text engine.
        hidden: Values that must not be shown.
        labels: What the lines of each source begin with, where several are merged.
        shown: The one of the action's logs that this is.
    """

    batches: AsyncIterator[LogBatch]
    name: str
    where: LogLocation = field(default_factory=LogLocation)
    live: bool = False
    patient: bool = False
    failure: Failure = field(default_factory=Failure)
    hidden: SecretValues = NO_VALUES
    labels: tuple[str, ...] = ()
    shown: LogSource | None = None


async def open_source(cloud: Callable[[], Cloud], source: LogSource, *, follow: bool = True) -> Opened:
    """Open a source; `cloud` is asked for only where it takes AWS. Without `follow` it is read as far as it goes.

    Raises:
        UsageError: no such pipeline, execution or action, or an action that writes no log.
        AwsError: what names the log could not be read.
    """
    match source.kind:
        case SourceKind.FILE:
            live = source.follow or not source.lasting
            name = source.path if source.lasting else source.name
            return Opened(read_file(Path(source.path), follow=source.follow), name, live=live)
        case SourceKind.MERGED:
            return await _open_merged(cloud, source, follow=follow)
        case SourceKind.ACTION | SourceKind.EVENTS:
            return await _open_action(cloud(), source, follow=follow)
        case SourceKind.OBJECT:
            where = source.location
            return Opened(read_object(cloud().evidence(source.place), where), where.name, where)
        case SourceKind.STREAM:
            where = source.location
            finished = None if follow else _at_once
            return Opened(
                cloud().tail(source.place, where, finished=finished), where.name, where, live=True, patient=True
            )
        case _:
            return _open_group(cloud(), source, follow=follow)


def _open_group(cloud: Cloud, source: LogSource, *, follow: bool) -> Opened:
    group, where = source.log_group, source.location
    since_ms = source.since_ms or int((time.time() - GROUP_SINCE_S) * 1000)
    if source.live_tail:
        watched = cloud.live_tail(source.place, group, since_ms=since_ms)
        return Opened(watched, group.label, where, live=True)
    until_ms = source.until_ms or None
    finished = None if follow and not until_ms else _at_once
    batches = cloud.follow_group(source.place, group, since_ms=since_ms, until_ms=until_ms, finished=finished)
    return Opened(batches, group.label, where, live=finished is None, patient=finished is None)


async def _at_once() -> bool:
    return True


async def _open_merged(cloud: Callable[[], Cloud], source: LogSource, *, follow: bool) -> Opened:
    """Open all parts; one that cannot be opened says so beside the others."""
    found: list[Opened | PipemedicError] = []
    for part in source.parts:
        try:
            found.append(await open_source(cloud, part, follow=follow))
        except PipemedicError as error:
            found.append(error)
    names = [part.name for part in source.parts]
    batches = [_Refusing(each) if isinstance(each, PipemedicError) else each.batches for each in found]
    good = [each for each in found if isinstance(each, Opened)]
    return Opened(
        merged(names, batches),
        f"{source.name} (by time)",
        live=any(each.live for each in good),
        failure=next((each.failure for each in good if each.failure != Failure()), Failure()),
        hidden=reduce(or_, (each.hidden for each in good), NO_VALUES),
        labels=tuple(f"{name} " for name in labels(names)),
    )


class _Refusing:
    """In place of the lines of a log that could not be opened."""

    def __init__(self, error: PipemedicError) -> None:
        self._error = error

    def __aiter__(self) -> AsyncIterator[LogBatch]:
        return self

    async def __anext__(self) -> LogBatch:
        raise self._error


async def _open_action(cloud: Cloud, source: LogSource, *, follow: bool) -> Opened:
    from tui.triage import log_of, subject_of  # noqa: PLC0415 (imported by the desk in a thread)

    past = source.execution_id
    subject = await subject_of(cloud, source.ref, execution_id=past, stage=source.stage, action=source.action)
    if source.kind is SourceKind.EVENTS:
        return open_events(cloud, subject, past=bool(past) or not follow)
    if subject.action.provider == "CodeBuild":
        where, build = await log_of(cloud, subject)
        batches = build_batches(cloud, Place(source.profile, subject.region), build, follow=follow)
        failure = Failure(stage=subject.stage.name, provider="CodeBuild")
        name = where.name or build.id
        return Opened(batches, name, where, live=build.running, failure=failure, hidden=build.hidden)
    return await open_offer(cloud, subject, await offers_of(cloud, subject), past=bool(past) or not follow)


async def offers_of(cloud: Cloud, subject: Subject) -> list[Offer]:
    """All logs of an action, its runs before and after retries among them. Raises AwsError."""
    reader = cloud.pipelines(subject.ref.place)
    run = subject.execution.id if subject.execution else ""
    runs = await reader.action_executions(subject.ref.name, run) if run else ()
    return await sources_of(subject, cloud.evidence(subject.ref.place), runs)


async def open_offer(cloud: Cloud, subject: Subject, offers: Sequence[Offer], *, past: bool) -> Opened:
    """Open the first log of an action without a build; a `past` run is read as far as it goes.

    Raises:
        UsageError: there is none, with what is known of why.
    """
    name = f"{subject.stage.name} / {subject.action.name}"
    first = next((offer.source for offer in offers if offer.source), None)
    if first is None:
        from tui.triage import builds_there_are  # noqa: PLC0415 (imported by the desk in a thread)

        why = "".join(f" {offer.title}: {offer.detail}." for offer in offers) or builds_there_are(subject)
        raise UsageError(f"{name} runs in {subject.action.provider}, which has no build log.{why}")
    if first.kind is SourceKind.EVENTS:
        return replace(open_events(cloud, subject, past=past), shown=first)
    opened = await open_source(lambda: cloud, first, follow=not past)
    failure = Failure(stage=subject.stage.name, provider=subject.action.provider)
    return replace(opened, failure=failure, shown=first)


def open_events(cloud: Cloud, subject: Subject, *, past: bool) -> Opened:
    """What an action's service tells of it, until the action has ended.

    Raises:
        UsageError: the service tells nothing.
    """
    found = event_reader(subject)
    if found is None:
        raise UsageError(f"{subject.action.provider} tells no events of {subject.action.name}.")
    name, reader = found
    place = subject.ref.place

    async def finished() -> bool:
        if past:
            return True
        state = await cloud.pipelines(place).state(subject.ref.name)
        now = state.action(subject.stage.name, subject.action.name)
        return now is None or now.status != "InProgress"

    return Opened(
        follow_events(reader, lambda: cloud.evidence(place), finished),
        name,
        live=not past and subject.action_state.status == "InProgress",
        failure=Failure(stage=subject.stage.name, provider=subject.action.provider),
    )


async def build_batches(
    cloud: Cloud,
    place: Place,
    build: Build,
    *,
    follow: bool = True,
    told: Callable[[Build], None] = lambda _: None,
    window: tuple[int | None, int | None] = (None, None),
    over: Callable[[], bool] = lambda: False,
) -> AsyncIterator[LogBatch]:
    """Give a build's log: a stream that may not be there yet, or the object that is put into S3 when it has ended.

    Args:
        cloud: An open cloud.
        place: Where the build is.
        build: As it was read.
        follow: Go on until it ends; else as far as it goes.
        told: Is given the build whenever it stands otherwise than before.
        window: First and last time (epoch milliseconds) of what is wanted.
        over: Says that the reader wants no more.

    Raises:
        AwsError: the log may not be read.
        UsageError: the same of an object.
    """
    watched = _Watched(cloud, place, build, told, over, follow=follow)
    if not watched.written and follow:
        note = "CodeBuild puts this log into S3 when the build has ended" if build.log.s3_arn else ""
        yield LogBatch(TailState.WAITING, note=note)
    while not watched.written and not await watched.settled():  # noqa: ASYNC110 (it is AWS that must be asked)
        await asyncio.sleep(_POLL_S)
    where = watched.build.log
    region = Place(place.profile, where.region or place.region)
    if where.stream:
        ended_ms = int(watched.build.ended_at * 1000) if watched.build.ended_at else None
        since_ms, until_ms = window
        batches = cloud.tail(
            region, where, finished=watched.finished, since_ms=since_ms, until_ms=until_ms, ended_ms=ended_ms
        )
    elif where.s3_arn:
        batches = read_object(cloud.evidence(region), where)
    else:
        yield LogBatch(TailState.ENDED, error="the build has written no log")
        return
    async with closed_after(batches) as each:
        async for batch in each:
            yield batch


class _Watched:
    """A build whose log is being read, asked for now and then."""

    def __init__(
        self,
        cloud: Cloud,
        place: Place,
        build: Build,
        told: Callable[[Build], None],
        over: Callable[[], bool],
        *,
        follow: bool,
    ) -> None:
        self.build = build
        self._builds = cloud.builds(place)
        self._told = told
        self._over = over
        self._follow = follow

    @property
    def written(self) -> bool:
        """Whether there is something to read, or never will be."""
        where = self.build.log
        return bool(where.stream) or where.state == "disabled" or (bool(where.s3_arn) and not self.build.running)

    async def finished(self) -> bool:
        """Whether it has ended, or nobody waits for that. Raises AwsError."""
        if not self._follow or not self.build.running or self._over():
            return True
        builds = await self._builds.builds([self.build.id])
        if builds and builds[0] != self.build:
            self.build = builds[0]
            self._told(self.build)
        return not self.build.running

    async def settled(self) -> bool:
        """The same; a question that fails is asked again later."""
        try:
            return await self.finished()
        except AwsError:
            return False
