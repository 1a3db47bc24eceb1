"""What nobody sees is not read as if somebody did."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from aws.watch import Fleet
from core.place import PipelineRef
from demo.process import DemoAccount
from tests.tui.walk import EU, walking


async def test_a_covered_list_asks_for_no_rows_and_a_pipelines_screen_for_its_own(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    focused: list[set[str]] = []
    real = Fleet.focus

    def focus(fleet: Fleet, keys: Iterable[PipelineRef]) -> None:
        refs = list(keys)
        focused.append({ref.name for ref in refs})
        real(fleet, refs)

    monkeypatch.setattr(Fleet, "focus", focus)
    async with walking(EU) as walk:
        await walk.read()
        await walk.until(lambda: len(focused[-1]) > 5)
        await walk.press("W")
        await walk.on("PulseScreen")
        await walk.until(lambda: focused[-1] == set())
        await walk.press("escape")
        await walk.on("PipelinesScreen")
        await walk.until(lambda: len(focused[-1]) > 5)
        await walk.press("enter")
        await walk.on("PipelineScreen")
        await walk.until(lambda: len(focused[-1]) == 1)
