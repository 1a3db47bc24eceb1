"""The index at the end of a zip: which folders take how much of it, without reading what is in them. Pure.

Source: section 4.3 of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["TAIL_BYTES", "Folder", "folders"]

TAIL_BYTES = 1024 * 1024
"""How much of an artifact's end is read for its index."""

_END, _ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_MOST_ENTRIES = 200_000
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder (or a file at the top) with its bytes within the archive and how many files it holds."""

    name: str
    size: int
    files: int


def folders(tail: bytes, whole: int) -> tuple[Folder, ...]:
    """Return the folders of an archive, the largest first.

    Args:
        tail: the end of the archive.
        whole: how large the archive is.

    Returns:
        Nothing where the tail holds no readable index (no zip, or an index larger than the tail).
    """
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        return ()
    size, offset = struct.unpack_from("<II", tail, end + 12)
    start = offset - (whole - len(tail))
    if size == 0xFFFFFFFF or offset == 0xFFFFFFFF or start < 0:
        start = end - size  # an archive of more than 4 GB or with something before it: the index lies before its end
    if start < 0 or start > end:
        return ()
    found: dict[str, list[int]] = {}
    for name, packed in _entries(tail[start:end]):
        held = found.setdefault(_folder(name), [0, 0])
        held[0] += packed
        held[1] += 1
    made = (Folder(name, size, files) for name, (size, files) in found.items())
    return tuple(sorted(made, key=lambda each: (-each.size, each.name)))


def _entries(index: bytes) -> Iterator[tuple[str, int]]:
    at = 0
    for _ in range(_MOST_ENTRIES):
        if index[at : at + 4] != _ENTRY or len(index) < at + 46:
            return
        packed, _whole, name_len, extra_len, comment_len = struct.unpack_from("<IIHHH", index, at + 20)
        name = index[at + 46 : at + 46 + name_len].decode("utf-8", "replace")
        yield name, packed
        at += 46 + name_len + extra_len + comment_len


def _folder(name: str) -> str:
    """The folder to name: a known heap at any depth, else the first two parts."""
    parts = name.replace("\\", "/").strip("/").split("/")
    for number, part in enumerate(parts[:-1]):
        if part in HEAPS:
            return "/".join(parts[: number + 1])
    return "/".join(parts[:_DEPTH]) if len(parts) > _DEPTH else "/".join(parts[:-1]) or parts[0]


HEAPS = {
    "node_modules": "packages that the next action can install itself, or that a bundle holds already",
    ".git": "the repository's history",
    "target": "compiler output beside what is deployed",
    ".gradle": "the build tool's own cache",
    ".m2": "the build tool's own cache",
    ".venv": "a virtual environment, which does not move between machines anyway",
    "venv": "a virtual environment, which does not move between machines anyway",
    "__pycache__": "compiled Python",
    ".pytest_cache": "a test runner's cache",
    ".next": "the framework's output with its cache",
    ".cache": "a cache",
    "coverage": "coverage reports",
    "htmlcov": "coverage reports",
    "test-results": "test reports",
    "tests": "tests, where what follows only deploys",
    "docs": "documentation, where what follows only deploys",
}
"""Folders that rarely need to travel, with why."""
