"""The inbox of approvals: what waits, until when, what would go out, and answers that reach AWS or say why not."""

from __future__ import annotations

import asyncio

from core.plans.pipeline import answer_approval
from demo.process import DemoAccount
from tests.aws.changing import setup
from tests.tui.actions.person import answer, apply, outcome
from tests.tui.walk import Walk, walking
from tui.options import Options
from tui.screens.approvals import ApprovalsScreen


async def inbox(walk: Walk) -> ApprovalsScreen:
    await walk.read()
    await walk.press("a")
    await walk.on("ApprovalsScreen")
    screen = walk.app.screen
    assert isinstance(screen, ApprovalsScreen)
    await walk.until(lambda: screen.waiting and all(each.revisions for each in screen.waiting.values()))
    return screen


async def test_what_waits_is_shown_and_approved_with_a_comment(on_own: DemoAccount) -> None:
    async with walking() as walk:
        screen = await inbox(walk)
        await walk.shows("payments", "Use idempotency keys", "finance has to agree", "time left")
        waiting = next(iter(screen.waiting.values()))
        assert waiting.since is not None
        assert waiting.until == waiting.since + 7 * 24 * 3600
        await walk.press("a")
        await walk.on("AskScreen")
        await answer(walk, "finance agreed")
        await apply(walk, typed="payments")
        assert outcome(walk) == "verified"
        await walk.press("enter")
        await walk.on("ApprovalsScreen")
        await walk.shows("No approval waits")
        await asyncio.to_thread(on_own.advance, 3600)
        state = await walk.app.desk.cloud.pipelines(waiting.ref.place).state("payments")
        assert [stage.status for stage in state.stages] == ["Succeeded"] * len(state.stages)


async def two_waiting(account: DemoAccount, walk: Walk) -> ApprovalsScreen:
    """The inbox with a second approval: that of another pipeline, which gets an approval stage of its own."""
    cloud, place = walk.app.desk.cloud, walk.app.desk.places[0]
    held = await cloud.evidence(place).read("codepipeline", "GetPipeline", {"name": "payments"})
    stages = {each["name"]: each for each in held.get("pipeline", "stages")}

    def add() -> None:
        client = setup(account, "codepipeline")
        structure = client.get_pipeline(name="mailer")["pipeline"]
        structure["stages"].insert(1, stages["Approve"])
        client.update_pipeline(pipeline=structure)
        client.start_pipeline_execution(name="mailer")
        account.advance(1800)

    await asyncio.to_thread(add)
    screen = walk.app.screen
    assert isinstance(screen, ApprovalsScreen)
    await walk.press("r")
    await walk.until(lambda: len(screen.waiting) == 2 and all(each.revisions for each in screen.waiting.values()))
    return screen


async def test_several_marked_approvals_are_answered_after_one_confirmation(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await inbox(walk)
        screen = await two_waiting(on_own, walk)
        await walk.press("space", "space")
        await walk.until(lambda: len(screen.marks) == 2)
        await walk.press("a")
        await walk.on("AskScreen")
        await walk.shows("Approve 2 approvals", "mailer", "payments")
        await walk.press(*"good", "enter")
        await walk.on("BatchScreen")
        await walk.shows("Approve GoLive in stage Approve of payments", "Approve GoLive in stage Approve of mailer")
        assert (await asyncio.to_thread(on_own.calls))["by_operation"].get("codepipeline:PutApprovalResult") is None
        await walk.press("2", "space", *"changes", "enter")
        await walk.shows("2 of 2 verified")
    told = await asyncio.to_thread(on_own.calls)
    assert told["by_operation"]["codepipeline:PutApprovalResult"] == 2


async def test_an_approval_that_was_answered_meanwhile_is_a_conflict(on_own: DemoAccount) -> None:
    async with walking() as walk:
        screen = await inbox(walk)
        waiting = next(iter(screen.waiting.values()))
        await walk.press("X")
        await walk.on("AskScreen")
        names = (waiting.stage, waiting.action, waiting.token)
        other = answer_approval(waiting.ref, "111122223333", *names, approve=True, summary="I was first")
        steps = [step async for step in walk.app.desk.cloud.apply(other)]
        assert steps[-1].outcome == "verified"
        await answer(walk, "not yet")
        await apply(walk)
        assert outcome(walk) == "conflict"
        await walk.shows("the state had moved on")


async def test_nothing_can_be_answered_in_read_only_mode(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-west-1",), read_only=True)) as walk:
        await inbox(walk)
        assert not {"Approve", "Reject"} & walk.keys
        await walk.press("X")
        await walk.pilot.pause()
        assert walk.screen_name == "ApprovalsScreen"
