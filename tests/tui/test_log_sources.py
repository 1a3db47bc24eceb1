"""All logs of an action, as a person finds them."""

from __future__ import annotations

from demo.process import DemoAccount
from tests.tui.walk import walking
from tui.screens.log_sources import LogSourcesScreen
from widgets.log_pane import LogPane


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
        at = next(n for n, each in enumerate(screen.offers) if each.source and each.source.group)
        await walk.press(*["down"] * at, "enter")
        await walk.on("SourceLogScreen")
        await walk.shows(screen.offers[at].source.group)  # type: ignore[union-attr]


async def test_marked_logs_open_in_one_pane_by_time_each_with_its_name(on_demo: DemoAccount) -> None:
    async with walking() as walk:
        await walk.read()
        await walk.select("checkout-api")
        await walk.press("l")
        await walk.on("LogScreen")
        await walk.shows("events of service")
        await walk.press("O")
        await walk.on("LogSourcesScreen")
        await walk.shows("events of service", "container app")
        await walk.press("space", "space")
        await walk.shows("2 marked")
        await walk.press("enter")
        await walk.on("SourceLogScreen")
        await walk.shows("(by time)", "events of service", "container app")
        pane = walk.app.screen.query_one(LogPane)
        await walk.until(lambda: {line.split()[0] for line in pane.store.lines()} == {"app", "service"})
        times = [pane.store.time_of(n) or 0 for n in range(pane.line_count)]
        assert times == sorted(times)


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
        await walk.on("SourceLogScreen")
        await walk.shows("Phase complete")
