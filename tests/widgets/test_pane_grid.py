"""Panes under the mouse: borders are dragged both ways, a click makes a pane the active one."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widget import Widget

from tests.widgets.stage import showing, until
from widgets.pane_grid import Axis, PaneGrid
from widgets.pane_tree import add


class Pane(Widget, can_focus=True):
    """An empty pane."""


async def four(pilot: Pilot[None], grid: PaneGrid) -> None:
    for key, beside, axis in (("b", "a", Axis.BESIDE), ("c", "b", Axis.BELOW), ("d", "a", Axis.BELOW)):
        await grid.put(key, Pane(), None)
        grid.split = add(grid.split, beside, axis, key)
        grid.activate(key)
    await pilot.pause()


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


async def test_the_line_between_panes_is_dragged_to_the_side() -> None:
    grid = PaneGrid("a", Pane())
    async with showing(grid, 121, 40) as (pilot, _):
        await four(pilot, grid)
        assert grid.panes["a"].size.width == 60
        await drag(pilot, (60, 5), (80, 7))
        assert grid.panes["a"].size.width == 80
        assert grid.panes["b"].size.width == grid.panes["c"].size.width == 40
        assert grid.app.mouse_captured is None


async def test_the_header_of_a_lower_pane_is_dragged_up_and_down() -> None:
    grid = PaneGrid("a", Pane())
    async with showing(grid, 121, 40) as (pilot, _):
        await four(pilot, grid)
        assert grid.panes["c"].region.y == 20
        await drag(pilot, (90, 20), (95, 30))
        assert grid.panes["b"].size.height == 30
        assert grid.panes["c"].region.y == 30
        assert grid.panes["d"].region.y == 20, "the other column stays"


async def test_a_border_stops_before_a_side_is_gone_and_elsewhere_nothing_is_held() -> None:
    grid = PaneGrid("a", Pane())
    async with showing(grid, 121, 40) as (pilot, _):
        await four(pilot, grid)
        await drag(pilot, (60, 5), (0, 5))
        assert grid.panes["a"].size.width >= 38
        assert grid.panes["b"].display
        before = grid.split
        await drag(pilot, (90, 5), (20, 30))
        assert grid.split == before


async def test_a_click_makes_a_pane_the_active_one() -> None:
    grid = PaneGrid("a", Pane())
    async with showing(grid, 121, 40) as (pilot, _):
        await four(pilot, grid)
        assert grid.active == "d"
        await pilot.click(offset=(100, 10))
        await until(lambda: grid.active == "b")
