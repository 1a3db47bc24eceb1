"""The list as the last run left it, one screenful: what the first frame shows. Imports next to nothing, to come early.

It lies beside the last known fleet (tui/fleet_cache.py), which takes its place a moment later, and AWS's answers after
that. It counts only for a start that asks for the same: another profile or region may mean another account.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.age import age

if TYPE_CHECKING:
    from tui.options import Options

__all__ = ["FIRST_SIGHT", "VERSION", "FirstSight", "asked_key", "first_sight"]

# The file's version: of this table and of those in tui/fleet_cache.py.
VERSION = 2
FIRST_SIGHT = "(asked TEXT PRIMARY KEY, kept_at REAL, body TEXT) WITHOUT ROWID"
_OLDEST_S = 14 * 86_400.0
_SAYING = (
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_REGION",
    "PIPEMEDIC_CONFIG",
    "PIPEMEDIC_CONTEXTS",
)


@dataclass(frozen=True, slots=True)
class FirstSight:
    """What stood in the list.

    Attributes:
        kept_at: when (epoch seconds).
        where: the bar's words for places.
        counts: the bar's: tone, number, word.
        columns: key, label, width, alignment, whether it takes what is left, when it is dropped.
        rows: key and cells; a number is a moment (epoch seconds), whose age shows.
    """

    kept_at: float
    where: str
    counts: tuple[tuple[str, int, str], ...]
    columns: tuple[tuple[str, str, int, str, bool, int], ...]
    rows: tuple[tuple[str, tuple[str | float, ...]], ...]

    def cells(self, now: float) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Key and cells of each row, as text."""
        for key, cells in self.rows:
            yield key, tuple(cell if isinstance(cell, str) else age(cell, now) for cell in cells)


def asked_key(options: Options, environment: Mapping[str, str] = os.environ) -> str:
    """Return what a start asks for, as a text that is the same for the same."""
    said = [f"{name}={environment[name]}" for name in _SAYING if environment.get(name)]
    if key := environment.get("AWS_ACCESS_KEY_ID"):
        said.append(f"key {zlib.crc32(key.encode()):x}")
    return repr((options.profiles, options.regions, options.contexts, said))


def first_sight(options: Options, now: float) -> FirstSight | None:
    """Return what the last run with these options left; None where there is nothing that counts."""
    if os.environ.get("AWS_ENDPOINT_URL") and not os.environ.get("PIPEMEDIC_CACHE"):
        return None  # an endpoint of the user's own stands in for AWS
    from tui.paths import cache_dir  # noqa: PLC0415 (only where it counts)

    path = cache_dir() / "fleet.sqlite"
    return _read(path, asked_key(options), now - _OLDEST_S) if path.exists() else None


def _read(path: Path, asked: str, since: float) -> FirstSight | None:
    import json  # noqa: PLC0415 (only where there is something to read)
    import sqlite3  # noqa: PLC0415

    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.05)) as base:
            if base.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                return None
            found = base.execute(
                "SELECT kept_at, body FROM first_sight WHERE asked = ? AND kept_at > ?", (asked, since)
            ).fetchone()
        return _made(float(found[0]), json.loads(found[1])) if found else None
    except (sqlite3.Error, OSError, ValueError, TypeError, KeyError):
        return None  # the cache itself is thrown away when it is read


def _made(kept_at: float, body: Any) -> FirstSight:
    """Take what JSON gives; raises ValueError, TypeError or KeyError where it is nothing of ours."""
    return FirstSight(
        kept_at,
        str(body["where"]),
        tuple((str(tone), int(number), str(word)) for tone, number, word in body["counts"]),
        tuple(
            (str(key), str(label), int(width), str(align), bool(flexible), int(drop))
            for key, label, width, align, flexible, drop in body["columns"]
        ),
        tuple(
            (str(key), tuple(cell if isinstance(cell, str) else float(cell) for cell in cells))
            for key, cells in body["rows"]
        ),
    )
