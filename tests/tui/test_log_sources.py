"""All logs of an action, as a person finds them."""

from __future__ import annotations

from demo.process import DemoAccount
from tests.tui.walk import walking
from tui.screens.log_sources import LogSourcesScreen


async def test_the_containers_of_a_service_are_listed_beside_its_events_and_followed(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("checkout-api")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("events of service")
        await walk.press("O")
        await walk.on("LogSourcesScreen")
        await walk.shows("events of service", "container app")
        screen = walk.app.screen
        assert isinstance(screen, LogSourcesScreen)
        at = next(n for n, each in enumerate(screen.sources) if each.group)
        await walk.press(*["down"] * at, "enter")
        await walk.on("GroupLogScreen")
        await walk.shows(screen.sources[at].group.name)  # type: ignore[union-attr]


async def test_a_builds_attempts_are_listed(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("search-index")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("ended")
        await walk.press("O")
        await walk.on("LogSourcesScreen")
        await walk.shows("search-index ▸ Build / Build", "build", "failed")
        await walk.press("enter")
        await walk.on("StreamLogScreen")
        await walk.shows("Phase complete")
