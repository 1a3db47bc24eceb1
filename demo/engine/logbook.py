"""What a build or a task writes, in time: pieces with a start and a length, told as lines when somebody reads them."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

__all__ = ["LogBook", "Piece"]

Lines = Sequence[str] | Callable[[], Sequence[str]]
CONTAINER = "\0"  # a line that starts so gets CodeBuild's own prefix with the time


@dataclass(slots=True)
class Piece:
    """Lines written evenly over a span of time; a callable is asked when first read."""

    at: float
    lasts_s: float
    lines: Lines


@dataclass(slots=True)
class LogBook:
    """A log stream that grows with time.

    Attributes:
        group: log group.
        stream: log stream.
        region: where it lies.
        closed_at: nothing is written after this moment (a stopped build).
    """

    group: str
    stream: str
    region: str
    pieces: list[Piece] = field(default_factory=list)
    closed_at: float | None = None
    _told: list[tuple[int, str]] = field(default_factory=list)
    _read: int = 0
    published: int = 0

    def write(self, at: float, lines: Lines, lasts_s: float = 0.0) -> None:
        """Add lines that appear from a moment on."""
        self.pieces.append(Piece(at, lasts_s, lines))

    def container(self, at: float, *texts: str) -> None:
        """Add lines of CodeBuild's own, with its prefix."""
        self.pieces.append(Piece(at, 0.0, [CONTAINER + text for text in texts]))

    def due(self, now: float) -> list[tuple[int, str]]:
        """Return the lines written since the last call and up to now, as (epoch milliseconds, text)."""
        while self._read < len(self.pieces) and self.pieces[self._read].at <= now:
            self._told += _tell(self.pieces[self._read])
            self._read += 1
        limit = int(now * 1000) if self.closed_at is None else int(min(now, self.closed_at) * 1000)
        start = end = self.published
        while end < len(self._told) and self._told[end][0] <= limit:
            end += 1
        self.published = end
        return self._told[start:end]


def _tell(piece: Piece) -> list[tuple[int, str]]:
    lines = piece.lines() if callable(piece.lines) else piece.lines
    step = piece.lasts_s / (len(lines) + 1)
    told = []
    for number, line in enumerate(lines):
        at = piece.at + step * number + (number * 31e-6 if not step else 0.0)
        text = line
        if text.startswith(CONTAINER):
            moment = dt.datetime.fromtimestamp(at, tz=dt.UTC)
            text = f"[Container] {moment:%Y/%m/%d %H:%M:%S.%f} {text[1:]}"
        told.append((int(at * 1000), text + "\n"))
    return told
