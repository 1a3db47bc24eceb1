"""A person at the program: presses keys, reads the screen, waits until something shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widget import Widget

from core.pipeline import PipelineSnapshot
from tui.app import PipemedicApp
from tui.config import Config
from tui.desk import Desk
from tui.options import Options
from widgets.ink import as_content
from widgets.keyed_table import KeyedTable

__all__ = ["EU", "WIDE", "Walk", "walking"]

WIDE = (160, 45)
EU = Options(regions=("eu-west-1",))
# A slow, busy machine gets this long for any one thing (s).
PATIENCE_S = 45.0


class Walk:
    """One run of the program."""

    def __init__(self, pilot: Pilot[int], app: PipemedicApp) -> None:
        self.pilot = pilot
        self.app = app

    # What is seen

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """The screen with its line breaks and borders taken out, so that wrapped sentences can be found."""
        return " ".join(self.text.replace("│", " ").split())

    def line_with(self, word: str) -> str:
        """The first line of the screen that has a word; empty where none has."""
        return next((line for line in self.lines if word in line), "")

    @property
    def screen_name(self) -> str:
        """The class of the screen on top."""
        return type(self.app.screen).__name__

    @property
    def keys(self) -> set[str]:
        """The keys that do something here, whether the footer has room for them or not."""
        return {key for key, active in self.app.screen.active_bindings.items() if active.enabled}

    @property
    def fleet(self) -> KeyedTable:
        """The table of pipelines."""
        return self.app.screen.query_one("#fleet", KeyedTable)

    @property
    def names(self) -> list[str]:
        """Pipelines in the order of the list."""
        return [row.key.rpartition("|")[2] for row in self.fleet.rows]

    def row(self, name: str) -> str:
        """A pipeline's row in the list, as text; empty where it is not shown."""
        rows = (row for row in self.fleet.rows if row.key.rpartition("|")[2] == name)
        return next((" | ".join(as_content(cell).plain for cell in row.cells) for row in rows), "")

    def part(self, selector: str) -> str:
        """The text of one widget as it stands on the screen."""
        region = self.app.screen.query_one(selector, Widget).region
        return "\n".join(line[region.x : region.right] for line in self.lines[region.y : region.bottom])

    def snapshot(self, name: str) -> PipelineSnapshot | None:
        """What was last read of a pipeline in the first place asked."""
        book, now = self.app.desk.book, self.app.desk.clock()
        found = (book.entry(f"{place.profile}|{place.region}|{name}", now) for place in self.app.desk.places)
        return next((entry.snapshot for entry in found if entry), None)

    # What is done

    async def until(self, predicate: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Wait for something to hold; the screen's text is in the failure's message."""
        end = time.monotonic() + timeout_s
        while not predicate():
            if self.app.crash:
                raise AssertionError("the program crashed") from self.app.crash
            if time.monotonic() > end:
                raise AssertionError(f"did not hold within {timeout_s:.0f} s on {self.screen_name}:\n{self.text}")
            await asyncio.sleep(0.02)

    async def shows(self, *words: str) -> None:
        """Wait until the screen shows all of these, wherever lines were broken."""
        await self.until(lambda: all(word in self.words for word in words))

    async def on(self, screen: str) -> None:
        """Wait until a screen is on top and has been drawn."""
        await self.until(lambda: self.screen_name == screen and self.app.screen.is_mounted)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def read(self) -> None:
        """Wait until every pipeline listed has been read at least once."""
        book = self.app.desk.book

        def complete() -> bool:
            entries = book.entries(self.app.desk.clock(), resort=False)
            return bool(entries) and all(each.snapshot and each.snapshot.state for each in entries)

        await self.until(complete)
        await self.until(lambda: len(self.fleet.rows) == len(book))

    async def select(self, name: str) -> None:
        """Put the cursor on a pipeline; again if the list is sorted anew at that very moment."""

        def there() -> bool:
            if (self.fleet.cursor_key or "").rpartition("|")[2] == name:
                return True
            key = next((row.key for row in self.fleet.rows if row.key.rpartition("|")[2] == name), None)
            if key:
                self.fleet.move_to(key)
            return False

        await self.until(there)
        await self.pilot.pause()
        await self.until(there)

    async def open(self, name: str) -> None:
        """Open a pipeline's screen from the list."""
        await self.select(name)
        await self.press("enter")
        await self.on("PipelineScreen")
        await self.until(lambda: "Definition" in self.text)


@asynccontextmanager
async def walking(
    options: Options = EU,
    *,
    size: tuple[int, int] = WIDE,
    clock: Callable[[], float] = time.time,
    faults: int = 0,
    config: Config | None = None,
) -> AsyncIterator[Walk]:
    """Run the program without a terminal; at its end it must have had no fault of its own beyond those expected."""
    app = PipemedicApp(options, Desk(options, clock=clock, config=config))
    async with app.run_test(size=size, notifications=True) as pilot:
        walk = Walk(pilot, app)
        await walk.on("PipelinesScreen")
        yield walk
    assert len(app.faults) == faults, app.faults
    assert app.crash is None
