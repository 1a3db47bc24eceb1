"""A document as a tree whose every value knows its line and column; the same for YAML and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Node", "ScalarType"]

Kind = Literal["mapping", "sequence", "scalar"]
ScalarType = Literal["string", "integer", "number", "boolean", "null", "other"]


@dataclass(frozen=True, slots=True)
class Node:
    """One value.

    Attributes:
        kind: Mapping, sequence or scalar.
        line: Line of its first character, from 1.
        column: Column of its first character, from 1.
        type: What a scalar is read as; "other" for mappings and sequences.
        text: A scalar as it is written, without its quotes.
        items: What a sequence holds.
        pairs: What a mapping holds, keys being scalars.
    """

    kind: Kind
    line: int
    column: int
    type: ScalarType = "other"
    text: str = ""
    items: tuple[Node, ...] = ()
    pairs: tuple[tuple[Node, Node], ...] = ()

    @property
    def is_null(self) -> bool:
        """Whether nothing is written here."""
        return self.kind == "scalar" and self.type == "null"

    @property
    def said(self) -> str:
        """What it is, in words."""
        if self.kind != "scalar":
            return f"a {self.kind}"
        return {"null": "nothing", "integer": "an integer"}.get(self.type, f"a {self.type}")

    def get(self, key: str) -> Node | None:
        """Return the value of a mapping's key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def key(self, key: str) -> Node | None:
        """Return the key itself, for its position, or None."""
        return next((name for name, _ in self.pairs if name.text == key), None)

    def string(self, key: str) -> str:
        """Return the text of a key's scalar; empty when it is absent or no scalar."""
        found = self.get(key)
        return found.text if found is not None and found.kind == "scalar" and not found.is_null else ""

    def under(self, key: str) -> tuple[Node, ...]:
        """Return what the sequence of a key holds; empty when it is absent or no sequence."""
        found = self.get(key)
        return found.items if found is not None else ()
