"""A CodePipeline of so many pipelines on loopback: each answer takes its time; beyond a limit calls are refused."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from aiohttp import web


def _state(name: str) -> dict[str, Any]:
    stages = [
        {
            "stageName": stage,
            "latestExecution": {"pipelineExecutionId": "e1", "status": "Succeeded"},
            "inboundTransitionState": {"enabled": True},
            "actionStates": [
                {"actionName": stage, "latestExecution": {"status": "Succeeded", "lastStatusChange": 1_768_000_000.0}}
            ],
        }
        for stage in ("Source", "Build", "Deploy", "Smoke")
    ]
    return {"pipelineName": name, "pipelineVersion": 1, "stageStates": stages}


class Server:
    """`limit` calls of GetPipelineState a second, with a bucket as large; 0 for no limit."""

    def __init__(self, count: int, delay_s: float, limit: float) -> None:
        self._names = [f"pipe-{number:04d}" for number in range(count)]
        self._delay_s, self._limit = delay_s, limit
        self._tokens, self._at = limit, time.monotonic()

    async def answer(self, request: web.Request) -> web.Response:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        params = json.loads(await request.text() or "{}")
        if "AKIADENIED" in request.headers.get("Authorization", ""):
            return web.json_response({"__type": "AccessDeniedException", "message": "not you"}, status=400)
        if operation == "GetPipelineState" and not self._lets():
            return web.json_response({"__type": "ThrottlingException", "message": "Rate exceeded"}, status=400)
        await asyncio.sleep(self._delay_s)
        if operation == "ListPipelines":
            return web.json_response({"pipelines": [{"name": name} for name in self._names]})
        if operation == "GetPipelineState":
            return web.json_response(_state(params["name"]))
        return web.json_response({"pipelineExecutionSummaries": []})

    def _lets(self) -> bool:
        if not self._limit:
            return True
        now = time.monotonic()
        self._tokens = min(self._limit, self._tokens + (now - self._at) * self._limit)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


async def main(count: int, delay_s: float, limit: float) -> None:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Server(count, delay_s, limit).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
