"""The menu of actions: what can be done is done through the wizard, what cannot be done says why."""

from __future__ import annotations

import asyncio

from demo.process import DemoAccount
from tests.tui.actions.person import answer, apply, choose, go_to, menu, outcome
from tests.tui.walk import walking
from tui.options import Options


async def called(account: DemoAccount, operation: str) -> int:
    told = await asyncio.to_thread(account.calls)
    return int(told["by_operation"].get(operation, 0))


async def test_a_transition_is_opened_stopped_and_closed_with_a_reason(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await go_to(walk, "search-prod")
        await menu(walk)
        await walk.shows("Index freeze for the autumn sale", "no stage has failed")
        await choose(walk, "enable:Prod")
        await apply(walk)
        assert outcome(walk) == "verified"
        await walk.press("enter")
        await walk.on("PipelinesScreen")
        await menu(walk)
        await choose(walk, "disable:Prod")
        await walk.press("enter")
        await walk.shows("an answer is needed")
        await answer(walk, "sale goes on")
        await apply(walk)
        assert outcome(walk) == "verified"
    assert await called(on_own, "codepipeline:EnableStageTransition") == 1
    assert await called(on_own, "codepipeline:DisableStageTransition") == 1


async def test_an_execution_starts_with_a_pinned_revision_and_is_stopped(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await go_to(walk, "mailer")
        found = await menu(walk)
        assert "stop" in found
        assert "start" in found
        await choose(walk, "start")
        await answer(walk, "")
        await apply(walk)
        assert outcome(walk) == "verified"
        await walk.press("enter")
        await walk.on("PipelinesScreen")
        found = await menu(walk)
        running = next(each for each in found if each.startswith("abandon:"))
        await choose(walk, running)
        await walk.shows("unwatched")
        await answer(walk, "wrong one")
        await apply(walk)
        assert outcome(walk) == "verified"
    assert await called(on_own, "codepipeline:StopPipelineExecution") == 1


async def test_a_stage_is_rolled_back_to_an_execution_that_was_good_in_it(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await go_to(walk, "warehouse-etl")
        found = await menu(walk)
        last = [each for each in found if each.startswith("rollback:")][-1]
        await choose(walk, last)
        await walk.shows("Back to which execution")
        await answer(walk, "")
        await apply(walk, typed="warehouse-etl")
        assert outcome(walk) == "verified"
    assert await called(on_own, "codepipeline:RollbackStage") == 1


async def test_in_read_only_mode_every_action_says_so(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-west-1",), read_only=True)) as walk:
        await walk.read()
        await go_to(walk, "billing")
        await menu(walk)
        actions = walk.app.screen.actions  # type: ignore[attr-defined]
        assert all("read-only" in each.why_not for each in actions.values())
        await walk.press("enter")
        await walk.shows("read-only mode")
        assert walk.screen_name == "ActionsScreen"
