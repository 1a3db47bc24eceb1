"""How large a file may be that is linted; buildspecs and pipelines are a few kilobytes."""

from __future__ import annotations

__all__ = ["MAX_BYTES"]

MAX_BYTES = 2 * 1024 * 1024
