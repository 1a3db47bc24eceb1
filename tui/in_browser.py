"""Whether the program shows in a browser: then whoever looks may not be who owns this machine's files."""

from __future__ import annotations

import os

__all__ = ["in_browser"]


def in_browser() -> bool:
    """Whether Textual's web driver carries the screen (its own variable says so)."""
    return "web_driver" in os.environ.get("TEXTUAL_DRIVER", "")
