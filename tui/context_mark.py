"""A context as a word on its colour: production looks like production wherever something can be done there."""

from __future__ import annotations

from textual.content import Content

from core.text import sanitize
from tui.config_places import Context
from widgets.ink import inked

__all__ = ["context_mark"]

# Where a context is protected and has no colour of its own.
_PROTECTED = "warning"


def context_mark(context: Context | None) -> Content:
    """The context's name on its colour; nothing where it has neither a colour nor a protection."""
    if context is None or not (context.color or context.protection != "none"):
        return Content("")
    color = context.color or _PROTECTED
    return inked(f" {sanitize(context.name)} ", f"bold $text-{color} on ${color}-muted")
