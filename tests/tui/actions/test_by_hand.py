"""Fixes that a person makes: a patch of the repository's file, a connection completed in the console."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from core.errors import UsageError
from demo.process import DemoAccount
from tests.tui.actions.person import apply, go_to, outcome
from tests.tui.walk import Walk, walking
from tui.patch_file import read_source, write_patch
from tui.screens.ask import AskScreen

BAD = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo Checking: style: ruff check .\n"
GOOD = BAD.replace("echo Checking: style: ruff check .", "'echo Checking: style: ruff check .'")


def test_a_patch_is_readable_by_all_and_never_goes_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "fix.patch"
    write_patch(path, "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    with pytest.raises(UsageError, match="is there already"):
        write_patch(path, "two")
    assert path.read_text() == "one"
    with pytest.raises(UsageError, match="could not be written"):
        write_patch(tmp_path / "no" / "fix.patch", "x")
    with pytest.raises(UsageError, match="could not be read"):
        read_source(tmp_path / "absent")


async def fill(walk: Walk, text: str) -> None:
    """Answer the one question of a form."""
    await walk.on("AskScreen")
    form = walk.app.screen
    assert isinstance(form, AskScreen)
    from textual.widgets import Input  # noqa: PLC0415

    form.query_one(Input).value = text
    await walk.press("ctrl+s")
    await walk.on("ByHandScreen")


async def fix_of(walk: Walk, name: str) -> None:
    await walk.read()
    await go_to(walk, name)
    await walk.until(lambda: "f" in walk.keys)
    await walk.press("f")
    await walk.on("ByHandScreen")


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_buildspec_is_put_right_by_a_patch(on_demo: DemoAccount, tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "buildspec.yml").write_text(BAD)
    async with walking(size=size) as walk:
        await fix_of(walk, "notifications")
        # The file as it was built was read from the artifact: its patch is there at once.
        await walk.shows("the command is quoted")
        assert "+      - 'echo Checking: style: ruff check .'" in walk.app.screen.patch  # type: ignore[attr-defined]
        await walk.press("p")
        await fill(walk, str(tmp_path / "buildspec.yml"))
        await walk.shows("the command is quoted")
        await walk.until(lambda: "w" in walk.keys)
        await walk.press("w")
        await fill(walk, str(tmp_path / "fix.patch"))
        await walk.until((tmp_path / "fix.patch").exists)
        await walk.press("y")
        assert walk.app.clipboard == (tmp_path / "fix.patch").read_text()
    assert "+      - 'echo Checking: style: ruff check .'" in walk.app.clipboard
    assert (tmp_path / "buildspec.yml").read_text() == BAD


async def test_a_connection_that_is_completed_is_noticed_and_the_retry_goes_green(on_own: DemoAccount) -> None:
    async with walking() as walk:
        await fix_of(walk, "orders")
        await walk.shows("Waiting for: The connection is AVAILABLE", "console.aws.amazon.com")
        assert "R" not in walk.keys
        reader = walk.app.desk.cloud.pipelines(walk.app.desk.places[0])
        source = (await reader.definition("orders")).stages[0].actions[0]
        await asyncio.to_thread(on_own.set_connection, source.configuration["ConnectionArn"])
        await walk.shows("The connection is AVAILABLE. R retries the failed stage.")
        await walk.until(lambda: "R" in walk.keys)
        await walk.press("R")
        await walk.on("FixScreen")
        await apply(walk)
        assert outcome(walk) == "verified"
        await asyncio.to_thread(on_own.advance, 3 * 3600)
        assert {stage.status for stage in (await reader.state("orders")).stages} == {"Succeeded"}
