"""One visitor's program: a process of its own, started without a shell and ended with its visitor or its server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from textual_serve.app_service import AppService

from tui.options import Options
from tui.web.guard import TOKEN_VARIABLE

__all__ = ["MedicService", "program"]

_WIDEST, _HIGHEST = 500, 200
# The program closes its connections on the way out; after that long it is made to end (s).
_GRACE_S = 5.0
_SEND_S = 1.0


def program(options: Options) -> tuple[str, ...]:
    """Return the words that start the program with what the user asked for: our own interpreter, our own code.

    ``-P`` keeps the current folder, which may hold anything, out of the module path.
    """
    words = [sys.executable, "-P", "-m", "tui.web.child"]
    words += [f"--profile={each}" for each in options.profiles]
    words += [f"--region={each}" for each in options.regions]
    words += [f"--in={each}" for each in options.contexts]
    words += ["--read-only"] if options.read_only else []
    return tuple(words)


class MedicService(AppService):
    """One program and the pipes to it."""

    def __init__(self, words: Sequence[str], **channels: Any) -> None:
        super().__init__("", **channels)
        self.words = tuple(words)

    @property
    def pid(self) -> int | None:
        """The program's process id, once it was started."""
        return self._process.pid if self._process else None

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(width, height)
        environment.pop(TOKEN_VARIABLE, None)
        return environment

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the program. Ctrl-C in the server's terminal is the server's to handle."""
        process = await asyncio.create_subprocess_exec(
            *self.words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(*_bounded(width, height)),
            start_new_session=True,
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the program its size, within reason."""
        await super().set_terminal_size(*_bounded(width, height))

    async def on_meta(self, data: bytes) -> None:
        """Pass on what the program tells the browser; addresses to open only if they are a web page's."""
        told = json.loads(data)
        if told.get("type") == "open_url" and urlsplit(str(told.get("url"))).scheme not in {"http", "https"}:
            return
        await super().on_meta(data)

    async def stop(self) -> None:
        """Ask the program to end; make it end where it does not. May be called again."""
        task, process = self._task, self._process
        self._task = None
        if task is None or process is None:
            return
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        with contextlib.suppress(TimeoutError, OSError):
            await asyncio.wait_for(self.send_meta({"type": "quit"}), _SEND_S)
        try:
            await asyncio.wait_for(process.wait(), _GRACE_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _bounded(width: int, height: int) -> tuple[int, int]:
    return min(max(int(width), 20), _WIDEST), min(max(int(height), 5), _HIGHEST)
