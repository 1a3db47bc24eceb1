"""Lines of a log on their way to standard output: cleaned, masked, chosen, stamped, as text or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat

from core.log_mask import LogMask
from core.logs import EventPage, LogEvent
from core.secret_values import SecretValues
from core.text import sanitize, sanitize_ansi
from tui.logs.events import lines_and_times
from tui.logs.sieve import LogLine, Sieve
from widgets.log_stamps import Stamps, stamp

__all__ = ["LinePrinter", "Shape", "write_out"]

_RESET = "\x1b[0m"


def write_out(text: str) -> None:
    """Write to standard output at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Shape:
    """How lines are written.

    Attributes:
        colour: keep the log's own colours.
        stamps: what time stands before a line.
        as_json: one object a line instead of text.
        secrets: write secrets as they are.
        sieve: which lines; None for all.
        since_ms: lines before it are left out, and line numbers with them; epoch milliseconds.
        until_ms: lines from it on are left out; epoch milliseconds.
    """

    colour: bool = False
    stamps: Stamps = Stamps.NONE
    as_json: bool = False
    secrets: bool = False
    sieve: Sieve | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def plain(self) -> bool:
        """Whether pages can be written as they came, without a look at each line."""
        return not (self.as_json or self.sieve or self.stamps is not Stamps.NONE or self.windowed)

    @property
    def windowed(self) -> bool:
        """Whether times decide."""
        return self.since_ms is not None or self.until_ms is not None


class LinePrinter:
    """Writes events, page after page."""

    def __init__(self, shape: Shape, write: Callable[[str], object]) -> None:
        self._shape = shape
        self._write = write
        self._mask = LogMask()
        self.named = False  # whether streams are named as they should be shown
        self._number = 0
        self._first_ms: int | None = None
        self._before_ms: int | None = None

    def hide(self, values: SecretValues) -> None:
        """Mask these values too, unless secrets are to be shown."""
        self._mask.hidden = values

    @property
    def needs_times(self) -> bool:
        """Whether the times of lines make any difference."""
        return self._shape.as_json or self._shape.windowed or self._shape.stamps is not Stamps.NONE

    def write(self, events: Sequence[LogEvent]) -> None:
        """Write events of a stream; of several, each line begins with its stream's name, or names it in JSON."""
        if not events:
            return
        page = EventPage.of(events)
        if self._shape.as_json and page.streams:
            self._write_named(page)
            return
        lines, times = lines_and_times(page, named=self.named)
        self.write_lines(lines, times)

    def _write_named(self, page: EventPage) -> None:
        streams = [name.strip() for name, text in zip(page.streams, page.texts, strict=True) for _ in text.split("\n")]
        lines, times = lines_and_times(EventPage(page.times, page.texts))
        self._write_lines(self._cleaned("\n".join(lines)).split("\n"), times, streams)

    def write_lines(self, lines: Sequence[str], times: Sequence[int | None]) -> None:
        """Write lines with the times that they have, if any."""
        if not lines:
            return
        text = self._cleaned("\n".join(lines))
        if self._shape.plain:
            self._write(self._ended(text) + "\n")
        else:
            self._write_lines(text.split("\n"), times)

    def _cleaned(self, text: str) -> str:
        # What a cleaner takes away is never printable, and to ask for that is several times as quick.
        if text.replace("\n", "").replace("\t", "").isprintable():
            clean = text
        else:
            clean = sanitize_ansi(text) if self._shape.colour else sanitize(text)
        return clean if self._shape.secrets else self._mask.lines(clean)

    def _ended(self, text: str) -> str:
        """Colours end where their line ends."""
        if not self._shape.colour or "\x1b" not in text:
            return text
        return "\n".join([line + _RESET if "\x1b" in line else line for line in text.split("\n")])

    def _write_lines(
        self, lines: Sequence[str], times: Sequence[int | None], streams: Iterable[str] = repeat("")
    ) -> None:
        chosen: Iterator[LogLine] = self._numbered(lines, times, streams)
        if self._shape.sieve is not None:
            chosen = self._shape.sieve.pass_on(chosen)
        make = self._json if self._shape.as_json else self._text
        if text := "".join([make(line) for line in chosen]):
            self._write(text)

    def _numbered(self, lines: Sequence[str], times: Sequence[int | None], streams: Iterable[str]) -> Iterator[LogLine]:
        since_ms, until_ms = self._shape.since_ms, self._shape.until_ms
        for text, at_ms, stream in zip(lines, times, streams, strict=False):  # the names may be without end
            self._number += 1
            if at_ms is not None and (
                (since_ms is not None and at_ms < since_ms) or (until_ms is not None and at_ms >= until_ms)
            ):
                continue
            yield LogLine(self._number, at_ms, text, stream=stream)

    def _text(self, line: LogLine) -> str:
        gap = "--\n" if line.gap else ""
        if self._shape.stamps is Stamps.NONE:
            return f"{gap}{self._ended(line.text)}\n"
        if self._first_ms is None:
            self._first_ms = line.at_ms
        said = _day_and(self._shape.stamps, line.at_ms) or stamp(
            self._shape.stamps, line.at_ms, self._first_ms, self._before_ms
        )
        self._before_ms = line.at_ms
        return f"{gap}{said} {self._ended(line.text)}\n"

    def _json(self, line: LogLine) -> str:
        moment = None if line.at_ms is None else _iso(line.at_ms, "utc")
        number = line.number if self._shape.since_ms is None else None
        row = {"line": number, "time": moment, "at_ms": line.at_ms, "message": line.text}
        if line.stream:
            row["stream"] = sanitize(line.stream)
        return json.dumps(row, ensure_ascii=False) + "\n"


def _day_and(stamps: Stamps, at_ms: int | None) -> str:
    """Date and time where a day is meant to be seen; empty for spans and unknown times."""
    return _iso(at_ms, stamps.value) if at_ms is not None and stamps in {Stamps.LOCAL, Stamps.UTC} else ""


def _iso(at_ms: int, zone: str) -> str:
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    if zone == "local":
        moment = moment.astimezone()
    text = f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}"
    return text + ("Z" if zone == "utc" else f"{moment:%z}")
