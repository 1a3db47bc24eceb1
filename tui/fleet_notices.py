"""Which transitions of the fleet are worth a call, and how they are called out: bell, terminal notice, a command.

What happened between two looks at a pipeline is pure; sending is at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.attention import Condition
from core.place import Place
from core.text import clip, sanitize
from tui.config import NoticeConfig
from tui.fleet_book import Entry
from tui.fleet_fields import fields_of
from tui.fleet_query import Query, QueryError, parse_query
from tui.rows import Where

__all__ = ["Notice", "Notices", "run_command", "terminal_text"]

_COMMAND_S = 20.0
_NOWHERE: Mapping[Place, Where] = MappingProxyType({})
_NO_TAGS: Mapping[str, Mapping[str, str]] = MappingProxyType({})
_KINDS = {Condition.FAILED: "failed", Condition.STUCK: "stuck", Condition.WAITING: "approval"}
_WORDS = {"failed": "failed", "stuck": "is stuck", "approval": "waits for an approval", "recovered": "is fine again"}
# More than this in one look become one notice.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to call out; the texts are clean."""

    kind: str
    pipeline: str
    place: str
    detail: str = ""

    @property
    def text(self) -> str:
        """One line."""
        return f"{self.pipeline} {_WORDS[self.kind]} ({self.place})"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a command finds in its environment."""
        return {
            "PIPEMEDIC_EVENT": self.kind,
            "PIPEMEDIC_PIPELINE": self.pipeline,
            "PIPEMEDIC_PLACE": self.place,
            "PIPEMEDIC_DETAIL": self.detail,
            "PIPEMEDIC_TEXT": self.text,
        }


class Notices:
    """Compares each look at the fleet with the one before. The first look at a pipeline calls nothing out.

    Attributes:
        muted: nothing is called out; what happens meanwhile is not made up for.
    """

    def __init__(self, config: NoticeConfig) -> None:
        self.muted = False
        self._config = config
        self._seen: dict[str, tuple[Condition, str]] = {}
        self._rules = tuple((rule.on, _query(rule.filter)) for rule in config.chosen)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to call out, and a way to."""
        config = self._config
        return bool(self._rules) and bool(config.bell or config.desktop or config.command)

    @property
    def uses_tags(self) -> bool:
        """Whether a rule speaks of tags."""
        return any(query.uses_tags for _, query in self._rules)

    def look(
        self,
        entries: Iterable[Entry],
        fresh: Iterable[str] | None = None,
        *,
        where: Mapping[Place, Where] = _NOWHERE,
        tags: Mapping[str, Mapping[str, str]] = _NO_TAGS,
    ) -> tuple[Notice, ...]:
        """Return what is worth a call since the last look.

        Args:
            entries: all pipelines.
            fresh: keys of pipelines read in this run; others (the last known fleet) are only remembered. None: all.
            where: context and account of each place, which filters may name.
            tags: by pipeline's key, where they were read.
        """
        counted = None if fresh is None else frozenset(fresh)
        found = []
        for entry in entries:
            key, condition = entry.ref.key, entry.assessment.condition
            execution = entry.snapshot.execution if entry.snapshot else None
            if execution is None or condition is Condition.UNKNOWN:
                continue  # a state alone does not say which run it is of
            if counted is not None and key not in counted:
                continue
            run = execution.id
            before = self._seen.get(key)
            self._seen[key] = (condition, run)
            kind = _kind(before, (condition, run))
            if not kind or self.muted:
                continue
            fields = fields_of(entry, where.get(entry.ref.place), tags.get(key))
            if any(kind in on and query.matches(fields) for on, query in self._rules):
                detail = clip(sanitize(entry.assessment.why).replace("\n", " "), 300)
                found.append(Notice(kind, sanitize(entry.ref.name), sanitize(str(entry.ref.place)), detail))
        return tuple(found)


def _query(text: str) -> Query:
    """Read a rule's filter; the configuration was checked, one of a test or a caller may be anything."""
    try:
        return parse_query(text)
    except QueryError:
        return parse_query("")


def _kind(before: tuple[Condition, str] | None, after: tuple[Condition, str]) -> str:
    if before is None or before == after:
        return ""
    condition = after[0]
    if condition is before[0] and condition is not Condition.FAILED:
        return ""
    if condition in _KINDS:
        return _KINDS[condition] if condition is not before[0] or before[1] != after[1] else ""
    return "recovered" if condition is Condition.OK and before[0] is not Condition.NEVER else ""


def terminal_text(notices: tuple[Notice, ...], config: NoticeConfig) -> str:
    """Return what is written to the terminal: the bell, and the notice as OSC 9 (iTerm2) or OSC 777 (urxvt)."""
    if not notices:
        return ""
    text = "\a" if config.bell else ""
    lines = [notice.text for notice in notices[:_MOST]]
    if len(notices) > _MOST:
        lines = [f"{len(notices)} pipelines: {', '.join(notice.pipeline for notice in notices[:_MOST])} …"]
    for line in lines:
        clean = line.replace(";", ",").replace("\n", " ")  # a semicolon ends a field
        if config.desktop == "osc9":
            text += f"\x1b]9;{clean}\x07"
        elif config.desktop == "osc777":
            text += f"\x1b]777;notify;pipemedic;{clean}\x07"
    return text


async def run_command(command: tuple[str, ...], notice: Notice) -> str:
    """Run the user's command, with what happened as its last argument and in its environment; no shell reads it.

    Returns:
        Why it failed; empty where it did not.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            notice.text,
            env={**os.environ, **notice.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, ValueError) as error:
        return f"{command[0]}: {error}"
    try:
        async with asyncio.timeout(_COMMAND_S):
            code = await process.wait()
    except (TimeoutError, asyncio.CancelledError) as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, asyncio.CancelledError):
            raise
        return f"{command[0]}: no end within {_COMMAND_S:.0f} s"
    return f"{command[0]}: ended with {code}" if code else ""
