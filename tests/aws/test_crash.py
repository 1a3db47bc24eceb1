"""Killed at any moment of a change, the program leaves a journal that tells the truth."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from aws.journal import Journal
from tests.aws.stub import CALLER_IDENTITY, Asked, StubAws

CHILD = """
import asyncio, sys
from pathlib import Path
from aws.cloud import Cloud
from tests.aws.conftest import HERE
from tests.aws.test_write import retry_plan

async def main():
    async with Cloud([HERE], journal_dir=Path(sys.argv[1])) as cloud:
        async for step in cloud.apply(retry_plan()):
            pass

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("killed_at", "nth", "kinds", "sent"),
    [
        ("GetPipelineState", 1, [], 0),  # reading the precondition
        ("GetCallerIdentity", 1, [], 0),  # before the intent
        ("RetryStageExecution", 1, ["intent"], 1),  # between the call and its answer
        ("GetPipelineState", 2, ["intent", "result"], 1),  # verifying
    ],
)
async def test_the_journal_tells_the_truth_after_a_kill(
    stub: StubAws, tmp_path: Path, killed_at: str, nth: int, kinds: list[str], sent: int
) -> None:
    seen: dict[str, int] = {}
    child: asyncio.subprocess.Process | None = None

    def kill_or(answer: object) -> object:
        def handler(asked: Asked) -> object:
            seen[asked.operation] = seen.get(asked.operation, 0) + 1
            if child is not None and asked.operation == killed_at and seen[killed_at] == nth:
                os.kill(child.pid, signal.SIGKILL)
            return answer

        return handler

    failed = {"stageStates": [{"stageName": "Build", "latestExecution": {"status": "Failed"}}]}
    stub.on("GetPipelineState", kill_or(failed))
    stub.on("GetCallerIdentity", kill_or(CALLER_IDENTITY))
    stub.on("RetryStageExecution", kill_or({}))
    root = str(Path(__file__).parents[2])
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(tmp_path), env={**os.environ, "PYTHONPATH": root}, cwd=root
    )
    async with asyncio.timeout(30):
        assert await child.wait() == -signal.SIGKILL
    journal = Journal(tmp_path)
    assert [record["kind"] for record in journal.records()] == kinds
    assert seen.get("RetryStageExecution", 0) == sent
    assert len(journal.unfinished()) == (kinds == ["intent"])
