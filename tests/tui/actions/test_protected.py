"""A protected account is named on every screen and wants a name typed; a sealed one takes no change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.actions.person import apply, choose, go_to, menu, outcome
from tests.tui.walk import WIDE, Walk
from tui.app import PipemedicApp
from tui.config import Config
from tui.config_places import load_config
from tui.desk import Desk
from tui.options import Options


def configured(folder: Path, protection: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    path = folder / "config.toml"
    path.write_text(f'[contexts.prod]\nregions = ["eu-west-1"]\nprotection = "{protection}"\n')
    monkeypatch.setenv("PIPEMEDIC_CONFIG", str(path))
    return load_config()


@asynccontextmanager
async def walking(config: Config) -> AsyncIterator[Walk]:
    options = Options(contexts=("prod",))
    app = PipemedicApp(options, Desk(options, config=config))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        yield Walk(pilot, app)
    assert not app.faults


async def test_a_protected_account_wants_the_name_typed(
    on_own: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with walking(configured(tmp_path, "typed", monkeypatch)) as walk:
        await walk.read()
        await walk.shows("protected: prod")
        await go_to(walk, "search-prod")
        for key, screen in (("enter", "PipelineScreen"), ("d", "PlaybookScreen"), ("J", "JournalScreen")):
            assert "PROTECTED prod" in walk.lines[-1]
            await walk.press(key)
            await walk.on(screen)
        await walk.until(lambda: "PROTECTED prod" in walk.lines[-1])
        while walk.screen_name != "PipelinesScreen":
            await walk.press("escape")
            await walk.pilot.pause()
        await menu(walk)
        await walk.until(lambda: "PROTECTED prod" in walk.lines[-1])
        await choose(walk, "enable:Prod")
        await walk.until(lambda: "PROTECTED prod" in walk.lines[-1])
        await apply(walk, typed="search-prod")
        assert outcome(walk) == "verified"


async def test_a_sealed_account_takes_no_change(
    on_demo: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(on_demo.clear_calls)
    async with walking(configured(tmp_path, "read-only", monkeypatch)) as walk:
        await walk.read()
        await walk.shows("read-only", "READ-ONLY prod")
        await go_to(walk, "billing")
        await menu(walk)
        actions = walk.app.screen.actions  # type: ignore[attr-defined]
        assert all("read-only" in each.why_not for each in actions.values())
    assert (await asyncio.to_thread(on_demo.calls))["mutating"] == 0
