"""A patch written where the user says: readable by all, and never over a file that is there."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import UsageError
from tui.in_browser import in_browser

__all__ = ["read_source", "write_patch"]

_MODE = 0o644
_MOST_BYTES = 2 * 1024 * 1024


def read_source(path: Path) -> str:
    """Return the text of a file in a checkout.

    Raises:
        UsageError: it is not there, is no text, is larger than 2 MiB, or somebody in a browser asks.
    """
    if in_browser():
        raise UsageError("From a browser no file of the serving machine is read.")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is larger than {_MOST_BYTES // 1024 // 1024} MiB.")
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text.") from error
    except OSError as error:
        raise UsageError(f"{path} could not be read: {error.strerror}.") from error


def write_patch(path: Path, patch: str) -> None:
    """Write a patch into a new file, mode 0644.

    Raises:
        UsageError: a file of that name is there already, it cannot be written, or somebody in a browser asks.
    """
    if in_browser():
        raise UsageError("From a browser no file of the serving machine is written: y copies the patch.")
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already: choose another name.") from error
    except OSError as error:
        raise UsageError(f"{path} could not be written: {error.strerror}.") from error
    with os.fdopen(file, "w", encoding="utf-8", newline="") as out:
        os.fchmod(out.fileno(), _MODE)  # whatever the user's umask is
        out.write(patch)
