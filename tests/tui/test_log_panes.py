"""The log workspace as a person works with it: split, moved through, narrowed, left and found again."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from demo.process import DemoAccount
from tests.tui.walk import Walk, walking
from tui.log_panes import LogPanes
from tui.logs.layouts import recall_layout
from tui.paths import state_dir
from tui.screens.pane_finder import PaneFinderScreen

FAILED = "search-index"


async def workspace(walk: Walk) -> LogPanes:
    await walk.read()
    await walk.select(FAILED)
    await walk.press("l")
    await walk.on("LogScreen")
    await walk.shows("ended")
    return walk.app.screen.query_one(LogPanes)


async def split(walk: Walk, panes: LogPanes, key: str, path: Path) -> None:
    had = len(panes.keys)
    await walk.press(key)
    await walk.on("PaneFinderScreen")
    await choose(walk, path)
    await walk.until(lambda: len(panes.keys) == had + 1 and panes.current.ready and panes.current.pane.line_count)
    await walk.until(lambda: panes.body(str(had + 1)).pane.view.has_focus)


def log_file(folder: Path, name: str, lines: int = 300) -> Path:
    path = folder / f"{name}.log"
    path.write_text("".join(f"2026-11-23T07:{n // 60:02}:{n % 60:02}Z {name} {n}\n" for n in range(lines)))
    return path


async def test_panes_are_split_walked_resized_swapped_zoomed_and_closed(on_demo: DemoAccount, tmp_path: Path) -> None:
    async with walking() as walk:
        panes = await workspace(walk)
        await split(walk, panes, "vertical_line", log_file(tmp_path, "right"))
        await split(walk, panes, "underscore", log_file(tmp_path, "below"))
        await walk.shows("right 1", "below 1")
        assert panes.active == "3"
        await walk.press("shift+left")
        assert panes.active == "1"
        await walk.press("tab")
        assert panes.active == "2"
        width = panes.body("1").size.width
        await walk.press("ctrl+right", "ctrl+right")
        await walk.until(lambda: panes.body("1").size.width > width + 8)
        await walk.press("X")
        assert list(panes.keys) == ["1", "3", "2"]
        await walk.press("z")
        await walk.shows("3 of 3")
        await walk.until(lambda: "│ " not in walk.lines[10])
        await walk.press("z", "x")
        await walk.until(lambda: list(panes.keys) == ["1", "3"])
        await walk.press("shift+left", "x")
        await walk.shows("own log")
        assert list(panes.keys) == ["1", "3"]


async def test_panes_locked_by_time_scroll_together(on_demo: DemoAccount, tmp_path: Path) -> None:
    async with walking() as walk:
        panes = await workspace(walk)
        await split(walk, panes, "vertical_line", log_file(tmp_path, "one"))
        await split(walk, panes, "underscore", log_file(tmp_path, "two"))
        await walk.press("K", "g", *["pagedown"] * 3)
        two, one = panes.body("3").pane, panes.body("2").pane
        await walk.until(lambda: two.view.top > 10 and one.view.top == two.view.top)


async def test_a_small_terminal_shows_one_pane_and_says_which(on_demo: DemoAccount, tmp_path: Path) -> None:
    async with walking(size=(80, 24)) as walk:
        await walk.read()
        await walk.select(FAILED)
        await walk.press("l")
        await walk.on("LogScreen")
        panes = walk.app.screen.query_one(LogPanes)
        await walk.shows("ended")
        await split(walk, panes, "vertical_line", log_file(tmp_path, "right"))
        await split(walk, panes, "vertical_line", log_file(tmp_path, "below"))
        await walk.shows("3 of 3")
        await walk.press("tab")
        await walk.shows("1 of 3")
        assert panes.first.display
        assert not panes.body("2").display


async def test_the_layout_outlives_the_program_and_holds_no_line_of_a_log(on_demo: DemoAccount, tmp_path: Path) -> None:
    path = log_file(tmp_path, "right")
    async with walking() as walk:
        panes = await workspace(walk)
        await split(walk, panes, "vertical_line", path)
        await walk.press("w", "ampersand", *"right 2", "enter")
        await walk.until(lambda: panes.current.pane.filter.words)
        key = panes.sources["1"].key
        await walk.press("escape")
        await walk.until(lambda: recall_layout(key) is not None)
    kept = state_dir() / "log-layouts.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "07:00:0" not in kept.read_text()
    async with walking() as walk:
        panes = await workspace(walk)
        await walk.until(lambda: len(panes.keys) == 2 and panes.body("2").ready and panes.body("2").pane.line_count)
        await walk.until(lambda: panes.body("2").pane.view.wrap)
        await walk.until(lambda: panes.body("2").pane.filter.words == "right 2")


async def test_a_layout_that_was_tampered_with_is_left_aside(on_demo: DemoAccount, tmp_path: Path) -> None:
    async with walking() as walk:
        panes = await workspace(walk)
        await split(walk, panes, "vertical_line", log_file(tmp_path, "right"))
        key = panes.sources["1"].key
    kept = state_dir() / "log-layouts.json"
    whole = json.loads(kept.read_text())
    assert recall_layout(key) is not None
    for broken in ("{", "[]", json.dumps({**whole, "version": 99})):
        kept.write_text(broken)
        assert recall_layout(key) is None
    whole["layouts"][key]["panes"]["2"]["source"] = {"kind": "shell"}
    kept.write_text(json.dumps(whole))
    assert recall_layout(key) is None


async def test_a_log_is_merged_in_by_time_taken_out_again_and_kept(on_demo: DemoAccount, tmp_path: Path) -> None:
    path = log_file(tmp_path, "right", 40)
    async with walking() as walk:
        panes = await workspace(walk)
        own = panes.first.pane.line_count
        await walk.press("u")
        await walk.on("PaneFinderScreen")
        await choose(walk, path)
        await walk.shows("Build + right.log (by time)")
        await walk.until(lambda: panes.first.pane.line_count == own + 40)
        pane = panes.first.pane
        lines = list(pane.store.lines())
        assert [line.partition(" │ ")[2] for line in lines if line.startswith("right.log")] == path.read_text().split(
            "\n"
        )[:-1]
        assert {line.split()[0] for line in lines} == {"Build", "right.log"}
        named = {line.split()[0]: number for number, line in enumerate(lines)}
        colours = {name: next(iter(pane.view._strip(number))).style.color for name, number in named.items()}  # type: ignore[union-attr]
        assert colours["Build"] != colours["right.log"]
        await walk.press("escape")
        await walk.on("PipelinesScreen")
    async with walking() as walk:
        panes = await workspace(walk)
        await walk.shows("Build + right.log (by time)")
        await walk.until(lambda: panes.first.pane.line_count == own + 40)
        await walk.press("ctrl+u")
        await walk.until(lambda: panes.first.pane.line_count == own)
        await walk.shows("Phase complete")


async def choose(walk: Walk, path: Path) -> None:
    screen = walk.app.screen
    assert isinstance(screen, PaneFinderScreen)
    await walk.until(lambda: screen.done)
    screen.typed.value = str(path)
    await walk.shows("open file")
    await walk.press("enter")
    await walk.on("LogScreen")


async def test_borders_of_logs_are_dragged_by_the_line_and_by_the_lower_ones_header(
    on_demo: DemoAccount, tmp_path: Path
) -> None:
    async with walking() as walk:
        panes = await workspace(walk)
        await split(walk, panes, "vertical_line", log_file(tmp_path, "right"))
        await split(walk, panes, "underscore", log_file(tmp_path, "below"))
        line_x = panes.body("2").region.x - 1
        await drag(walk, (line_x, 20), (line_x - 15, 22))
        await walk.until(lambda: panes.body("2").region.x == line_x - 14)
        header = panes.body("3").region
        await drag(walk, (header.x + 10, header.y), (header.x + 12, header.y + 9))
        await walk.until(lambda: panes.body("3").region.y == header.y + 9)
        assert not walk.app.screen.get_selected_text()
        await walk.pilot.click(offset=(5, 20))
        await walk.until(lambda: panes.active == "1")


async def drag(walk: Walk, start: tuple[int, int], end: tuple[int, int]) -> None:
    await walk.pilot.mouse_down(offset=start)
    await walk.pilot.hover(offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await walk.pilot.hover(offset=end)
    await walk.pilot.mouse_up(offset=end)
    await walk.pilot.pause()
