"""What a pane shows, as a value that outlives the program: where lines come from, never a line itself."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from core.attention import FocusPoint
from core.build import LogLocation
from core.logs import LogGroup
from core.place import PipelineRef, Place
from tui.logs.sources import read_file

if TYPE_CHECKING:
    from tui.build_log import BuildLog

__all__ = ["PaneSource", "SourceKind"]

_GROUP_SINCE_S = 900.0
_LONGEST = 2_000  # characters of a name


class SourceKind(StrEnum):
    """Where lines come from."""

    ACTION = "action"
    STREAM = "stream"
    GROUP = "group"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class PaneSource:
    """One source; only the fields that its kind needs are filled.

    Attributes:
        kind: Where lines come from.
        profile: Of the place.
        region: Of the place.
        pipeline: Whose action.
        stage: Of the action; empty for what needs attention.
        action: Its name.
        execution_id: A past execution; empty for the present state.
        group: Log group.
        stream: Log stream.
        pattern: Filter pattern of a whole group.
        path: Of a file.
    """

    kind: SourceKind
    profile: str = ""
    region: str = ""
    pipeline: str = ""
    stage: str = ""
    action: str = ""
    execution_id: str = ""
    group: str = ""
    stream: str = ""
    pattern: str = ""
    path: str = ""

    @classmethod
    def of_action(cls, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> PaneSource:
        """The log of an action's build."""
        stage, action = (point.stage, point.action) if point else ("", "")
        return cls(
            SourceKind.ACTION, ref.place.profile, ref.place.region, ref.name, stage, action, execution_id=execution_id
        )

    @classmethod
    def of_stream(cls, place: Place, where: LogLocation) -> PaneSource:
        """One stream of CloudWatch Logs."""
        region = where.region or place.region
        return cls(SourceKind.STREAM, place.profile, region, group=where.group, stream=where.stream)

    @classmethod
    def of_group(cls, place: Place, group: LogGroup) -> PaneSource:
        """A whole group."""
        region = group.region or place.region
        return cls(SourceKind.GROUP, place.profile, region, group=group.name, pattern=group.pattern)

    @classmethod
    def of_file(cls, path: Path) -> PaneSource:
        """A local file."""
        return cls(SourceKind.FILE, path=str(path))

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.profile, self.region)

    @property
    def key(self) -> str:
        """The same for every execution of an action: layouts are kept under it."""
        return "|".join(str(getattr(self, each.name)) for each in fields(self) if each.name != "execution_id")

    @property
    def name(self) -> str:
        """A short name: of the action, of the stream's or file's last part."""
        if self.kind is SourceKind.ACTION:
            return self.action or self.pipeline
        return (self.path or self.stream or self.group).rstrip("/").rpartition("/")[2]

    def open_in(self, body: BuildLog) -> None:
        """Show it in a log's widget."""
        if self.kind is SourceKind.FILE:
            path = Path(self.path)
            body.open_stream(read_file(path), LogLocation(), self.path, live=False)
            return
        if self.kind is SourceKind.ACTION:
            point = FocusPoint(self.stage, self.action) if self.stage else None
            body.open_action(PipelineRef(self.place, self.pipeline), point, self.execution_id)
            return
        cloud = body.medic.desk.cloud
        where = LogLocation(self.group, self.stream, self.region)
        if self.kind is SourceKind.STREAM:
            body.open_stream(cloud.tail(self.place, where), where, where.name, live=True, patient=True)
            return
        group = LogGroup(self.group, self.region, pattern=self.pattern)
        since_ms = int((time.time() - _GROUP_SINCE_S) * 1000)
        batches = cloud.follow_group(self.place, group, since_ms=since_ms)
        body.open_stream(batches, where, group.label, live=True, patient=True)

    def to_data(self) -> dict[str, str]:
        """Only what is filled, as strings."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @classmethod
    def from_data(cls, data: object) -> PaneSource:
        """Read what `to_data` gave.

        Raises:
            ValueError: it is something else.
        """
        names = {each.name for each in fields(cls)}
        if not isinstance(data, dict) or not all(
            name in names and isinstance(value, str) and len(value) <= _LONGEST for name, value in data.items()
        ):
            raise ValueError(f"no source of a log: {data!r}")
        return cls(**{**data, "kind": SourceKind(str(data.get("kind")))})
