"""Layouts of panes, kept from one run to the next: sources, splits, filters, switches. No line of a log is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tui.fleet_memory import keep, recall
from tui.logs.source import LogSource
from widgets.log_filter import LogFilter, Severity
from widgets.log_pane import LogPane
from widgets.log_search import BadPatternError, Query, compile_query
from widgets.log_stamps import Stamps
from widgets.pane_tree import Leaf, Node, from_data, keys_of, to_data

__all__ = ["KeptPane", "Layout", "apply_look", "keep_layout", "look_of", "recall_layout"]

VERSION = 1
MOST_PANES = 4
_FILE = "log-layouts"
_MOST_LAYOUTS = 30
_LONGEST_QUERY = 1_000
_MOST_QUERIES = 20
_MOST_CONTEXT = 100
_SWITCHES = ("wrap", "no_numbers", "inverted", "unfolded", "json")


@dataclass(frozen=True, slots=True)
class KeptPane:
    """One pane: its source and how it is looked at (see `look_of`)."""

    source: LogSource
    look: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """All panes of a screen."""

    tree: Node
    panes: dict[str, KeptPane]
    zoomed: bool = False
    locked: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is what every screen begins with."""
        changed = any(pane.look or pane.source.parts for pane in self.panes.values())
        return isinstance(self.tree, Leaf) and not changed


def keep_layout(name: str, layout: Layout) -> None:
    """Keep a layout under a name; a plain one is forgotten instead."""
    kept = _all()
    kept.pop(name, None)
    if not layout.is_plain:
        kept[name] = {
            "tree": to_data(layout.tree),
            "panes": {key: {"source": pane.source.to_data(), "look": pane.look} for key, pane in layout.panes.items()},
            "zoomed": layout.zoomed,
            "locked": layout.locked,
        }
    newest = dict(list(kept.items())[-_MOST_LAYOUTS:])
    if newest != _all():
        keep(_FILE, {"version": VERSION, "layouts": newest})


def recall_layout(name: str) -> Layout | None:
    """Return the layout kept under a name; None where there is none, or it is not what was written."""
    data = _all().get(name)
    try:
        if not isinstance(data, dict) or not isinstance(panes := data.get("panes"), dict):
            return None
        tree = from_data(data.get("tree"))
        kept = {
            key: KeptPane(LogSource.from_data(panes[key]["source"]), _clean_look(panes[key].get("look")))
            for key in keys_of(tree)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if len(kept) > MOST_PANES:
        return None
    return Layout(tree, kept, data.get("zoomed") is True, data.get("locked") is True)


def _all() -> dict[str, Any]:
    found = recall(_FILE)
    if not isinstance(found, dict) or found.get("version") != VERSION or not isinstance(found.get("layouts"), dict):
        return {}
    return dict(found["layouts"])


def look_of(pane: LogPane) -> dict[str, Any]:
    """How a pane is looked at, as far as that is not how every pane begins."""
    chosen, view = pane.filter, pane.view
    look: dict[str, Any] = {
        "include": [_typed(query) for query in chosen.include][:_MOST_QUERIES],
        "exclude": [_typed(query) for query in chosen.exclude][:_MOST_QUERIES],
        "severity": "" if chosen.severity is Severity.ALL else chosen.severity.value,
        "context": chosen.context,
        "wrap": view.wrap,
        "times": "" if view.stamps is Stamps.NONE else view.stamps.value,
        "no_numbers": not view.numbers,
        "inverted": chosen.inverted,
        "unfolded": not view.folding,
        "json": view.laid_out,
    }
    return {name: value for name, value in look.items() if value}


def apply_look(pane: LogPane, look: dict[str, Any]) -> None:
    """Look at a pane as it was looked at before."""
    chosen = LogFilter(
        tuple(map(_query, look.get("include", ()))),
        tuple(map(_query, look.get("exclude", ()))),
        Severity(look.get("severity") or Severity.ALL),
        look.get("context", 0),
        inverted=look.get("inverted", False),
    )
    if chosen != LogFilter():
        pane.set_filter(chosen)
    pane.view.wrap = look.get("wrap", False)
    pane.view.stamps = Stamps(look.get("times") or Stamps.NONE)
    pane.view.numbers = not look.get("no_numbers", False)
    pane.view.folding = not look.get("unfolded", False)
    pane.view.laid_out = look.get("json", False)


def _clean_look(data: object) -> dict[str, Any]:
    """The look as far as it is what `look_of` gives; what is not is left out."""
    if not isinstance(data, dict):
        return {}
    look: dict[str, Any] = {}
    for name in ("include", "exclude"):
        if isinstance(typed := data.get(name), list) and len(typed) <= _MOST_QUERIES and all(map(_reads, typed)):
            look[name] = typed
    for name, kind in (("severity", Severity), ("times", Stamps)):
        if data.get(name) in {each.value for each in kind}:
            look[name] = data[name]
    if isinstance(context := data.get("context"), int) and 0 < context <= _MOST_CONTEXT:
        look["context"] = context
    return look | {name: True for name in _SWITCHES if data.get(name) is True}


def _typed(query: Query) -> str:
    return query.text if query.pattern.pattern == re.escape(query.text) else f"/{query.text}/"


def _query(typed: str) -> Query:
    regex = len(typed) > 2 and typed[0] == typed[-1] == "/"
    return compile_query(typed[1:-1] if regex else typed, regex=regex)


def _reads(typed: object) -> bool:
    if not isinstance(typed, str) or not 0 < len(typed) <= _LONGEST_QUERY:
        return False
    try:
        _query(typed)
    except BadPatternError:
        return False
    return True
