"""The log of a finished build: whole, and opened where it matters."""

from __future__ import annotations

from demo.process import DemoAccount
from tests.tui.walk import walking
from tui.build_log import BuildLog


async def test_log_longer_than_one_look_opens_at_the_line_that_states_the_cause(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("search-index")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("ended")
        body = walk.app.screen.query_one(BuildLog)
        await walk.until(lambda: body.explanation is not None and body.explanation.cause_line)
        assert body.explanation is not None
        assert body.pane.line_count > 200
        await walk.until(lambda: walk.line_with(f" {body.explanation.cause_line if body.explanation else 0} "))
        assert body.pane.view.current == (body.explanation.cause_line or 0) - 1
