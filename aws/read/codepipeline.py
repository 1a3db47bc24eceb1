"""Reads of CodePipeline, through the call budget."""

from __future__ import annotations

from typing import Any

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping import codepipeline as mapping
from aws.mapping.definition import definition
from aws.mapping.values import maps, names, text
from aws.read.page import Page
from core.pipeline import ActionExecution, Definition, Execution, ExecutionTerms, PipelineState
from core.place import Place

__all__ = ["PipelineReader"]

_MOST_ACTION_PAGES = 20


class PipelineReader:
    """CodePipeline in one place. All methods raise AwsError."""

    def __init__(self, caller: Caller, place: Place, urgency: Urgency = Urgency.ACTION) -> None:
        self._caller = caller
        self._place = place
        self._urgency = urgency

    def at(self, urgency: Urgency) -> PipelineReader:
        """Return the same reader, with its calls sorted in at another urgency."""
        return PipelineReader(self._caller, self._place, urgency)

    async def names(self) -> tuple[str, ...]:
        """Return the names of all pipelines, all pages."""
        found: list[str] = []
        token = ""
        while True:
            answer = await self._read("ListPipelines", {"nextToken": token} if token else {})
            found.extend(names(answer.get("pipelines")))
            token = text(answer.get("nextToken"))
            if not token:
                return tuple(found)

    async def definition(self, name: str, version: int | None = None) -> Definition:
        """Return a pipeline's structure; the present version unless one is named."""
        return definition(await self._read("GetPipeline", {"name": name, **({"version": version} if version else {})}))

    async def state(self, name: str) -> PipelineState:
        """Return the state of all stages and their actions."""
        return mapping.state(await self._read("GetPipelineState", {"name": name}))

    async def executions(self, name: str, *, token: str = "", limit: int = 25) -> Page[Execution]:
        """Return executions, newest first; `limit` at most 100."""
        params: dict[str, Any] = {"pipelineName": name, "maxResults": limit}
        if token:
            params["nextToken"] = token
        answer = await self._read("ListPipelineExecutions", params)
        items = tuple(mapping.execution(one) for one in maps(answer.get("pipelineExecutionSummaries")))
        return Page(items, text(answer.get("nextToken")))

    async def terms(self, name: str, execution_id: str) -> ExecutionTerms:
        """Return the version of the definition that an execution runs, and its variables."""
        params = {"pipelineName": name, "pipelineExecutionId": execution_id}
        return mapping.terms((await self._read("GetPipelineExecution", params)).get("pipelineExecution") or {})

    async def action_executions(self, name: str, execution_id: str) -> tuple[ActionExecution, ...]:
        """Return all action runs of one execution, newest first, retries included."""
        params: dict[str, Any] = {
            "pipelineName": name,
            "filter": {"pipelineExecutionId": execution_id},
            "maxResults": 100,
        }
        found: list[ActionExecution] = []
        for _ in range(_MOST_ACTION_PAGES):
            answer = await self._read("ListActionExecutions", params)
            found.extend(mapping.action_execution(one) for one in maps(answer.get("actionExecutionDetails")))
            token = text(answer.get("nextToken"))
            if not token:
                break
            params["nextToken"] = token
        return tuple(found)

    async def _read(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        return await self._caller.read(self._place, "codepipeline", operation, params, urgency=self._urgency)
