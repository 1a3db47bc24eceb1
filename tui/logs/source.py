"""A source of a log, as a value that outlives the program: where lines come from, never a line itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.attention import FocusPoint
from core.build import LogLocation
from core.logs import LogGroup
from core.place import PipelineRef, Place

__all__ = ["MOST_PARTS", "LogSource", "SourceKind"]

MOST_PARTS = 8
"""So many sources go into one pane at most."""
_LONGEST = 2_000  # characters of a name
# What tells two executions of one action apart, or is only words: not part of what a source is kept under.
_PASSING = frozenset({"execution_id", "since_ms", "until_ms", "title", "live_tail", "follow"})


class SourceKind(StrEnum):
    """Where lines come from."""

    ACTION = "action"  # the log of an action, whichever AWS says that it writes
    EVENTS = "events"  # what an action's service tells of it
    STREAM = "stream"
    OBJECT = "object"  # in S3
    GROUP = "group"
    FILE = "file"
    MERGED = "merged"  # several by time


@dataclass(frozen=True, slots=True)
class LogSource:
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
        prefix: Only streams of the group whose names begin so.
        pattern: Filter pattern of a group.
        s3_arn: Of an object.
        path: Of a file.
        title: What writes it, in a few words; empty where the rest says it.
        since_ms: Of a group: from then on (epoch milliseconds); 0 for a little while ago.
        until_ms: Of a group: up to then; 0 for ever.
        live_tail: Watch the group by StartLiveTail.
        follow: Read a file on as it grows.
        parts: What is merged.
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
    prefix: str = ""
    pattern: str = ""
    s3_arn: str = ""
    path: str = ""
    title: str = ""
    since_ms: int = 0
    until_ms: int = 0
    live_tail: bool = False
    follow: bool = False
    parts: tuple[LogSource, ...] = ()

    @classmethod
    def of_action(cls, ref: PipelineRef, point: FocusPoint | None, execution_id: str = "") -> LogSource:
        """The log of an action."""
        stage, action = (point.stage, point.action) if point else ("", "")
        return cls(
            SourceKind.ACTION, ref.place.profile, ref.place.region, ref.name, stage, action, execution_id=execution_id
        )

    @classmethod
    def of_location(cls, place: Place, where: LogLocation, title: str = "") -> LogSource:
        """One stream of CloudWatch Logs, or an object in S3 where there is no stream."""
        region = where.region or place.region
        if where.s3_arn and not where.stream:
            return cls(SourceKind.OBJECT, place.profile, region, s3_arn=where.s3_arn, title=title)
        return cls(SourceKind.STREAM, place.profile, region, group=where.group, stream=where.stream, title=title)

    @classmethod
    def of_group(cls, place: Place, group: LogGroup, title: str = "") -> LogSource:
        """A whole group, or those of its streams that begin so."""
        region = group.region or place.region
        return cls(
            SourceKind.GROUP,
            place.profile,
            region,
            group=group.name,
            prefix=group.prefix,
            pattern=group.pattern,
            title=title,
        )

    @classmethod
    def of_file(cls, path: Path, *, follow: bool = False) -> LogSource:
        """A local file, or a pipe."""
        return cls(SourceKind.FILE, path=str(path), follow=follow)

    @classmethod
    def merged(cls, sources: Iterable[LogSource]) -> LogSource:
        """Several by time; what is merged already comes in with its parts, the same source once."""
        parts: dict[LogSource, None] = {}
        for source in sources:
            parts |= dict.fromkeys(source.parts or (source,))
        if len(parts) == 1:
            return next(iter(parts))
        first = next(iter(parts))
        return cls(SourceKind.MERGED, first.profile, first.region, parts=tuple(parts)[:MOST_PARTS])

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.profile, self.region)

    @property
    def ref(self) -> PipelineRef:
        """Whose action."""
        return PipelineRef(self.place, self.pipeline)

    @property
    def point(self) -> FocusPoint | None:
        """Which action; None for what needs attention."""
        return FocusPoint(self.stage, self.action) if self.stage else None

    @property
    def location(self) -> LogLocation:
        """Where it is, as far as that is one stream, object or group."""
        return LogLocation(
            self.group, self.stream, self.region if self.kind is not SourceKind.FILE else "", self.s3_arn
        )

    @property
    def log_group(self) -> LogGroup:
        """The group it is of."""
        return LogGroup(self.group, self.region, prefix=self.prefix, pattern=self.pattern)

    @property
    def lasting(self) -> bool:
        """Whether it can be opened again another day: standard input cannot."""
        return not self.path.startswith("/dev/") and all(part.lasting for part in self.parts)

    @property
    def key(self) -> str:
        """The same for every execution of an action: layouts are kept under it."""
        own = [str(getattr(self, each.name)) for each in fields(self) if each.name not in {*_PASSING, "parts"}]
        return "|".join([*own, *(f"[{part.key}]" for part in self.parts)])

    @property
    def name(self) -> str:
        """A short name: of what writes it, of the action, of the stream's or file's last part."""
        if self.kind is SourceKind.MERGED:
            return " + ".join(part.name for part in self.parts)
        if self.title:
            return self.title
        if self.kind in {SourceKind.ACTION, SourceKind.EVENTS}:
            return self.action or self.pipeline
        if self.path.startswith("/dev/fd/"):
            return "standard input"
        return (self.path or self.s3_arn or self.stream or self.group).rstrip("/").rpartition("/")[2]

    def without(self, part: LogSource) -> LogSource:
        """Take a part out again; one part alone stands for itself."""
        return LogSource.merged(each for each in self.parts if each != part)

    def watched(self, *, live_tail: bool) -> LogSource:
        """The same group, watched by StartLiveTail or by polling."""
        return replace(self, live_tail=live_tail)

    def to_data(self) -> dict[str, Any]:
        """Only what is filled, as JSON has it."""
        data = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "parts"}
        kept: dict[str, Any] = {name: value for name, value in data.items() if value and value is not True}
        kept["kind"] = self.kind.value
        if self.parts:
            kept["parts"] = [part.to_data() for part in self.parts]
        return kept

    @classmethod
    def from_data(cls, data: object, *, inner: bool = False) -> LogSource:
        """Read what `to_data` gave; live tail, which costs, is never begun by that, nor a file followed.

        Raises:
            ValueError: it is something else.
        """
        given: dict[str, Any] = dict(data) if isinstance(data, Mapping) else {"kind": None}
        parts = given.pop("parts", [])
        known = {each.name: each.type for each in fields(cls)}
        sound = all(_fits(known.get(name, ""), value) for name, value in given.items())
        if not sound or not isinstance(parts, list) or len(parts) > MOST_PARTS or (parts and inner):
            raise ValueError(f"no source of a log: {data!r}")
        kind = SourceKind(str(given.pop("kind", "")))
        if (kind is SourceKind.MERGED) != bool(parts):
            raise ValueError(f"no source of a log: {data!r}")
        return cls(kind, **given, parts=tuple(cls.from_data(part, inner=True) for part in parts))


def _fits(kind: object, value: object) -> bool:
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    return kind in {"str", "SourceKind"} and isinstance(value, str) and len(value) <= _LONGEST
