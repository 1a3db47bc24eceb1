"""Tasks that outlive who asked for them, so that none is left over, or cut off in the wrong place, at exit."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["Background"]

T = TypeVar("T")

_FINISH_S = 10.0


class Background:
    """Keeps tasks until they are done."""

    def __init__(self) -> None:
        self._reads: set[asyncio.Task[Any]] = set()
        self._changes: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], name: str, *, change: bool = False) -> asyncio.Task[T]:
        """Start a task; a change is waited for at exit, a read is cancelled."""
        task = asyncio.create_task(work, name=name)
        kept = self._changes if change else self._reads
        kept.add(task)
        task.add_done_callback(kept.discard)
        return task

    async def close(self) -> None:
        """Wait for changes that are under way (10 s at most), and cancel all else."""
        if self._changes:
            await asyncio.wait(set(self._changes), timeout=_FINISH_S)
        left = [*self._reads, *self._changes]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
