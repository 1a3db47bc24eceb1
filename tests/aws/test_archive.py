"""Zips in S3 are read by ranges: the list at the end, then what is asked for."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping

import pytest

from aws.archive import BrokenArchiveError, read_archive


def packed(files: Mapping[str, str], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as made:
        for name, text in files.items():
            made.writestr(name, text)
        made.comment = comment
    return whole.getvalue()


class Store:
    """An object that gives ranges of itself, as S3 does, and counts what it gave."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.given: list[int] = []

    async def fetch(self, span: str) -> tuple[bytes, int]:
        first, _, last = span.removeprefix("bytes=").partition("-")
        part = self.body[int(first) : int(last) + 1] if first else self.body[-int(last) :]
        self.given.append(len(part))
        return part, len(self.body)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
async def test_a_small_zip_takes_one_read(method: int) -> None:
    files = {"buildspec.yml": "version: 0.2\n", "src/é.txt": "ü"}
    store = Store(packed(files, method=method, comment=b"made by hand"))
    found = await read_archive(store.fetch, ["buildspec.yml", "src/é.txt", "absent"])
    assert (found["size"], found["names"], found["files"]) == (len(store.body), list(files), files)
    assert [(name, count) for name, _, count in found["folders"]] == [("buildspec.yml", 1), ("src", 1)]
    assert len(store.given) == 1


async def test_of_a_large_zip_only_ends_and_the_file_are_read() -> None:
    noise = random.Random(7).randbytes(400_000).hex()  # noqa: S311 (bytes that do not pack)
    files = {"appspec.yml": "version: 0.0\n", **{f"assets/{n}.js": noise for n in range(3)}}
    store = Store(packed(files))
    found = await read_archive(store.fetch, ["appspec.yml"])
    assert found["files"] == {"appspec.yml": "version: 0.0\n"}
    assert sum(store.given) < 80_000 < len(store.body)


async def test_a_list_longer_than_the_tail_is_read_by_itself() -> None:
    files = {f"{'deep/' * 20}{n:05}.txt": "" for n in range(900)}
    store = Store(packed({"first.json": "{}", **files}))
    found = await read_archive(store.fetch, ["first.json"])
    assert found["files"] == {"first.json": "{}"}
    assert len(found["names"]) == 901


async def test_files_that_are_too_large_are_left_out() -> None:
    found = await read_archive(Store(packed({"a.txt": "x" * 600_000})).fetch, ["a.txt"])
    assert found["names"] == ["a.txt"]
    assert found["files"] == {}


@pytest.mark.parametrize("body", [b"", b"plain text", b"PK\x05\x06", packed({"a": "b"})[:-10]])
async def test_what_is_no_zip_is_told(body: bytes) -> None:
    with pytest.raises(BrokenArchiveError):
        await read_archive(Store(body).fetch, ["a"])
