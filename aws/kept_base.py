"""Small SQLite files that may be thrown away at any time: made for the user's eyes only, begun anew on another version.

Imports nothing that talks to AWS, so that a cache can be read before the first answer.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

__all__ = ["drop_base", "open_base"]


def open_base(path: Path, version: int, tables: Mapping[str, str]) -> sqlite3.Connection:
    """Open a file, made (mode 0600, its folder 0700) where there is none.

    Args:
        path: the file.
        version: of what is in it; a file of another version loses its tables.
        tables: for each table its columns and constraints, as they stand behind ``CREATE TABLE name``.

    Raises:
        sqlite3.Error: it is no database, or another program holds it too long.
        OSError: it cannot be made or opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    path.chmod(0o600)
    base = sqlite3.connect(path, timeout=1.0)
    try:
        if base.execute("PRAGMA user_version").fetchone()[0] != version:
            for name, columns in tables.items():
                base.execute(f"DROP TABLE IF EXISTS {name}")
                base.execute(f"CREATE TABLE {name} {columns}")
            base.execute(f"PRAGMA user_version = {version:d}")
    except BaseException:
        base.close()
        raise
    return base


def drop_base(path: Path) -> None:
    """Throw a file away, with its journal; raises nothing."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
