"""The last known fleet, kept between runs: SQLite in the cache folder, for the user's eyes only, bounded, disposable.

What stands in it is what the list shows. Tokens of approvals, which open something, are left out.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Container, Iterable
from dataclasses import asdict, replace
from pathlib import Path

from aws.kept_base import drop_base, open_base
from core.pipeline import PipelineSnapshot
from core.place import Place
from tui.first_sight import FIRST_SIGHT, VERSION, FirstSight
from tui.fleet_codec import dump, load

__all__ = ["FleetCache"]

_MOST_ROWS = 20_000
_OLDEST_S = 14 * 86_400.0
_MOST_TEXT = 2_000  # of an error's text
_TABLES = {
    "pipelines": "(key TEXT PRIMARY KEY, profile TEXT, region TEXT, read_at REAL, body TEXT) WITHOUT ROWID",
    "first_sight": FIRST_SIGHT,
}
# Lists of so many ways to start are kept.
_MOST_SIGHTS = 8


class FleetCache:
    """One file. Whatever is wrong with it, it is thrown away and begun anew; no method raises for that."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, places: Container[Place] | None = None, now: float | None = None) -> tuple[PipelineSnapshot, ...]:
        """Return what is known of pipelines in these places (None: all), leaving out what is too old."""
        since = (time.time() if now is None else now) - _OLDEST_S
        if not self._path.exists():
            return ()
        try:
            with contextlib.closing(self._open()) as base:
                rows = base.execute("SELECT body FROM pipelines WHERE read_at > ? LIMIT ?", (since, _MOST_ROWS))
                found = [load(body) for (body,) in rows]
        except (sqlite3.Error, ValueError, TypeError, KeyError, OSError):
            self.drop()
            return ()
        return tuple(each for each in found if places is None or each.ref.place in places)

    def write(self, snapshots: Iterable[PipelineSnapshot], listed: Container[Place] = frozenset()) -> None:
        """Keep these; of places in `listed` whatever is not among them is forgotten."""
        kept = [_bounded(each) for each in snapshots if each.state is not None][:_MOST_ROWS]
        rows = [
            (each.ref.key, each.ref.place.profile, each.ref.place.region, each.read_at, dump(each)) for each in kept
        ]
        try:
            self._write(rows, listed)
        except (sqlite3.Error, OSError):
            self.drop()
            with contextlib.suppress(sqlite3.Error, OSError):
                self._write(rows, listed)

    def write_sight(self, asked: str, sight: FirstSight) -> None:
        """Keep what the next start that asks the same is to show first."""
        body = json.dumps(asdict(sight), separators=(",", ":"))
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._open()) as base, base:
            base.execute("INSERT OR REPLACE INTO first_sight VALUES (?, ?, ?)", (asked, sight.kept_at, body))
            base.execute(
                "DELETE FROM first_sight WHERE asked IN"
                " (SELECT asked FROM first_sight ORDER BY kept_at DESC LIMIT -1 OFFSET ?)",
                (_MOST_SIGHTS,),
            )

    def drop(self) -> None:
        """Throw the file away."""
        drop_base(self._path)

    def _write(self, rows: list[tuple[str, str, str, float, str]], listed: Container[Place]) -> None:
        with contextlib.closing(self._open()) as base, base:
            gone = [
                (profile, region)
                for profile, region in base.execute("SELECT DISTINCT profile, region FROM pipelines")
                if Place(profile, region) in listed
            ]
            base.executemany("DELETE FROM pipelines WHERE profile = ? AND region = ?", gone)
            base.executemany("INSERT OR REPLACE INTO pipelines VALUES (?, ?, ?, ?, ?)", rows)
            base.execute(
                "DELETE FROM pipelines WHERE key IN"
                " (SELECT key FROM pipelines ORDER BY read_at DESC LIMIT -1 OFFSET ?)",
                (_MOST_ROWS,),
            )

    def _open(self) -> sqlite3.Connection:
        return open_base(self._path, VERSION, _TABLES)


def _bounded(snapshot: PipelineSnapshot) -> PipelineSnapshot:
    """Without tokens, and with long texts cut."""
    state = snapshot.state
    if state is None:
        return snapshot
    stages = tuple(
        replace(
            stage,
            actions=tuple(
                replace(
                    action,
                    token="waits" if action.token else "",
                    error_message=action.error_message[:_MOST_TEXT],
                    summary=action.summary[:_MOST_TEXT],
                )
                for action in stage.actions
            ),
        )
        for stage in state.stages
    )
    return replace(snapshot, state=replace(state, stages=stages))
