"""Several marked pipelines: one confirmation that lists them all, then each one's own outcome."""

from __future__ import annotations

import asyncio

from demo.process import DemoAccount
from tests.tui.actions.person import go_to
from tests.tui.walk import walking


async def test_marked_pipelines_are_retried_after_one_confirmation(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        for name in ("billing", "recommendations", "mailer"):
            await go_to(walk, name)
            await walk.press("space")
        await go_to(walk, "billing")
        await walk.press("R")
        await walk.on("BatchScreen")
        await walk.shows("2 changes", "Retry stage Build of billing", "Retry stage Build of recommendations")
        assert "mailer" not in walk.text
        assert (await asyncio.to_thread(on_own.calls))["mutating"] == 0
        await walk.press("enter")
        await walk.shows("2 of 2 verified")
        await walk.press("enter", "ctrl+s")
    told = await asyncio.to_thread(on_own.calls)
    assert told["by_operation"]["codepipeline:RetryStageExecution"] == 2
