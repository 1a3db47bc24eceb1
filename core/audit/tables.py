"""What is past its support, read from `core/data/audit.toml` when first asked for. Pure but for that file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Ended", "image_ended", "runtime_ended", "superseded", "table_date"]

# Public images by the language that their tag speaks of.
_PUBLIC = {"python": "python", "node": "nodejs", "ruby": "ruby", "php": "php", "golang": "golang", "sdk": "dotnet"}
_VERSION = re.compile(r"^(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Ended:
    """What has ended: since when (ISO 8601), why, what to use instead, and where that is said."""

    what: str
    since: str
    why: str
    source: str
    instead: str = ""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("core").joinpath("data", "audit.toml").read_text("utf-8"))


def table_date() -> str:
    """Return the day on which the tables were compared with their sources (ISO 8601)."""
    return str(_data()["date"])


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def image_ended(image: str, now: float) -> Ended | None:
    """Return what has ended of a build image (of CodeBuild's own, or a public one of a language), by that time."""
    images = _data()["images"]
    if found := images["ended"].get(image):
        since, why = found
        instead = images["use"].get(image.partition(":")[0], "")
        return Ended(image, since, why, images["source"], instead) if since <= _day(now) else None
    name, _, tag = image.partition("@")[0].rpartition(":")
    language = _PUBLIC.get(name.rpartition("/")[2])
    return runtime_ended(language, tag, now) if language and not name.startswith("aws/codebuild") else None


def runtime_ended(language: str, version: str, now: float) -> Ended | None:
    """Return what has ended of a language's version (``16``, ``16.x``, ``3.8.10``), by that time."""
    table, number = _data()["runtimes"].get(language), _VERSION.match(version)
    if table is None or number is None:
        return None
    for key in (f"{number[1]}.{number[2]}" if number[2] else "", number[1]):
        since = table["ended"].get(key)
        if since and since <= _day(now):
            return Ended(f"{language} {key}", since, "its maintainers have ended its support", table["source"])
    return None


def superseded(owner: str, provider: str, version: str) -> Ended | None:
    """Return what has taken the place of an action type; None where nothing has."""
    for row in _data()["actions"]:
        if (row["owner"], row["provider"], row["version"]) == (owner, provider, version):
            return Ended(row["what"], "", "superseded", row["source"], row["instead"])
    return None
