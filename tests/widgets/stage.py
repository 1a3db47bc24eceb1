"""Helpers: an app that shows one widget, what stands on its screen, waiting on a predicate."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

T = TypeVar("T")


class Stage(App[None]):
    """Shows one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.told: list[Message] = []
        self.animation_level = "none"

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        if self.widget.focusable:
            self.widget.focus()


@asynccontextmanager
async def showing(
    widget: Widget, width: int = 100, height: int = 30
) -> AsyncIterator[tuple[Pilot[None], list[Message]]]:
    """Run an app that shows the widget; gives its pilot and all messages as they come."""
    told: list[Message] = []
    app = Stage(widget)
    async with app.run_test(size=(width, height), message_hook=told.append) as pilot:
        await pilot.pause()
        yield pilot, told


def of(told: list[Message], kind: type[T]) -> list[T]:
    """Give the messages of one kind, each once, in order."""
    found: list[T] = []
    for message in told:
        if isinstance(message, kind) and not any(message is other for other in found):
            found.append(message)
    return found


def strips(app: App[None]) -> list[Strip]:
    """Give what stands on the screen."""
    return app.screen._compositor.render_strips()


def lines(app: App[None]) -> list[str]:
    """Give the screen as text."""
    return [strip.text.rstrip() for strip in strips(app)]


def text(app: App[None]) -> str:
    """Give the screen as one text."""
    return "\n".join(lines(app))


async def until(predicate: Callable[[], object], deadline_s: float = 10) -> None:
    """Wait for something to hold."""
    end = time.monotonic() + deadline_s
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"did not hold within {deadline_s} s")
        await asyncio.sleep(0.01)
