"""pipemedic's log workspace on one stream of an account: the program itself, opened where a build's log would be."""

from __future__ import annotations

from pathlib import Path

from textual.screen import Screen

import tui.app
from core.build import LogLocation
from core.place import Place
from tui.app import PipemedicApp
from tui.logs.source import LogSource
from tui.options import Options
from tui.screens.stream_log import SourceLogScreen

_REGION = "eu-west-1"


class _LiveApp(PipemedicApp):
    CSS_PATH = str(Path(tui.app.__file__).with_name("app.tcss"))
    MODES = {}  # noqa: RUF012 (Textual declares it so)
    DEFAULT_MODE = "_default"

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def _move_in(self) -> None:
        self.run_worker(self._show(), group="start", exit_on_error=True)

    async def _show(self) -> None:
        await self.desk.open()
        source = LogSource.of_location(Place("", _REGION), LogLocation("/g", "1", _REGION))
        self.push_screen(SourceLogScreen(source))


if __name__ == "__main__":
    app = _LiveApp(Options(regions=(_REGION,), read_only=True))
    app.run()
    if app.crash:
        raise app.crash
