"""Whether a filter text shows one pipeline. Pure."""

from __future__ import annotations

from tui.fleet_book import Entry
from tui.fleet_fields import fields_of
from tui.fleet_query import QueryError, parse_query

__all__ = ["matches"]


def matches(entry: Entry, wanted: str) -> bool:
    """Whether a pipeline shows under a filter in the language of `tui.fleet_query`; all do where it cannot be read."""
    try:
        return parse_query(wanted).matches(fields_of(entry))
    except QueryError:
        return True
