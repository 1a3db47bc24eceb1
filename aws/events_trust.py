"""How far a place's events can be relied upon, and so how rarely its pipelines need to be read. Pure.

Times are seconds on one monotonic clock.
"""

from __future__ import annotations

__all__ = ["Trust"]

_STEPS = 4  # from polling as without events to sweeps that only repair
_QUIET_STEPS = 2  # as far as mere quiet goes: a rule that passes nothing on is quiet too
_QUIET_S = 60.0  # this long without a missed change is worth a step
_TOLD_S = 5.0  # and so is a change that was told, at most every so often
_GRACE_S = 45.0  # an event may come this long before or after a read that shows the same
_MOST_NAMES = 2_000


class Trust:
    """Grows while events tell what happens; falls to nothing when a read finds what none told."""

    def __init__(self) -> None:
        self._on = False
        self._steps = 0
        self._stepped_at = 0.0
        self._told: dict[str, float] = {}
        self._owed: dict[str, float] = {}

    @property
    def level(self) -> float:
        """From 0 (poll) to 1 (sweeps only repair)."""
        return self._steps / _STEPS if self._on else 0.0

    def begin(self, now: float) -> None:
        """The queue answers."""
        if not self._on:
            self._on, self._steps, self._stepped_at = True, 0, now
            self._owed.clear()

    def end(self) -> None:
        """The queue is in trouble."""
        self._on = False

    def told(self, name: str, now: float) -> None:
        """An event told of a pipeline's change."""
        if len(self._told) >= _MOST_NAMES:
            self._told = {each: at for each, at in self._told.items() if now - at < _GRACE_S}
        self._told[name] = now
        self._owed.pop(name, None)
        self._step(now, _TOLD_S)

    def found(self, name: str, now: float) -> None:
        """A read showed a change that no event has told so far."""
        if self._on and now - self._told.get(name, float("-inf")) > _GRACE_S:
            self._owed.setdefault(name, now)

    def settle(self, now: float) -> tuple[str, ...]:
        """Judge what is owed; returns the names of pipelines of whose change no event came in time."""
        late = tuple(name for name, at in self._owed.items() if now - at > _GRACE_S)
        for name in late:
            del self._owed[name]
        if late:
            self._steps, self._stepped_at = 0, now
        else:
            self._step(now, _QUIET_S, max(self._steps, _QUIET_STEPS))
        return late

    def _step(self, now: float, after_s: float, most: int = _STEPS) -> None:
        if self._on and now - self._stepped_at >= after_s:
            self._steps, self._stepped_at = min(self._steps + 1, most), now
