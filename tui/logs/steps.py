"""Steps of a container image's build, where they stand in a log, how long they took and how they ended. Pure.

BuildKit (plain progress) writes ``#9 [build 3/7] RUN npm ci``, then ``#9 DONE 3.4s``, ``#9 CACHED``, ``#9 CANCELED`` or
``#9 ERROR: …``; the classic builder writes ``Step 3/12 : RUN npm ci`` and leaves the time to whoever reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Step", "StepFinder"]

_BUILDKIT = re.compile(
    r"#(\d{1,5}) (?:\[([^\]]{0,60}?)\s?(\d+/\d+)\] (.+)|(DONE) (\d+(?:\.\d+)?)s|(CACHED|CANCELED)|(ERROR): .*"
    r"|((?:exporting to|pushing) .+))"
)
_UNNAMED = re.compile(r"stage-\d+ *")
_CLASSIC = re.compile(r"Step (\d+/\d+) : (.+)")
_CLASSIC_FAILED = re.compile(r"The command '.*' returned a non-zero code: \d+|failed to (?:solve|build)")
_STARTS = (b"\n#", b"\nStep ", b"\nSuccessfully built ", b"\nThe command '")
_STATUS = {"DONE": "SUCCEEDED", "CACHED": "SUCCEEDED", "CANCELED": "STOPPED", "ERROR": "FAILED"}
_MOST = 500
_LONGEST = 300


class _Lines(Protocol):
    """What a finder needs of a store."""

    def __len__(self) -> int: ...

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bool]]: ...

    def time_of(self, number: int) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: Its place and instruction: ``3/7 RUN npm ci``.
        line: Where it begins, from 0.
        status: ``SUCCEEDED``, ``FAILED``, ``STOPPED``; empty while it runs.
        duration_s: How long it took; None where not known.
        cached: Whether nothing was done, because nothing had changed.
    """

    name: str
    line: int
    status: str = ""
    duration_s: float | None = None
    cached: bool = False


class StepFinder:
    """Finds steps in a growing log; each line is looked at once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._by_number: dict[str, int] = {}  # where the latest step of that number stands in `steps`
        self._classic: int | None = None
        self._looked = 0

    def look(self, lines: _Lines) -> bool:
        """Look at what has come since; return whether anything was found."""
        stop = len(lines)
        found = False
        for first, data, _ in lines.chunks(self._looked, stop):
            if any(start[1:] in data for start in _STARTS):
                for number, text in _starting(first, data):
                    found = self._take(number, text, lines) or found
        self._looked = stop
        return found

    def _take(self, number: int, text: str, lines: _Lines) -> bool:
        if text.startswith("#"):
            match = _BUILDKIT.fullmatch(text[:_LONGEST])
            return match is not None and self._buildkit(number, match)
        if (step := _CLASSIC.fullmatch(text[:_LONGEST])) is not None:
            self._end_classic(number, lines, "SUCCEEDED")
            self._classic = self._begin(f"{step[1]} {step[2]}", number)
            return True
        if self._classic is None:
            return False
        failed = _CLASSIC_FAILED.match(text) is not None
        self._end_classic(number, lines, "FAILED" if failed else "SUCCEEDED")
        return True

    def _buildkit(self, number: int, match: re.Match[str]) -> bool:
        key, stage, place, instruction, done, took, other, error, export = match.groups()
        if place or export:
            named = "" if _UNNAMED.fullmatch(stage or "") else stage
            name = export or " ".join(f"{named} {place} {instruction}".split())
            if self._is_running(key, name):
                return False
            self._by_number[key] = self._begin(name, number)
            return True
        at = self._by_number.get(key)
        if at is None:
            return False
        said = done or other or error
        self._end(at, _STATUS[said], float(took) if took else None, cached=said == "CACHED")
        return True

    def _is_running(self, key: str, name: str) -> bool:
        """BuildKit names a step again whenever its output goes on."""
        at = self._by_number.get(key)
        return at is not None and self.steps[at].name == name and not self.steps[at].status

    def _begin(self, name: str, line: int) -> int:
        if len(self.steps) < _MOST:
            self.steps.append(Step(name, line))
        return len(self.steps) - 1

    def _end(self, at: int, status: str, duration_s: float | None, *, cached: bool = False) -> None:
        step = self.steps[at]
        self.steps[at] = Step(step.name, step.line, status, duration_s, cached)

    def _end_classic(self, number: int, lines: _Lines, status: str) -> None:
        if self._classic is None:
            return
        began, ended = lines.time_of(self.steps[self._classic].line), lines.time_of(number)
        took = (ended - began) / 1000 if began is not None and ended is not None else None
        self._end(self._classic, status, took)
        self._classic = None


def _starting(first: int, data: bytes) -> Iterator[tuple[int, str]]:
    """Lines that begin as a step may: number and text, in order."""
    data = b"\n" + data
    begins = set()
    for start in _STARTS:
        at = data.find(start)
        while at >= 0:
            begins.add(at + 1)
            at = data.find(start, at + 1)
    number, counted = first, 1
    for begin in sorted(begins):
        number += data.count(b"\n", counted, begin)
        counted = begin
        yield number, data[begin : data.find(b"\n", begin)].decode(errors="replace").rstrip("\r")
