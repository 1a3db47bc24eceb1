"""Addresses in a line of a log: those that stand in it, and those that a terminal would hide behind words (OSC 8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.text import sanitize

__all__ = ["Link", "links_in"]

_HIDDEN = re.compile(r"\x1b\]8;[^;\x07\x1b]*;([^\x07\x1b\n]+)(?:\x07|\x1b\\)(.*?)\x1b\]8;;(?:\x07|\x1b\\)")
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'`\\^{}|\[\]\u2026]{3,2000}", re.IGNORECASE)
_AFTER = ".,;:!?"
_MOST = 50


@dataclass(frozen=True, slots=True)
class Link:
    """An address of the web.

    Attributes:
        url: All of it, `http` or `https`, without control characters.
        host: Where it leads, in the letters of the domain name system; what stands before an `@` is not part of it.
        words: What a terminal would show in its place; empty where the address itself stands there.
    """

    url: str
    host: str
    words: str = ""


def links_in(raw: str, shown: Callable[[str], str]) -> tuple[Link, ...]:
    """Return the links of a raw line, each once, in order.

    Args:
        raw: As it came, control sequences and all.
        shown: Makes a text as it may be shown: secrets masked.
    """
    found = [_link(shown(sanitize(match[1])), shown(sanitize(match[2]))) for match in _HIDDEN.finditer(raw)]
    found += [_link(_trimmed(match[0])) for match in _ADDRESS.finditer(shown(sanitize(raw)))]
    links: dict[str, Link] = {}
    for link in found:
        if link is not None:
            links.setdefault(link.url, link)
    return tuple(links.values())[:_MOST]


def _link(url: str, words: str = "") -> Link | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme.lower() not in {"http", "https"} or not host:
            return None
        host = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError):
        return None
    return Link(url, host, "" if words.strip() == url else words.strip())


def _trimmed(url: str) -> str:
    """An address without the marks of the sentence that it ends."""
    url = url.rstrip(_AFTER)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_AFTER)
    return url
