"""A live log whose way to AWS breaks: said in the pane, tried again, every line once and in order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from demo.process import DemoAccount
from tests.demo.clients import Clients
from tests.tui.walk import Walk, walking
from widgets.log_pane import LogPane


def whole_log(account: DemoAccount) -> list[str]:
    """The lines of the build that runs, as a bare client reads them."""
    clients = Clients(account)
    stage, action = next(
        (each["stageName"], action["actionName"])
        for each in clients("codepipeline").get_pipeline_state(name="mobile-ios")["stageStates"]
        for action in each["actionStates"]
        if ":" in action.get("latestExecution", {}).get("externalExecutionId", "")
        and action["latestExecution"]["status"] == "InProgress"
    )
    return [line.removesuffix("\n") for line in clients.log(clients.build("mobile-ios", stage, action))]


async def broken(walk: Walk, account: DemoAccount, pane: LogPane, **fault: Any) -> None:
    """Live through a fault: it is said, nothing comes, and what was written meanwhile comes after it."""
    number = account.add_fault(service="logs", operation="GetLogEvents", **fault)
    await walk.until(lambda: "reconnecting" in walk.lines[1])
    await asyncio.to_thread(account.advance, 150)  # a line a minute
    before = pane.line_count
    account.clear_faults(number)
    await walk.until(lambda: pane.line_count > before and "live" in walk.lines[1])


async def test_a_break_is_said_and_the_gap_is_filled(on_own: DemoAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws.tail._RETRY_MOST_S", 0.5)
    async with walking() as walk:
        await walk.read()
        await walk.select("mobile-ios")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("live")
        pane = walk.app.screen.query_one(LogPane)
        await broken(walk, on_own, pane, reset=True)
        await broken(walk, on_own, pane, code="ThrottlingException")
        await broken(walk, on_own, pane, code="ServiceUnavailableException", status=503)
        await broken(walk, on_own, pane, code="ExpiredTokenException")
        whole = await asyncio.to_thread(whole_log, on_own)
        await walk.until(lambda: pane.line_count >= len(whole))
        assert list(pane.store.lines(0, len(whole))) == whole
