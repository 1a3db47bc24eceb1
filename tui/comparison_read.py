"""Reads two executions of a pipeline with all that they ran on, so that they can be compared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import TYPE_CHECKING, TypeVar

from core.comparison import Comparison, Ran, compare, last_good
from core.errors import AwsError, NotFound
from core.pipeline import Definition, Execution, ExecutionTerms
from core.place import PipelineRef
from tui.side_by_side import side_by_side

if TYPE_CHECKING:
    from aws.cloud import Cloud

__all__ = ["NothingToCompare", "compare_with", "compare_with_last_good", "find_execution"]

_T = TypeVar("_T")
_A_PAGE = 100  # ListPipelineExecutions takes at most 100
_MOST_PAGES = 10


class NothingToCompare(NotFound):
    """The history holds no execution of that kind."""

    def __init__(self, ref: PipelineRef, what: str) -> None:
        super().__init__(
            f"pipeline {ref.name} has no {what} among its last {_A_PAGE * _MOST_PAGES} executions",
            service="codepipeline",
            operation="ListPipelineExecutions",
            region=ref.place.region,
            profile=ref.place.profile,
        )


async def compare_with_last_good(cloud: Cloud, ref: PipelineRef, execution: Execution) -> Comparison:
    """Compare an execution with the newest one before it that succeeded.

    Raises:
        NothingToCompare: none before it succeeded.
        AwsError: the history could not be read.
    """
    good: Execution | None = None
    async for page in _pages(cloud, ref):
        good = last_good(page, execution)
        if good:
            break
    if good is None:
        raise NothingToCompare(ref, f"good execution before {execution.id[:8]}")
    return await compare_with(cloud, ref, good, execution)


async def find_execution(cloud: Cloud, ref: PipelineRef, identity: str) -> Execution:
    """Return the execution whose id is or begins with a text; the latest one for an empty text.

    Raises:
        NothingToCompare: there is none.
        AwsError: the history could not be read.
    """
    async for page in _pages(cloud, ref):
        found = next((each for each in page if each.id.startswith(identity)), None)
        if found:
            return found
    raise NothingToCompare(ref, f"execution {identity}".strip())


async def compare_with(cloud: Cloud, ref: PipelineRef, before: Execution, after: Execution) -> Comparison:
    """Compare two executions. What cannot be read of either is named as unknown."""
    async with side_by_side() as group:
        sides = [group.create_task(_ran(cloud, ref, each)) for each in (before, after)]
    return compare(*(side.result() for side in sides))


async def _pages(cloud: Cloud, ref: PipelineRef) -> AsyncIterator[tuple[Execution, ...]]:
    reader, token = cloud.pipelines(ref.place), ""
    for _ in range(_MOST_PAGES):
        page = await reader.executions(ref.name, token=token, limit=_A_PAGE)
        yield page.items
        token = page.next_token
        if not token:
            return


async def _ran(cloud: Cloud, ref: PipelineRef, execution: Execution) -> Ran:
    reader = cloud.pipelines(ref.place)

    async def terms() -> tuple[ExecutionTerms | None, Definition | None]:
        found = None
        try:
            found = await reader.terms(ref.name, execution.id)
            return found, await reader.definition(ref.name, found.version or None)
        except AwsError:
            return found, None

    async with side_by_side() as group:
        on = group.create_task(terms())
        actions = await _or_nothing(reader.action_executions(ref.name, execution.id))
        ids = [each.external_id for each in actions if each.provider == "CodeBuild" and each.external_id]
        builds = await _or_nothing(cloud.builds(ref.place).builds(ids)) if ids else ()
    found_terms, definition = on.result()
    return Ran(execution, found_terms, definition, actions, {each.id: each for each in builds})


async def _or_nothing(read: Awaitable[tuple[_T, ...]]) -> tuple[_T, ...]:
    try:
        return await read
    except AwsError:
        return ()
