"""Which log groups and streams there are, read page by page as they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.build import LogLocation
from core.errors import UsageError
from core.fact import Evidence, Fact, Outcome

__all__ = ["Catalogue", "Entry"]

_PAGE = 50  # as many as both operations give at most


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
    """One page of a look-up, and the token of what follows; empty at the end."""

    entries: tuple[Entry, ...]
    token: str = ""


class Catalogue:
    """Groups and streams of one region, a page of 50 at a time. All methods raise UsageError with AWS's own words."""

    def __init__(self, evidence: Evidence, region: str) -> None:
        self._evidence = evidence
        self.region = region

    async def groups(self, part: str = "", token: str = "") -> Found:
        """Groups by name; with `part`, those whose name holds it (capitals count: it is AWS that looks)."""
        params = {"logGroupNamePattern": part} if part else {}
        fact = await self._page("DescribeLogGroups", params, token)
        rows = _rows(fact, "logGroups")
        entries = [Entry(str(row.get("logGroupName")), None, row.get("storedBytes")) for row in rows]
        return Found(tuple(entries), str(fact.get("nextToken", default="")))

    async def streams(self, group: str, prefix: str = "", token: str = "") -> Found:
        """The group's streams, those first that were written to last; with `prefix`, those that begin with it."""
        params: dict[str, object] = {"logGroupName": group}
        params |= {"logStreamNamePrefix": prefix} if prefix else {"orderBy": "LastEventTime", "descending": True}
        fact = await self._page("DescribeLogStreams", params, token)
        rows = _rows(fact, "logStreams")
        entries = [Entry(str(row.get("logStreamName")), row.get("lastEventTimestamp")) for row in rows]
        return Found(tuple(entries), str(fact.get("nextToken", default="")))

    async def _page(self, operation: str, params: Mapping[str, object], token: str) -> Fact:
        asked = {**params, "limit": _PAGE, **({"nextToken": token} if token else {})}
        return await self._evidence.read("logs", operation, asked, region=self.region, pages=0)

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
