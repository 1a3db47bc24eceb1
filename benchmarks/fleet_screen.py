"""The list on its screen with 5,000 pipelines, without a terminal: a key in the filter, and answers that change rows.

Times end when Textual has drawn what follows from the key or the answers.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input

from core.pipeline import PipelineSnapshot
from tui.app import PipemedicApp
from tui.desk import Desk
from tui.options import Options

__all__ = ["filter_and_change"]

_KEYS = "pipe-00 !x"
_ROUNDS, _CHANGED = 7, 50
_FRAMES_S = 0.05  # within which Textual draws
_PATIENCE_S = 20.0


def filter_and_change(shots: Sequence[PipelineSnapshot], now: float) -> tuple[list[float], list[float]]:
    """Seconds from each key in the filter to what is drawn of it; seconds of the event loop for 50 answers, drawn."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, PIPEMEDIC_CONFIG="none", AWS_ENDPOINT_URL="http://127.0.0.1:9")
        try:
            return asyncio.run(_measured(shots, now))
        finally:
            os.environ.clear()
            os.environ.update(before)


async def _measured(shots: Sequence[PipelineSnapshot], now: float) -> tuple[list[float], list[float]]:
    desk = Desk(Options(), clock=lambda: now)
    desk.book.list(shots[0].ref.place, [each.ref for each in shots])
    for each in shots:
        desk.book.read(each, now)
    app = PipemedicApp(desk.options, desk)
    app.start = lambda: None  # type: ignore[method-assign]  # AWS is not asked: what the book holds is all there is
    keys: list[float] = []
    changes: list[float] = []
    async with app.run_test(size=(160, 45)) as pilot:
        await _until(lambda: bool(app.screen.query("#fleet")))
        gc.freeze()  # as the program does once its screen stands
        gc.set_threshold(2_000, 20, 50)
        for _ in range(25):  # what lies ready after some seconds of watching
            app.fleet_changed.publish(None)
            await pilot.pause()
        for turn in range(_ROUNDS):
            keys += await _typed(app)
            await pilot.pause(0.2)  # the filter's line has gone
            moved = [shots[(turn * _CHANGED + number) * 7 % len(shots)] for number in range(_CHANGED)]
            began = time.thread_time()
            for number, shot in enumerate(moved):
                ended = shot.execution and replace(shot.execution, updated_at=now - turn - number)
                desk.book.read(replace(shot, read_at=now + turn, execution=ended), now)
            app.fleet_changed.publish(None)
            await _drawn(app.screen)
            await asyncio.sleep(_FRAMES_S)
            changes.append(time.thread_time() - began)
    return keys, changes


async def _typed(app: PipemedicApp) -> list[float]:
    """Type the filter letter by letter, then drop it."""
    app.post_message(Key("slash", "/"))
    search = app.screen.query_one("#filter", Input)
    await _until(lambda: search.has_focus)
    times = []
    for at, letter in enumerate(_KEYS, 1):
        began = time.perf_counter()
        app.post_message(Key({" ": "space", "!": "exclamation_mark", "-": "minus"}.get(letter, letter), letter))
        await _until(lambda at=at: getattr(app.screen, "view").look.filter == _KEYS[:at])  # type: ignore[misc]  # noqa: B009
        await _drawn(app.screen)
        times.append(time.perf_counter() - began)
    app.post_message(Key("escape", None))
    await _until(lambda: not search.value)
    await _drawn(app.screen)
    return times


async def _drawn(screen: Screen[object]) -> None:
    drawn = asyncio.Event()
    screen.call_after_refresh(drawn.set)
    await drawn.wait()


async def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0)
