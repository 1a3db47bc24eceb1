"""What was read of pipelines' pasts, kept between runs: SQLite, for the user's eyes only, bounded, disposable.

Only executions that have ended are kept, with the models of `core.profile.model`: names, times, ids, phases. No
message, no variable, no configuration and no token is among them.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws.kept_base import drop_base, open_base
from core.place import PipelineRef
from core.profile.codec import dump_build, dump_run, load_build, load_run
from core.profile.model import PastBuild, PastRun

__all__ = ["HistoryCache", "Kept"]

_VERSION = 1
_MOST_RUNS = 60_000  # of all pipelines together
_MOST_BUILDS = 150_000
_COLUMNS = "(pipeline TEXT, id TEXT, started REAL, body TEXT, PRIMARY KEY (pipeline, id)) WITHOUT ROWID"
_TABLES = {"runs": _COLUMNS, "builds": _COLUMNS}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a pipeline already: executions and builds by id."""

    runs: Mapping[str, PastRun] = field(default_factory=dict)
    builds: Mapping[str, PastBuild] = field(default_factory=dict)


class HistoryCache:
    """One file. Whatever is wrong with it, it is thrown away and begun anew; no method raises for that.

    Args:
        path: the file; its folder is made for the user alone.
        account: whose pipelines these are; two accounts behind one profile never mix.
    """

    def __init__(self, path: Path, account: str) -> None:
        self._path = path
        self._account = account

    def read(self, ref: PipelineRef, since: float) -> Kept:
        """Return what is kept of a pipeline from `since` (epoch seconds) on."""
        if not self._path.exists():
            return Kept()
        key = self._key(ref)
        try:
            with contextlib.closing(self._open()) as base:
                held = base.execute("SELECT body FROM runs WHERE pipeline = ? AND started >= ?", (key, since))
                runs = [load_run(json.loads(body)) for (body,) in held]
                found = base.execute("SELECT body FROM builds WHERE pipeline = ? AND started >= ?", (key, since))
                builds = [load_build(json.loads(body)) for (body,) in found]
        except (sqlite3.Error, ValueError, TypeError, KeyError, IndexError, OSError):
            self.drop()
            return Kept()
        return Kept({run.id: run for run in runs}, {build.id: build for build in builds})

    def write(self, ref: PipelineRef, runs: Iterable[PastRun], builds: Iterable[PastBuild]) -> None:
        """Keep executions and builds that have ended; the oldest ones go where there are too many."""
        key = self._key(ref)
        ended = [(key, run.id, run.started_at, json.dumps(dump_run(run))) for run in runs if run.over]
        built = [
            (key, build.id, build.started_at or 0.0, json.dumps(dump_build(build)))
            for build in builds
            if build.ended_at
        ]
        try:
            self._write(ended, built)
        except (sqlite3.Error, OSError):
            self.drop()
            with contextlib.suppress(sqlite3.Error, OSError):
                self._write(ended, built)

    def drop(self) -> None:
        """Throw the file away."""
        drop_base(self._path)

    def _key(self, ref: PipelineRef) -> str:
        return f"{self._account}|{ref.place.region}|{ref.name}"

    def _write(self, runs: list[tuple[str, str, float, str]], builds: list[tuple[str, str, float, str]]) -> None:
        with contextlib.closing(self._open()) as base, base:
            base.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", runs)
            base.executemany("INSERT OR REPLACE INTO builds VALUES (?, ?, ?, ?)", builds)
            base.execute(
                "DELETE FROM runs WHERE (pipeline, id) IN"
                " (SELECT pipeline, id FROM runs ORDER BY started DESC LIMIT -1 OFFSET ?)",
                (_MOST_RUNS,),
            )
            base.execute(
                "DELETE FROM builds WHERE (pipeline, id) IN"
                " (SELECT pipeline, id FROM builds ORDER BY started DESC LIMIT -1 OFFSET ?)",
                (_MOST_BUILDS,),
            )

    def _open(self) -> sqlite3.Connection:
        return open_base(self._path, _VERSION, _TABLES)
