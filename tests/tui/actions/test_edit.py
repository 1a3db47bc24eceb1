"""A source whose branch is gone: its settings are edited in a form, and the pipeline goes green."""

from __future__ import annotations

import asyncio

from core.attention import FocusPoint
from core.place import PipelineRef
from demo.process import DemoAccount
from tests.tui.actions.person import apply, choose, outcome
from tests.tui.walk import walking
from tui import navigation
from tui.screens.actions import ActionsScreen
from tui.screens.ask import AskScreen


async def test_another_branch_is_typed_and_the_pipeline_goes_green(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        ref = PipelineRef(walk.app.desk.places[0], "catalog")
        reader = walk.app.desk.cloud.pipelines(ref.place)
        source = (await reader.definition("catalog")).stages[0]
        point = FocusPoint(source.name, source.actions[0].name)

        async def menu() -> None:
            navigation.open_actions(walk.app, ref, point)
            await walk.on("ActionsScreen")
            screen = walk.app.screen
            assert isinstance(screen, ActionsScreen)
            await walk.until(lambda: bool(screen.actions))

        await menu()
        await choose(walk, f"edit:{point.stage}/{point.action}")
        form = walk.app.screen
        assert isinstance(form, AskScreen)
        await walk.press("ctrl+s")
        await walk.shows("Nothing was changed in the form")
        await walk.on("ActionsScreen")
        await walk.press("enter")
        await walk.on("AskScreen")
        form = walk.app.screen
        assert isinstance(form, AskScreen)
        branch = next(field for field in form.fields if field.ask.name == "set:BranchName")
        branch.take_focus()
        await walk.press("ctrl+u", "ctrl+k", *"main", "ctrl+s")
        await walk.on("FixScreen")
        await walk.shows("release/2026-10", "main")
        await apply(walk)
        assert outcome(walk) == "verified"
        await walk.press("enter")
        # The retry of the failed source is offered.
        await walk.until(lambda: getattr(walk.app.screen, "_retries", False))
        await walk.on("FixScreen")
        await apply(walk)
        assert outcome(walk) == "verified"
        await asyncio.to_thread(on_own.advance, 3 * 3600)
        state = await reader.state("catalog")
        assert {stage.status for stage in state.stages} == {"Succeeded"}
