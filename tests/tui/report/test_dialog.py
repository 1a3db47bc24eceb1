from __future__ import annotations

from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.walk import EU, Walk, walking
from tui.options import Options
from tui.screens.report import ReportScreen


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the program."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def dialog(walk: Walk) -> ReportScreen:
    screen = walk.app.screen
    assert isinstance(screen, ReportScreen)
    return screen


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def asked(walk: Walk) -> ReportScreen:
    await walk.press("m")
    await walk.on("ReportScreen")
    return dialog(walk)


async def test_the_list_writes_a_report_of_the_pipeline_under_the_cursor(on_demo: DemoAccount, folder: Path) -> None:
    async with walking(EU) as walk:
        await walk.read()
        await walk.select("billing")
        await walk.until(lambda: "m" in walk.keys)
        screen = await asked(walk)
        assert screen.file.value.startswith("billing-")
        await walk.press("down")
        assert screen.file.value.endswith(".html")
        await walk.press("enter", "down", "enter", "enter")
        await walk.on("PipelinesScreen")
        (page,) = files(folder)
        text = page.read_text()
    assert page.suffix == ".html"
    assert "<h1>" in text
    assert "111122223333" not in text


async def test_nothing_is_written_without_a_name_a_folder_and_a_second_yes(on_demo: DemoAccount, folder: Path) -> None:
    kept = folder / "night.md"
    kept.write_text("mine")
    async with walking(EU) as walk:
        await walk.read()
        await walk.select("mailer")
        screen = await asked(walk)
        screen.file.value = ""
        await walk.press("ctrl+s")
        await walk.shows("The file needs a name.")
        screen.file.value = "no/such/folder/x.md"
        await walk.press("ctrl+s")
        await walk.shows("Not written")
        assert walk.screen_name == "ReportScreen"
        screen.file.value = "night.md"
        screen.file.focus()
        await walk.press("enter")
        await walk.shows("night.md is there already")
        assert kept.read_text() == "mine"
        await walk.press("end", "x", "backspace", "enter")
        await walk.shows("is there already")
        assert kept.read_text() == "mine"
        await walk.press("enter")
        await walk.on("PipelinesScreen")
        assert kept.read_text().startswith("# mailer: ")
        await asked(walk)
        await walk.press("escape")
        await walk.on("PipelinesScreen")
    assert files(folder) == [kept]


async def test_screens_about_a_pipeline_offer_it_and_others_do_not(on_demo: DemoAccount, folder: Path) -> None:
    async with walking(Options(regions=("eu-west-1",), read_only=True)) as walk:
        await walk.read()
        await walk.open("billing")
        await walk.press("d")
        await walk.on("PlaybookScreen")
        await asked(walk)
        await walk.press("escape", "escape")
        await walk.on("PipelineScreen")
        await walk.press("l")
        await walk.on("LogScreen")
        await asked(walk)
        await walk.press("escape", "escape")
        await walk.on("PipelineScreen")
        await walk.press("e")
        await walk.until(lambda: "enter opens one" in walk.text)
        await walk.press("enter")
        await walk.on("ExecutionScreen")
        screen = await asked(walk)
        assert len(screen.execution_id) == 36
        await walk.press("escape")
        await walk.on("ExecutionScreen")
        await walk.press("J")
        await walk.on("JournalScreen")
        assert "m" not in walk.keys
