"""`pipemedic status PIPELINE`: one pipeline with its stages, actions and errors."""

from __future__ import annotations

import time
from dataclasses import dataclass

import click

from core.age import age, duration
from core.attention import Assessment, Condition, assess, stage_reached
from core.delivery import delivery
from core.errors import AwsError
from core.pipeline import ActionState, Definition, Execution, PipelineSnapshot, PipelineState, StageState
from core.place import Identity, PipelineRef
from core.text import sanitize
from tui.cli.as_json import print_json
from tui.cli.common import open_cloud, place_options, run
from tui.cli.status_json import status_object
from tui.cli.which import find_pipeline
from tui.exit_codes import ExitCode
from tui.options import Options
from tui.output import LOOKS, condition_look, indented, paint, run_look, stage_look, terminal_width
from tui.side_by_side import side_by_side

__all__ = ["command"]

_BAD = frozenset({Condition.FAILED, Condition.STUCK})


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one pipeline."""

    ref: PipelineRef
    identity: Identity | None
    definition: Definition
    state: PipelineState
    executions: tuple[Execution, ...]
    now: float


@click.command("status")
@click.argument("pipeline")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
@click.pass_context
@place_options
def command(options: Options, ctx: click.Context, pipeline: str, form: str) -> None:
    """Show one PIPELINE (name or ARN): stages, actions, errors. Exit code 1 if it failed or is stuck."""
    read = run(_read(options, pipeline))
    latest = read.executions[0] if read.executions else None
    found = assess(PipelineSnapshot(read.ref, read.now, read.state, latest, _usual_s(read.executions)), read.now)
    if form == "json":
        account = read.identity.account if read.identity else ""
        print_json(status_object(read.ref, account, read.definition, read.state, latest, found))
    else:
        _print(read, latest, found)
    ctx.exit(ExitCode.FINDING if found.condition in _BAD else ExitCode.FINE)


async def _read(options: Options, pipeline: str) -> _Read:
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        reader = cloud.pipelines(ref.place)

        async def identity() -> Identity | None:
            try:
                return await cloud.identity(ref.place)
            except AwsError:
                return None  # the account's number is a courtesy

        async def executions() -> tuple[Execution, ...]:
            try:
                return (await reader.executions(ref.name)).items
            except AwsError:
                return ()  # the state says most of it

        async with side_by_side() as group:
            who = group.create_task(identity())
            definition = group.create_task(reader.definition(ref.name))
            state = group.create_task(reader.state(ref.name))
            known = group.create_task(executions())
        return _Read(ref, who.result(), definition.result(), state.result(), known.result(), time.time())


def _usual_s(executions: tuple[Execution, ...]) -> float | None:
    from aws.mapping.codepipeline import usual_duration  # noqa: PLC0415 (the room that talks to AWS)

    return usual_duration(executions)


def _print(read: _Read, latest: Execution | None, found: Assessment) -> None:
    width = terminal_width()
    look = condition_look(found.condition)
    place = [read.ref.place.region, *([read.ref.place.profile] if read.ref.place.profile else [])]
    if read.identity:
        place.append(read.identity.account)
    click.echo(f"{paint(sanitize(read.ref.name), bold=True)}  {paint(' · '.join(place), dim=True)}")
    since = f" · {age(found.since, read.now)}" if found.since else ""
    click.echo(paint(f"{look.glyph} {found.word}{since}", look))
    if latest:
        click.echo("\n".join(indented(_execution(latest, read.now), 0, width)))
    for stage in read.state.stages:
        click.echo()
        _print_stage(stage, read, width)


def _execution(execution: Execution, now: float) -> str:
    running = execution.status == "InProgress"
    end = now if running else execution.updated_at
    parts = [f"execution {execution.id}", execution.status]
    if execution.started_at is not None:
        parts.append(f"started {age(execution.started_at, now)} ago")
        if end is not None:
            parts.append(f"{'running for' if running else 'took'} {duration(end - execution.started_at)}")
    return sanitize(" · ".join(filter(None, [*parts, delivery(execution)])))


def _print_stage(stage: StageState, read: _Read, width: int | None) -> None:
    definition, now = read.definition, read.now
    look = stage_look(read.state, stage)
    way = stage.transition
    if not way.enabled:
        by = f" by {way.changed_by}" if way.changed_by else ""
        when = f", {age(way.changed_at, now)} ago" if way.changed_at else ""
        text = f"the way into {stage.name} is disabled{by}{when}" + (f": {way.reason}" if way.reason else "")
        for line in indented(sanitize(text), 2, width, first=f"{LOOKS['off'].glyph} "):
            click.echo(paint(line, LOOKS["off"]))
    word = stage.status or "not run"
    if stage.status and not stage_reached(read.state, stage):
        word = paint(f"not reached yet; {word} in an earlier execution", dim=True)
    click.echo(f"{paint(look.glyph, look)} {paint(sanitize(stage.name), bold=True)}  {word}")
    if stage.inbound:
        click.echo(paint(f"  {len(stage.inbound)} waiting to enter: {', '.join(stage.inbound)}", LOOKS["waiting"]))
    for action in stage.actions:
        _print_action(stage, action, definition, now, width)


def _print_action(
    stage: StageState, action: ActionState, definition: Definition, now: float, width: int | None
) -> None:
    declared = definition.action(stage.name, action.name)
    waits = action.status == "InProgress" and bool(action.token)
    look = run_look(action.status, waits=waits)
    parts = [declared.provider if declared else "", "waits for approval" if waits else action.status or "not run"]
    if action.changed_at is not None:
        parts.append(f"{age(action.changed_at, now)} ago")
    if action.percent is not None and action.status == "InProgress":
        parts.append(f"{action.percent} %")
    click.echo(
        f"    {paint(look.glyph, look)} {sanitize(action.name)}  {paint(' · '.join(filter(None, parts)), dim=True)}"
    )
    words = [action.summary] if action.status != "Failed" or not action.error_message else []
    if action.error_message:
        words.append(f"{action.error_code}: {action.error_message}" if action.error_code else action.error_message)
    for line in indented(sanitize("\n".join(filter(None, words))), 8, width) if any(words) else []:
        click.echo(paint(line, LOOKS["failed"]) if action.status == "Failed" else line)
    if action.external_id and action.status in {"Failed", "InProgress"}:
        click.echo(paint(f"        {sanitize(action.external_id)}", dim=True))
