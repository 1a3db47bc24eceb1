"""`pipemedic logs PIPELINE`: the log of a build as plain lines, whole or as it is written."""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from core.build import Build, LogLocation
from core.errors import UsageError
from core.logs import LogBatch, LogEvent, TailState
from core.place import Place
from core.playbook import Subject
from core.text import sanitize, sanitize_ansi
from tui.cli.common import open_cloud, place_options, run
from tui.cli.trouble import Trouble, warn
from tui.cli.which import find_pipeline
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.streams import closed_after
from tui.triage import log_of, subject_of

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["command"]

_POLL_S = 2.0
# A log that is printed once, and not followed, is given up after so many failed calls in a row.
_TRIES = 4


@click.command("logs")
@click.argument("pipeline")
@click.option("--stage", default="", metavar="S", help="The stage; else the one that needs attention.")
@click.option("--action", default="", metavar="A", help="The action; else the one that failed or runs.")
@click.option("--execution", default="", metavar="ID", help="A past execution: its id or the beginning of it.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the build ends; wait for it to begin.")
@click.pass_context
@place_options
def command(
    options: Options, ctx: click.Context, pipeline: str, stage: str, action: str, execution: str, follow: bool
) -> None:
    """Print the log of a PIPELINE's build, from its first line on. Exit code 1 if the build failed."""
    colour = sys.stdout.isatty() if ctx.color is None else ctx.color
    printer = _Printer(colour=colour, follow=follow)
    ctx.exit(run(_print(options, pipeline, (stage, action, execution), printer)))


class _Printer:
    """Writes events to stdout, and says on stderr what is not a line of the log."""

    def __init__(self, *, colour: bool, follow: bool) -> None:
        self.colour = colour
        self.follow = follow
        self._failures = 0

    def take(self, batch: LogBatch) -> None:
        """Write what a batch brought.

        Raises:
            Trouble: the log cannot be read, or is not there.
        """
        if batch.events:
            self._failures = 0
            sys.stdout.write(self._text(batch.events))
            sys.stdout.flush()
        if batch.state is TailState.RECONNECTING:
            self._failures += 1
            if self._failures == 1 and self.follow:
                warn(f"{batch.error}; trying again")
            if self._failures >= _TRIES and not self.follow:
                raise Trouble(sanitize(batch.error))
        if batch.state is TailState.ENDED and batch.error:
            raise Trouble(f"The log is not there (any more): {sanitize(batch.error)}")

    def _text(self, events: Iterable[LogEvent]) -> str:
        if not self.colour:
            return "".join(f"{sanitize(event.text)}\n" for event in events)
        return "".join(f"{_coloured(event.text)}\n" for event in events)


def _coloured(text: str) -> str:
    """A line with its own colours, which end where it ends."""
    shown = sanitize_ansi(text)
    return f"{shown}\x1b[0m" if "\x1b" in shown else shown


async def _print(options: Options, pipeline: str, asked: tuple[str, str, str], printer: _Printer) -> int:
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        stage, action, execution = asked
        subject = await subject_of(cloud, ref, execution_id=execution, stage=stage, action=action)
        if not (stage or action):
            subject = await _with_a_build(cloud, subject, execution)
        if printer.follow:
            subject = await _begun(cloud, subject)
        where, build = await log_of(cloud, subject)
        place = Place(ref.place.profile, subject.region)
        _say(f"{subject.stage.name} / {subject.action.name}: build {build.id}")
        if printer.follow:
            where, build = await _ready(cloud, place, where, build)
        if where.state != "ready":
            return _no_log(where, build)
        build = await _tail(cloud, place, where, build, printer)
        if build.status:
            _say(f"build {build.id}: {build.status}")
        return ExitCode.FINE if build.status in {"SUCCEEDED", "IN_PROGRESS", ""} else ExitCode.FINDING


def _say(message: str) -> None:
    click.echo(sanitize(message), err=True)


async def _with_a_build(cloud: Cloud, subject: Subject, execution: str) -> Subject:
    """Where nobody named an action and the one in focus is healthy, the build that ran last is meant."""
    if subject.action.provider == "CodeBuild" or subject.action_state.status == "Failed":
        return subject
    ran = [
        (subject.state.action(stage.name, action.name), stage, action)
        for stage in subject.definition.stages
        for action in stage.actions
        if action.provider == "CodeBuild"
    ]
    known = [(state, stage, action) for state, stage, action in ran if state is not None and state.external_id]
    if not known:
        return subject
    state, stage, action = max(known, key=lambda each: each[0].changed_at or 0.0)
    if execution:
        return await subject_of(cloud, subject.ref, execution_id=execution, stage=stage.name, action=action.name)
    return replace(subject, stage=stage, action=action, action_state=state)


async def _begun(cloud: Cloud, subject: Subject) -> Subject:
    """Wait until a running action has started its build."""
    while subject.action.provider == "CodeBuild" and not subject.action_state.external_id:
        if subject.action_state.status != "InProgress":
            return subject
        _give_up_without_reader()
        await asyncio.sleep(_POLL_S)
        state = await cloud.pipelines(subject.ref.place).state(subject.ref.name)
        now = state.action(subject.stage.name, subject.action.name)
        subject = replace(subject, state=state, action_state=now or subject.action_state)
    return subject


async def _ready(cloud: Cloud, place: Place, where: LogLocation, build: Build) -> tuple[LogLocation, Build]:
    """Wait until a running build has its log stream."""
    while where.state == "pending" and build.running:
        _give_up_without_reader()
        await asyncio.sleep(_POLL_S)
        builds = await cloud.builds(place).builds((build.id,))
        if builds:
            build, where = builds[0], builds[0].log
    return where, build


def _no_log(where: LogLocation, build: Build) -> int:
    if where.state == "pending":
        hint = " --follow waits for it." if build.running else ""
        _say(f"Build {build.id} has written no log yet.{hint}")
        return ExitCode.FINE if build.running else ExitCode.FINDING
    also = f" Its log goes to {where.s3_arn}." if where.s3_arn else ""
    raise UsageError(f"Build {build.id} writes no log to CloudWatch Logs.{also}")


async def _tail(cloud: Cloud, place: Place, where: LogLocation, build: Build, printer: _Printer) -> Build:
    """Print the stream to its end, or for a running build that is not followed, as far as it goes; return the build."""
    latest = build

    async def finished() -> bool:
        nonlocal latest
        _give_up_without_reader()
        if not printer.follow or not latest.running:
            return True
        builds = await cloud.builds(place).builds((latest.id,))
        latest = builds[0] if builds else latest
        return not latest.running

    region = Place(place.profile, where.region or place.region)
    async with closed_after(cloud.tail(region, where, finished=finished)) as batches:
        async for batch in batches:
            printer.take(batch)
    return latest


def _give_up_without_reader() -> None:
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
