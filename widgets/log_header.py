"""The line above a log: what it is, what its source is doing, how many lines, how fast, what is filtered."""

from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from textual.content import Content
from textual.widgets import Static

from widgets.ink import fit, inked, join
from widgets.status import MARKS, Tone

_RATE_WINDOW_S = 3.0


class SourceState(StrEnum):
    """What the source of a log is doing."""

    LOADING = "loading"
    WAITING = "waiting for the stream"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


_STATE_TONES = {
    SourceState.LOADING: Tone.RUNNING,
    SourceState.WAITING: Tone.WAITING,
    SourceState.LIVE: Tone.RUNNING,
    SourceState.RECONNECTING: Tone.WARNING,
    SourceState.ENDED: Tone.STOPPED,
}
LIVE_STATES = frozenset({SourceState.LIVE, SourceState.RECONNECTING})
"""States in which new lines may come at any time."""


class LineRate:
    """Lines a second over the last three seconds."""

    def __init__(self) -> None:
        self._came: list[tuple[float, int]] = []

    def came(self, lines: int) -> None:
        """Count lines that came now."""
        now = monotonic()
        if self._came and now - self._came[-1][0] < 0.1:
            self._came[-1] = (self._came[-1][0], self._came[-1][1] + lines)
        else:
            self._came.append((now, lines))

    @property
    def per_second(self) -> float:
        """Lines a second."""
        now = monotonic()
        self._came = [(at, count) for at, count in self._came if now - at <= _RATE_WINDOW_S]
        return sum(count for _, count in self._came) / _RATE_WINDOW_S


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header tells.

    Attributes:
        source: What the lines come from.
        state: What it is doing.
        note: A few words to that.
        lines: How many are held.
        per_second: How many come.
        following: Whether the end is followed.
        unseen: Lines that came since it was left.
        chosen: The filter's words; empty without one.
        shown: Lines that the filter shows so far.
        extras: Further words: times, secrets.
        place: Which of several panes this is, where not all are shown.
    """

    source: str
    state: SourceState
    note: str
    lines: int
    per_second: float
    following: bool
    unseen: int
    chosen: str = ""
    shown: int = 0
    extras: tuple[str, ...] = ()
    place: str = ""


class LogHeader(Static):
    """Draws the facts in one line."""

    _told: tuple[HeaderFacts, int] | None = None

    def tell(self, facts: HeaderFacts) -> None:
        """Draw; what does not fit is cut from the source's name first."""
        if self._told == (facts, self.size.width):
            return
        self._told = facts, self.size.width
        right = join(*_right(facts), " ")
        place = inked(f" {facts.place} ▸" if facts.place else "", "$text-accent")
        room = max(self.size.width - right.cell_length - place.cell_length - 2, 8)
        # Its height never changes: to lay out the whole screen 20 times a second is what keys would wait for.
        self.update(join(place, " ", fit(inked(facts.source, "bold"), room), " ", right), layout=False)


def _right(facts: HeaderFacts) -> list[Content]:
    state, tone = facts.state.value, _STATE_TONES[facts.state]
    if not facts.following and facts.state in LIVE_STATES:
        new = f" +{facts.unseen:,}" if facts.unseen else ""
        state = f"paused{new}" if facts.state is SourceState.LIVE else f"{state} · paused{new}"
        tone = Tone.WAITING
    mark = MARKS[tone]
    parts = []
    if facts.chosen:
        parts.append(inked(f"& {facts.chosen}: {facts.shown:,} of ", "$text-accent"))
        parts.append(inked(f"{facts.lines:,} lines  ", "$foreground-muted"))
    if facts.extras:
        parts.append(inked(" · ".join(facts.extras) + "  ", "$text-warning"))
    parts.append(inked(f"{mark.glyph} {state}", mark.style))
    if facts.note:
        parts.append(inked(f" {facts.note}", "$foreground-muted"))
    if not facts.chosen:
        parts.append(inked(f"  {facts.lines:,} lines", "$foreground-muted"))
    if facts.state is not SourceState.ENDED and facts.per_second >= 1:
        parts.append(inked(f" · {facts.per_second:,.0f}/s", "$foreground-muted"))
    return parts
