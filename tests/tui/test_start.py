"""From the command to the first frame and to the end, in a terminal: what is loaded and asked when; crashes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.pseudo import Ended, in_terminal

# Notes what is loaded and how many calls were made when the first words reach the terminal, and ends with the fleet.
WATCHED = """
import json, os, sys, urllib.request
from pathlib import Path
from textual.drivers.linux_driver import LinuxDriver
from tui.__main__ import main
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
really_write, told = LinuxDriver.write, Path(os.environ["HOME"], "told.json")
def write(self, data):
    really_write(self, data)
    if "Connecting" in data and not told.exists():
        with opener.open(os.environ["AWS_ENDPOINT_URL"] + "/_demo/calls") as answer:
            calls = json.load(answer)["total"]
        told.write_text(json.dumps({"calls": calls, "modules": sorted(sys.modules)}))
    if "search-index" in data:
        self._app.exit(0)
LinuxDriver.write = write
sys.argv = ["pipemedic", "--region", "eu-west-1"]
main()
"""
BROKEN = """
import sys
import {module}
def broken(*_, **__):
    raise ValueError("no way on [/foo] \\x1b]52;c;ZXZpbA==\\x07")
{module}.{name} = broken
from tui.__main__ import main
sys.argv = ["pipemedic", "--region", "eu-west-1"]
main()
"""


def test_the_first_frame_stands_before_aws_is_imported_or_asked(on_demo: DemoAccount, bare_home: Path) -> None:
    on_demo.clear_calls()
    ended = in_terminal(WATCHED, os.environ)
    assert (ended.code, ended.cooked) == (0, True), ended.written[-2000:]
    told = json.loads((bare_home / "told.json").read_text())
    assert told["calls"] == 0
    assert not {"aiobotocore", "botocore", "boto3", "aiohttp", "aws.cloud", "playbooks", "moto"} & set(told["modules"])
    assert on_demo.calls()["total"] > 0


def left_as_it_was(ended: Ended) -> None:
    """The alternate screen is left, the cursor shown, mouse and paste reports off, and the terminal takes lines."""
    assert ended.cooked
    for on, off in (
        ("\x1b[?1049h", "\x1b[?1049l"),
        ("\x1b[?25l", "\x1b[?25h"),
        ("\x1b[?1000h", "\x1b[?1000l"),
        ("\x1b[?2004h", "\x1b[?2004l"),
    ):
        assert ended.written.rindex(off) > ended.written.rindex(on)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("tui.fleet_status", "bar_of"),  # while a screen shows what it knows
        ("tui.screens.pipelines", "fleet_columns"),  # while a screen is made
        ("widgets.stage_strip", "stage_strip"),  # while a row is made
    ],
)
def test_a_crash_leaves_the_terminal_as_it_was_and_a_file_whose_path_is_told(
    on_demo: DemoAccount, bare_home: Path, module: str, name: str
) -> None:
    ended = in_terminal(BROKEN.format(module=module, name=name), os.environ)
    assert ended.code == 70, ended.written[-2000:]
    left_as_it_was(ended)
    after = ended.written[ended.written.rindex("\x1b[?1049l") :]
    said = re.search(r"The traceback is in (\S+)", after)
    assert said, after
    text = Path(said[1]).read_text()
    assert Path(said[1]).is_relative_to(bare_home)
    assert "ValueError: no way on" in text
    assert "\x1b" not in text
    assert "]52;" not in after
