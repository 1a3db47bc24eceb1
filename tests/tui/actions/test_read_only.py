"""Read-only: every key of every screen and every action is tried, and the account counts no change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from core.actions import Ask, Situation, actions_of
from core.attention import FocusPoint
from core.errors import PipemedicError, ReadOnlyRefused
from core.fact import Fact, Outcome
from core.finding import Fix
from core.place import PipelineRef
from core.plan import Plan
from core.plans.pipeline import retry_stage
from demo.process import DemoAccount
from playbooks.lint.correct import buildspec_repair
from tests.tui.actions.person import go_to, menu
from tests.tui.walk import Walk, walking
from tui import navigation
from tui.options import Options
from tui.screens.ask import AskScreen
from tui.screens.batch import BatchScreen
from tui.screens.contexts import ContextsScreen
from tui.screens.who import WhoScreen

READ_ONLY = Options(regions=("eu-west-1",), read_only=True)
# They leave the program or the screen; what they lead to is opened by name below.
_SKIPPED = ("q", "ctrl+q", "ctrl+c", "escape", "ctrl+p", "colon")


async def every_key(walk: Walk, come: Callable[[], Awaitable[None]], done: set[str]) -> int:
    """Press each key that the screen and what has the focus bind, coming back to the screen after each.

    `done` holds the ids of bindings of shared widgets, which are pressed on the first screen that has them.
    """
    await come()
    name, keys, here = walk.screen_name, [], walk.app.screen
    for key, active in walk.app.screen.active_bindings.items():
        shared = active.binding.id if active.node is not walk.app.screen else None
        if key not in _SKIPPED and shared not in done:
            keys.append(key)
            done.update(filter(None, (shared,)))
    for key in keys:
        before = walk.app.focused
        await walk.press(key)
        if walk.screen_name == name and isinstance(walk.app.focused, Input) and walk.app.focused is not before:
            # A box that takes text opened: later keys would be typed into it.
            await walk.press("escape")
            walk.app.set_focus(before)
            await walk.pilot.pause()
        # What a key opened is left again; a screen that was left by the key is opened anew.
        while walk.app.screen is not here and here in walk.app.screen_stack:
            walk.app.pop_screen()
            await walk.pilot.pause()
        if walk.app.screen is not here:
            while len(walk.app.screen_stack) > 1:
                walk.app.pop_screen()
                await walk.pilot.pause()
            await come()
            here = walk.app.screen
    return len(keys)


def plan_of(ref: PipelineRef, walk: Walk) -> Plan:
    snapshot = walk.app.snapshot(ref)
    assert snapshot
    assert snapshot.state
    failed = next(stage for stage in snapshot.state.stages if stage.status == "Failed")
    return retry_stage(ref, "111122223333", failed.name, failed.execution_id)


FIX = Fix("codebuild.line:5", "Correct line 5", steps=("Quote it.",), repair=buildspec_repair(text="- a: b: c\n"))


def screens(walk: Walk, ref: PipelineRef) -> dict[str, Callable[[], object]]:
    """How each screen is opened; those that are modal or need an answer are reached by keys too."""
    app, place, plan = walk.app, ref.place, plan_of(ref, walk)
    fact = Fact(1, "codepipeline", "GetPipeline", {"name": ref.name}, Outcome.OK, {"pipeline": {}})
    return {
        "PipelineScreen": lambda: navigation.open_pipeline(app, ref),
        "ActionsScreen": lambda: navigation.open_actions(app, ref, FocusPoint("Build", "Build")),
        "ApprovalsScreen": lambda: navigation.open_approvals(app),
        "JournalScreen": lambda: navigation.open_journal(app),
        "PlaybookScreen": lambda: navigation.open_playbook(app, ref, None),
        "LogScreen": lambda: navigation.open_log(app, ref, None),
        "FixScreen": lambda: navigation.open_plan(app, ref, plan),
        "ByHandScreen": lambda: navigation.open_fix(app, ref, FIX),
        "BatchScreen": lambda: app.push_screen(BatchScreen("Retry them", [(ref, plan)])),
        "AskScreen": lambda: app.push_screen(AskScreen("Stop", "It ends.", (Ask("reason", "Reason"),))),
        "FactsScreen": lambda: navigation.open_facts(app, [fact]),
        "AuditScreen": lambda: navigation.open_audit(app),
        "PulseScreen": lambda: navigation.open_pulse(app),
        "ProfileScreen": lambda: navigation.open_profile(app, ref),
        "InsightsScreen": lambda: navigation.open_insights(app, place),
        "LogFinderScreen": lambda: navigation.open_log_finder(app, place),
        "ReportScreen": lambda: navigation.open_report(app),
        "ContextsScreen": lambda: app.push_screen(ContextsScreen()),
        "WhoScreen": lambda: app.push_screen(WhoScreen(place)),
    }


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=["wide", "small"])
async def test_no_key_of_any_screen_changes_anything(
    on_demo: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.chdir(tmp_path)  # a report or a patch is written where the program runs
    await asyncio.to_thread(on_demo.clear_calls)
    async with walking(READ_ONLY, size=size) as walk:
        app = walk.app
        monkeypatch.setattr(app, "open_url", lambda *_, **__: None)
        monkeypatch.setattr(navigation, "log_in", lambda _: None)
        await walk.read()
        await go_to(walk, "billing")
        entries = app.desk.book.entries(app.desk.clock(), resort=False)
        ref = next(each.ref for each in entries if each.ref.name == "billing")
        done: set[str] = set()
        pressed = await every_key(walk, lambda: walk.on("PipelinesScreen"), done)
        await go_to(walk, "billing")
        seen = set()
        for screen, open_ in screens(walk, ref).items():

            async def come(name: str = screen, do: Callable[[], object] = open_) -> None:
                if walk.screen_name != name:
                    do()
                await walk.on(name)
                seen.add(name)

            pressed += await every_key(walk, come, done)
            while len(app.screen_stack) > 1:
                app.pop_screen()
                await walk.pilot.pause()
        assert len(seen) == 19
        assert pressed > 150
    told = await asyncio.to_thread(on_demo.calls)
    assert told["total"] > 20
    assert told["mutating"] == 0, told["by_operation"]


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
