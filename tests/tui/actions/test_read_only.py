"""Read-only: every key of every screen and every action is tried, and the account counts no change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.actions import Situation, actions_of
from core.attention import FocusPoint
from core.errors import PipemedicError, ReadOnlyRefused
from core.place import PipelineRef
from core.plan import Plan
from core.plans.pipeline import retry_stage
from demo.process import DemoAccount
from tests.tui.actions.person import go_to, menu
from tests.tui.walk import Walk, walking
from tui import navigation
from tui.options import Options

READ_ONLY = Options(regions=("eu-west-1",), read_only=True)
# They leave the program or the screen; what they lead to is opened by name below.
_SKIPPED = ("q", "ctrl+q", "ctrl+c", "escape", "ctrl+p", "colon")


async def every_key(walk: Walk, come: Callable[[], Awaitable[None]], done: set[str]) -> int:
    """Press each key that the screen and what has the focus bind, coming back to the screen after each.

    `done` holds the ids of bindings of shared widgets, which are pressed on the first screen that has them.
    """
    await come()
    name, keys = walk.screen_name, []
    for key, active in walk.app.screen.active_bindings.items():
        shared = active.binding.id if active.node is not walk.app.screen else None
        if key not in _SKIPPED and shared not in done:
            keys.append(key)
            done.update(filter(None, (shared,)))
    for key in keys:
        await walk.press(key)
        if walk.screen_name != name:
            while len(walk.app.screen_stack) > 1:
                walk.app.pop_screen()
                await walk.pilot.pause()
            await come()
    return len(keys)


def plan_of(ref: PipelineRef, walk: Walk) -> Plan:
    snapshot = walk.app.snapshot(ref)
    assert snapshot
    assert snapshot.state
    failed = next(stage for stage in snapshot.state.stages if stage.status == "Failed")
    return retry_stage(ref, "111122223333", failed.name, failed.execution_id)


async def test_no_key_of_any_screen_changes_anything(on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "true")
    await asyncio.to_thread(on_demo.clear_calls)
    async with walking(READ_ONLY, size=(90, 28)) as walk:
        app = walk.app
        monkeypatch.setattr(app, "open_url", lambda *_, **__: None)
        monkeypatch.setattr(navigation, "log_in", lambda _: None)
        await walk.read()
        await go_to(walk, "billing")
        ref = next(
            each.ref for each in app.desk.book.entries(app.desk.clock(), resort=False) if each.ref.name == "billing"
        )
        point = FocusPoint("Build", "Build")

        async def fleet() -> None:
            await walk.on("PipelinesScreen")

        async def opened(screen: str, open_: Callable[[], None]) -> None:
            if walk.screen_name != screen:
                open_()
            await walk.on(screen)

        done: set[str] = set()
        pressed = await every_key(walk, fleet, done)
        for screen, open_ in (
            ("PipelineScreen", lambda: navigation.open_pipeline(app, ref)),
            ("ActionsScreen", lambda: navigation.open_actions(app, ref, point)),
            ("ApprovalsScreen", lambda: navigation.open_approvals(app)),
            ("JournalScreen", lambda: navigation.open_journal(app)),
            ("PlaybookScreen", lambda: navigation.open_playbook(app, ref, None)),
            ("LogScreen", lambda: navigation.open_log(app, ref, None)),
            ("FixScreen", lambda: navigation.open_plan(app, ref, plan_of(ref, walk))),
        ):

            async def come(name: str = screen, do: Callable[[], None] = open_) -> None:
                await opened(name, do)

            pressed += await every_key(walk, come, done)
            while len(app.screen_stack) > 1:
                app.pop_screen()
                await walk.pilot.pause()
        assert pressed > 60
    told = await asyncio.to_thread(on_demo.calls)
    assert told["total"] > 20
    assert told["mutating"] == 0


async def test_no_action_of_any_pipeline_gets_through(on_demo: DemoAccount) -> None:
    await asyncio.to_thread(on_demo.clear_calls)
    tried = 0
    async with walking(READ_ONLY) as walk:
        await walk.read()
        cloud, place = walk.app.desk.cloud, walk.app.desk.places[0]
        for name in walk.names:
            reader, ref = cloud.pipelines(place), PipelineRef(place, name)
            state, definition, page = await asyncio.gather(
                reader.state(name), reader.definition(name), reader.executions(name, limit=5)
            )
            situation = Situation(ref, "111122223333", state, definition, page.items)
            assert all(each.why_not for each in actions_of(situation, read_only=True))
            for action in actions_of(situation):
                if action.make is None or action.reads:
                    continue
                answers = {each.name: "x" for each in action.asks(())}
                try:
                    plan = action.make(answers, ())
                except PipemedicError:
                    continue
                assert plan
                with pytest.raises(ReadOnlyRefused):
                    _ = [step async for step in cloud.apply(plan)]
                tried += 1
    told = await asyncio.to_thread(on_demo.calls)
    assert tried > 50
    assert told["mutating"] == 0


async def test_the_menu_and_the_inbox_offer_nothing(on_demo: DemoAccount) -> None:
    async with walking(READ_ONLY) as walk:
        await walk.read()
        await go_to(walk, "billing")
        assert not {"Fix", "Retry stage"} & walk.keys
        await menu(walk)
        await walk.press("enter")
        await walk.shows("read-only mode")
