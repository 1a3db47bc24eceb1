"""What a visitor in a browser may not do with the machine that serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from tui.in_browser import in_browser
from tui.patch_file import read_source, write_patch
from tui.screens.log_finder import _local


def test_no_file_of_the_serving_machine_is_offered_as_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "build.log"
    log.write_text("x")
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    assert not in_browser()
    assert _local(str(log)) == log
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert in_browser()
    assert _local(str(log)) is None


def test_no_file_is_read_or_written_for_a_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "buildspec.yml"
    source.write_text("version: 0.2")
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    with pytest.raises(UsageError, match="no file of the serving machine is read"):
        read_source(source)
    with pytest.raises(UsageError, match="no file of the serving machine is written"):
        write_patch(tmp_path / "new.patch", "x")
    assert not (tmp_path / "new.patch").exists()
