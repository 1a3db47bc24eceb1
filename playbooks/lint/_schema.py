"""Checks a tree against a schema of ours: which keys may stand where, and what their values are.

A schema is a TOML file of tables, one a kind of mapping. Each table has ``page`` (what of AWS's reference says so) and
``keys``: name → ``{is = KIND, required = bool, min, max, pattern, one_of, any_case}``. KIND is one of

- ``text`` (any scalar), ``string``, ``integer``, ``boolean`` (also yes/no in quotes), ``any``;
- ``texts``: a sequence of scalars; ``text-or-texts``; ``names``: a mapping from any name to a scalar;
- ``table:NAME``, ``list:NAME``, ``tables:NAME``: a mapping, a sequence of them, a mapping from any name to them.

A limit (``min``, ``max``) counts characters, elements, or is the integer's own bound.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from ._node import Node
from .problem import Problems

__all__ = ["Schema", "load", "nearest"]

_YES_NO = {"yes", "no", "true", "false", "on", "off"}


@cache
def load(name: str) -> Mapping[str, Any]:
    """Return a data file of this package, by its name without ``.toml``."""
    return tomllib.loads((files(__package__ or "playbooks.lint") / "data" / f"{name}.toml").read_text("utf-8"))


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the known name most like this one; empty when none is."""
    lowered = {each.lower().replace("_", "-"): each for each in known}
    found = get_close_matches(name.lower().replace("_", "-"), list(lowered), n=1, cutoff=0.7)
    return lowered[found[0]] if found else ""


class Schema:
    """One schema, applied to trees; problems go to `found`."""

    def __init__(self, name: str, found: Problems) -> None:
        self._tables: Mapping[str, Any] = load(name)
        self._found = found

    def table(self, node: Node, name: str, path: str = "") -> bool:
        """Check a mapping against the table of that name; False when it is no mapping at all."""
        table = self._tables[name]
        page = str(table.get("page", ""))
        where = path or "The file"
        if node.kind != "mapping":
            self._found.error(node, "type", f"{where} must be a mapping, not {node.said}", page=page)
            return False
        keys: Mapping[str, Any] = table["keys"]
        misspelt: set[str] = set()
        for key, value in node.pairs:
            rule, meant = keys.get(key.text), key.text
            if rule is None:
                self._unknown(key, name, path, page)
                meant = nearest(key.text, tuple(keys))
                rule = keys.get(meant) if node.get(meant) is None else None  # what stands below is read as it was meant
                misspelt.add(meant)
            if rule is not None:
                self._value(value, rule, f"{path}.{key.text}" if path else key.text, page)
        for key_name, rule in keys.items():
            if rule.get("required") and node.get(key_name) is None and key_name not in misspelt:
                self._found.error(node, "missing-key", f"{where} has no {key_name}", "It is required.", page)
        return True

    def _unknown(self, key: Node, name: str, path: str, page: str) -> None:
        known = tuple(self._tables[name]["keys"])
        where = f" in {path}" if path else " at the top level"
        near = nearest(key.text, known)
        homes = [
            str(other.get("title", table))
            for table, other in self._tables.items()
            if key.text in other["keys"] and table != name
        ]
        if near:
            reason = f"Did you mean {near}?"
        elif homes:
            reason = f"It belongs in {' or '.join(homes[:3])}."
        else:
            reason = f"Known here: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}."
        rule = "misplaced-key" if homes and not near else "unknown-key"
        self._found.error(key, rule, f"{key.text} is not known{where}", reason, page)

    def _value(self, value: Node, rule: Mapping[str, Any], path: str, page: str) -> None:
        kind, _, name = str(rule["is"]).partition(":")
        if kind == "table":
            self.table(value, name, path)
        elif kind in {"list", "texts"} or (kind == "text-or-texts" and value.kind != "scalar"):
            self._sequence(value, rule, path, page, name)
        elif kind in {"tables", "names"}:
            self._mapping(value, rule, path, page, name)
        elif kind != "any":
            self._scalar(value, rule, path, page, kind)

    def _sequence(self, value: Node, rule: Mapping[str, Any], path: str, page: str, name: str) -> None:
        if not self._is(value, "sequence", path, page):
            return
        self._bounds(value, rule, path, page, len(value.items), "elements")
        inner = {key: given for key, given in rule.items() if key in {"one_of", "any_case"}}
        for number, item in enumerate(value.items):
            if name:
                self.table(item, name, f"{path}[{number}]")
            else:
                self._scalar(item, inner, f"{path}[{number}]", page)

    def _mapping(self, value: Node, rule: Mapping[str, Any], path: str, page: str, name: str) -> None:
        if not self._is(value, "mapping", path, page):
            return
        self._bounds(value, rule, path, page, len(value.pairs), "entries")
        for key, item in value.pairs:
            if name:
                self.table(item, name, f"{path}.{key.text}")
            else:
                self._scalar(item, rule, f"{path}.{key.text}", page)

    def _is(self, value: Node, kind: str, path: str, page: str) -> bool:
        if value.kind != kind:
            self._found.error(value, "type", f"{path} must be a {kind}, not {value.said}", page=page)
        return value.kind == kind

    def _bounds(self, at: Node, rule: Mapping[str, Any], path: str, page: str, count: int, unit: str) -> None:
        if count < rule.get("min", 0):
            self._found.error(at, "too-few", f"{path} has {count} {unit}; at least {rule['min']} are needed", page=page)
        if count > rule.get("max", count):
            self._found.error(
                at, "too-many", f"{path} has {count:,} {unit}; at most {rule['max']:,} are allowed", page=page
            )

    def _scalar(self, value: Node, rule: Mapping[str, Any], path: str, page: str, kind: str = "text") -> None:
        if value.kind != "scalar" or value.is_null:
            reason = (
                "A colon followed by a space makes a mapping: put the text in quotes."
                if value.kind == "mapping"
                else ""
            )
            wanted = {"integer": "an integer", "boolean": "a boolean"}.get(kind, "text")
            self._found.error(value, "type", f"{path} must be {wanted}, not {value.said}", reason, page)
        elif kind == "boolean":
            if value.type != "boolean" and value.text.lower() not in _YES_NO:
                self._found.error(value, "type", f"{path} must be yes or no, not {value.text[:60]}", page=page)
        elif kind == "integer":
            if value.type != "integer" or not re.fullmatch(r"-?\d+", value.text):
                self._found.error(value, "type", f"{path} must be an integer, not {value.said}", page=page)
            elif len(value.text) > 12 or not rule.get("min", -(10**12)) <= int(value.text) <= rule.get("max", 10**12):
                limits = f"{rule.get('min', '')}–{rule.get('max', '')}"
                self._found.error(value, "range", f"{path} is {value.text[:20]}; it must be within {limits}", page=page)
        elif kind == "string" and value.type != "string":
            self._found.error(value, "type", f"{path} must be a string, not {value.said}: put it in quotes", page=page)
        else:
            self._text(value, rule, path, page)

    def _text(self, value: Node, rule: Mapping[str, Any], path: str, page: str) -> None:
        choices: Sequence[str] = rule.get("one_of", ())
        same = str.upper if rule.get("any_case") else str
        if choices and same(value.text) not in map(same, choices):
            near = nearest(value.text, choices)
            reason = f"Did you mean {near}?" if near else f"It may be {', '.join(choices)}."
            self._found.error(value, "value", f"{path} cannot be {value.text[:80]}", reason, page)
        elif not choices:
            if rule["is"] in {"text", "string"} if "is" in rule else False:
                self._bounds(value, rule, path, page, len(value.text), "characters")
            pattern = rule.get("pattern")
            if pattern and value.text and not re.fullmatch(pattern, value.text, re.DOTALL):
                self._found.error(
                    value,
                    "form",
                    f"{path} has a form that AWS refuses: {value.text[:80]}",
                    f"It must match {pattern}.",
                    page,
                )
