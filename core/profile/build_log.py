"""What a build's own log tells about time: how long its commands took, and whether its cache was there. Pure.

CodeBuild writes ``[Container] 2026/01/15 03:12:00.123456 Running command npm ci``, the time (UTC) before each of its
own lines; a command lasts until the agent's next line about phases or commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.redact import mask_secrets
from core.text import sanitize

__all__ = ["BuildLogFacts", "Command", "read_log"]

_AGENT = re.compile(r"\[Container\] (\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)? (.*)")
_ENDS = re.compile(r"(?:Running command|Phase complete|Command did not exit|Entering phase)\b")
_PHASE = re.compile(r"Entering phase (\w+)")
# What fetches the same things in every build.
_FETCHES = re.compile(
    r"\b(?:npm (?:ci|i|install)|yarn(?: install)?$|yarn install|pnpm (?:i|install)|pip3? (?:install|download)|"
    r"poetry install|uv (?:sync|pip install)|pipenv (?:install|sync)|bundle install|composer install|"
    r"go mod download|cargo fetch|dotnet restore|"
    r"mvnw?\b.*dependency:|gradlew?\b.*dependencies|apt(?:-get)? (?:install|update)|yum install|"
    r"dnf install|docker pull|gem install|conda (?:env create|install)|playwright install|nuget restore)\b"
)
_OFF = re.compile(r"no paths specified to be cached|Cache is not defined|NO_CACHE", re.IGNORECASE)
_MISS = re.compile(
    r"\(cache miss\)|Unable to (?:download|initialize) cache|Error downloading (?:S3 )?cache|cache .{0,30}not found|"
    r"No cache found|cache not found",
    re.IGNORECASE,
)
_HIT = re.compile(
    r"(?:Successfully |)(?:restored|downloaded|expanded) (?:the )?(?:S3 )?cache|Using cached|\(cache hit\)|"
    r"Symlinking: .*local-cache|^#\d+ CACHED|---> Using cache|from cache",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the buildspec, secrets in it masked, with its seconds and phase."""

    text: str
    seconds: float
    phase: str = ""

    @property
    def fetches(self) -> bool:
        """Whether it fetches what earlier builds have fetched before."""
        return bool(_FETCHES.search(self.text))


@dataclass(frozen=True, slots=True)
class BuildLogFacts:
    """What one log tells; `off`, `hits` and `misses` count its lines about caches."""

    commands: tuple[Command, ...]
    off: int
    hits: int
    misses: int
    fact: int = 0

    @property
    def fetch_s(self) -> float:
        """Seconds that fetching took."""
        return sum(each.seconds for each in self.commands if each.fetches)


def read_log(lines: Sequence[str], fact: int = 0) -> BuildLogFacts:
    """Return what a build's log tells; `fact` is the number under which it was read."""
    off = hits = misses = 0
    for line in lines:
        if "ache" in line or "CACHED" in line:
            off += bool(_OFF.search(line))
            misses += bool(_MISS.search(line))
            hits += bool(_HIT.search(line))
    return BuildLogFacts(tuple(_commands(lines)), off, hits, misses, fact)


def _commands(lines: Sequence[str]) -> Iterator[Command]:
    running: tuple[str, float, str] | None = None
    phase = ""
    for line in lines:
        if not line.startswith("[Container]"):
            continue
        found = _AGENT.match(line)
        if found is None or not _ENDS.match(found[8]):
            continue
        at = _moment(found)
        if running is not None:
            yield Command(running[0], max(at - running[1], 0.0), running[2])
            running = None
        if entering := _PHASE.match(found[8]):
            phase = entering[1]
        elif found[8].startswith("Running command"):
            said = sanitize(found[8].removeprefix("Running command").strip())
            running = (mask_secrets(said)[:200], at, phase)


def _moment(found: re.Match[str]) -> float:
    parts = [int(found[number]) for number in range(1, 7)]
    try:
        whole = datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
    return whole + float(found[7] or 0.0)
