"""Phases of a build, where they stand in its log, how long they took and how they ended. Pure.

CodeBuild's agent writes ``Entering phase NAME`` and ``Phase complete: NAME State: STATE``; the build itself
(BatchGetBuilds) knows all phases with their durations, those before the agent starts and after it ends too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.build import BuildPhase

__all__ = ["PhaseFinder", "PhaseLine", "outline"]

_MARKER = re.compile(
    r"(?:\[Container\] [\d/: .]{19,29} )?"
    r"(?:Entering phase ([A-Z_]{2,40})|Phase complete: ([A-Z_]{2,40}) State: ([A-Z_]{2,40}))\s*"
)
_ANCHORS = (b"Entering phase ", b"Phase complete: ")


class _Lines(Protocol):
    """What a finder needs of a store."""

    def __len__(self) -> int: ...

    def chunks(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bool]]: ...

    def time_of(self, number: int) -> int | None: ...


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase in the outline.

    Attributes:
        name: As CodeBuild names it.
        line: Where it begins in the log, from 0; None where the log does not say.
        status: ``SUCCEEDED``, ``FAILED``, …; empty while it runs.
        duration_s: How long it took; None where not known.
    """

    name: str
    line: int | None
    status: str = ""
    duration_s: float | None = None


class PhaseFinder:
    """Finds phase markers in a growing log; each line is looked at once."""

    def __init__(self) -> None:
        self.entered: dict[str, int] = {}
        self.ended: dict[str, str] = {}
        self.took_s: dict[str, float] = {}  # as the times of the lines say
        self._looked = 0

    def look(self, lines: _Lines) -> bool:
        """Look at what has come since; return whether a marker was found."""
        stop = len(lines)
        found = False
        for first, data, _ in lines.chunks(self._looked, stop):
            for number, text in _anchored(first, data):
                found = self._take(number, text, lines) or found
        self._looked = stop
        return found

    def _take(self, number: int, text: str, lines: _Lines) -> bool:
        marker = _MARKER.fullmatch(text)
        if marker is None:
            return False
        if marker[1]:
            self.entered.setdefault(marker[1], number)
        else:
            self.ended.setdefault(marker[2], marker[3])
            began = lines.time_of(self.entered[marker[2]]) if marker[2] in self.entered else None
            ended = lines.time_of(number)
            if began is not None and ended is not None:
                self.took_s.setdefault(marker[2], (ended - began) / 1000)
        return True


def _anchored(first: int, data: bytes) -> Iterator[tuple[int, str]]:
    """Lines that may be markers: number and text, in order."""
    spans = set()
    for anchor in _ANCHORS:
        at = data.find(anchor)
        while at >= 0:
            spans.add((data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)))
            at = data.find(anchor, at + 1)
    number, counted = first, 0
    for begin, end in sorted(spans):
        number += data.count(b"\n", counted, begin)
        counted = begin
        yield number, data[begin:end].decode(errors="replace").rstrip("\r")


def outline(found: PhaseFinder, phases: Sequence[BuildPhase]) -> tuple[PhaseLine, ...]:
    """Join what the log says with what the build says; a log alone has durations as its lines have times."""
    known = {phase.name: phase for phase in phases if phase.name and phase.name != "COMPLETED"}
    names = [*known, *(name for name in found.entered if name not in known)]
    return tuple(
        PhaseLine(
            name,
            found.entered.get(name),
            (known[name].status if name in known else "") or found.ended.get(name, ""),
            known[name].duration_s if name in known else found.took_s.get(name),
        )
        for name in names
    )
