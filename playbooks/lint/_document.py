"""From text to `Node`: YAML by libyaml's events with guards, JSON by a small reader of its own.

Hostile files end in one clear problem: size, depth, aliases that multiply or contain themselves, control characters.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import yaml

from ._json import json_tree
from ._node import Node, ScalarType
from .limits import MAX_BYTES
from .problem import Problems

__all__ = ["parse_json", "parse_yaml"]


_MAX_DEPTH = 60
_MAX_NODES = 100_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_TYPES: dict[str, ScalarType] = {
    "tag:yaml.org,2002:str": "string",
    "tag:yaml.org,2002:int": "integer",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:bool": "boolean",
    "tag:yaml.org,2002:null": "null",
}


class _At(NamedTuple):
    line: int = 1
    column: int = 1


class _Refused(Exception):
    """The document is not one that should be read on."""

    def __init__(self, message: str, at: _At) -> None:
        super().__init__(message)
        self.at = at


def _loader() -> type[yaml.SafeLoader]:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _fits(text: str, found: Problems) -> bool:
    surrogate = _SURROGATE.search(text)
    if surrogate is not None:
        found.error(_at_offset(text, surrogate.start()), "binary", "This is not valid UTF-8 text")
        return False
    if "\0" in text:
        found.error(_At(), "binary", "This is a binary file, not text", "It holds NUL characters.")
        return False
    if len(text) > MAX_BYTES:
        found.error(_At(), "too-large", f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB", "It is not read.")
        return False
    return True


def parse_yaml(text: str, found: Problems) -> Node | None:
    """Return the document's root; what cannot be read becomes a problem, and None comes back.

    Anchors, aliases and merge keys (``<<``) are followed. Keys given twice are problems; the last value counts.
    """
    if not _fits(text, found):
        return None
    try:
        _guard(text)
        root = yaml.compose(text, Loader=_loader())
        if root is None:
            found.error(_At(), "empty", "The file is empty")
            return None
        return _Converter(found).node(root, 0)
    except _Refused as refused:
        found.error(refused.at, "refused", str(refused))
    except yaml.reader.ReaderError as error:
        found.error(
            _at_offset(text, error.position), "yaml", f"The file holds a character that YAML forbids: {error.reason}"
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = _At(mark.line + 1, mark.column + 1) if mark else _At()
        context = f"{error.context}: " if error.context else ""
        found.error(at, "yaml", f"Not valid YAML: {context}{error.problem}", _advice(text, at))
    except yaml.YAMLError as error:
        found.error(_At(), "yaml", f"Not valid YAML: {error}")
    return None


def _advice(text: str, at: _At) -> str:
    lines = text.split("\n")
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces; YAML allows no tabs there."
    if line.count(": ") > 1 or (line.lstrip().startswith("- ") and ": " in line):
        return "A colon followed by a space begins a mapping: put the text in quotes."
    return "Check indentation and quotes of this line and the one before."


def _at_offset(text: str, offset: int) -> _At:
    before = text[: max(offset, 0)]
    return _At(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _guard(text: str) -> None:
    """Refuse depth and size before anything recurses over the document."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=_loader())):
        mark = event.start_mark
        at = _At(mark.line + 1, mark.column + 1) if mark is not None else _At()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if documents > 1:
            raise _Refused("A second document begins here; AWS reads one", at)
        if depth > _MAX_DEPTH:
            raise _Refused(f"Nested deeper than {_MAX_DEPTH} levels", at)
        if count > _MAX_NODES:
            raise _Refused(f"More than {_MAX_NODES:,} values", at)


class _Converter:
    """Turns libyaml's nodes into ours once each, and counts what aliases would expand to."""

    def __init__(self, found: Problems) -> None:
        self._found = found
        self._done: dict[int, tuple[Node, int]] = {}
        self._open: set[int] = set()

    def node(self, raw: yaml.Node, depth: int) -> Node:
        return self._sized(raw, depth)[0]

    def _sized(self, raw: yaml.Node, depth: int) -> tuple[Node, int]:
        at = _At(raw.start_mark.line + 1, raw.start_mark.column + 1)
        if id(raw) in self._open:
            raise _Refused("An alias contains itself", at)
        if id(raw) in self._done:
            return self._done[id(raw)]
        if depth > _MAX_DEPTH:
            raise _Refused(f"Nested deeper than {_MAX_DEPTH} levels", at)
        self._open.add(id(raw))
        made, size = self._made(raw, at, depth)
        if size > _MAX_NODES:
            raise _Refused(f"Aliases expand to more than {_MAX_NODES:,} values", at)
        self._open.discard(id(raw))
        self._done[id(raw)] = made, size
        return made, size

    def _made(self, raw: yaml.Node, at: _At, depth: int) -> tuple[Node, int]:
        if isinstance(raw, yaml.ScalarNode):
            return Node("scalar", *at, _TYPES.get(raw.tag, "other"), str(raw.value)), 1
        if isinstance(raw, yaml.SequenceNode):
            items = [self._sized(each, depth + 1) for each in raw.value]
            return Node("sequence", *at, items=tuple(item for item, _ in items)), 1 + sum(size for _, size in items)
        own: dict[str, tuple[Node, Node]] = {}
        merged: dict[str, tuple[Node, Node]] = {}
        total = 1
        for raw_key, raw_value in raw.value:
            key = self.node(raw_key, depth + 1)
            value, size = self._sized(raw_value, depth + 1)
            total += 1 + size
            if key.kind != "scalar":
                self._found.error(key, "yaml", f"A key is {key.said}; only text can be one")
            elif key.text == "<<" and raw_key.tag == "tag:yaml.org,2002:merge":
                for each in value.items if value.kind == "sequence" else (value,):
                    merged = {**{name.text: (name, given) for name, given in each.pairs}, **merged}
            else:
                if key.text in own:
                    first = own[key.text][0].line
                    self._found.error(
                        key, "twice", f"{key.text} is given twice (first on line {first})", "One of them is lost."
                    )
                own[key.text] = key, value
        return Node("mapping", *at, pairs=tuple({**merged, **own}.values())), total


def parse_json(text: str, found: Problems) -> Node | None:
    """Return the document's root; what is not JSON becomes a problem with its position, and None comes back."""
    if not _fits(text, found):
        return None
    try:
        json.loads(text.removeprefix("\ufeff"))
        return json_tree(text, found, _MAX_DEPTH)
    except json.JSONDecodeError as error:
        if text.strip():
            at = _At(error.lineno, error.colno)
            found.error(at, "json", f"Not valid JSON: {error.msg}", _json_advice(error.doc, error.pos))
        else:
            found.error(_At(), "empty", "The file is empty")
    except RecursionError:
        found.error(_At(), "refused", f"Nested deeper than {_MAX_DEPTH} levels")
    except ValueError as error:
        found.error(_At(), "json", f"Not valid JSON: {error}")
    return None


def _json_advice(text: str, offset: int) -> str:
    before = text[:offset].rstrip()
    if before.endswith(","):
        return "JSON allows no comma after the last element."
    if text[offset : offset + 1] == "'":
        return "JSON strings stand in double quotes."
    return ""
