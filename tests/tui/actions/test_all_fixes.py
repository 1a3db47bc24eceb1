"""`F`: all fixes of a pipeline's causes and the forms behind them, from the list, over HTTP to a green pipeline."""

from __future__ import annotations

import asyncio

from textual.widgets import Input

from demo.process import DemoAccount
from tests.tui.actions.person import apply, go_to, outcome
from tests.tui.walk import Walk, walking
from tui.options import Options
from tui.screens.ask import AskScreen


async def offered(walk: Walk, name: str) -> list[str]:
    """Wait until the cause is known, ask for all fixes and return them."""
    await walk.read()
    await go_to(walk, name)
    await walk.shows("(by hand)")
    await walk.press("F")
    await walk.on("AskScreen")
    form = walk.app.screen
    assert isinstance(form, AskScreen)
    return [each.label for each in form.fields[0].ask.choices]


async def test_the_health_check_is_set_in_its_form_from_the_finding(on_own: DemoAccount) -> None:
    async with walking() as walk:
        labels = await offered(walk, "checkout-api")
        at = next(number for number, label in enumerate(labels) if label.startswith("Set the health check"))
        await walk.press(*["down"] * at, "enter")
        await walk.until(lambda: walk.screen_name == "AskScreen" and bool(walk.app.screen.query(Input)))
        await walk.shows("/healthz")
        walk.app.screen.query(Input).first().value = "/health"
        await walk.press("ctrl+s")
        await walk.on("FixScreen")
        await apply(walk)
        assert outcome(walk) == "verified"
        await walk.until(lambda: "R" in walk.keys)
        await walk.press("R")
        await walk.until(lambda: "Retry stage" in walk.text)
        await apply(walk)
        assert outcome(walk) == "verified"
        await asyncio.to_thread(on_own.advance, 3 * 3600)
        reader = walk.app.desk.cloud.pipelines(walk.app.desk.places[0])
        assert {stage.status for stage in (await reader.state("checkout-api")).stages} == {"Succeeded"}


async def test_read_only_offers_instructions_alone(on_demo: DemoAccount) -> None:
    async with walking(Options(regions=("eu-west-1",), read_only=True)) as walk:
        labels = await offered(walk, "checkout-api")
        assert labels
        assert all(label.endswith(("(by hand)", "(patch)", "(waits for you)")) for label in labels)
