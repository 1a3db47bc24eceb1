"""50,000 lines a second into a log pane while keys are pressed: how long the event loop stands still."""

from __future__ import annotations

import asyncio
import gc
import time

from textual.app import App, ComposeResult

from benchmarks.log_endpoint import line
from benchmarks.measure import Result, Spin, percentile, row
from core.log_mask import mask_line
from core.text import sanitize_ansi
from widgets.log_pane import LogPane, SourceState

__all__ = ["run"]

_ROUNDS = 5
_BATCHES, _BATCH, _EVERY_S = 60, 2_500, 0.05
_STALL_MS = 50.0


class _PaneApp(App[None]):
    """A pane, cleaned and masked as in the program."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = LogPane("build", cleaner=sanitize_ansi, mask=mask_line, state=SourceState.LIVE)

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.focus()


def run() -> Result:
    """Measure gaps between turns of the loop; lines are made beforehand."""
    spin = Spin()
    lines = [line(number) for number in range(_BATCHES * _BATCH)]
    rounds = []
    for _ in range(_ROUNDS):
        spin.turn()
        rounds.append(asyncio.run(_gaps_ms(lines)))
    rows = (
        row("50,000 lines a second: longest stall of the loop", [max(each) for each in rounds], "ms", _STALL_MS),
        row("the same: 99th percentile", [percentile(each, 99) for each in rounds], "ms"),
    )
    return Result("log_stream", rows, tuple(spin.times))


async def _gaps_ms(lines: list[str]) -> list[float]:
    app = _PaneApp()
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        gc.collect()
        gc.freeze()  # as the program does once its first screen stands
        gaps: list[float] = []
        beating = asyncio.create_task(_beat(gaps))
        for number in range(_BATCHES):
            at = time.perf_counter() + _EVERY_S
            start = number * _BATCH
            app.pane.append(lines[start : start + _BATCH], range(start, start + _BATCH))
            if number % 4 == 0:
                await pilot.press("k" if number % 8 else "G")
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
        beating.cancel()
        gc.unfreeze()
    return gaps


async def _beat(gaps: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.002)
        now = time.perf_counter()
        gaps.append((now - last) * 1000)
        last = now
