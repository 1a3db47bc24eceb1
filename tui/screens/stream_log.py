"""Logs that belong to no build: a stream by name, a whole group, a local file, several by time; full-screen."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.build import LogLocation
from core.console import log_url
from core.logs import LogGroup
from core.place import Place
from tui import navigation
from tui.build_log import BuildLog
from tui.log_panes import LogPanes
from tui.logs.source import LogSource
from tui.medic import Keys, MedicScreen

__all__ = ["FileLogScreen", "GroupLogScreen", "SourceLogScreen", "StreamLogScreen"]


class SourceLogScreen(MedicScreen):
    """A log and keys. What is not known to end is followed until the screen is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="stream-log.back", tooltip="Back to where you were"),
        Binding(
            "L", "find", "Other log", show=False, id="stream-log.find", tooltip="Open any log group, stream or file"
        ),
        Binding("I", "insights", "Insights", id="stream-log.insights", tooltip="Ask Logs Insights over this group"),
        Binding("o", "console", "Console", show=False, id="stream-log.console", tooltip="Open it in CloudWatch"),
    ]

    panes = getters.query_one(LogPanes)

    def __init__(self, source: LogSource) -> None:
        super().__init__()
        self.source = source

    def compose(self) -> ComposeResult:
        """The log, keys."""
        yield LogPanes(place=self.source.place if self.source.place.region else None)
        yield Keys()

    def on_mount(self) -> None:
        """Read it."""
        self.panes.begin(self.source)
        self.log_body.pane.focus()

    @property
    def log_body(self) -> BuildLog:
        """The log that the reader is in."""
        return self.panes.current

    @property
    def where(self) -> LogLocation:
        """The stream or group that the reader is in, as the console and the finder know it."""
        return self.log_body.where

    def action_back(self) -> None:
        """Back to where we came from; how the panes stand is kept."""
        for panes in self.query(LogPanes):
            panes.keep()
        if len(self.app.screen_stack) > 1:
            self.dismiss()
        else:
            self.app.exit(0)

    def action_find(self) -> None:
        """Look for another log; the streams of this one's group come first."""
        place = self._place()
        if place.region:
            navigation.open_log_finder(self.medic, place, self.where.group)

    def action_insights(self) -> None:
        """Ask Logs Insights over the log's group."""
        place = self._place()
        if place.region:
            navigation.open_insights(self.medic, place, (self.where.group,) if self.where.group else ())

    def _place(self) -> Place:
        source = self.panes.source or self.source
        places = self.medic.desk.places
        region = self.where.region or source.region or (places[0].region if places else "")
        return Place(source.profile, region)

    def action_console(self) -> None:
        """Open the stream or group in the CloudWatch console."""
        if not self.where.group:
            return
        identity = self.medic.desk.identities.get(self._place())
        self.app.open_url(log_url(self.where, identity.partition if identity else "aws"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What asks AWS is there once AWS can be asked."""
        del parameters
        return self.medic.desk.is_open if action in {"find", "insights"} else True


class StreamLogScreen(SourceLogScreen):
    """A stream of CloudWatch Logs, or an object in S3, read from its first line on."""

    def __init__(self, place: Place, where: LogLocation) -> None:
        super().__init__(LogSource.of_location(place, where))


class GroupLogScreen(SourceLogScreen):
    """A whole log group, from a quarter of an hour ago on; by polling, or on request by StartLiveTail."""

    def __init__(self, place: Place, group: LogGroup) -> None:
        super().__init__(LogSource.of_group(place, group))


class FileLogScreen(SourceLogScreen):
    """A local file."""

    def __init__(self, path: Path) -> None:
        super().__init__(LogSource.of_file(path))
