"""Texts of others made short, harmless and free of secrets, in that order of need: masked before they are cut."""

from __future__ import annotations

from core.redact import mask_secrets
from core.text import clip, sanitize

__all__ = ["brief"]


def brief(text: str, chars: int) -> str:
    """Return text on one line, at most so many characters; a secret is masked while it is still whole."""
    return clip(" ".join(mask_secrets(sanitize(text)).split()), chars)
