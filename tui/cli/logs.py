"""`pipemedic logs PIPELINE`: the log of a build as plain lines, whole or as it is written."""

from __future__ import annotations

import asyncio
import re
import select
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from core.build import Build, LogLocation
from core.errors import UsageError
from core.logs import LogBatch, LogGroup, TailState
from core.place import Place
from core.playbook import Subject
from core.secret_values import SecretValues
from core.text import sanitize
from tui.cli.common import open_cloud, place_options, run
from tui.cli.trouble import Trouble, warn
from tui.cli.which import find_pipeline
from tui.exit_codes import ExitCode
from tui.logs.local import print_file
from tui.logs.moments import parse_moment
from tui.logs.printer import LinePrinter, Shape
from tui.logs.sieve import Sieve, compile_pattern
from tui.logs.sources import read_object
from tui.options import Options
from tui.streams import closed_after
from tui.triage import log_of, subject_of
from widgets.log_stamps import Stamps

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["command"]

_POLL_S = 2.0
_GROUP_S = 900.0
# A log that is printed once, and not followed, is given up after so many failed calls in a row.
_TRIES = 4


@click.command("logs")
@click.argument("pipeline", required=False)
@click.option("--stage", default="", metavar="S", help="The stage; else the one that needs attention.")
@click.option("--action", default="", metavar="A", help="The action; else the one that failed or runs.")
@click.option("--execution", default="", metavar="ID", help="A past execution: its id or the beginning of it.")
@click.option("--group", default="", metavar="G", help="A log group in place of a pipeline, whole or with --stream.")
@click.option(
    "--stream", "streams", multiple=True, metavar="NAME", help="Only this stream of the group; may be repeated."
)
@click.option(
    "--pattern", default="", metavar="P", help="With --group: only events that fit CloudWatch's filter pattern P."
)
@click.option(
    "--live-tail", is_flag=True, help="With --group -f: watch by CloudWatch's live tail, which costs by the minute."
)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="A local log in place of a pipeline's; - is standard input.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on until the build ends; wait for it to begin.")
@click.option("--since", metavar="TIME", help="From then on: 15m, 1h30m, 14:05, an ISO 8601 or epoch time.")
@click.option("--until", metavar="TIME", help="Up to then, in the same forms.")
@click.option(
    "--grep",
    "patterns",
    multiple=True,
    metavar="RE",
    help="Lines in which it is found; given twice, either. Capitals count once there is one.",
)
@click.option("--exclude", multiple=True, metavar="RE", help="Not those in which it is found.")
@click.option("--fixed", is_flag=True, help="Read --grep and --exclude as plain text.")
@click.option(
    "-C",
    "--context",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    help="N lines before and after each line found.",
)
@click.option("--timestamps", is_flag=True, help="The time before each line, in UTC.")
@click.option(
    "--clock",
    type=click.Choice([each.value for each in Stamps if each is not Stamps.NONE]),
    help="The time before each line: local, UTC, since the start, since the line before.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--show-secrets", is_flag=True, help="Do not mask what looks like a secret.")
@click.pass_context
@place_options
def command(
    options: Options, ctx: click.Context, /, pipeline: str | None, path: str | None, follow: bool, **asked: Any
) -> None:
    """Print the log of a PIPELINE's build, from its first line on. Exit code 1 if the build failed.

    Secrets are masked. With --file, a log that is already here is read in place of one from AWS.
    """
    colour = sys.stdout.isatty() if ctx.color is None else ctx.color
    shape = _shape(asked, colour=colour, now=time.time())
    if path is not None:
        if pipeline or follow or asked["group"] or asked["streams"]:
            raise click.UsageError("--file stands in place of a PIPELINE and is not followed.")
        with click.open_file(path, "rb") as stream:
            print_file(stream, LinePrinter(shape, _write))
        ctx.exit(ExitCode.FINE)
    printer = _Printer(shape, follow=follow)
    if asked["group"] or asked["streams"] or asked["pattern"] or asked["live_tail"]:
        ctx.exit(run(_named(options, pipeline, printer, asked)))
    if not pipeline:
        raise click.UsageError("Missing argument 'PIPELINE' (or --file, or --group).")
    which = (asked["stage"], asked["action"], asked["execution"])
    ctx.exit(run(_print(options, pipeline, which, printer)))


def _shape(asked: Mapping[str, Any], *, colour: bool, now: float) -> Shape:
    """What the options say about lines.

    Raises:
        click.UsageError: a time or a pattern that cannot be read.
    """
    sieve = None
    if asked["patterns"] or asked["exclude"]:
        patterns = _patterns(asked["patterns"], "--grep", fixed=asked["fixed"])
        sieve = Sieve(patterns, _patterns(asked["exclude"], "--exclude", fixed=asked["fixed"]), asked["context"])
    stamps = Stamps(asked["clock"]) if asked["clock"] else Stamps.UTC if asked["timestamps"] else Stamps.NONE
    return Shape(
        colour=colour and not asked["as_json"],
        stamps=stamps,
        as_json=asked["as_json"],
        secrets=asked["show_secrets"],
        sieve=sieve,
        since_ms=_moment_ms(asked["since"], "--since", now),
        until_ms=_moment_ms(asked["until"], "--until", now),
    )


def _patterns(texts: Sequence[str], option: str, *, fixed: bool) -> list[re.Pattern[str]]:
    try:
        return [compile_pattern(text, fixed=fixed) for text in texts]
    except re.error as error:
        raise click.BadParameter(f"{error} (--fixed reads it as plain text)", param_hint=option) from error


def _moment_ms(text: str | None, option: str, now: float) -> int | None:
    try:
        return None if text is None else int(parse_moment(text, now) * 1000)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


class _Printer:
    """Writes events to stdout, and says on stderr what is not a line of the log."""

    def __init__(self, shape: Shape, *, follow: bool) -> None:
        self.shape = shape
        self.follow = follow
        self.note = ""
        self._lines = LinePrinter(shape, _write)
        self._failures = 0

    def hide(self, values: SecretValues) -> None:
        """Mask the build's own secret values too."""
        self._lines.hide(values)

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


async def _print_stream(options: Options, group: str, stream: str, printer: _Printer) -> int:
    """Print any stream of the first place; followed, it ends only when it is interrupted or `--until` has come."""
    until_ms = printer.shape.until_ms

    async def finished() -> bool:
        _give_up_without_reader()
        return not printer.follow or (until_ms is not None and time.time() * 1000 >= until_ms)

    async with open_cloud(options) as cloud:
        place = cloud.places[0]
        where = LogLocation(group, stream, place.region)
        batches = cloud.tail(place, where, finished=finished, since_ms=printer.shape.since_ms, until_ms=until_ms)
        async with closed_after(batches) as each:
            async for batch in each:
                printer.take(batch)
    return ExitCode.FINE


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
        printer.hide(build.hidden)
        if where.state != "ready":
            return _no_log(where, build)
        build = await _tail(cloud, place, where, build, printer)
        if build.status:
            _say(f"build {build.id}: {build.status}")
        return ExitCode.FINE if build.status in {"SUCCEEDED", "IN_PROGRESS", ""} else ExitCode.FINDING


def _named(
    options: Options, pipeline: str | None, printer: _Printer, asked: Mapping[str, Any]
) -> Coroutine[Any, Any, int]:
    """What prints a log by the name of its group.

    Raises:
        click.UsageError: options that do not go together.
    """
    streams: tuple[str, ...] = asked["streams"]
    if pipeline or not asked["group"]:
        raise click.UsageError(
            "--stream, --pattern and --live-tail go with --group, which stands in place of a PIPELINE."
        )
    if asked["live_tail"] and not printer.follow:
        raise click.UsageError("--live-tail goes with --follow.")
    if len(streams) == 1 and not (asked["pattern"] or asked["live_tail"]):
        return _print_stream(options, asked["group"], streams[0], printer)
    group = LogGroup(asked["group"], streams=streams, pattern=asked["pattern"])
    return _print_group(options, group, printer, live=asked["live_tail"])


async def _print_group(options: Options, group: LogGroup, printer: _Printer, *, live: bool) -> int:
    """Print a group of the first place, by default from a quarter of an hour ago on; each line names its stream."""
    since_ms, until_ms = printer.shape.since_ms, printer.shape.until_ms
    begin_ms = int((time.time() - _GROUP_S) * 1000) if since_ms is None else since_ms

    async def finished() -> bool:
        _give_up_without_reader()
        return not printer.follow

    async with open_cloud(options) as cloud:
        place = cloud.places[0]
        if live:
            batches = cloud.live_tail(place, group, since_ms=since_ms)
        else:
            batches = cloud.follow_group(place, group, since_ms=begin_ms, until_ms=until_ms, finished=finished)
        async with closed_after(batches) as each:
            async for batch in each:
                if batch.note and batch.note.partition(",")[2] != printer.note.partition(",")[2]:
                    _say(batch.note)
                    printer.note = batch.note
                printer.take(batch)
                _give_up_without_reader()
    return ExitCode.FINE


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
        until_ms = printer.shape.until_ms
        if not printer.follow or not latest.running or (until_ms is not None and time.time() * 1000 >= until_ms):
            return True
        builds = await cloud.builds(place).builds((latest.id,))
        latest = builds[0] if builds else latest
        return not latest.running

    region = Place(place.profile, where.region or place.region)
    shape = printer.shape
    if where.s3_arn and not where.stream:
        while not await finished():  # noqa: ASYNC110 (an object in S3 comes into being when the build ends)
            await asyncio.sleep(_POLL_S)
        async for batch in read_object(cloud.evidence(region), where):
            printer.take(batch)
        return latest
    ended_ms = int(build.ended_at * 1000) if build.ended_at else None
    stream = cloud.tail(
        region, where, finished=finished, since_ms=shape.since_ms, until_ms=shape.until_ms, ended_ms=ended_ms
    )
    async with closed_after(stream) as batches:
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
