"""Moments as people type them and as log lines state them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

__all__ = ["LineTimes", "line_time_ms", "parse_moment", "parse_span_s", "parse_window"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(?:\d+[smhdw])+")
_SPAN_PART = re.compile(r"(\d+)([smhdw])")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?")
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
# ISO 8601 and the forms of CodeBuild (`[Container] 2026/11/23 07:14:32.123456`, always UTC) and of common loggers.
_IN_LINE = re.compile(
    r"(?:\[Container\] |\W{0,2})(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)"
    r"(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?"
)


def parse_span_s(text: str) -> int | None:
    """Seconds of ``90s``, ``5m``, ``1h30m``, ``2d``, ``1w``; None for anything else."""
    if not _SPAN.fullmatch(text):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in _SPAN_PART.findall(text))


def parse_moment(text: str, now: float) -> float:
    """Return epoch seconds for what was typed.

    Understood are a span before now (``15m``, ``1h30m``), a time of day (``14:05``, ``14:05:30``: the latest one that
    is past, in the machine's zone), ISO 8601 (the machine's zone unless it names one), epoch seconds and milliseconds.

    Args:
        text: As typed.
        now: Epoch seconds.

    Raises:
        ValueError: none of these; the message says which forms there are.
    """
    text = text.strip()
    if (span_s := parse_span_s(text.removesuffix(" ago").removeprefix("-"))) is not None:
        return now - span_s
    if _EPOCH.fullmatch(text):
        return float(text) / (1000 if len(text) == 13 else 1)
    if clock := _CLOCK.fullmatch(text):
        return _latest(clock, text, now)
    try:
        return datetime.fromisoformat(text.replace("/", "-")).timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(_forms(text)) from error


def parse_window(text: str, end: float, here: float) -> tuple[float | None, float | None]:
    """Return from when until when (epoch seconds; None: no bound) for what was typed.

    Understood are a span before the end (``15m``), a span around a line (``~2m``), and two moments as `parse_moment`
    knows them with ``..`` between; either may be left out (``14:05..14:20``, ``30m..10m``, ``07:30..``).

    Args:
        text: As typed.
        end: When the log ends; what spans count from.
        here: The time of the line that ``~`` is about.

    Raises:
        ValueError: none of these; the message says which forms there are.
    """
    text = text.strip()
    if text.startswith("~"):
        around_s = parse_span_s(text[1:].strip())
        if around_s is None:
            raise ValueError(f"{text!r} is no span: try ~2m")
        return here - around_s, here + around_s
    first, dots, last = text.partition("..")
    if not dots:
        return parse_moment(text, end), None
    since = parse_moment(first, end) if first.strip() else None
    until = parse_moment(last, end) if last.strip() else None
    if since is not None and until is not None and until <= since:
        if not _CLOCK.fullmatch(last.strip()):
            raise ValueError(f"{last.strip()!r} is not after {first.strip()!r}")
        until += 86_400  # a time of day that the log does not reach
    return since, until


def _latest(clock: re.Match[str], text: str, now: float) -> float:
    hour, minute, second, part = (int(group or 0) for group in clock.groups())
    millis = part * 10 ** (3 - len(clock[4])) if clock[4] else 0
    today = datetime.fromtimestamp(now).astimezone()
    try:
        moment = today.replace(hour=hour, minute=minute, second=second, microsecond=millis * 1000)
    except ValueError as error:
        raise ValueError(_forms(text)) from error
    return (moment if moment <= today else moment - timedelta(days=1)).timestamp()


def _forms(text: str) -> str:
    return f"{text!r} is no time: try 15m, 1h30m, 14:05, 2026-11-23T07:00:00Z or epoch seconds"


def line_time_ms(line: str) -> int | None:
    """Epoch milliseconds that a line states at its beginning (UTC where it names no zone), or None."""
    found = _IN_LINE.match(line)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(group) for group in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    millis = int(((found[7] or "") + "000")[:3])
    zone = found[8] or "Z"
    shift_min = 0
    if zone != "Z":
        shift_min = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
    return int(moment.timestamp()) * 1000 + millis - shift_min * 60_000


# Where milliseconds stand in a line that begins with its time.
_TO_MILLIS, _MILLIS_END = 20, 23


class LineTimes:
    """Times of a text's lines: what a line states, else what the line before had."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._second = ""  # `2026-11-23T07:14:32.` as the last line with milliseconds began
        self._after = ""  # what stood behind its milliseconds
        self._second_ms = 0

    def of(self, line: str) -> int | None:
        """Epoch milliseconds of the next line; None as long as no line has stated any."""
        if line[:_TO_MILLIS] == self._second and line[_MILLIS_END : _MILLIS_END + 1] == self._after:
            millis = line[_TO_MILLIS:_MILLIS_END]
            if millis.isascii() and millis.isdigit() and len(millis) == _MILLIS_END - _TO_MILLIS:
                self._last = self._second_ms + int(millis)
                return self._last
        stated = line_time_ms(line)
        if stated is not None:
            self._last = stated
            self._remember(line, stated)
        return self._last

    def _remember(self, line: str, stated_ms: int) -> None:
        """Lines of the same second differ in their milliseconds alone, where a known letter ends them."""
        after = line[_MILLIS_END : _MILLIS_END + 1]
        if line[19:_TO_MILLIS] in {".", ","} and line[_TO_MILLIS:_MILLIS_END].isdigit() and after in {"Z", " ", "]"}:
            self._second, self._after = line[:_TO_MILLIS], after
            self._second_ms = stated_ms - stated_ms % 1000
