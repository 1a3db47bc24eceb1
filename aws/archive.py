"""Files inside a zip in S3, read by ranges: the list at its end, then only what is asked for.

Source of the format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3. Zip64 and encryption are not
read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["BrokenArchiveError", "read_archive"]

# Asks for a range of the object (HTTP's Range header) and returns the bytes and the object's size.
Fetch = Callable[[str], Awaitable[tuple[bytes, int]]]

_TAIL = 64 * 1024 + 22  # the end record with the longest comment
_MOST_DIRECTORY = 4 * 1024 * 1024
_MOST_FILE = 512 * 1024  # of one unpacked file
_MOST_NAMES = 5_000
_END, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8


class BrokenArchiveError(Exception):
    """The object is no zip, or one that is not read here."""


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    method: int
    packed: int
    unpacked: int
    offset: int


async def read_archive(fetch: Fetch, names: Sequence[str]) -> dict[str, Any]:
    """Return the names in an archive and the text of the files asked for, as far as they are there.

    Returns:
        ``{"size": bytes, "names": [str, …], "files": {name: text}}``; files over 512 KiB are left out.

    Raises:
        BrokenArchiveError: it is no zip that can be read.
    """
    tail, size = await fetch(f"bytes=-{_TAIL}")
    start = max(0, size - len(tail))
    entries = await _entries(fetch, tail, start)
    by_name = {entry.name: entry for entry in entries}
    files = {}
    for name in dict.fromkeys(names):
        entry = by_name.get(name)
        if entry is not None and entry.unpacked <= _MOST_FILE:
            files[name] = await _text(fetch, entry, tail, start)
    return {"size": size, "names": [entry.name for entry in entries[:_MOST_NAMES]], "files": files}


async def _entries(fetch: Fetch, tail: bytes, start: int) -> list[_Entry]:
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise BrokenArchiveError("the object does not end as a zip does")
    length, offset = struct.unpack_from("<II", tail, at + 12)
    if offset == 0xFFFFFFFF or length > _MOST_DIRECTORY:
        raise BrokenArchiveError("the zip is too large to be listed")
    if offset >= start:
        directory = tail[offset - start : offset - start + length]
    else:
        directory, _ = await fetch(f"bytes={offset}-{offset + length - 1}")
    return _parse(directory)


def _parse(directory: bytes) -> list[_Entry]:
    found, at = [], 0
    while directory[at : at + 4] == _ENTRY and len(directory) >= at + 46:
        flags, method = struct.unpack_from("<HH", directory, at + 8)
        packed, unpacked, named, extra, comment = struct.unpack_from("<IIHHH", directory, at + 20)
        (offset,) = struct.unpack_from("<I", directory, at + 42)
        raw = directory[at + 46 : at + 46 + named]
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        found.append(_Entry(name, method if not flags & 1 else -1, packed, unpacked, offset))
        at += 46 + named + extra + comment
    return found


async def _text(fetch: Fetch, entry: _Entry, tail: bytes, start: int) -> str:
    """The text of one file; its local header may be longer than the directory says, by at most 4 KiB."""
    length = 30 + len(entry.name.encode()) + 4096 + entry.packed
    if entry.offset >= start:
        block = tail[entry.offset - start : entry.offset - start + length]
    else:
        block, _ = await fetch(f"bytes={entry.offset}-{entry.offset + length - 1}")
    if block[:4] != _LOCAL or len(block) < 30:
        raise BrokenArchiveError(f"{entry.name} is not where the zip says")
    named, extra = struct.unpack_from("<HH", block, 26)
    packed = block[30 + named + extra : 30 + named + extra + entry.packed]
    return _unpacked(entry, packed).decode("utf-8-sig", "replace")


def _unpacked(entry: _Entry, packed: bytes) -> bytes:
    if entry.method == _STORED:
        return packed
    if entry.method != _DEFLATED:
        raise BrokenArchiveError(f"{entry.name} is packed in a way that is not read here")
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, _MOST_FILE)
    except zlib.error as error:
        raise BrokenArchiveError(f"{entry.name} cannot be unpacked: {error}") from error
