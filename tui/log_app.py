"""The log workspace by itself, on a local file or standard input: no AWS is asked for anything."""

from __future__ import annotations

import gc
from typing import Any

from textual.screen import Screen

from tui.app import PipemedicApp
from tui.config import Config
from tui.logs.source import LogSource
from tui.options import Options
from tui.screens.stream_log import SourceLogScreen

__all__ = ["LogApp"]

_OF_THE_FLEET = frozenset({"approvals", "journal", "report", "audit", "mute", "code"})


class LogApp(PipemedicApp):
    """The program with a log in place of the fleet."""

    MODES = {}  # noqa: RUF012 (Textual declares it so)
    DEFAULT_MODE = "_default"

    def __init__(self, source: LogSource, config: Config | None = None) -> None:
        super().__init__(Options(read_only=True), config=config)
        self.source = source

    def get_default_screen(self) -> Screen[Any]:
        """The log."""
        return SourceLogScreen(self.source)

    def _move_in(self) -> None:
        """There is nothing else to open."""
        gc.enable()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about pipelines is not there."""
        return False if action in _OF_THE_FLEET else super().check_action(action, parameters)

    async def on_unmount(self) -> None:
        """Nothing was opened that must be closed."""
