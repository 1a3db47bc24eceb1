"""Logs that belong to no build: a stream by name, a whole group, a local file; full-screen."""

from __future__ import annotations

import time
from dataclasses import replace
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
from tui.logs.panes import PaneSource
from tui.logs.sources import read_file, read_object
from tui.medic import Keys, MedicScreen
from tui.screens.one_line import OneLineScreen

__all__ = ["FileLogScreen", "GroupLogScreen", "StreamLogScreen"]

_SINCE_S = 900.0  # of a group


class _LogOnly(MedicScreen):
    """A log and keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="stream-log.back", tooltip="Back to where you were"),
    ]

    panes = getters.query_one(LogPanes)
    log_body = getters.query_one("#build-log", BuildLog)

    def compose(self) -> ComposeResult:
        """The log, keys."""
        yield LogPanes()
        yield Keys()

    def on_mount(self) -> None:
        """Read it."""
        self.open_log()
        self.panes.begin(self.source)
        self.log_body.pane.focus()

    @property
    def source(self) -> PaneSource:
        """What is read. Subclasses say."""
        raise NotImplementedError

    def open_log(self) -> None:
        """Start to read. Subclasses say what."""
        raise NotImplementedError

    def action_back(self) -> None:
        """Back to where we came from; how the panes stand is kept."""
        for panes in self.query(LogPanes):
            panes.keep()
        self.dismiss()


class StreamLogScreen(_LogOnly):
    """A stream of CloudWatch Logs, read from its first event on and followed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("I", "insights", "Insights", id="stream-log.insights", tooltip="Ask Logs Insights over this group"),
        Binding("o", "console", "Console", show=False, id="stream-log.console", tooltip="Open it in CloudWatch"),
    ]

    def __init__(self, place: Place, where: LogLocation) -> None:
        super().__init__()
        self.place = place
        self.where = where

    @property
    def source(self) -> PaneSource:
        """The stream."""
        return PaneSource.of_stream(self.place, self.where)

    def open_log(self) -> None:
        """Follow the stream; who writes it is not known, so it ends only with the screen."""
        cloud = self.medic.desk.cloud
        if self.where.s3_arn and not self.where.stream:
            whole = read_object(cloud.evidence(self.place), self.where)
            self.log_body.open_stream(whole, self.where, self.where.name, live=False)
            return
        tail = cloud.tail(self.place, self.where)
        self.log_body.open_stream(tail, self.where, self.where.name, live=True, patient=True)

    def action_insights(self) -> None:
        """Ask Logs Insights over the stream's group."""
        place = Place(self.place.profile, self.where.region or self.place.region)
        navigation.open_insights(self.medic, place, (self.where.group,))

    def action_console(self) -> None:
        """Open the stream in the CloudWatch console."""
        identity = self.medic.desk.identities.get(self.place)
        self.app.open_url(log_url(self.where, identity.partition if identity else "aws"))


class GroupLogScreen(_LogOnly):
    """A whole log group, from a quarter of an hour ago on; by polling, or on request by StartLiveTail."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("T", "live_tail", "Live tail", id="group-log.live-tail",
                tooltip="Watch with CloudWatch's live tail, which costs by the minute; again: go back to polling"),
        Binding("P", "pattern", "Pattern", id="group-log.pattern",
                tooltip="Only events that fit a filter pattern, chosen by CloudWatch itself"),
        Binding("I", "insights", "Insights", id="group-log.insights", tooltip="Ask Logs Insights over this group"),
        Binding("o", "console", "Console", show=False, id="group-log.console", tooltip="Open it in CloudWatch"),
    ]  # fmt: skip

    def __init__(self, place: Place, group: LogGroup) -> None:
        super().__init__()
        self.place = place
        self.group = group
        self.live_tail = False

    @property
    def where(self) -> LogLocation:
        """The group, as the console and the finder know it."""
        return LogLocation(self.group.name, "", self.group.region or self.place.region)

    @property
    def source(self) -> PaneSource:
        """The group."""
        return PaneSource.of_group(self.place, self.group)

    def open_log(self) -> None:
        """Follow the group as it is asked for; it ends only with the screen."""
        cloud = self.medic.desk.cloud
        since_ms = int((time.time() - _SINCE_S) * 1000)
        if self.live_tail:
            batches = cloud.live_tail(self.place, self.group, since_ms=since_ms)
        else:
            batches = cloud.follow_group(self.place, self.group, since_ms=since_ms)
        self.log_body.open_stream(batches, self.where, self.group.label, live=True)

    def action_live_tail(self) -> None:
        """Watch the other way."""
        self.live_tail = not self.live_tail
        self.open_log()

    def action_pattern(self) -> None:
        """Ask for a filter pattern; nothing takes it off."""

        def take(pattern: str | None) -> None:
            if pattern is not None:
                self.group = replace(self.group, pattern=pattern)
                self.open_log()

        asked = 'a filter pattern of CloudWatch: ERROR · ?ERROR ?WARN · { $.level = "error" }'
        self.app.push_screen(OneLineScreen(asked, self.group.pattern), take)

    def action_insights(self) -> None:
        """Ask Logs Insights over the group."""
        place = Place(self.place.profile, self.where.region)
        navigation.open_insights(self.medic, place, (self.group.name,))

    def action_console(self) -> None:
        """Open the group in the CloudWatch console."""
        identity = self.medic.desk.identities.get(self.place)
        self.app.open_url(log_url(self.where, identity.partition if identity else "aws"))


class FileLogScreen(_LogOnly):
    """A local file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    @property
    def source(self) -> PaneSource:
        """The file."""
        return PaneSource.of_file(self.path)

    def open_log(self) -> None:
        """Read the file."""
        self.log_body.open_stream(read_file(self.path), LogLocation(), str(self.path), live=False)
