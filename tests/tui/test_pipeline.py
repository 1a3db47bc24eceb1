"""One pipeline's screen, and what is behind it. Read-only, on the shared demo account."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from core.pipeline import Execution
from demo.process import DemoAccount
from tests.tui.walk import Walk, walking
from tui.desk import Desk
from tui.history import History
from tui.screens.pipelines import PipelinesScreen
from widgets.code_view import CodeView
from widgets.stage_graph import StageGraph


def history(walk: Walk) -> list[Execution]:
    return walk.app.screen.query_one(History).executions


def grown(walk: Walk, before: int) -> bool:
    return len(history(walk)) > before or "that is all there is" in walk.text


async def test_executions_come_page_by_page_as_one_goes_down(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("warehouse-etl")
        await walk.press("e")
        await walk.shows("25 executions · older ones load as you go down")
        while "that is all there is" not in walk.text:
            before = len(history(walk))
            await walk.press("end")
            await walk.until(partial(grown, walk, before))
        assert len(history(walk)) > 100
        assert len({each.id for each in history(walk)}) == len(history(walk))
        starts = [each.started_at or 0 for each in history(walk)]
        assert starts == sorted(starts, reverse=True)


async def test_an_execution_opens_with_its_actions_and_their_words(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("e")
        await walk.until(lambda: history(walk))
        await walk.pilot.pause()
        await walk.press("enter")
        await walk.on("ExecutionScreen")
        await walk.shows("billing ▸ execution", "✗ failed", "DOWNLOAD_SOURCE", "Validate IBANs")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("AccessDenied", "ended")
        await walk.press("escape")
        await walk.on("ExecutionScreen")


async def test_tabs_show_revisions_the_definition_and_the_log(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("7")
        await walk.until(lambda: '"roleArn"' in walk.app.screen.query_one("#code", CodeView).code)
        await walk.shows('"roleArn"', '"name": "billing"')
        await walk.press("5")
        await walk.shows("SOURCE", "REVISION", "Validate IBANs before they are stored")
        await walk.press("2")
        await walk.shows("Waiting for DOWNLOAD_SOURCE")
        await walk.press("1")
        await walk.shows("What was checked")


async def test_the_picture_is_walked_by_arrows_and_says_what_is_under_the_cursor(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("search-prod")
        graph = walk.app.screen.query_one(StageGraph)
        await walk.until(lambda: graph.stages and "─⊘─" in walk.text)
        spots = set()
        for _ in range(12):
            spots.add(graph.selected)
            await walk.press("left")
        assert len(spots) >= 4
        assert any(spot and spot.action is None for spot in spots), "transitions can be selected"
        graph.select("Prod")
        await walk.shows("The way into Prod was disabled by", "Index freeze")


async def test_parallel_actions_stand_in_one_stage(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("web")
        await walk.until(lambda: walk.app.screen.query_one(StageGraph).stages)
        (checks,) = [each for each in walk.app.screen.query_one(StageGraph).stages if each.name == "Test"]
        assert [(each.name, each.run_order) for each in checks.actions] == [("Lint", 1), ("Unit", 1), ("EndToEnd", 2)]
        await walk.shows("Lint", "Unit", "EndToEnd")


async def test_facts_show_the_call_its_parameters_and_the_answer(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await walk.shows("Not asked yet")
        await walk.press("e")
        assert walk.screen_name == "PlaybookScreen", "there is nothing to show yet"
        await walk.press("enter")
        await walk.shows("1 of ")
        await walk.until(lambda: "◐" not in walk.text)
        await walk.press("e")
        await walk.on("FactsScreen")
        await walk.shows('"service": "codebuild"', '"operation": "BatchGetBuilds"', '"parameters"', '"outcome": "ok"')
        await walk.press("y")
        assert '"DOWNLOAD_SOURCE"' in walk.app.clipboard
        await walk.press("escape")
        await walk.on("PlaybookScreen")


async def test_escape_leads_back_from_everywhere(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("billing")
        await walk.until(lambda: "f" in walk.keys)
        for key, screen in (
            ("d", "PlaybookScreen"),
            ("l", "LogScreen"),
            ("f", "FixScreen"),
            ("R", "FixScreen"),
            ("enter", "PipelineScreen"),
        ):
            await walk.press(key)
            await walk.on(screen)
            await walk.press("escape")
            await walk.on("PipelinesScreen")
        await walk.press("escape")
        assert isinstance(walk.app.screen, PipelinesScreen)
        assert walk.fleet.cursor_key is not None
        assert walk.fleet.cursor_key.endswith("|billing")


async def test_a_pipeline_without_a_build_says_why_there_is_no_log(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("orders")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.until(lambda: "looking for the log" not in walk.text)
        assert "Source" in walk.words
        assert "log" in walk.words


async def test_keys_pressed_before_the_account_is_open_do_no_harm(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, really_open = asyncio.Event(), Desk.open

    async def held(desk: Desk) -> None:
        await gate.wait()
        await really_open(desk)

    monkeypatch.setattr(Desk, "open", held)
    async with walking() as walk:
        await walk.press(
            "d", "l", "enter", "f", "R", "r", "y", "o", "exclamation_mark", "exclamation_mark", "slash", "escape"
        )
        await walk.shows("Connecting …")
        gate.set()
        await walk.read()


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_artifacts_are_shown_with_what_the_store_holds_of_them(
    on_demo: DemoAccount, size: tuple[int, int]
) -> None:
    async with walking(size=size) as walk:
        await walk.read()
        await walk.open("search-prod")
        await walk.shows("Artifacts")
        await walk.press("6")
        await walk.shows("✓ stored", "SourceArtifact", "s3://codepipeline-eu-west-1")
        assert "◐ asking" not in walk.text


async def test_revisions_say_who_made_them_and_on_which_branch(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("5")
        await walk.shows("BRANCH", "AUTHOR", "main", "lena")


async def test_what_changed_since_the_last_good_execution_opens_from_the_history(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("e")
        await walk.until(lambda: history(walk))
        await walk.pilot.pause()
        await walk.press("equals_sign")
        await walk.on("ComparisonScreen")
        await walk.shows("✓ succeeded", "✗ failed", "Revisions", "Validate IBANs before they are stored", "the same")
        await walk.press("escape")
        await walk.on("PipelineScreen")


async def test_in_a_short_terminal_a_tab_takes_the_room_and_escape_leaves_it_first(on_demo: DemoAccount) -> None:
    async with walking(size=(80, 24)) as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("2")
        await walk.shows("Phase complete: DOWNLOAD_SOURCE")
        await walk.until(lambda: walk.app.screen.query_one("#graph").size.height == 1)
        assert walk.app.screen.query_one("#tabs").size.height > 14
        await walk.press("escape")
        await walk.until(lambda: walk.app.screen.query_one("#graph").size.height > 3)
        await walk.on("PipelineScreen")
        await walk.press("escape")
        await walk.on("PipelinesScreen")


async def test_the_key_for_the_fix_may_come_before_the_cause_is_known(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("billing")
        await walk.press("f")
        await walk.on("FixScreen")
        await walk.shows("s3:GetObject")
