"""What the words of a growing log say, read in a thread behind the lines on the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from core.signatures import Explanation, Failure, LogReader

__all__ = ["CauseReader"]

# While a log streams in, the engine judges again after this many new lines at the least.
_LOOK_EVERY = 200
# And not before so many times what the last judgement took (s) have passed: it must not take the screen's time.
_SPARE = 12

Tell = Callable[[Explanation], None]


class _Lines(Protocol):
    """What a reader needs of a store."""

    def __len__(self) -> int: ...

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bool]]: ...


class CauseReader:
    """Reads each line of a store once and says what they amount to; lines never wait for it.

    Args:
        lines: grows only.
        failure: what the log belongs to.
        tell: called on the event loop with each new judgement.
        ended: called once all lines have been read and judged after `end`.
    """

    def __init__(self, lines: _Lines, failure: Failure, tell: Tell, ended: Callable[[], None]) -> None:
        self._lines = lines
        self._failure = failure
        self._tell = tell
        self._ended = ended
        self._news = asyncio.Event()
        self._at_rest = self._over = self._stopped = False
        self._read = 0
        self._judged = 0
        self._rest_until = 0.0
        self._alarm = False

    def grown(self, *, at_rest: bool) -> None:
        """Lines have come; `at_rest` says that no more are waiting to be fetched just now."""
        self._at_rest = at_rest
        self._news.set()

    def end(self) -> None:
        """No more lines will come."""
        self._over = True
        self.grown(at_rest=True)

    async def run(self) -> None:
        """Read until the end; the work of one long-lived worker."""
        try:
            # Reads the knowledge base where nobody has needed it before.
            reader = await asyncio.to_thread(LogReader, self._failure, cancelled=lambda: self._stopped)
            while True:
                await self._news.wait()
                self._news.clear()
                await self._catch_up(reader)
                if self._over and self._read >= len(self._lines):
                    self._ended()
                    return
        finally:
            self._stopped = True

    async def _catch_up(self, reader: LogReader) -> None:
        while self._read < (upto := len(self._lines)):
            await asyncio.to_thread(self._feed, reader, upto)
        new = self._read - self._judged
        if not new or (new < _LOOK_EVERY and not self._at_rest):
            return
        if not self._over and (wait_s := self._rest_until - time.monotonic()) > 0:
            if not self._alarm:
                self._alarm = True
                asyncio.get_running_loop().call_later(wait_s, self._ring)
            return
        self._judged = self._read
        began = time.monotonic()
        self._tell(await asyncio.to_thread(reader.explanation))
        self._rest_until = time.monotonic() + _SPARE * (time.monotonic() - began)

    def _ring(self) -> None:
        self._alarm = False
        self._news.set()

    def _feed(self, reader: LogReader, upto: int) -> None:
        for _, data, _ in self._lines.chunks(self._read, upto):
            if self._stopped:
                return
            reader.feed(data)
        self._read = upto
