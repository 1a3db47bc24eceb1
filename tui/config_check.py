"""Checks a parsed configuration against its schema and finds the line of each mistake. Pure."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Mistake", "Path", "lines_of", "located", "mistakes"]

Path = tuple[str, ...]
"""Where a value stands: table names, key, position in an array."""

_HEADER = re.compile(r"\s*(?P<one_of>\[?)\[(?P<name>[^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*(?P<name>(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
}
_NAMES = {"object": "a table", "array": "a list", "string": "a text", "boolean": "true or false", "number": "a number"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where; `line` is 0 where it cannot be told."""

    line: int
    path: Path
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{'.'.join(self.path)}: {self.message}" if self.path else f"{where}{self.message}"


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, on which each table and key of a TOML text stands; tables of a list by their number."""
    found: dict[Path, int] = {}
    numbers: Counter[Path] = Counter()
    table: Path = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _parts(header["name"])
            found.setdefault(table, number)
            if header["one_of"]:
                numbers[table] += 1
                table = (*table, str(numbers[table] - 1))
                found[table] = number
        elif key := _KEY.match(line):
            path = (*table, *_parts(key["name"]))
            for length in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:length], number)
    return found


def _parts(name: str) -> Path:
    return tuple(part[0] or part[1] or part[2] for part in _PART.findall(name))


def mistakes(data: Mapping[str, Any], schema: Mapping[str, Any], text: str) -> tuple[Mistake, ...]:
    """Return what in `data` does not keep to `schema`, in the order of the lines of `text`."""
    return located(_walk(data, schema, ()), text)


def located(found: Iterable[tuple[Path, str]], text: str) -> tuple[Mistake, ...]:
    """Give each mistake its line, or that of the table it stands in; in the order of the lines of `text`."""
    lines = lines_of(text)

    def line(path: Path) -> int:
        return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), 0)

    told = [Mistake(line(path), path, message) for path, message in found]
    return tuple(sorted(told, key=lambda each: each.line))


def _walk(value: Any, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    kind = schema.get("type")
    if kind and not _is(value, kind):
        yield path, f"must be {_NAMES[kind]}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"must be one of {', '.join(schema['enum'])}{_hint(value, schema['enum'])}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield path, f"{value!r} is not a value it can have"
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, path)
    if kind == "array":
        for number, item in enumerate(value):
            yield from _walk(item, schema.get("items", {}), (*path, str(number)))
    if kind == "object":
        yield from _object(value, schema, path)


def _is(value: Any, kind: str) -> bool:
    if kind != "boolean" and isinstance(value, bool):
        return False
    return isinstance(value, _TYPES[kind])


def _number(value: float, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield path, f"must be from {schema['minimum']} to {schema['maximum']}"


def _object(value: Mapping[str, Any], schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    properties = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield path, f"{name} is missing"
    for name, item in value.items():
        inside = properties.get(name, rest)
        if inside is False:
            yield (*path, name), f"there is no such setting{_hint(name, properties)}"
        elif isinstance(inside, Mapping):
            yield from _walk(item, inside, (*path, name))


def _hint(value: Any, known: Any) -> str:
    near = difflib.get_close_matches(str(value), list(known), n=1)
    return f"; is {near[0]} meant?" if near else ""
