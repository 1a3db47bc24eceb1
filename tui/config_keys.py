"""Which ids keys have, to tell a mistaken one in the configuration. Imports every screen: for commands alone."""

from __future__ import annotations

import difflib
import tomllib

from textual.binding import Binding

from tui.config_check import Mistake, lines_of
from tui.key_table import PARTS

__all__ = ["binding_ids", "unknown_keys"]


def binding_ids() -> frozenset[str]:
    """Return the ids of all bindings."""
    return frozenset(
        binding.id
        for _, node in PARTS
        for binding in Binding.make_bindings(node.__dict__.get("BINDINGS", ()))
        if binding.id
    )


def unknown_keys(text: str) -> tuple[Mistake, ...]:
    """Return a mistake for each id under `[keys]` that no screen has."""
    known, lines = binding_ids(), lines_of(text)
    found = []
    for name in tomllib.loads(text).get("keys", {}):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; is {near[0]} meant?" if near else ""
            found.append(Mistake(lines.get(("keys", name), 0), ("keys", name), f"no key has this id{hint}"))
    return tuple(found)
