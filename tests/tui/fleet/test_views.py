"""Saved views: saved from the list, shown by their keys, kept between runs; the line that says how the list stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from demo.process import DemoAccount
from tests.tui.walk import Walk, walking
from tui.config import Config, ListConfig, ViewConfig
from tui.fleet_memory import keep, keep_views, saved_views
from tui.fleet_view import Look

OF_CONFIG = ViewConfig("1", "red ones", ListConfig(), attention=True)


def standing(walk: Walk) -> str:
    return walk.part("#standing").strip()


async def test_the_list_as_it_stands_is_saved_under_a_key_and_comes_back_in_the_next_run(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.press("exclamation_mark", "s", "s")
        await walk.until(lambda: "only what needs attention · by pipeline" in standing(walk))
        await walk.press("V")
        await walk.on("ViewsScreen")
        await walk.shows("The list now: only what needs attention · by pipeline", "free: s saves here")
        await walk.press("down", "s")
        await walk.on("OneLineScreen")
        await walk.press(*"red", "enter")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: standing(walk).startswith("red · only what needs attention · by pipeline"))
    async with walking() as walk:
        await walk.read()
        every = len(walk.names)
        assert standing(walk) == ""
        await walk.press("2")
        await walk.until(lambda: 0 < len(walk.names) < every and walk.names == sorted(walk.names))
        await walk.until(lambda: f"{len(walk.names)} of {every} show" in standing(walk))
        await walk.press("0")
        await walk.until(lambda: len(walk.names) == every and standing(walk) == "")
        await walk.press("V")
        await walk.on("ViewsScreen")
        await walk.press("down", "delete")
        await walk.on("PipelinesScreen")
        assert saved_views() == {}


async def test_a_view_of_the_configuration_is_shown_and_not_overwritten(on_demo: DemoAccount) -> None:
    keep_views([replace(OF_CONFIG, name="mine"), replace(OF_CONFIG, key="3", look=ListConfig(filter="billing"))])
    async with walking(config=Config(views=(OF_CONFIG,))) as walk:
        await walk.read()
        await walk.press("V")
        await walk.on("ViewsScreen")
        await walk.shows("red ones", "(configuration)", "billing")
        assert "mine" not in walk.text
        await walk.press("s")
        await walk.shows("The configuration sets this view")
        await walk.press("3")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: walk.names == ["billing"])
        assert walk.app.screen.query_one("#filter", Input).value == "billing"


async def test_marks_and_the_way_back_are_said(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.press("space", "space")
        await walk.until(lambda: standing(walk) == "2 marked · esc unmarks")
        await walk.press("escape")
        await walk.until(lambda: standing(walk) == "")
        await walk.press("b")
        await walk.until(lambda: standing(walk) == "grouped by region · 0 as at first")


@pytest.mark.parametrize(
    "kept",
    [
        3,
        [3, {}, {"key": "1"}],
        [{"key": "x", "name": "n", "attention": 1, "columns": [], "sort": "", "group": "", "filter": ""}],
    ],
)
def test_what_is_no_view_is_left_out(bare_home: object, kept: object) -> None:
    keep("views", kept)
    assert saved_views() == {}


def test_a_view_comes_back_as_it_was_kept(bare_home: object) -> None:
    view = ViewConfig("4", "[red]x", ListConfig(("pipeline", "tag:team"), "-age", "tag:team", "a b"), attention=True)
    keep_views([view])
    assert saved_views() == {"4": view}
    assert Look.of(view.look, attention=True, name=view.name).columns == ("pipeline", "tag:team")
    assert view.words == "only what needs attention · a b · grouped by team · by age, reversed · 2 columns"
