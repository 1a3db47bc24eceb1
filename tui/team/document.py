"""Reads a YAML text into plain values that know their line and column. Hostile files are refused, never expanded."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.text import sanitize

__all__ = ["MOST_BYTES", "Document", "Mark", "Mistake", "NotReadable", "Path_", "read_bytes", "read_document"]

MOST_BYTES = 128 * 1024
_MOST_DEPTH = 24
_MOST_NODES = 10_000
# The C parser where PyYAML has it: ten times as quick, with the same marks.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = "tag:yaml.org,2002:"

Mark = tuple[int, int]
"""Line and column, both from 1."""
Path_ = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong with a file, and where; line and column count from 1, 0 where the whole file is meant."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.message}"


class NotReadable(Exception):
    """A text that is not YAML of the kind that is read here; carries the place."""

    def __init__(self, message: str, mark: Mark = (0, 0)) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


@dataclass(frozen=True, slots=True)
class Document:
    """A text's value (mappings, lists, texts, numbers, booleans, None) and where each part of it stands."""

    value: Any
    marks: Mapping[Path_, Mark] = field(default_factory=dict)

    def mark(self, path: Path_) -> Mark:
        """The place of a value; of the nearest one around it where it is not there."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (0, 0))


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        NotReadable: it is no plain file, cannot be opened, or is larger than `MOST_BYTES`.
    """
    try:
        # Without O_NONBLOCK the opening of a pipe would wait for its writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise NotReadable("is no plain file")
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotReadable(f"cannot be read: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise NotReadable(f"is larger than {MOST_BYTES // 1024} KiB")
    return data


def read_document(data: bytes) -> Document:
    """Return the value of a YAML text in UTF-8.

    Raises:
        NotReadable: not UTF-8, not YAML, or with aliases, tags, repeated keys, control characters, or too much in it.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotReadable("is not UTF-8 text", (line, error.start - data.rfind(b"\n", 0, error.start))) from error
    try:
        _survey(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise NotReadable(f"is not YAML: {error.problem}", _mark(error.problem_mark)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, max(error.position, 0)) + 1
        raise NotReadable(f"is not YAML: {error.reason}", (line, 1)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise NotReadable(f"is not YAML: {error}") from error
    if node is None:
        raise NotReadable("is empty")
    marks: dict[Path_, Mark] = {}
    return Document(_value(node, (), marks), marks)


def _survey(text: str) -> None:
    """Walk the events before anything is built of them: depth, number and aliases are bounded first."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise NotReadable("anchors and aliases (& and *) are not read here", _mark(event.start_mark))
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > _MOST_DEPTH:
            raise NotReadable(f"is nested deeper than {_MOST_DEPTH} levels", _mark(event.start_mark))
        if nodes > _MOST_NODES:
            raise NotReadable(f"has more than {_MOST_NODES} values", _mark(event.start_mark))


def _mark(mark: Any) -> Mark:
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


def _value(node: yaml.Node, path: Path_, marks: dict[Path_, Mark]) -> Any:
    marks[path] = _mark(node.start_mark)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_PLAIN}seq":
        return [_value(each, (*path, number), marks) for number, each in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_PLAIN}map":
        return _mapping(node, path, marks)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    raise NotReadable(f"tags ({node.tag}) are not read here", _mark(node.start_mark))


def _mapping(node: yaml.MappingNode, path: Path_, marks: dict[Path_, Mark]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = _scalar(key) if isinstance(key, yaml.ScalarNode) else None
        if not isinstance(name, str):
            raise NotReadable("a name is wanted here; put it in quotes if it is one", _mark(key.start_mark))
        if name in found:
            raise NotReadable(f"{name} stands here twice", _mark(key.start_mark))
        found[name] = _value(value, (*path, name), marks)
        # What is wrong with an entry is shown at its name.
        marks[(*path, name, "")] = _mark(key.start_mark)
    return found


def _scalar(node: yaml.ScalarNode) -> str | float | bool | None:
    text: str = node.value
    kind = node.tag.removeprefix(_PLAIN)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in {"yes", "true", "on"}
    if kind in {"int", "float"}:
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            return text  # octal, sexagesimal and the like are taken as they are written
    if kind not in {"str", "timestamp", "merge", "value"}:
        raise NotReadable(f"tags ({node.tag}) are not read here", _mark(node.start_mark))
    if sanitize(text) != text:
        raise NotReadable("a text with control characters", _mark(node.start_mark))
    return text
