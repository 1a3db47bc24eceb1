"""What a visitor in a browser may not do with the machine that serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from core.place import Place
from demo.process import DemoAccount
from tests.tui.walk import walking
from tui.in_browser import in_browser
from tui.navigation import open_log_finder
from tui.patch_file import read_source, write_patch
from tui.screens.log_finder import LogFinderScreen


async def test_no_file_of_the_serving_machine_is_offered_as_a_log(
    on_demo: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "build.log"
    log.write_text("x")
    assert not in_browser()
    async with walking() as walk:
        await walk.read()
        open_log_finder(walk.app, Place("", "eu-west-1"))
        await walk.on("LogFinderScreen")
        screen = walk.app.screen
        assert isinstance(screen, LogFinderScreen)
        await walk.until(lambda: screen.done)
        screen.typed.value = str(log)
        await walk.shows("open file")
        monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
        assert in_browser()
        screen.typed.value = f"{log} "
        await walk.until(lambda: "open file" not in walk.text)
        await walk.press("enter")
        await walk.pilot.pause()
        assert walk.screen_name == "LogFinderScreen"


def test_no_file_is_read_or_written_for_a_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "buildspec.yml"
    source.write_text("version: 0.2")
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    with pytest.raises(UsageError, match="no file of the serving machine is read"):
        read_source(source)
    with pytest.raises(UsageError, match="no file of the serving machine is written"):
        write_patch(tmp_path / "new.patch", "x")
    assert not (tmp_path / "new.patch").exists()
