"""The log screen as a person works with it: opened at the cause, phases beside it, lines taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.walk import Walk, walking
from tui.build_log import BuildLog
from widgets.log_pane import LogPane

FAILED = "search-index"


async def open_log(walk: Walk) -> LogPane:
    await walk.read()
    await walk.select(FAILED)
    await walk.press("l")
    await walk.on("LogScreen")
    await walk.shows("ended")
    return walk.app.screen.query_one(LogPane)


async def test_a_failed_log_opens_at_its_cause_with_its_phases_beside_it(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        pane = await open_log(walk)
        await walk.until(lambda: pane.view.current)
        body = walk.app.screen.query_one(BuildLog)
        assert body.explanation is not None
        assert pane.view.current == (body.explanation.cause_line or 0) - 1
        await walk.shows("◆", "✗ build", "✓ install")
        await walk.press("ctrl+g", *"install", "enter")
        phases = {phase.name: phase.line for phase in body.phases}
        await walk.until(lambda: pane.view.current == phases["INSTALL"])
        await walk.press("right_curly_bracket")
        await walk.until(lambda: pane.view.current == phases["PRE_BUILD"])
        await walk.press("ctrl+g", *"1s", "enter")
        last_ms = pane.store.time_of(pane.line_count - 1) or 0
        assert pane.store.time_of(pane.view.current or 0) >= last_ms - 1_000  # type: ignore[operator]
        await walk.press("i")
        await walk.until(lambda: "✓ install" not in walk.text)


async def test_what_the_filter_shows_is_saved(on_demo: DemoAccount, tmp_path: Path) -> None:
    async with walking() as walk:
        pane = await open_log(walk)
        await walk.press("ampersand", *"Container", "enter")
        await walk.until(lambda: pane.filter_done and pane.filter.words)
        await walk.press("S")
        await walk.shows("save the filtered")
        pane.prompt.field.value = str(tmp_path / "out.log")
        await walk.press("enter")
        await walk.until((tmp_path / "out.log").exists)
        await walk.shows("Saved")
        lines = (tmp_path / "out.log").read_text().splitlines()
        assert len(lines) == pane.shown_count
        assert all("[Container]" in line for line in lines)
        await walk.press("S")
        pane.prompt.field.value = str(tmp_path / "out.log")
        await walk.press("enter")
        await walk.shows("Not saved")


async def test_line_and_address_are_copied(on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    async with walking() as walk:
        pane = await open_log(walk)
        copied: list[str] = []
        monkeypatch.setattr(walk.app, "copy_to_clipboard", copied.append)
        await walk.until(lambda: pane.view.current)
        await walk.press("y", "Y")
        await walk.until(lambda: len(copied) == 2)
        assert copied[0] == pane.view.plain(pane.view.current or 0)
        assert "#logsV2:log-groups/" in copied[1]
        await walk.press("slash", "ctrl+r", *"(a+)+")
        await walk.shows("could search for ever")
        await walk.press("escape")
        assert copied[1].endswith(f"$3Fstart$3D{pane.store.time_of(pane.view.current or 0)}")


async def test_selected_lines_are_copied_saved_and_read_as_a_text(
    on_demo: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walking() as walk:
        pane = await open_log(walk)
        copied: list[str] = []
        monkeypatch.setattr(walk.app, "copy_to_clipboard", copied.append)
        await walk.until(lambda: pane.view.current and pane.look_done)
        await walk.press("g", "V", "j", "j", "y")
        await walk.until(lambda: copied)
        numbers = pane.view.picked_lines
        assert len(numbers) >= 3
        assert copied[0].split("\n") == [pane.view.all_of(number) for number in numbers]
        await walk.press("enter")
        await walk.on("LogLineScreen")
        await walk.shows(f"Lines 1–{numbers[-1] + 1}")
        await walk.press("t")
        await walk.shows("JSON")
        await walk.press("escape", "S")
        await walk.shows(f"save the selected {len(numbers):,} lines to (tab: others)")
        await walk.press("tab")
        await walk.shows(f"save all {pane.line_count:,} lines to")
        pane.prompt.field.value = str(tmp_path / "all.log")
        await walk.press("enter")
        await walk.shows("Saved")
        assert len((tmp_path / "all.log").read_text().splitlines()) == pane.line_count
        await walk.press("escape")
        assert not pane.view.picked_lines
        assert walk.screen_name == "LogScreen"


async def test_an_address_is_told_whole_before_it_is_opened(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walking() as walk:
        pane = await open_log(walk)
        opened: list[str] = []
        monkeypatch.setattr(walk.app, "open_url", opened.append)
        await walk.until(lambda: pane.view.current)
        url = "https://docs.example.com/" + "long/" * 60 + "end"
        pane.append(["plain", f"see {url} or https://user:hunter2@example.com/x"], [1, 2])
        await walk.until(
            lambda: pane.view.row_count and pane.view.line_of(pane.view.row_count - 1) == pane.line_count - 1
        )
        await walk.press("ctrl+g", *str(pane.line_count), "enter", "U")
        await walk.on("LogLinksScreen")
        await walk.until(lambda: url in "".join(line.strip() for line in walk.lines))
        assert not opened
        await walk.press("down", "enter")
        await walk.shows("What is secret in it is masked")
        assert not opened
        assert "hunter2" not in walk.text
        await walk.press("up", "enter")
        await walk.on("LogScreen")
        assert opened == [url]


async def test_what_a_key_does_is_found_in_the_palette_by_a_word(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        pane = await open_log(walk)
        titles = [command.title for command in walk.app.get_system_commands(walk.app.screen)]
        assert {"Time window", "Select", "All JSON", "Fold", "Links", "Invert", "Cause"} <= set(titles)
        assert len(titles) == len(set(titles))
        await walk.press("colon")
        await walk.on("CommandPalette")
        await walk.press(*"time win")
        await walk.shows("Time window", "W · Only lines of a time")
        await walk.press("enter")
        await walk.until(lambda: pane.prompt.opened)
        assert pane.prompt.about == "window"


async def test_a_pager_that_cannot_have_the_terminal_is_told(
    on_demo: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("PAGER", "true")
    async with walking() as walk:
        await open_log(walk)
        await walk.press("p")
        await walk.shows("cannot be left to another program")
        await walk.until(lambda: not list(tmp_path.glob("pipemedic-*")))
        monkeypatch.setenv("PAGER", "no-such-pager")
        await walk.press("p")
        await walk.shows("set $PAGER")
