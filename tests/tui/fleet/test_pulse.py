"""The pulse: from executions to a page that says how the fleet was."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from core.pulse import Past, Run
from demo.process import DemoAccount
from tests.builders import HOSTILE, NOW
from tests.tui.walk import EU, walking
from tui.fleet_pulse import WINDOWS, board, figure_line, group_lines, rated_lines
from tui.screens.pulse import PulseScreen
from widgets.column_chart import ChartData, ColumnChart

DAY = 86_400.0


def run(number: int, status: str, days_ago: float) -> Run:
    return Run(f"x-{number}", status, NOW - days_ago * DAY - 600, NOW - days_ago * DAY, f"r{number}")


GOOD = Past("a", "good", tuple(run(n, "Succeeded", n + 0.5) for n in range(5)))
BAD = Past("b", HOSTILE, tuple(run(n, "Failed" if n % 2 else "Succeeded", n + 0.5) for n in range(5)))


def test_groups_stand_the_worst_first_and_text_from_outside_is_harmless() -> None:
    found = board([GOOD, BAD], {"a": "111122223333", "b": HOSTILE}, WINDOWS[1], NOW)
    assert [figures.failed for _, figures in found.groups] == [2, 0]
    shown = group_lines("account", found.groups, 40, 5).plain + rated_lines("S", found.pulse.slowest, 40, 5).plain
    assert "\x1b" not in shown
    assert "60 %" in shown
    assert "111122223333" in shown
    figures = "\n".join(each.plain for each in figure_line(found.pulse))
    assert "80 %" in figures
    assert sum(found.pulse.failures) == 2


@pytest.mark.parametrize("size", [(60, 8), (12, 4)])
async def test_columns_are_as_high_as_their_numbers_and_no_failure_is_lost(size: tuple[int, int]) -> None:
    class Stage(App[None]):
        def compose(self) -> ComposeResult:
            yield ColumnChart()

    app = Stage()
    async with app.run_test(size=size) as pilot:
        bars = app.query_one(ColumnChart)
        bars.styles.height = size[1]
        bars.show(ChartData((0, 1, 0), (0, 99, 50), first="then", last="now"))
        await pilot.pause()
        lines = [bars.render_line(y) for y in range(size[1])]
        assert all(strip.cell_length == size[0] for strip in lines)
        foot = [segment for segment in lines[-2] if segment.text.strip("0123456789 ")]
        colours = {segment.style.color for segment in foot if segment.style}
        assert len(colours) >= 2
    empty = ColumnChart()
    assert empty.data == ChartData()


async def test_w_shows_the_pulse_of_the_fleet(on_demo: DemoAccount) -> None:
    async with walking(EU) as walk:
        await walk.read()
        await walk.press("W")
        await walk.on("PulseScreen")
        await walk.shows("last 7 days", "success rate", "time to restore", "FAILING NOW", "SLOWEST", "BY ACCOUNT")
        await walk.shows("111122223333", "checkout-api")
        screen = walk.app.screen
        assert isinstance(screen, PulseScreen)
        await walk.until(lambda: sum(screen.bars.data.high) > 0)
        await walk.press("w", "b")
        await walk.shows("last 30 days", "BY REGION", "eu-west-1")
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        assert walk.app.faults == []
