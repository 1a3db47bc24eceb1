"""`pipemedic policy`: the least IAM policy for what this program does, from what its code calls."""

from __future__ import annotations

import click

from core.errors import AwsError
from core.least_policy import AUDIT, READER, least_policy, scope_of
from tui.cli.as_json import print_json
from tui.cli.common import open_cloud, place_options, run
from tui.cli.which import find_pipeline
from tui.options import Options

__all__ = ["command"]


@click.command("policy")
@click.argument("kind", type=click.Choice(["reader", "operator"]))
@click.option("--pipeline", default="", metavar="NAME", help="Narrow it to one pipeline's own resources.")
@place_options
def command(options: Options, kind: str, pipeline: str) -> None:
    """Print the least IAM policy: `reader` looks and diagnoses, `operator` also acts and fixes.

    With --pipeline, actions on pipelines, build projects and buckets are narrowed to those of that pipeline; for that
    its definition is read.
    """
    actions = reader_actions() if kind == "reader" else (*reader_actions(), *_operator())
    scope = run(_scope(options, pipeline)) if pipeline else None
    print_json(least_policy(actions, scope))


def reader_actions() -> tuple[str, ...]:
    """Return the IAM actions of everything that is only read: screens, logs, and every playbook's steps."""
    import playbooks  # noqa: PLC0415 (walks and imports every playbook)

    steps = (step for book in playbooks.discover() for step in book.steps)
    return tuple(sorted({*READER, *AUDIT, *(each for step in steps for each in step.reads)}))


def _operator() -> tuple[str, ...]:
    from aws.permissions import operator_actions  # noqa: PLC0415 (its room takes long to import)

    return operator_actions()


async def _scope(options: Options, pipeline: str) -> dict[str, tuple[str, ...]]:
    async with open_cloud(options) as cloud:
        ref = await find_pipeline(cloud, pipeline)
        definition = await cloud.pipelines(ref.place).definition(ref.name)
        try:
            identity = await cloud.identity(ref.place)
        except AwsError:
            return scope_of(definition, "*")
        return scope_of(definition, identity.account, identity.partition)
