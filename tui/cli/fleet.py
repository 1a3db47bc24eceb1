"""`pipemedic fleet`: set up a queue by which pipelines' state changes arrive without polling, and test it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from core.errors import PipemedicError, UsageError
from core.text import sanitize
from tui.cli.as_json import print_json
from tui.cli.common import place_options, run
from tui.exit_codes import ExitCode
from tui.fleet_check import Answer, check_context
from tui.fleet_template import as_yaml, template
from tui.options import Options

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from tui.config_places import Context

__all__ = ["command"]

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗", "unknown": "?"}


@click.group("fleet")
def command() -> None:
    """Follow state changes as they happen, without a call a pipeline: EventBridge sends them to an SQS queue."""


@command.command("template")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", help="Of the output.")
def template_command(form: str) -> None:
    """Print the CloudFormation template: rule, queue (encrypted, for the rule alone), and a policy for who reads it.

    Deploy it in each account and region with pipelines, then name its output QueueUrl in the configuration:

    \b
      pipemedic fleet template > pipemedic.yaml
      aws cloudformation deploy --stack-name pipemedic --template-file pipemedic.yaml --capabilities CAPABILITY_IAM
      [contexts.prod]
      queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/pipemedic"
    """  # noqa: D301 (click reads the control character)
    if form == "json":
        print_json(template())
    else:
        click.echo(as_yaml(template()), nl=False)


@command.command("check")
@click.option(
    "--listen", "listen_s", type=click.IntRange(0, 3600), default=0, metavar="SECONDS", help="Wait for a real change."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Of the output.")
@place_options
@click.pass_context
def check_command(ctx: click.Context, options: Options, listen_s: int, form: str) -> None:
    """Test the queue of each context that has one: does it answer, may EventBridge send, does a rule send to it?

    --listen waits so many seconds for a real state change (start any pipeline meanwhile) and says how long its way
    was. Nothing is changed, and messages stay where they are. Exit code 1 if anything is wrong.
    """
    found = run(_check(options, listen_s, form))
    if not found:
        raise UsageError(
            "No context that is asked has a queue. `pipemedic fleet template` prints what to deploy; then set "
            "`queue` in [contexts.NAME] (pipemedic config path says where)."
        )
    if form == "json":
        print_json({"schema": 1, "contexts": found})
    if any(one["outcome"] in {"failed", "unknown"} for context in found for one in context["checks"]):
        ctx.exit(ExitCode.FINDING)


async def _check(options: Options, listen_s: int, form: str) -> list[dict[str, Any]]:
    from aws.cloud import Cloud  # noqa: PLC0415 (slow to import)
    from tui.cli.mfa import ask_codes  # noqa: PLC0415
    from tui.config_places import contexts_of, load_config  # noqa: PLC0415

    contexts = [context for context in contexts_of(options, load_config()) if context.queue]
    queues = {context.place: context.queue for context in contexts}
    found = []
    async with Cloud(tuple(queues), read_only=True, queues=queues) as cloud:
        await ask_codes(cloud)
        for context in contexts:
            if form == "text":
                click.echo(sanitize(f"{context.name}  {context.queue}"))
            answers = [answer async for answer in _told(cloud, context, form)]
            if listen_s and not any(answer.outcome == "failed" for answer in answers):
                if form == "text":
                    click.echo(f"  … waiting up to {listen_s} s for a state change: start any pipeline there")
                answers.append(_say(await _listen(cloud, context, listen_s), form))
            found.append(_record(context, answers))
    return found


async def _told(cloud: Cloud, context: Context, form: str) -> Any:
    async for answer in check_context(cloud, context):
        yield _say(answer, form)
    yield _say(await _may_take(cloud, context), form)


async def _may_take(cloud: Cloud, context: Context) -> Answer:
    try:
        await cloud.look_into_queue(context.place)
    except PipemedicError as error:
        step = "Allow sqs:ReceiveMessage and sqs:DeleteMessage on the queue: attach the policy of the template."
        return Answer("take", "failed", f"messages cannot be taken: {error}", step)
    return Answer("take", "ok", "messages can be taken")


async def _listen(cloud: Cloud, context: Context, seconds: int) -> Answer:
    found = await cloud.look_into_queue(context.place, seconds)
    if found.change is not None:
        what = f"{found.change.kind} of {found.change.pipeline}: {found.change.status}"
        return Answer("listen", "ok", f"a state change came ({what}), {found.took_s:.1f} s after it happened")
    if found.unusable:
        return Answer("listen", "failed", f"a message came that cannot be used: {found.unusable}")
    step = "Was a pipeline started meanwhile? Then look at the rule's metric FailedInvocations in CloudWatch."
    return Answer("listen", "failed", f"nothing came in {seconds} s", step)


def _say(answer: Answer, form: str) -> Answer:
    if form == "text":
        click.echo(sanitize(f"  {_MARKS[answer.outcome]} {answer.text}"))
        if answer.next_step:
            click.echo(sanitize(f"      {answer.next_step}"))
    return answer


def _record(context: Context, answers: Sequence[Answer]) -> dict[str, Any]:
    return {
        "context": context.name,
        "profile": context.place.profile,
        "region": context.place.region,
        "queue": context.queue,
        "checks": [asdict(answer) for answer in answers],
    }
