"""Which log groups and streams there are, read page by page as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.build import LogLocation
from core.errors import UsageError
from core.fact import Evidence, Fact, Outcome

__all__ = ["Catalogue", "Entry"]

_GROUP_PAGES = 20  # of 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A group or a stream.

    Attributes:
        name: In full.
        last_ms: When its last event came, as far as AWS has noted (epoch milliseconds); None where not known.
        stored_bytes: What it holds; None where not known.
    """

    name: str
    last_ms: int | None = None
    stored_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up brought; `more` says that AWS has others that only typing brings."""

    entries: tuple[Entry, ...]
    more: bool = False


class Catalogue:
    """Groups and streams of one region. All methods raise UsageError with AWS's own words."""

    def __init__(self, evidence: Evidence, region: str) -> None:
        self._evidence = evidence
        self.region = region

    async def groups(self, part: str = "") -> Found:
        """Groups by name; with `part`, those whose name holds it (capitals count: it is AWS that looks)."""
        params = {"logGroupNamePattern": part} if part else {}
        fact = await self._evidence.read(
            "logs", "DescribeLogGroups", params, region=self.region, pages=1 if part else _GROUP_PAGES
        )
        rows = _rows(fact, "logGroups")
        entries = [Entry(str(row.get("logGroupName")), None, row.get("storedBytes")) for row in rows]
        return Found(tuple(entries), fact.outcome is Outcome.TRUNCATED)

    async def streams(self, group: str, prefix: str = "") -> Found:
        """The group's streams, those first that were written to last; with `prefix`, those that begin with it."""
        params: dict[str, object] = {"logGroupName": group}
        params |= {"logStreamNamePrefix": prefix} if prefix else {"orderBy": "LastEventTime", "descending": True}
        fact = await self._evidence.read("logs", "DescribeLogStreams", params, region=self.region, pages=1)
        rows = _rows(fact, "logStreams")
        entries = [Entry(str(row.get("logStreamName")), row.get("lastEventTimestamp")) for row in rows]
        return Found(tuple(entries), fact.outcome is Outcome.TRUNCATED)

    def location(self, group: str, stream: str) -> LogLocation:
        """Where a stream is."""
        return LogLocation(group, stream, self.region)


def _rows(fact: Fact, name: str) -> list[dict[str, Any]]:
    if fact.outcome is Outcome.NO_DATA:
        return []
    if not fact.ok:
        raise UsageError(
            f"{fact.service} {fact.operation}: {fact.outcome.value.replace('_', ' ')}. {fact.error}".strip()
        )
    found = fact.get(name, default=[])
    return [row for row in found if isinstance(row, dict)]
