"""The list at the end of a zip: which files and folders take how much of it, without reading what is in them. Pure.

Source: section 4.3 of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. Zip64 is not read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["HEAPS", "Folder", "ZipEntry", "entries_of", "folders_of", "list_place"]

_END, _ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_UNKNOWN = 0xFFFFFFFF  # what zip64 writes where the true number does not fit
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file: `method` is how it is packed (-1: encrypted), `offset` where its local header begins."""

    name: str
    method: int
    packed: int
    unpacked: int
    offset: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder (or a file at the top) with its bytes within the archive and how many files it holds."""

    name: str
    size: int
    files: int


def list_place(tail: bytes) -> tuple[int, int] | None:
    """Return where the list begins in the archive and how long it is; None where the tail is no zip's that is read."""
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return None
    length, offset = struct.unpack_from("<II", tail, at + 12)
    return None if _UNKNOWN in (length, offset) else (offset, length)


def entries_of(directory: bytes) -> Iterator[ZipEntry]:
    """Yield the entries of a list, as far as it can be read."""
    at = 0
    while directory[at : at + 4] == _ENTRY and len(directory) >= at + 46:
        flags, method = struct.unpack_from("<HH", directory, at + 8)
        packed, unpacked, named, extra, comment = struct.unpack_from("<IIHHH", directory, at + 20)
        (offset,) = struct.unpack_from("<I", directory, at + 42)
        raw = directory[at + 46 : at + 46 + named]
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        yield ZipEntry(name, -1 if flags & 1 else method, packed, unpacked, offset)
        at += 46 + named + extra + comment


def folders_of(entries: Iterable[ZipEntry]) -> tuple[Folder, ...]:
    """Return the folders of an archive, the largest first."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        held = found.setdefault(_folder(entry.name), [0, 0])
        held[0] += entry.packed
        held[1] += 1
    made = (Folder(name, size, files) for name, (size, files) in found.items())
    return tuple(sorted(made, key=lambda each: (-each.size, each.name)))


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
