"""What a CodeBuild log says about itself: phases, the commands in them, and which of them failed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["MARKER_WORDS", "Marker", "Segment", "Segments", "read_marker"]

#: Literals (lower case) of which every marker holds at least one.
MARKER_WORDS = (
    "entering phase", "running command", "exit successfully", "phase complete", "phase context status", "phase is ",
    "waiting for download_source",
)  # fmt: skip

_MARKER = re.compile(
    r"Entering phase (?P<enter>\w{1,40})"
    r"|Running command (?P<run>.*)"
    r"|Command did not exit successfully (?P<failed>.*)"
    r"|Phase complete: (?P<phase>\w{1,40}) (?:State: (?P<state>\w{1,40})|Success: (?P<success>\w{1,40}))"
    r"|Phase context status code: ?(?P<code>.{0,60}?) ?Message: ?(?P<said>.*)"
    r"|Phase is (?P<now>\w{1,40})|Waiting for (?P<source>DOWNLOAD_SOURCE)"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """One agent line: `kind` is enter, run, failed, complete or context."""

    line: int
    kind: str
    text: str = ""
    detail: str = ""


@dataclass(slots=True)
class Segment:
    """A run of lines that belong to one command (or to a phase outside its commands).

    Attributes:
        start: its first line, from 1.
        phase: name of the phase (``BUILD``); empty when not known.
        command: the command; empty outside commands.
        status: ``failed``, ``ok`` or ``unknown``.
        exit_code: exit status of a failed command, as text.
    """

    start: int
    phase: str = ""
    command: str = ""
    status: str = "unknown"
    exit_code: str = ""


def read_marker(line: int, text: str) -> Marker | None:
    """Return the marker that an agent line holds, or None."""
    found = _MARKER.search(text)
    if found is None:
        return None
    kind = found.lastgroup
    if found["enter"] or found["now"] or found["source"]:
        return Marker(line, "enter", found["enter"] or found["now"] or found["source"])
    if found["run"] is not None:
        return Marker(line, "run", found["run"].strip())
    if found["failed"] is not None:
        command, _, status = found["failed"].rpartition(" exit status ")
        told = bool(command) and status.strip().isdigit()
        return Marker(line, "failed", (command if told else found["failed"]).strip(), status.strip() if told else "")
    if found["phase"]:
        good = found["state"] == "SUCCEEDED" or (found["success"] or "").lower() == "true"
        return Marker(line, "complete", found["phase"], "ok" if good else "failed")
    return Marker(line, "context", found["code"].strip(), found["said"].strip()) if kind else None


class Segments:
    """All segments of a log, in order."""

    def __init__(self, markers: Sequence[Marker]) -> None:
        self.all: list[Segment] = [Segment(0)]
        self.phases: dict[str, str] = {}
        self.first_failed: Segment | None = None
        for marker in markers:
            self._take(marker)
        self._starts = [segment.start for segment in self.all]

    def _take(self, marker: Marker) -> None:
        last = self.all[-1]
        if marker.kind == "enter":
            self.all.append(Segment(marker.line, marker.text))
        elif marker.kind == "run":
            if last.command and last.status == "unknown":
                last.status = "ok"
            self.all.append(Segment(marker.line, last.phase, marker.text))
        elif marker.kind == "failed":
            last.status, last.exit_code = "failed", marker.detail
            last.command = last.command or marker.text
            self._failed(last)
            self.all.append(Segment(marker.line, last.phase))
        elif marker.kind == "complete":
            self._complete(marker)

    def _complete(self, marker: Marker) -> None:
        """End a phase: what is still open of it gets its state. A context line belongs to the phase that has ended."""
        self.phases[marker.text] = marker.detail
        for segment in reversed(self.all):
            if segment.phase not in {marker.text, ""}:
                break
            segment.phase = marker.text
            if segment.status == "unknown":
                segment.status = marker.detail
        if marker.detail == "failed":
            self._failed(self.all[-1])
        self.all.append(Segment(marker.line, marker.text, status=marker.detail))

    def _failed(self, segment: Segment) -> None:
        if self.first_failed is None:
            self.first_failed = segment

    def at(self, line: int) -> Segment:
        """Return the segment that the line (from 1) belongs to."""
        return self.all[max(bisect_right(self._starts, line) - 1, 0)]

    @property
    def healthy(self) -> bool:
        """Whether phases were completed and none failed, and no command failed."""
        return (
            bool(self.phases)
            and all(state == "ok" for state in self.phases.values())
            and all(segment.status != "failed" for segment in self.all)
        )
