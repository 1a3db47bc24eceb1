"""Files inside a zip in S3, read by ranges: the list at its end, then only what is asked for.

`core.zip_list` knows the format. Zip64 and encryption are not read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from core.zip_list import ZipEntry, entries_of, folders_of, list_place

__all__ = ["BrokenArchiveError", "read_archive"]

# Asks for a range of the object (HTTP's Range header) and returns the bytes and the object's size.
Fetch = Callable[[str], Awaitable[tuple[bytes, int]]]

_TAIL = 64 * 1024 + 22  # the end record with the longest comment
_MOST_DIRECTORY = 4 * 1024 * 1024
_MOST_FILE = 512 * 1024  # of one unpacked file
_MOST_NAMES, _MOST_FOLDERS = 5_000, 50
_LOCAL = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8


class BrokenArchiveError(Exception):
    """The object is no zip, or one that is not read here."""


async def read_archive(fetch: Fetch, names: Sequence[str]) -> dict[str, Any]:
    """Return the names in an archive and the text of the files asked for, as far as they are there.

    Returns:
        ``{"size": bytes, "names": [str, …], "folders": [[name, bytes, files], …], "files": {name: text}}``: folders
        with what they take within the archive, the largest first; files over 512 KiB are left out.

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
    return {
        "size": size,
        "names": [entry.name for entry in entries[:_MOST_NAMES]],
        "folders": [[each.name, each.size, each.files] for each in folders_of(entries)[:_MOST_FOLDERS]],
        "files": files,
    }


async def _entries(fetch: Fetch, tail: bytes, start: int) -> list[ZipEntry]:
    place = list_place(tail)
    if place is None:
        raise BrokenArchiveError("the object does not end as a zip does, or is too large to be listed")
    offset, length = place
    if length > _MOST_DIRECTORY:
        raise BrokenArchiveError("the zip is too large to be listed")
    if offset >= start:
        return list(entries_of(tail[offset - start : offset - start + length]))
    directory, _ = await fetch(f"bytes={offset}-{offset + length - 1}")
    return list(entries_of(directory))


async def _text(fetch: Fetch, entry: ZipEntry, tail: bytes, start: int) -> str:
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


def _unpacked(entry: ZipEntry, packed: bytes) -> bytes:
    if entry.method == _STORED:
        return packed
    if entry.method != _DEFLATED:
        raise BrokenArchiveError(f"{entry.name} is packed in a way that is not read here")
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, _MOST_FILE)
    except zlib.error as error:
        raise BrokenArchiveError(f"{entry.name} cannot be unpacked: {error}") from error
