"""Checks a value against a JSON Schema of the few keywords that schema.py uses. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui.team.document import Path_

__all__ = ["faults_of_form"]

Fault = tuple[Path_, str]
_Schema = Mapping[str, Any]
_NAMES = {
    "object": "a table (name: value)",
    "array": "a list (lines with -)",
    "string": "a text",
    "number": "a number",
    "boolean": "true or false",
}


def faults_of_form(value: Any, schema: _Schema, path: Path_ = ()) -> Iterator[Fault]:
    """Yield each place where a value does not keep to the schema, with what is wrong there."""
    if "anyOf" in schema:
        chosen = schema["anyOf"][1] if isinstance(value, list) else schema["anyOf"][0]
        yield from faults_of_form(value, chosen, path)
        return
    kind = schema.get("type")
    if kind and not _is(value, kind):
        hint = "; put it in quotes" if kind == "string" and isinstance(value, (int, float)) else ""
        yield path, f"{_NAMES[kind]} is wanted here{hint}"
    elif isinstance(value, str):
        yield from _faults_of_text(value, schema, path)
    elif isinstance(value, dict):
        yield from _faults_of_table(value, schema, path)
    elif isinstance(value, list):
        yield from _faults_of_list(value, schema, path)
    elif kind == "number" and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield path, f"a number from {schema['minimum']} to {schema['maximum']} is wanted here"


def _is(value: Any, kind: str) -> bool:
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, {"object": dict, "array": list, "string": str, "boolean": bool}[kind])


def _faults_of_text(value: str, schema: _Schema, path: Path_) -> Iterator[Fault]:
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"{value} is none of: {', '.join(schema['enum'])}{_near(value, schema['enum'])}"
    elif len(value) < schema.get("minLength", 0):
        yield path, "an empty text"
    elif len(value) > schema.get("maxLength", len(value)):
        yield path, f"a text of more than {schema['maxLength']} characters"
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield path, _WISHES.get(schema["pattern"], f"does not match {schema['pattern']}")


_WISHES = {
    "^https://": "an address that begins with https:// is wanted here",
    "\\?$": "a question ends with a question mark",
    "^[a-z][a-z0-9-]*$": "small letters, digits and - are wanted here, a letter first",
    "^[a-z][a-z0-9_]*$": "small letters, digits and _ are wanted here, a letter first",
    "^[A-Z][A-Za-z0-9]*$": "the operation's name as in the API is wanted here, e.g. BatchGetProjects",
}


def _faults_of_table(value: dict[str, Any], schema: _Schema, path: Path_) -> Iterator[Fault]:
    known: Mapping[str, Any] | None = schema.get("properties")
    if known is None:
        return
    for name in schema.get("required", ()):
        if name not in value:
            yield path, f"{name} is missing"
    for name, each in value.items():
        if name in known:
            yield from faults_of_form(each, known[name], (*path, name))
        else:
            yield (*path, name, ""), f"{name} is not known here{_near(name, list(known))}"


def _faults_of_list(value: list[Any], schema: _Schema, path: Path_) -> Iterator[Fault]:
    if len(value) < schema.get("minItems", 0):
        yield path, "an empty list"
    if len(value) > schema.get("maxItems", len(value)):
        yield path, f"a list of more than {schema['maxItems']} entries"
        return
    for number, each in enumerate(value):
        yield from faults_of_form(each, schema["items"], (*path, number))


def _near(word: str, known: list[str]) -> str:
    found = difflib.get_close_matches(word, known, 1)
    return f"; do you mean {found[0]}?" if found else ""
