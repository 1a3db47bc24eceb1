"""The record of changes: append-only JSON lines in the user's state folder, readable by the user alone, no secrets.

Each change leaves an ``intent`` before its call, a ``result`` after it and an ``outcome`` once it is verified, all
with one id. An intent without a result means that the program ended in between: what came of it is unknown.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import platformdirs

from aws.jsonable import jsonable

__all__ = ["Journal", "redacted"]

_VERSION = 1
_MASK = "‹masked›"
_SECRET_NAME = re.compile(
    r"secret|token|passw|credential|private.?key|api.?key|access.?key|authorization|oauth|signature", re.IGNORECASE
)
# Named like secrets, and hold none: how an image is pulled (CodeBuild).
_NO_SECRETS = frozenset({"imagePullCredentialsType"})
_SECRET_TEXT = re.compile(
    r"(?P<name>\"?[\w.-]*(?:secret|token|passw|credential|private.?key|api.?key|oauth)[\w.-]*\"?(?:\s*=\s*|:\s+))"
    r"(?P<value>\"[^\"\n]*\"|[^\s,}\n]+)",
    re.IGNORECASE,
)


def redacted(value: Any) -> Any:
    """Return JSON-like data with what looks like a secret masked: by member name, and by name in name/value pairs."""
    if isinstance(value, Mapping):
        named = next((str(value[key]) for key in ("name", "Name", "key", "Key") if key in value), "")
        return {
            key: _MASK
            if _is_secret(str(key), item) or (str(key).lower() == "value" and _SECRET_NAME.search(named))
            else redacted(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    if isinstance(value, str):
        return _redacted_text(value)
    return value


def _is_secret(name: str, item: Any) -> bool:
    """Whether a member holds a secret: the name says so, and it is no ARN, which names a secret without telling it."""
    if name in _NO_SECRETS:
        return False
    return bool(_SECRET_NAME.search(name)) and isinstance(item, str) and not item.startswith("arn:") and bool(item)


def _redacted_text(text: str) -> str:
    """Mask values within a text: JSON in a string member by member, other text by ``name: value``."""
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return json.dumps(redacted(json.loads(text)), ensure_ascii=False, indent=2 if "\n" in text else None)
        except ValueError:
            pass

    def mask(found: re.Match[str]) -> str:
        return found[0] if "arn:" in found["value"] else f"{found['name']}{_MASK}"

    return _SECRET_TEXT.sub(mask, text)


class Journal:
    """One file, ``journal.jsonl``. Methods block (they wait for the disk); call them from a thread.

    Args:
        folder: where it lies; the user's state folder unless given. Made when first written to.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or platformdirs.user_state_path("pipemedic", appauthor=False)) / "journal.jsonl"

    def append(self, kind: str, change_id: str, record: Mapping[str, Any]) -> None:
        """Write one record and wait until it is on the disk.

        Raises:
            OSError: it could not be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = {"v": _VERSION, "kind": kind, "id": change_id, **redacted(jsonable(record))}
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n"
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(file, 0o600)
            if _torn(file):
                text = "\n" + text
            _write_all(file, text.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def records(self) -> Iterator[Mapping[str, Any]]:
        """Yield all records, oldest first; a line torn by a crash is left out."""
        try:
            file = self.path.open(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        with file:
            for line in file:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record

    def unfinished(self) -> tuple[Mapping[str, Any], ...]:
        """Return the intents of which no result is known."""
        intents: dict[str, Mapping[str, Any]] = {}
        for record in self.records():
            change_id = str(record.get("id", ""))
            if record.get("kind") == "intent":
                intents[change_id] = record
            elif record.get("kind") == "result":
                intents.pop(change_id, None)
        return tuple(intents.values())


def _torn(file: int) -> bool:
    """Whether the file ends within a line."""
    size = os.fstat(file).st_size
    return size > 0 and os.pread(file, 1, size - 1) != b"\n"


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
