"""What can be done to several marked pipelines: each change listed, each with its own outcome, conflicts told."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from demo.process import DemoAccount
from tests.tui.actions.person import go_to
from tests.tui.walk import Walk, walking
from tui import navigation
from tui.batches import KINDS
from tui.screens.ask import AskScreen


async def mark(walk: Walk, *names: str) -> None:
    await walk.read()
    for name in names:
        await go_to(walk, name)
        await walk.press("space")
    await walk.press("x")
    await walk.on("AskScreen")


async def take(walk: Walk, kind: str, words: str = "") -> None:
    """Choose a change from the list of those that apply, and go on to the confirmation."""
    form = walk.app.screen
    assert isinstance(form, AskScreen)
    kinds = [each.value for each in form.fields[0].ask.choices]
    assert kind in kinds, kinds
    await walk.press(*["down"] * kinds.index(kind), "enter", *words, "enter")


def running(walk: Walk, name: str) -> bool:
    """Whether the list knows that an execution of a pipeline runs."""
    snapshot = walk.snapshot(name)
    return bool(snapshot and snapshot.state and any(each.status == "InProgress" for each in snapshot.state.stages))


async def mutating(account: DemoAccount) -> int:
    return int((await asyncio.to_thread(account.calls))["mutating"])


async def test_transitions_are_enabled_after_one_confirmation(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await mark(walk, "search-prod", "mailer", "billing")
        await walk.shows("3 pipelines are marked")
        await take(walk, "enable")
        await walk.on("BatchScreen")
        await walk.shows("1 change.", "Enable the transition into Prod of search-prod")
        assert await mutating(on_own) == 0
        await walk.press("enter")
        await walk.shows("1 of 1 verified")


async def test_starts_and_then_stops(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await mark(walk, "mailer", "reporting")
        await take(walk, "start")
        await walk.on("BatchScreen")
        await walk.shows("2 changes", "Start mailer", "Start reporting")
        await walk.press("enter")
        await walk.shows("2 of 2 verified")
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: running(walk, "mailer") and running(walk, "reporting"))
        await walk.press("x")
        await walk.on("AskScreen")
        await take(walk, "stop", "wrong")
        await walk.on("BatchScreen")
        await walk.press("enter")
        await walk.shows("2 of 2 verified")
    told = await asyncio.to_thread(on_own.calls)
    assert told["by_operation"]["codepipeline:StartPipelineExecution"] == 2
    assert told["by_operation"]["codepipeline:StopPipelineExecution"] == 2


async def test_a_start_rests_on_what_is_newest_even_where_the_list_has_not_read_it(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.until(lambda: walk.snapshot("mailer") and walk.snapshot("warehouse-etl"))
        held = [walk.snapshot(name) for name in ("mailer", "warehouse-etl")]
        navigation.open_batch(walk.app, [replace(each, execution=None) for each in held if each])
        await walk.on("AskScreen")
        await take(walk, "start")
        await walk.on("BatchScreen")
        await walk.press("enter")
        await walk.shows("2 of 2 verified")


async def test_a_comment_is_wanted_for_an_approval_and_a_number_is_typed(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await mark(walk, "payments", "mailer")
        await take(walk, "approve")
        await walk.shows("It needs a reason or a comment")
        await walk.on("AskScreen")
        await walk.press("enter", *"good", "enter")
        await walk.on("BatchScreen")
        await walk.shows("Approve", "payments")
        await walk.press("ctrl+s")
        assert await mutating(on_own) == 0
        await walk.press("1", "space", *"change", "enter")
        await walk.shows("1 of 1 verified")


async def test_what_another_engineer_did_meanwhile_is_a_conflict_in_its_own_row(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await mark(walk, "billing", "recommendations")
        await take(walk, "retry")
        await walk.on("BatchScreen")
        cloud, place = walk.app.desk.cloud, walk.app.desk.places[0]
        screen = walk.app.screen
        other = next(plan for ref, plan in screen.plans.values() if ref.name == "billing")  # type: ignore[attr-defined]
        steps = [step async for step in cloud.apply(other)]
        assert steps[-1].outcome
        assert place == other.place
        await walk.press("enter")
        await walk.shows("1 of 2 verified", "conflict", "the state has moved on")


async def test_a_stage_that_all_have_is_closed_to_all(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await mark(walk, "mailer", "reporting")
        form = walk.app.screen
        assert isinstance(form, AskScreen)
        kinds = [each.value for each in form.fields[0].ask.choices]
        stage = next(each for each in kinds if each.startswith("disable:")).removeprefix("disable:")
        await take(walk, f"disable:{stage}", "freeze")
        await walk.on("BatchScreen")
        await walk.shows("2 changes", f"Disable the transition into {stage} of mailer")
        await walk.press("enter")
        await walk.shows("2 of 2 verified")
        reader = walk.app.desk.cloud.pipelines(walk.app.desk.places[0])
        for name in ("mailer", "reporting"):
            found = (await reader.state(name)).stage(stage)
            assert found
            assert (found.transition.enabled, found.transition.reason) == (False, "freeze")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_does_to_all(kind: str) -> None:
    assert "marked" in KINDS[kind].title
