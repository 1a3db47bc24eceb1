"""Reads the configuration file, as a whole or not at all: a mistake in it may be in what protects an account."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import UsageError
from tui.config import Config, ContextConfig, ListConfig, NoticeConfig, NoticeRule, RefreshConfig, ViewConfig
from tui.config_check import Mistake, located, mistakes
from tui.config_schema import SCHEMA
from tui.fleet_query import QueryError, parse_query

__all__ = ["check_text", "parse", "read"]

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read(path: Path) -> Config:
    """Return what a file sets.

    Raises:
        UsageError: it cannot be read, or has mistakes; each is named with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The configuration {path} cannot be read: {error}") from error
    found = check_text(text)
    if found:
        told = "\n".join(f"  {mistake}" for mistake in found[:8])
        raise UsageError(
            f"The configuration {path} has {len(found)} mistake{'s' if len(found) > 1 else ''}:\n{told}\n"
            "Without it: PIPEMEDIC_CONFIG=none pipemedic"
        )
    return parse(tomllib.loads(text), str(path))


def check_text(text: str) -> tuple[Mistake, ...]:
    """Return all mistakes of a configuration's text."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        return (Mistake(int(at[1]) if at else text.count("\n") + 1, (), _AT_LINE.sub("", str(error)).strip()),)
    formal = mistakes(data, SCHEMA, text)
    return formal or located(_meaning(data), text)


def _meaning(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What the schema cannot say: names that must be there, and filters that must parse."""
    contexts, groups = data.get("contexts", {}), data.get("groups", {})
    for name in groups:
        if name in contexts:
            yield ("groups", name), "a context has this name already"
        for one in groups[name]:
            if one not in contexts:
                yield ("groups", name), f"there is no context {one!r}"
    for one in data.get("start", ()):
        if one not in contexts and one not in groups:
            yield ("start",), f"there is no context or group {one!r}"
    wanted: list[tuple[tuple[str, ...], Any]] = [
        (("list", "filter"), data.get("list", {})),
        (("notices", "filter"), data.get("notices", {})),
    ]
    rules = data.get("notices", {}).get("rules", ())
    wanted += [(("notices", "rules", str(number), "filter"), rule) for number, rule in enumerate(rules)]
    wanted += [(("views", key, "filter"), view) for key, view in data.get("views", {}).items()]
    for path, table in wanted:
        try:
            parse_query(table.get("filter", ""))
        except QueryError as error:
            yield path, str(error)
    command = data.get("notices", {}).get("command")
    if command is not None and not (command and command[0]):
        yield ("notices", "command"), "names no program"


def parse(data: Mapping[str, Any], path: str = "") -> Config:
    """Turn checked data into values."""
    refresh = {f"{name}_s": float(value) for name, value in data.get("refresh", {}).items()}
    notices = data.get("notices", {})
    return Config(
        path=path,
        theme=data.get("theme", ""),
        read_only=data.get("read_only", False),
        contexts=tuple(_context(name, table) for name, table in data.get("contexts", {}).items()),
        groups=MappingProxyType({name: tuple(names) for name, names in data.get("groups", {}).items()}),
        start=tuple(data.get("start", ())),
        refresh=RefreshConfig(**refresh),
        list=_look(data.get("list", {})),
        views=tuple(
            ViewConfig(key, table["name"], _look(table), table.get("attention", False))
            for key, table in sorted(data.get("views", {}).items())
        ),
        keys=MappingProxyType(dict(data.get("keys", {}))),
        notices=NoticeConfig(
            tuple(notices.get("on", ())),
            notices.get("filter", ""),
            notices.get("bell", False),
            notices.get("desktop", ""),
            tuple(notices.get("command", ())),
            tuple(NoticeRule(tuple(rule["on"]), rule.get("filter", "")) for rule in notices.get("rules", ())),
        ),
    )


def _context(name: str, table: Mapping[str, Any]) -> ContextConfig:
    return ContextConfig(
        name,
        table.get("profile", ""),
        tuple(table.get("regions", ())),
        table.get("color", ""),
        table.get("protection", "none"),
        table.get("queue", ""),
        MappingProxyType(dict(table.get("queues", {}))),
    )


def _look(table: Mapping[str, Any]) -> ListConfig:
    return ListConfig(
        tuple(table.get("columns", ())), table.get("sort", ""), table.get("group", ""), table.get("filter", "")
    )
