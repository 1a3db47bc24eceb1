"""Logs Insights as a person uses it: from a log to a query over its group."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.walk import Walk, walking
from tui.logs.queries import BUILT_IN, SavedQuery, read_queries, save_query
from tui.screens.insights import InsightsScreen


async def open_insights(walk: Walk, pipeline: str = "search-index") -> InsightsScreen:
    await walk.read()
    await walk.select(pipeline)
    await walk.press("l")
    await walk.on("LogScreen")
    await walk.shows("ended")
    await walk.press("I")
    await walk.on("InsightsScreen")
    screen = walk.app.screen
    assert isinstance(screen, InsightsScreen)
    return screen


async def test_a_query_over_a_builds_group_brings_rows_and_says_what_it_scanned(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        screen = await open_insights(walk)
        assert screen.groups == ("/example/ci",)
        await walk.press("f2")
        await walk.on("LogQueriesScreen")
        await walk.shows("Errors, newest first", "phases that failed")
        await walk.press("down", "down", "down", "down", "enter")
        await walk.on("InsightsScreen")
        screen.since.value = "9d"
        await walk.press("f5")
        await walk.shows("complete", "records matched", "GB scanned", "phase", "BUILD", "FAILED")
        assert screen.log_body.pane.store[0].split() == ["phase", "state", "n"]
        assert not screen.running


async def test_what_does_not_read_is_told_and_marked(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        screen = await open_insights(walk)
        screen.editor.text = "fields @message\n| filtre @message like 'x'"
        await walk.press("f5")
        await walk.shows("The query does not read", "line 2 and position 3")
        assert screen.editor.selected_text == "filtre"
        screen.since.value = "in a while"
        await walk.press("f5")
        await walk.shows("is no time")


async def test_escape_stops_the_query_and_then_goes_back(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        screen = await open_insights(walk, "warehouse-etl")
        screen.since.value = "9d"
        before = on_demo.calls(0)["by_operation"].get("logs:StopQuery", 0)
        await walk.press("f5")
        await walk.shows("scheduled")
        await walk.press("escape")
        await walk.shows("Stopped.")
        await walk.until(lambda: on_demo.calls(0)["by_operation"].get("logs:StopQuery", 0) == before + 1)
        await walk.press("escape")
        await walk.on("LogScreen")


async def test_groups_are_found_by_letters_and_a_query_is_kept_with_them(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        screen = await open_insights(walk)
        await walk.press("f3")
        await walk.on("LogGroupsScreen")
        await walk.until(lambda: len(walk.app.screen.known) > 3)  # type: ignore[attr-defined]
        await walk.press(*"billing", "enter", "enter")
        await walk.on("InsightsScreen")
        assert screen.groups == ("/example/ci", "/aws/codebuild/billing")
        screen.editor.text = "fields @message | limit 3"
        await walk.press("f4")
        await walk.on("OneLineScreen")
        await walk.press(*"three", "enter")
        await walk.shows("Kept as three")
        assert read_queries() == (SavedQuery("three", "fields @message | limit 3", screen.groups),)


def test_a_kept_query_replaces_the_one_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "state" / "queries.json"
    save_query(SavedQuery("a", "fields @message"), path)
    save_query(SavedQuery("b", "fields @message"), path)
    save_query(SavedQuery("a", "fields @logStream", ("/x",)), path)
    assert read_queries(path) == (SavedQuery("a", "fields @logStream", ("/x",)), SavedQuery("b", "fields @message"))
    path.write_text("not json")
    assert read_queries(path) == ()


@pytest.mark.parametrize("query", BUILT_IN, ids=lambda query: query.name)
def test_queries_that_come_with_the_program_read(query: SavedQuery) -> None:
    from demo.insights.grammar import parse_query  # noqa: PLC0415 (the language as AWS documents it)

    assert parse_query(query.text)
