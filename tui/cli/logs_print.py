"""The log of an action, of a stream or of a group, printed as it comes, with an exit code that says how it ended."""

from __future__ import annotations

import asyncio
import select
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from core.build import Build, LogLocation
from core.errors import UsageError
from core.logs import LogBatch, LogGroup, TailState
from core.place import PipelineRef, Place
from core.playbook import Subject
from core.secret_values import SecretValues
from core.text import sanitize
from tui.cli.common import open_cloud
from tui.cli.trouble import Trouble, warn
from tui.cli.which import find_pipeline
from tui.exit_codes import ExitCode
from tui.logs.found import Offer
from tui.logs.opening import Opened, build_batches, offers_of, open_offer, open_source
from tui.logs.printer import LinePrinter, Shape, write_out
from tui.logs.source import LogSource, SourceKind
from tui.options import Options
from tui.streams import closed_after
from tui.triage import at_latest_build, log_of, subject_of

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["BatchPrinter", "Wanted", "list_logs", "no_log", "print_action", "print_group", "print_stream"]

_POLL_S = 2.0
_GROUP_S = 900.0
# A log that is printed once, and not followed, is given up after so many failed calls in a row.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which log of a pipeline: an action (empty: the one that needs attention), a past execution, some of its logs."""

    pipeline: str
    stage: str = ""
    action: str = ""
    execution: str = ""
    logs: tuple[str, ...] = ()


class BatchPrinter:
    """Writes events to stdout, and says on stderr what is not a line of the log."""

    def __init__(self, shape: Shape, *, follow: bool) -> None:
        self.shape = shape
        self.follow = follow
        self.note = ""
        self._lines = LinePrinter(shape, write_out)
        self._failures = 0

    def hide(self, values: SecretValues) -> None:
        """Mask the build's own secret values too."""
        self._lines.hide(values)

    async def take_all(self, batches: AsyncIterator[LogBatch], *, named: bool = False) -> None:
        """Write what comes, and say what a source has to say; `named` as in `lines_and_times`. Raises Trouble."""
        self._lines.named = named
        async with closed_after(batches) as each:
            async for batch in each:
                if batch.note and batch.note.partition(",")[2] != self.note.partition(",")[2]:
                    _say(batch.note)
                    self.note = batch.note
                self.take(batch)
                give_up_without_reader()

    def take(self, batch: LogBatch) -> None:
        """Write what a batch brought.

        Raises:
            Trouble: the log cannot be read, or is not there.
        """
        if batch.events:
            self._failures = 0
            self._lines.write(batch.events)
        if batch.state is TailState.RECONNECTING:
            self._failures += 1
            if self._failures == 1 and self.follow:
                warn(f"{batch.error}; trying again")
            if self._failures >= _TRIES and not self.follow:
                raise Trouble(sanitize(batch.error))
        if batch.state is TailState.ENDED and batch.error:
            raise Trouble(f"The log is not there (any more): {sanitize(batch.error)}")


def _say(message: str) -> None:
    click.echo(sanitize(message), err=True)


async def print_stream(options: Options, group: str, stream: str, printer: BatchPrinter) -> int:
    """Print any stream of the first place; followed, it ends only when it is interrupted or `--until` has come."""
    until_ms = printer.shape.until_ms

    async def finished() -> bool:
        give_up_without_reader()
        return not printer.follow or (until_ms is not None and time.time() * 1000 >= until_ms)

    async with open_cloud(options) as cloud:
        place = cloud.places[0]
        where = LogLocation(group, stream, place.region)
        since_ms = printer.shape.since_ms
        await printer.take_all(cloud.tail(place, where, finished=finished, since_ms=since_ms, until_ms=until_ms))
    return ExitCode.FINE


async def print_group(options: Options, group: LogGroup, printer: BatchPrinter, *, live: bool) -> int:
    """Print a group of the first place, by default from a quarter of an hour ago on; each line names its stream."""
    since_ms, until_ms = printer.shape.since_ms, printer.shape.until_ms
    begin_ms = int((time.time() - _GROUP_S) * 1000) if since_ms is None else since_ms

    async def finished() -> bool:
        give_up_without_reader()
        return not printer.follow

    async with open_cloud(options) as cloud:
        place = cloud.places[0]
        if live:
            batches = cloud.live_tail(place, group, since_ms=since_ms)
        else:
            batches = cloud.follow_group(place, group, since_ms=begin_ms, until_ms=until_ms, finished=finished)
        await printer.take_all(batches)
    return ExitCode.FINE


async def list_logs(options: Options, wanted: Wanted) -> int:
    """Print which logs an action has, one a line: its name, and how it stands or why it cannot be shown."""
    async with open_cloud(options) as cloud:
        subject = await _subject(cloud, await find_pipeline(cloud, wanted.pipeline), wanted)
        offers = await offers_of(cloud, subject)
        _say(f"{subject.stage.name} / {subject.action.name}: {len(offers)} log{'s' if len(offers) != 1 else ''}")
        width = max((len(each.title) for each in offers), default=0)
        for each in offers:
            write_out(f"{sanitize(each.title):<{width}}  {sanitize(each.detail)}\n")
    return ExitCode.FINE


async def print_action(options: Options, wanted: Wanted, printer: BatchPrinter) -> int:
    """Print the log of a pipeline's action; the exit code says whether what wrote it failed."""
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, wanted.pipeline)
        subject = await _subject(cloud, ref, wanted)
        if printer.follow and not wanted.execution:
            subject = await _begun(cloud, subject)
        if wanted.logs:
            return await _print_chosen(cloud, subject, wanted, printer)
        if subject.action.provider != "CodeBuild":
            return await _print_offer(cloud, subject, wanted, printer)
        return await _print_build(cloud, subject, printer)


async def _subject(cloud: Cloud, ref: PipelineRef, wanted: Wanted) -> Subject:
    """The action that is meant: where nobody named one and the one in focus is healthy, the build that ran last."""
    stage, action, run = wanted.stage, wanted.action, wanted.execution
    subject = await subject_of(cloud, ref, execution_id=run, stage=stage, action=action)
    if stage or action or subject.action_state.status == "Failed":
        return subject
    latest = at_latest_build(subject)
    if latest is subject or not run:
        return latest
    return await subject_of(cloud, ref, execution_id=run, stage=latest.stage.name, action=latest.action.name)


async def _begun(cloud: Cloud, subject: Subject) -> Subject:
    """Wait until a running action has started its build."""
    while subject.action.provider == "CodeBuild" and not subject.action_state.external_id:
        if subject.action_state.status != "InProgress":
            return subject
        give_up_without_reader()
        await asyncio.sleep(_POLL_S)
        state = await cloud.pipelines(subject.ref.place).state(subject.ref.name)
        now = state.action(subject.stage.name, subject.action.name)
        subject = replace(subject, state=state, action_state=now or subject.action_state)
    return subject


async def _print_build(cloud: Cloud, subject: Subject, printer: BatchPrinter) -> int:
    where, build = await log_of(cloud, subject)
    _say(f"{subject.stage.name} / {subject.action.name}: build {build.id}")
    printer.hide(build.hidden)
    if where.state == "disabled" or (where.state == "pending" and not (printer.follow and build.running)):
        return no_log(where, build)
    latest = build

    def told(moved: Build) -> None:
        nonlocal latest
        latest = moved

    def over() -> bool:
        give_up_without_reader()
        until_ms = printer.shape.until_ms
        return until_ms is not None and time.time() * 1000 >= until_ms

    window = printer.shape.since_ms, printer.shape.until_ms
    place = Place(subject.ref.place.profile, subject.region)
    batches = build_batches(cloud, place, build, follow=printer.follow, told=told, window=window, over=over)
    await printer.take_all(batches)
    if latest.status:
        _say(f"build {latest.id}: {latest.status}")
    return ExitCode.FINE if latest.status in {"SUCCEEDED", "IN_PROGRESS", ""} else ExitCode.FINDING


def no_log(where: LogLocation, build: Build) -> int:
    """Say that a build has no log, and why; return the exit code.

    Raises:
        UsageError: it never writes one.
    """
    if where.state == "pending":
        hint = " --follow waits for it." if build.running else ""
        _say(f"Build {build.id} has written no log yet.{hint}")
        return ExitCode.FINE if build.running else ExitCode.FINDING
    also = f" Its log goes to {where.s3_arn}." if where.s3_arn else ""
    raise UsageError(f"Build {build.id} writes no log to CloudWatch Logs.{also}")


async def _print_offer(cloud: Cloud, subject: Subject, wanted: Wanted, printer: BatchPrinter) -> int:
    """Print the first log of an action that runs no build: what its service tells, its function's group."""
    offers = await offers_of(cloud, subject)
    past = bool(wanted.execution) or not printer.follow
    opened = await open_offer(cloud, subject, [_windowed(each, printer.shape) for each in offers], past=past)
    return await _print_opened(cloud, subject, wanted, printer, opened)


async def _print_chosen(cloud: Cloud, subject: Subject, wanted: Wanted, printer: BatchPrinter) -> int:
    """Print those of an action's logs that were named, several by time.

    Raises:
        UsageError: a name that none of them has, or one that cannot be shown.
    """
    offers = [_windowed(each, printer.shape) for each in await offers_of(cloud, subject)]
    source = LogSource.merged(_named(offers, name) for name in wanted.logs)
    follow = printer.follow and not wanted.execution
    return await _print_opened(
        cloud, subject, wanted, printer, await open_source(lambda: cloud, source, follow=follow), source.name
    )


async def _print_opened(
    cloud: Cloud, subject: Subject, wanted: Wanted, printer: BatchPrinter, opened: Opened, name: str = ""
) -> int:
    _say(f"{subject.stage.name} / {subject.action.name}: {name or opened.name}")
    printer.hide(opened.hidden)
    await printer.take_all(opened.batches, named=bool(opened.labels))
    state = subject.action_state
    if printer.follow and not wanted.execution:
        now = await cloud.pipelines(subject.ref.place).state(subject.ref.name)
        state = now.action(subject.stage.name, subject.action.name) or state
    if state.status:
        _say(f"{subject.stage.name} / {subject.action.name}: {state.status}")
    return ExitCode.FINDING if state.status == "Failed" else ExitCode.FINE


def _windowed(offer: Offer, shape: Shape) -> Offer:
    """A group is asked for the time that is wanted."""
    source = offer.source
    if source is None or source.kind is not SourceKind.GROUP or not shape.windowed:
        return offer
    since_ms, until_ms = shape.since_ms or source.since_ms, shape.until_ms or source.until_ms
    return replace(offer, source=replace(source, since_ms=since_ms, until_ms=until_ms))


def _named(offers: Sequence[Offer], name: str) -> LogSource:
    """The log of that name, or the only one whose name holds it."""
    exact = [each for each in offers if each.title == name]
    found = exact or [each for each in offers if name.lower() in each.title.lower()]
    if len(found) != 1:
        known = "; ".join(each.title for each in offers) or "none"
        raise UsageError(f"{'No' if not found else 'More than one'} log is named {name!r}. There are: {known}.")
    if found[0].source is None:
        raise UsageError(f"{found[0].title}: {found[0].detail}")
    return found[0].source


def give_up_without_reader() -> None:
    """End as other filters do once the reader of the output has gone, even while there is nothing to write."""
    if not hasattr(select, "poll"):
        return
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLERR)
    if any(event & select.POLLERR for _, event in poll.poll(0)):
        raise BrokenPipeError
