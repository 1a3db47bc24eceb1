"""The executions that the watch has come across, kept between runs.

SQLite in the cache folder, for the user's eyes only, bounded, disposable. Ids, statuses, times, revision ids; no texts.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from core.place import PipelineRef, Place
from core.pulse import Run

__all__ = ["PastFile"]

_VERSION = 1
_MOST_ROWS = 400_000
_OLDEST_S = 62 * 86_400.0  # a month, and the month before it to compare with


class PastFile:
    """One file. Whatever is wrong with it, it is thrown away and begun anew; no method raises for that."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, now: float) -> list[tuple[PipelineRef, Run]]:
        """Return all runs that are not too old."""
        if not self._path.exists():
            return []
        try:
            with contextlib.closing(self._open()) as base:
                rows = base.execute(
                    "SELECT profile, region, name, id, status, started, ended, revision FROM runs"
                    " WHERE started > ? LIMIT ?",
                    (now - _OLDEST_S, _MOST_ROWS),
                )
                return [
                    (
                        PipelineRef(Place(str(profile), str(region)), str(name)),
                        Run(
                            str(key),
                            str(status),
                            float(started),
                            None if ended is None else float(ended),
                            str(revision),
                        ),
                    )
                    for profile, region, name, key, status, started, ended, revision in rows
                ]
        except (sqlite3.Error, ValueError, TypeError, OSError):
            self.drop()
            return []

    def write(self, changed: Iterable[tuple[PipelineRef, tuple[Run, ...]]], now: float) -> None:
        """Keep what changed; what is too old, or too much, goes."""
        rows = [
            (
                ref.place.profile,
                ref.place.region,
                ref.name,
                run.id,
                run.status,
                run.started_at,
                run.ended_at,
                run.revision,
            )
            for ref, runs in changed
            for run in runs
        ]
        if not rows:
            return
        try:
            with contextlib.closing(self._open()) as base, base:
                base.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
                base.execute("DELETE FROM runs WHERE started < ?", (now - _OLDEST_S,))
                base.execute(
                    "DELETE FROM runs WHERE started <="
                    " (SELECT started FROM runs ORDER BY started DESC LIMIT 1 OFFSET ?)",
                    (_MOST_ROWS,),
                )
        except (sqlite3.Error, OSError):
            self.drop()

    def drop(self) -> None:
        """Throw the file away."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        self._path.chmod(0o600)
        base = sqlite3.connect(self._path, timeout=1.0)
        try:
            if base.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                base.execute("DROP TABLE IF EXISTS runs")
                base.execute(
                    "CREATE TABLE runs (profile TEXT, region TEXT, name TEXT, id TEXT, status TEXT, started REAL,"
                    " ended REAL, revision TEXT, PRIMARY KEY (profile, region, name, id)) WITHOUT ROWID"
                )
                base.execute(f"PRAGMA user_version = {_VERSION:d}")
        except BaseException:
            base.close()
            raise
        return base
