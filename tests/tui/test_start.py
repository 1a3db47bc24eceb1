"""What comes before the first frame: next to nothing of ours, nothing of AWS."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.tui.walk import walking
from tui.options import Options
from tui.screens.start import StartScreen

HEAVY = ("aiobotocore", "boto3", "botocore", "aiohttp", "pygments", "aws", "playbooks", "tui.screens.pipelines")


def test_application_is_imported_without_aws_and_without_the_fleets_screen() -> None:
    code = f"import sys, tui.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_first_frame_says_that_aws_is_being_asked(bare_home: Path) -> None:
    async with walking(Options(regions=("eu-west-1",), profiles=("nobody",))) as walk:
        await walk.app.push_screen(StartScreen())
        await walk.on("StartScreen")
        assert walk.lines[0].split()[0] == "pipemedic"
        assert "Asking AWS which pipelines there are." in walk.text
